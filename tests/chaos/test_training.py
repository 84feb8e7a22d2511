"""A training whose process is killed in the middle goes on by itself from the last saved state, and ends as if it had not."""

import json
import os
import signal

import pytest

pytestmark = [pytest.mark.live, pytest.mark.chaos]
EPOCHS = 60
SUBMISSION = {
    "preset": "pix2pix.tiny", "dataset": "demo", "seed": 3,
    "options": {"epochs": EPOCHS, "checkpoint_every": 10, "samples": 1},
}  # fmt: skip


@pytest.mark.timeout(400)
def test_a_killed_training_loses_only_the_steps_since_its_last_checkpoint(workbench):
    workbench.wait_until(
        lambda: workbench.visitor.get("/api/v1/images/", params={"dataset": "demo"}).json().get("count", 0) >= 72,
        180,
        "the demo dataset",
    )
    training = workbench.client.post("/api/v1/trainings/", json=SUBMISSION).json()
    checkpoints = f"{training['url']}checkpoints/"
    workbench.wait_until(lambda: len(workbench.client.get(checkpoints).json()) >= 2, 120, "two checkpoints")
    code = "from workers.models import Job; job = Job.objects.get(id='{}'); print(job.state, job.pid)".format(
        training["job"]["id"]
    )
    state, pid = workbench.manage("shell", "--no-imports", "-c", code).split()
    assert state == "running"
    before = workbench.client.get(checkpoints).json()
    os.kill(int(pid), signal.SIGKILL)
    job = workbench.wait_for_job(training["job"]["id"], 200)
    assert job["state"] == "succeeded", workbench.logs()
    after = workbench.client.get(checkpoints).json()
    # What was made stays as it was; nothing is missing and nothing is there twice.
    assert after[: len(before)] == before
    assert [one["epoch"] for one in after] == list(range(10, EPOCHS + 1, 10))
    steps = [json.loads(line)["step"] for line in losses_of(workbench, training).read_text().splitlines()]
    assert steps == sorted(set(steps)) and steps[-1] == after[-1]["step"]
    log = (losses_of(workbench, training).parent / "log.txt").read_text()
    resumed = int(log.split("continued at step ")[1].split()[0])
    assert resumed in {one["step"] for one in after}, "it goes on from a checkpoint"
    assert resumed >= before[-1]["step"]


def losses_of(workbench, training):
    return workbench.folder / "trainings" / training["id"] / "losses.jsonl"
