"""A job that waits for others: released by the last, failed by one that fails, and its parts end with it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.workers.test_queue import in_threads
from workers import parts
from workers.context import JobContext, PartsAwaited
from workers.engine.errors import InputError
from workers.models import Job, JobPart, JobState, Worker
from workers.queue import claim, enqueue, put_back, request_cancel, retry
from workers.selectors import eta_seconds, queue_position
from workers.sweeper import Sweeper

HANDLERS = "tests.workers.handlers."


def put(name: str = "nothing", **fields) -> Job:
    return enqueue(kind=name, handler=HANDLERS + name, queue="batch", arguments=fields.pop("arguments", {}), **fields)[
        0
    ]


def fresh(job: Job) -> Job:
    return Job.objects.get(id=job.id)


def waiting(worker: Worker, *needed: Job, **fields) -> Job:
    """A job whose first attempt found that it has to wait for these."""
    enqueue(kind="whole", handler=HANDLERS + "whole", queue="batch", priority=9, **fields)
    context = JobContext(job := claim("batch", worker, 1))
    with pytest.raises(PartsAwaited):
        context.wait_for(needed)
    return fresh(job)


def succeed(worker: Worker, wanted: Job) -> None:
    job = claim("batch", worker, 1)
    assert job.id == wanted.id
    with JobContext(job).finish():
        pass


def test_a_whole_runs_after_its_parts_in_workers_of_this_process(run_jobs):
    put("whole", arguments={"name": "a", "make": 3, "part": HANDLERS + "nothing"})
    ended = run_jobs()
    assert [job.kind for job in ended] == ["whole", "part", "part", "part", "whole"]
    assert (ended[-1].state, ended[-1].attempt, ended[-1].losses) == (JobState.SUCCEEDED, 2, 0)


def test_a_failing_part_fails_the_whole_with_its_message_and_drops_the_rest(run_jobs):
    whole = put("whole", arguments={"name": "a", "make": 3, "part": HANDLERS + "refuse"})
    run_jobs()
    assert fresh(whole).state == JobState.FAILED
    assert fresh(whole).message == "The picture has no pixels. Choose another one."
    states = Job.objects.filter(kind="part").order_by("created").values_list("state", flat=True)
    assert list(states) == [JobState.FAILED, JobState.CANCELLED, JobState.CANCELLED]


def test_a_running_part_tells_the_whole_how_far_it_is(run_jobs):
    told = []
    put("whole", arguments={"name": "a", "make": 2, "part": HANDLERS + "half"})
    original = parts.tell_progress

    def tell(part_id):
        original(part_id)
        told.append(Job.objects.values_list("progress", "step").get(parts=part_id))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "tell_progress", tell)
        run_jobs()
    half = parts.SHARE / 4  # of one of two parts
    assert told[0] == (pytest.approx(half), "0 of 2 parts are done")
    assert told[-1] == (pytest.approx(3 * half), "1 of 2 parts are done")


@pytest.mark.django_db
class TestWaiting:
    def test_nobody_claims_a_job_that_waits(self, worker):
        one = put()
        whole = waiting(worker, one)
        assert (whole.state, whole.parts_left, whole.worker, whole.lease_until) == (JobState.QUEUED, 1, None, None)
        assert claim("batch", worker, 1).id == one.id
        assert claim("batch", worker, 1) is None

    def test_it_goes_on_when_the_last_part_has_succeeded_and_its_queue_is_woken(
        self, worker, monkeypatch, django_capture_on_commit_callbacks
    ):
        woken = []
        monkeypatch.setattr("workers.queue.poke", lambda queue: woken.append(queue) or True)
        one, two = put(), put()
        whole = waiting(worker, one, two)
        with django_capture_on_commit_callbacks(execute=True):
            succeed(worker, one)
        assert (fresh(whole).parts_left, woken) == (1, [])
        with django_capture_on_commit_callbacks(execute=True):
            succeed(worker, two)
        assert (fresh(whole).parts_left, woken) == (0, ["batch"])
        assert claim("batch", worker, 1).id == whole.id

    def test_parts_that_have_succeeded_already_are_not_waited_for(self, worker):
        one = put()
        succeed(worker, one)
        put("whole")
        JobContext(claim("batch", worker, 1)).wait_for([one])

    def test_a_part_that_has_failed_already_is_told_at_once(self, worker):
        one = put()
        Job.objects.filter(id=one.id).update(state=JobState.FAILED, message="No face in it.")
        put("whole")
        with pytest.raises(InputError, match="No face in it"):
            JobContext(claim("batch", worker, 1)).wait_for([one])

    def test_a_lost_part_is_not_counted_twice(self, worker):
        one, two = put(), put()
        whole = waiting(worker, one, two)
        put_back(claim("batch", worker, 1), lost=True)
        succeed(worker, one)
        assert fresh(whole).parts_left == 1

    def test_a_part_given_up_fails_the_whole(self, worker):
        one = put()
        whole = waiting(worker, one)
        for _ in range(3):
            put_back(claim("batch", worker, 1), lost=True)
        assert fresh(whole).state == JobState.FAILED and "died 3 times" in fresh(whole).message

    def test_a_result_that_is_rolled_back_releases_nobody(self, worker):
        whole = waiting(worker, put())
        context = JobContext(claim("batch", worker, 1))
        with pytest.raises(ZeroDivisionError), context.finish():
            1 / 0  # noqa: B018
        assert fresh(whole).parts_left == 1

    def test_a_late_attempt_cannot_make_its_job_wait(self, worker):
        one = put()
        put("whole", priority=9)
        late = JobContext(job := claim("batch", worker, 1))
        put_back(job, lost=True)
        with pytest.raises(PartsAwaited):
            late.wait_for([one])
        assert fresh(job).parts_left == 0 and not JobPart.objects.exists()

    def test_a_part_that_two_need_releases_both(self, worker):
        one = put()
        first, second = waiting(worker, one), waiting(worker, one)
        succeed(worker, one)
        assert (fresh(first).parts_left, fresh(second).parts_left) == (0, 0)

    def test_it_has_no_place_in_the_queue_and_takes_none(self, worker):
        one = put()
        whole = waiting(worker, one)
        later = put()
        assert (queue_position(whole), queue_position(one), queue_position(later)) == (None, 1, 2)

    def test_its_estimate_is_that_of_its_slowest_part(self, worker):
        one, two = put(), put()
        whole = waiting(worker, one, two)
        claimed = claim("batch", worker, 1)
        ago = timezone.now() - timedelta(seconds=30)
        Job.objects.filter(id=claimed.id).update(started=ago, progress=0.25)
        assert eta_seconds(fresh(whole)) == pytest.approx(90, abs=1)


@pytest.mark.django_db
class TestCancelling:
    def test_cancelling_the_whole_cancels_its_parts(self, worker):
        one, two = put(), put()
        whole = waiting(worker, one, two)
        running = claim("batch", worker, 1)
        assert request_cancel(whole) == JobState.CANCELLED
        assert fresh(running).cancel_requested and fresh(running).state == JobState.RUNNING
        assert fresh(two).state == JobState.CANCELLED
        put_back(fresh(running), lost=False)
        assert fresh(running).state == JobState.CANCELLED and fresh(whole).state == JobState.CANCELLED

    def test_a_part_that_somebody_else_needs_goes_on(self, worker):
        shared, own = put(), put()
        first, second = waiting(worker, shared, own), waiting(worker, shared)
        request_cancel(first)
        assert (fresh(shared).state, fresh(own).state) == (JobState.QUEUED, JobState.CANCELLED)
        succeed(worker, shared)
        assert (fresh(first).state, fresh(second).parts_left) == (JobState.CANCELLED, 0)

    def test_a_part_that_somebody_else_has_put_in_for_themselves_goes_on(self, worker, user, stranger):
        mine, theirs, nobodys = put(owner=user), put(owner=stranger), put()
        whole = waiting(worker, mine, theirs, nobodys, owner=user)
        request_cancel(whole)
        assert [fresh(part).state for part in (mine, theirs, nobodys)] == [
            JobState.CANCELLED, JobState.QUEUED, JobState.CANCELLED
        ]  # fmt: skip

    def test_a_part_that_is_being_cancelled_goes_on_when_somebody_needs_it_again(self, worker):
        one = put()
        first = waiting(worker, one)
        running = claim("batch", worker, 1)
        request_cancel(first)
        second = waiting(worker, one)
        assert fresh(one).cancel_requested is None
        # Its context may have seen the request: then it is queued again, not cancelled.
        put_back(running, lost=False)
        succeed(worker, one)
        assert fresh(second).parts_left == 0

    def test_a_part_that_was_cancelled_is_queued_again_when_somebody_needs_it(self, worker):
        one = put()
        request_cancel(waiting(worker, one))
        assert fresh(one).state == JobState.CANCELLED
        waiting(worker, one)
        assert fresh(one).state == JobState.QUEUED

    def test_a_part_that_staff_cancels_fails_the_whole_and_says_so(self, worker):
        one = put()
        whole = waiting(worker, one)
        request_cancel(one)
        assert fresh(whole).state == JobState.FAILED and "was cancelled" in fresh(whole).message

    def test_parts_of_parts_end_with_the_whole(self, worker):
        deep = put()
        middle = waiting(worker, deep)
        whole = waiting(worker, middle)
        request_cancel(whole)
        assert [fresh(job).state for job in (middle, deep)] == [JobState.CANCELLED, JobState.CANCELLED]

    def test_a_retry_forgets_the_old_parts(self, worker):
        one = put()
        whole = waiting(worker, one)
        request_cancel(whole)
        assert retry(whole)
        assert (fresh(whole).parts_left, fresh(whole).parts.count()) == (0, 0)

    def test_a_cancel_that_comes_while_it_begins_to_wait_wins(self, worker):
        one = put()
        put("whole", priority=9)
        context = JobContext(job := claim("batch", worker, 1))
        request_cancel(job)
        with pytest.raises(PartsAwaited):
            context.wait_for([one])
        context.write_stop(PartsAwaited)
        assert fresh(job).state == fresh(one).state == JobState.CANCELLED

    def test_a_cancel_that_is_known_before_it_waits_ends_the_parts_as_well(self, worker):
        one = put()
        put("whole", priority=9)
        context = JobContext(job := claim("batch", worker, 1))
        request_cancel(job)
        context.beat()
        with pytest.raises(PartsAwaited):
            context.wait_for([one])
        context.write_stop(PartsAwaited)
        assert fresh(job).state == fresh(one).state == JobState.CANCELLED


@pytest.mark.django_db
class TestRepair:
    def test_a_lost_release_is_repaired_by_the_sweeper(self, worker, monkeypatch, django_capture_on_commit_callbacks):
        woken = []
        monkeypatch.setattr("workers.queue.poke", lambda queue: woken.append(queue) or True)
        one = put()
        whole = waiting(worker, one)
        Job.objects.filter(id=one.id).update(state=JobState.SUCCEEDED)  # as a crash between two writes would leave it
        with django_capture_on_commit_callbacks(execute=True):
            Sweeper().sweep()
        assert (fresh(whole).parts_left, woken) == (0, ["batch"])

    def test_a_failure_that_was_not_told_is_repaired(self, worker):
        one = put()
        whole = waiting(worker, one)
        Job.objects.filter(id=one.id).update(state=JobState.FAILED, message="No face in it.")
        assert parts.repair() == 1
        assert (fresh(whole).state, fresh(whole).message) == (JobState.FAILED, "No face in it.")

    def test_what_waits_rightly_is_left_alone(self, worker):
        waiting(worker, put())
        assert parts.repair() == 0

    def test_a_waiting_job_is_not_announced_to_idle_workers(self, worker, monkeypatch):
        one = put()
        waiting(worker, one)
        claim("batch", worker, 1)
        sent = []
        monkeypatch.setattr("workers.sweeper.poke", lambda queue: sent.append(queue) or True)
        Job.objects.update(available=timezone.now() - timedelta(seconds=60))
        Worker.objects.create(host="there", pid=1, queue="batch", started=timezone.now(), last_seen=timezone.now())
        Sweeper().wake("batch")
        assert sent == []


@pytest.mark.django_db(transaction=True)
def test_eight_parts_that_end_at_once_are_all_counted(worker):
    needed = [put() for _ in range(8)]
    whole = waiting(worker, *needed)
    claimed = [claim("batch", worker, number) for number in range(8)]

    def finish(number):
        with JobContext(claimed[number]).finish():
            pass

    in_threads(8, finish)
    assert fresh(whole).parts_left == 0


@pytest.mark.django_db(transaction=True)
def test_a_part_that_ends_while_its_whole_begins_to_wait_is_counted(worker):
    for _ in range(5):
        one = put(priority=9)
        running = claim("batch", worker, 1)
        put("whole", priority=5)
        context = JobContext(whole := claim("batch", worker, 2))

        def both(number, running=running, context=context, one=one):
            if number:
                with JobContext(running).finish():
                    pass
            else:
                try:
                    context.wait_for([one])
                except PartsAwaited:
                    return
                with context.finish():
                    pass

        in_threads(2, both)
        connection.close()
        row = fresh(whole)
        assert row.state == JobState.SUCCEEDED or (row.state, row.parts_left) == (JobState.QUEUED, 0)
        Job.objects.filter(id=whole.id).update(state=JobState.SUCCEEDED)
