"""Putting in, claiming, fencing, cancelling: each change of state happens once."""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from workers.context import JobContext, LeaseLost
from workers.models import MAX_LOSSES, Job, JobState
from workers.queue import claim, enqueue, held, put_back, request_cancel, retry

NOTHING = "tests.workers.handlers.nothing"


def put(**kwargs) -> Job:
    return enqueue(**{"kind": "test", "handler": NOTHING, "queue": "batch", **kwargs})[0]


def in_threads(count, body) -> None:
    barrier = threading.Barrier(count)

    def run(number) -> None:
        barrier.wait()
        try:
            body(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db
class TestClaim:
    def test_it_takes_the_oldest_job_of_the_queue(self, worker):
        first, _second = put(), put()
        put(queue="interactive", priority=9)
        assert claim("batch", worker, 1).id == first.id

    def test_a_higher_priority_goes_first(self, worker):
        put()
        urgent = put(priority=5)
        assert claim("batch", worker, 1).id == urgent.id

    def test_an_empty_queue_gives_none(self, worker):
        assert claim("batch", worker, 1) is None

    def test_it_writes_worker_attempt_and_lease(self, worker):
        put()
        job = claim("batch", worker, 4711)
        assert (job.state, job.attempt, job.worker_id, job.pid) == (JobState.RUNNING, 1, worker.id, 4711)
        assert timezone.now() < job.lease_until <= timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)

    @pytest.mark.django_db(transaction=True)
    def test_eight_workers_never_claim_the_same_job(self, worker):
        wanted = {put().id for _ in range(24)}
        claimed = []
        in_threads(
            8, lambda number: claimed.extend(iter(lambda: getattr(claim("batch", worker, number), "id", None), None))
        )
        assert len(claimed) == 24 and set(claimed) == wanted


@pytest.mark.django_db
class TestFence:
    def test_a_late_attempt_cannot_finish_after_its_successor_began(self, worker):
        put()
        zombie = JobContext(job := claim("batch", worker, 1))
        assert put_back(job, lost=True)
        successor = claim("batch", worker, 2)
        with pytest.raises(LeaseLost), zombie.finish():
            pytest.fail("the body of a fenced finish must not run")
        successor.refresh_from_db()
        assert (successor.state, successor.attempt) == (JobState.RUNNING, 2)

    def test_a_beat_of_a_late_attempt_changes_nothing_and_stops_it(self, worker):
        put()
        zombie = JobContext(job := claim("batch", worker, 1))
        put_back(job, lost=True)
        zombie.report(0.9, "still here")
        zombie.beat()
        job.refresh_from_db()
        assert (job.state, job.progress, job.lease_until) == (JobState.QUEUED, 0, None)
        with pytest.raises(LeaseLost):
            zombie.check()

    def test_rows_of_a_failing_finish_are_rolled_back(self, worker, user):
        put()
        context = JobContext(job := claim("batch", worker, 1))
        with pytest.raises(ZeroDivisionError), context.finish():
            user.first_name = "half written"
            user.save()
            1 / 0  # noqa: B018
        user.refresh_from_db()
        assert user.first_name == ""
        assert held(job.id, worker.id, 1).exists()


@pytest.mark.django_db
class TestPutBack:
    def test_a_lost_job_is_queued_again(self, worker):
        put()
        job = claim("batch", worker, 1)
        assert put_back(job, lost=True)
        job.refresh_from_db()
        assert (job.state, job.losses, job.attempt) == (JobState.QUEUED, 1, 1)

    def test_a_stopping_worker_does_not_count_as_a_loss(self, worker):
        put()
        for _ in range(MAX_LOSSES + 2):
            job = claim("batch", worker, 1)
            assert put_back(job, lost=False)
        job.refresh_from_db()
        assert (job.state, job.losses) == (JobState.QUEUED, 0)

    def test_a_job_that_kills_three_workers_is_given_up_with_a_reason(self, worker):
        put()
        for _ in range(MAX_LOSSES):
            put_back(job := claim("batch", worker, 1), lost=True)
        job.refresh_from_db()
        assert job.state == JobState.FAILED and "died 3 times" in job.message

    def test_it_refuses_a_job_that_has_moved_on(self, worker):
        put()
        job = claim("batch", worker, 1)
        with JobContext(job).finish():
            pass
        assert put_back(job, lost=True) is False
        job.refresh_from_db()
        assert job.state == JobState.SUCCEEDED

    def test_a_cancelled_job_whose_worker_died_is_not_run_again(self, worker):
        put()
        job = claim("batch", worker, 1)
        request_cancel(job)
        assert put_back(job, lost=True)
        job.refresh_from_db()
        assert job.state == JobState.CANCELLED


@pytest.mark.django_db
class TestCancelAndRetry:
    def test_a_queued_job_is_cancelled_at_once(self):
        assert request_cancel(put()) == JobState.CANCELLED

    def test_a_running_job_is_asked_to_stop(self, worker):
        put()
        job = claim("batch", worker, 1)
        assert request_cancel(job) == JobState.RUNNING
        assert job.cancel_requested is not None

    def test_a_finished_job_stays_finished(self, worker):
        put()
        job = claim("batch", worker, 1)
        with JobContext(job).finish():
            pass
        assert request_cancel(job) == JobState.SUCCEEDED

    def test_a_cancelled_job_can_be_queued_again(self, worker):
        request_cancel(job := put())
        assert retry(job)
        assert claim("batch", worker, 1).id == job.id

    def test_a_running_job_cannot_be_retried(self, worker):
        put()
        assert retry(claim("batch", worker, 1)) is False


@pytest.mark.django_db
class TestDedupe:
    def test_an_equal_live_job_is_returned_instead(self):
        first, created = enqueue(kind="test", handler=NOTHING, queue="batch", dedupe_key="same")
        second, again = enqueue(kind="test", handler=NOTHING, queue="batch", dedupe_key="same")
        assert (created, again) == (True, False) and first.id == second.id

    def test_a_finished_job_does_not_block_its_key(self):
        request_cancel(put(dedupe_key="same"))
        assert put(dedupe_key="same").state == JobState.QUEUED

    def test_a_retry_beside_an_equal_live_job_is_refused(self):
        request_cancel(old := put(dedupe_key="same"))
        put(dedupe_key="same")
        assert retry(old) is False

    @pytest.mark.django_db(transaction=True)
    def test_eight_equal_submissions_at_once_make_one_job(self):
        made = []
        in_threads(8, lambda _: made.append(put(dedupe_key="race").id))
        assert len(made) == 8 and len(set(made)) == 1 and Job.objects.count() == 1
