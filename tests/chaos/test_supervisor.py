"""Start and end of the whole: one command up, one Ctrl-C down, nothing left behind."""

import os
import signal
import subprocess
import sys
import time

import httpx
import psutil
import pytest

from tests.live import ROOT, Workbench

pytestmark = [pytest.mark.live, pytest.mark.chaos]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A workbench that these tests may end; starting one takes longest, so each takes it as the one before left it."""
    workbench = Workbench(tmp_path_factory.mktemp("own") / "data", {})
    yield workbench
    for process in workbench.processes():
        process.kill()


@pytest.fixture
def unstarted(tmp_path):
    return Workbench(tmp_path / "data", {})


def running(own) -> None:
    if own.process is None or own.process.poll() is not None:
        own.start()


def test_ctrl_c_in_the_middle_of_work_ends_every_process_and_keeps_the_jobs(own):
    running(own)
    ids = own.scenario("crowd", "400")["ids"]
    assert own.stop() < 30
    assert own.processes() == []
    own.start()
    own.wait_until(
        lambda: own.client.get(f"/api/v1/jobs/{ids[-1]}/").json()["state"] == "succeeded", 120, "the last job"
    )


def test_a_second_start_names_the_first_and_touches_nothing(own):
    running(own)
    second = subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env=own.environment, capture_output=True, text=True, timeout=60
    )
    assert second.returncode == 0 and f"already running: {own.url}/" in second.stdout
    assert httpx.get(f"{own.url}/healthz").status_code == 200


def test_a_taken_port_is_said_in_a_sentence(unstarted):
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", unstarted.port))
        other.listen()
        done = subprocess.run(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=unstarted.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (
        done.returncode == 1 and f"make run PORT={unstarted.port + 1}" in done.stderr and "Traceback" not in done.stderr
    )


@pytest.mark.parametrize("port", ["0", "http", "70000"])
def test_a_nonsense_port_is_said_in_a_sentence(unstarted, port):
    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env={**unstarted.environment, "PORT": port},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "is not a port number" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_killed_supervisor_takes_its_processes_along(own):
    running(own)
    os.kill(own.process.pid, signal.SIGKILL)
    own.process.wait()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and own.processes():
        time.sleep(0.05)
    assert [process.cmdline() for process in own.processes() if process.status() != psutil.STATUS_ZOMBIE] == []
