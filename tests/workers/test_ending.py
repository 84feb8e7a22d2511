"""A worker process that is told to end does so, whatever holds it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.live import ROOT

HELD = """
import atexit, os, time
import django
django.setup()
from workers import celery_process
from workers.tasks import WORKER_VARIABLE
os.environ[WORKER_VARIABLE] = "00000000-0000-0000-0000-000000000000"
celery_process.ENDING_SECONDS = 1
atexit.register(time.sleep, 300)
celery_process.{step}()
print("told", flush=True)
{then}
"""


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no alarm")
@pytest.mark.parametrize(("step", "then"), [("stopped", ""), ("stopping", "time.sleep(300)")])
def test_a_worker_held_on_the_way_out_is_ended_by_the_system(tmp_path, step, then):
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "mysite.settings", "DATA_DIR": str(tmp_path), "CANCEL_GRACE_SECONDS": "1",
    }  # fmt: skip
    environment.pop("DATABASE_URL", None)
    process = subprocess.Popen(
        [sys.executable, "-c", HELD.format(step=step, then=then)],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "told\n", process.stderr.read()
    begin = time.monotonic()
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGALRM
    assert time.monotonic() - begin < 30
