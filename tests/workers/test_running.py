"""One attempt at a job, in this process: how each ending shows in the row."""

import threading
import time

from django.db import connection

from workers.models import Job, JobState, Worker, WorkerState
from workers.queue import enqueue, request_cancel

HANDLERS = "tests.workers.handlers."


def put(name: str, **arguments) -> Job:
    limit = arguments.pop("time_limit", 60)
    return enqueue(kind=name, handler=HANDLERS + name, queue="batch", arguments=arguments, time_limit=limit)[0]


def meanwhile(action, after: float = 0.7) -> threading.Thread:
    def run() -> None:
        time.sleep(after)
        action()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_handler_that_returns_has_succeeded(run_jobs):
    put("nothing")
    (job,) = run_jobs()
    assert (job.state, job.progress, job.lease_until) == (JobState.SUCCEEDED, 1, None) and job.finished


def test_the_message_of_an_input_error_is_for_the_user(run_jobs):
    put("refuse")
    (job,) = run_jobs()
    assert (job.state, job.message, job.detail) == (
        JobState.FAILED, "The picture has no pixels. Choose another one.", "",
    )  # fmt: skip


def test_any_other_error_hides_its_text_and_keeps_the_trace(run_jobs):
    put("crash")
    (job,) = run_jobs()
    assert job.state == JobState.FAILED and str(job.id) in job.message
    assert "secret inner detail" not in job.message and "secret inner detail" in job.detail


def test_an_unknown_handler_fails_the_job_not_the_worker(run_jobs):
    put("no_such_handler")
    put("nothing")
    assert [job.state for job in run_jobs()] == [JobState.FAILED, JobState.SUCCEEDED]


def test_a_running_job_ends_within_two_seconds_of_cancelling(run_jobs, tmp_path):
    job = put("count", seconds=30, file=str(tmp_path / "out"))
    asked = []
    thread = meanwhile(lambda: (asked.append(time.monotonic()), request_cancel(Job.objects.get(id=job.id))))
    (job,) = run_jobs()
    assert time.monotonic() - asked[0] < 2
    thread.join()
    assert job.state == JobState.CANCELLED and not (tmp_path / "out").exists()


def test_a_stopping_worker_puts_its_job_back_and_takes_no_other(run_jobs, worker, tmp_path):
    from workers.tasks import run_next

    put("count", seconds=30, file=str(tmp_path / "out"))
    thread = meanwhile(lambda: Worker.objects.filter(id=worker.id).update(state=WorkerState.STOPPING))
    job = run_next("batch", worker)
    thread.join()
    assert (job.state, job.losses, job.worker) == (JobState.QUEUED, 0, None)


def test_a_job_past_its_time_limit_is_stopped_and_says_so(run_jobs, tmp_path):
    put("count", seconds=30, file=str(tmp_path / "out"), time_limit=1)
    (job,) = run_jobs()
    assert job.state == JobState.FAILED and "time limit" in job.message


def test_progress_and_step_reach_the_row_while_it_runs(run_jobs, tmp_path):
    seen = []
    job = put("count", seconds=1.3, file=str(tmp_path / "out"))
    thread = meanwhile(lambda: seen.append(Job.objects.values_list("progress", "step").get(id=job.id)), after=1.1)
    run_jobs()
    thread.join()
    assert 0.1 < seen[0][0] < 1 and seen[0][1] == "counting"


def test_the_lease_of_a_long_step_is_prolonged(run_jobs, tmp_path, settings):
    settings.LEASE_SECONDS = 1
    leases = []
    job = put("count", seconds=1.8, file=str(tmp_path / "out"))
    thread = meanwhile(lambda: leases.append(Job.objects.get(id=job.id).lease_until), after=1.5)
    (job,) = run_jobs()
    thread.join()
    assert job.state == JobState.SUCCEEDED and (leases[0] - job.started).total_seconds() > 1.8
