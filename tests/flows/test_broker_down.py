"""A broker that cannot be reached: submissions are accepted all the same, and run when it is back."""

import os
import shutil
import subprocess
import time

import pytest
from PIL import Image

from tests.live import Workbench, free_port

pytestmark = pytest.mark.live


@pytest.mark.skipif(not shutil.which("redis-server"), reason="no redis-server here")
def test_a_post_is_accepted_while_redis_is_down_and_the_job_runs_later(tmp_path):
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL)

    server = start()
    own = Workbench(tmp_path / "data", {"BROKER_URL": f"redis://127.0.0.1:{port}/0"})
    try:
        own.start()
        server.kill()
        server.wait()
        photo = tmp_path / "photo.png"
        Image.new("RGB", (200, 250), "grey").save(photo)
        begin = time.monotonic()
        answer = own.visitor.post(
            "/api/v1/stylizations/", files={"photo": ("photo.png", photo.read_bytes(), "image/png")}
        )
        assert answer.status_code == 202, answer.text
        assert time.monotonic() - begin < 3
        time.sleep(3)
        assert own.visitor.get(f"/api/v1/jobs/{answer.json()['job']}/").json()["state"] == "queued"
        server = start()
        assert own.wait_for_job(answer.json()["job"], 90)["state"] == "failed", "there is no face on a grey picture"
    finally:
        own.stop() if own.process else None
        server.kill()
        for process in own.processes():
            os.kill(process.pid, 9)
