"""Long work in segments: it lets the others go first, keeps its progress, and is no loss."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.workers.jobs import make_job
from workers.context import JobContext, LeaseLost
from workers.models import Job, JobState, Worker, WorkerState
from workers.queue import claim, enqueue, others_waiting, put_back, put_behind, request_cancel
from workers.selectors import eta_seconds, median_seconds
from workers.tasks import run_next

HANDLERS = "tests.workers.handlers."


def put(name: str = "nothing", **fields) -> Job:
    return enqueue(kind=name, handler=HANDLERS + name, queue="batch", arguments=fields.pop("arguments", {}), **fields)[
        0
    ]


def test_a_job_that_yields_goes_behind_the_others_with_its_progress(run_jobs, worker, tmp_path):
    long = put("segments", arguments={"file": str(tmp_path / "steps"), "steps": 3})
    other = put()
    first = run_next("batch", worker)
    assert (first.id, first.state, first.step) == (long.id, JobState.QUEUED, "after step 1")
    assert first.progress == pytest.approx(1 / 3)
    assert (first.worker, first.pid, first.lease_until, first.losses) == (None, None, None, 0)
    order = [job.id for job in run_jobs()]
    assert order == [other.id, long.id, long.id]
    long.refresh_from_db()
    assert (long.state, long.attempt, long.losses, long.progress) == (JobState.SUCCEEDED, 3, 0, 1)
    assert (tmp_path / "steps").read_text() == "xxx"


def test_a_cancel_that_comes_while_it_yields_wins(run_jobs, tmp_path):
    put("segments", arguments={"file": str(tmp_path / "steps"), "steps": 3, "cancel": True})
    (job,) = run_jobs()
    assert (job.state, (tmp_path / "steps").read_text()) == (JobState.CANCELLED, "x")


def test_a_yield_wakes_the_queue_again(run_jobs, worker, tmp_path, monkeypatch):
    put("segments", arguments={"file": str(tmp_path / "steps"), "steps": 2})
    woken = []
    monkeypatch.setattr("workers.queue.poke", lambda queue: woken.append(queue) or True)
    run_next("batch", worker)
    assert woken == ["batch"]


def test_a_worker_that_stops_leaves_time_to_save(worker, transactional_db, tmp_path):
    put("save_then_stop", arguments={"file": str(tmp_path / "state")})

    def stop():
        while not Job.objects.filter(state=JobState.RUNNING).exists():
            time.sleep(0.02)
        Worker.objects.filter(id=worker.id).update(state=WorkerState.STOPPING)
        connection.close()

    thread = threading.Thread(target=stop)
    thread.start()
    job = run_next("batch", worker)
    thread.join()
    assert (job.state, job.losses, job.step) == (JobState.QUEUED, 0, "saved")
    assert (tmp_path / "state").read_text() == "saved"


@pytest.mark.django_db
class TestFence:
    def test_a_late_attempt_cannot_yield(self, worker):
        put()
        late = claim("batch", worker, 1)
        put_back(late, lost=True)
        claim("batch", worker, 2)
        assert put_behind(late, progress=0.9, step="late") is False
        late.refresh_from_db()
        assert (late.state, late.progress, late.attempt) == (JobState.RUNNING, 0, 2)

    def test_an_attempt_that_yielded_can_write_no_more(self, worker):
        put()
        context = JobContext(job := claim("batch", worker, 1))
        assert put_behind(job, progress=0.5, step="half")
        with pytest.raises(LeaseLost), context.finish():
            pytest.fail("the body of a fenced finish must not run")
        context.report(0.9)
        context.beat()
        job.refresh_from_db()
        assert (job.state, job.progress) == (JobState.QUEUED, 0.5)

    def test_a_cancel_between_saving_and_yielding_wins(self, worker):
        put()
        request_cancel(job := claim("batch", worker, 1))
        assert put_behind(job, progress=0.5, step="half")
        job.refresh_from_db()
        assert job.state == JobState.CANCELLED

    def test_a_lost_attempt_begins_its_progress_anew(self, worker):
        put()
        put_behind(claim("batch", worker, 1), progress=0.5, step="half")
        job = claim("batch", worker, 1)
        assert (job.progress, job.progress_before) == (0.5, 0.5)
        put_back(job, lost=True)
        job.refresh_from_db()
        assert job.progress == 0


@pytest.mark.django_db
class TestOthersWaiting:
    def test_nobody_waits_in_an_empty_queue(self, worker):
        put()
        assert others_waiting(claim("batch", worker, 1)) is False

    def test_somebody_waits_behind_a_busy_worker(self, worker):
        put()
        job = claim("batch", worker, 1)
        put()
        assert others_waiting(job) is True

    def test_a_job_that_an_idle_worker_will_take_does_not_count(self, worker):
        put()
        job = claim("batch", worker, 1)
        put()
        Worker.objects.create(host="there", pid=1, queue="batch", started=timezone.now(), last_seen=timezone.now())
        assert others_waiting(job) is False
        put()
        assert others_waiting(job) is True, "two wait, one worker is idle"

    def test_a_silent_worker_is_not_idle(self, worker, settings):
        put()
        job = claim("batch", worker, 1)
        put()
        silent = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS + 1)
        Worker.objects.create(host="there", pid=1, queue="batch", started=silent, last_seen=silent)
        assert others_waiting(job) is True

    def test_a_lower_priority_and_another_queue_do_not_count(self, worker):
        put(priority=5)
        job = claim("batch", worker, 1)
        put()
        enqueue(kind="test", handler=HANDLERS + "nothing", queue="interactive", priority=9)
        assert others_waiting(job) is False


@pytest.mark.django_db
class TestEstimates:
    def test_the_pace_is_that_of_the_segment(self):
        job = make_job(state="running", started=10, progress=0.6, progress_before=0.5)
        assert eta_seconds(job) == pytest.approx(40, abs=1)

    def test_a_duration_counts_all_segments(self):
        make_job(state="succeeded", started=20, finished=10, seconds_before=50)
        assert median_seconds("measure") == pytest.approx(60)
