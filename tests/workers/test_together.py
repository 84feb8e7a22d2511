"""Waiting jobs that are alike, done at once: each keeps its own row, lease, cancel request and fenced end."""

import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from tests.workers.test_queue import in_threads
from workers.models import Job, JobState, Worker, WorkerState
from workers.queue import claim, claim_alike, enqueue, put_back, request_cancel
from workers.tasks import run_next

HANDLER = "tests.workers.handlers.record_together"


def put(alike: str = "model", **more) -> Job:
    arguments = {"arguments": more.pop("arguments", {})}
    return enqueue(**{"kind": "draw", "handler": HANDLER, "queue": "batch", "alike": alike, **arguments, **more})[0]


def ids(jobs) -> list:
    return [job.id for job in jobs]


def rows_of(job: Job) -> int:
    return Group.objects.filter(name__startswith=str(job.id)).count()


@pytest.mark.django_db
class TestClaimAlike:
    def test_it_takes_the_oldest_that_are_alike_for_the_same_worker_and_process(self, worker):
        first, second, _other, third, fourth = put(), put(), put("another model"), put(), put()
        leader = claim("batch", worker, 4711)
        taken = claim_alike(leader, 2)
        assert (leader.id, ids(taken)) == (first.id, [second.id, third.id])
        assert {(job.state, job.worker_id, job.pid, job.attempt) for job in taken} == {("running", worker.id, 4711, 1)}
        assert set(Job.objects.filter(id__in=ids([leader, *taken])).values_list("together", flat=True)) == {3}
        assert Job.objects.get(id=fourth.id).state == JobState.QUEUED
        assert claim("batch", worker, 4711).alike == "another model"

    @pytest.mark.parametrize(
        "different",
        [
            {"alike": ""},
            {"alike": "b"},
            {"queue": "interactive"},
            {"priority": 3},
            {"handler": "tests.workers.handlers.nothing"},
        ],
    )
    def test_what_differs_is_left(self, worker, different):
        put(priority=5)
        put(**({"priority": 5} | different))
        leader = claim("batch", worker, 1)
        assert leader.priority == 5 and claim_alike(leader, 3) == []

    def test_jobs_without_a_word_for_what_they_share_are_never_alike(self, worker):
        put(""), put("")
        assert claim_alike(claim("batch", worker, 1), 3) == []

    def test_what_lost_a_worker_is_done_alone(self, worker):
        put(), put(), put()
        assert put_back(claim("batch", worker, 1), lost=True)
        lost = claim("batch", worker, 1)
        assert lost.losses == 1 and claim_alike(lost, 3) == []
        put_back(lost, lost=False)
        Job.objects.filter(id=lost.id).update(available=timezone.now() + timedelta(minutes=1))
        assert lost.id not in ids(claim_alike(claim("batch", worker, 1), 3))

    def test_one_is_left_to_each_idle_worker(self, worker):
        for _ in range(4):
            put()
        now = timezone.now()
        Worker.objects.create(id=uuid.uuid4(), host="there", pid=2, queue="batch", started=now, last_seen=now)
        assert len(claim_alike(claim("batch", worker, 1), 9)) == 2

    def test_a_job_that_waits_for_its_parts_is_not_taken(self, worker):
        put()
        Job.objects.filter(id=put().id).update(parts_left=1)
        assert claim_alike(claim("batch", worker, 1), 3) == []


@pytest.mark.django_db(transaction=True)
def test_workers_that_take_several_never_share_a_row():
    wanted = {put().id for _ in range(40)}
    now = timezone.now()
    workers = [
        Worker.objects.create(id=uuid.uuid4(), host="h", pid=number, queue="batch", started=now, last_seen=now)
        for number in range(6)
    ]
    taken: list = []

    def work(number) -> None:
        while (leader := claim("batch", workers[number], number)) is not None:
            taken.extend(ids([leader, *claim_alike(leader, 3)]))

    in_threads(6, work)
    assert len(taken) == 40 and set(taken) == wanted
    assert set(Job.objects.values_list("attempt", flat=True)) == {1}


def test_waiting_jobs_go_through_the_handler_at_once_and_each_ends_by_itself(run_jobs):
    jobs = [put() for _ in range(5)]
    assert len(run_jobs()) == 2, "four, then the fifth"
    rows = list(Job.objects.order_by("created"))
    assert [(job.state, job.message, job.together) for job in rows] == [
        *[(JobState.SUCCEEDED, "one of 4", 4)] * 4,
        (JobState.SUCCEEDED, "one of 1", 1),
    ]
    assert [rows_of(job) for job in jobs] == [1] * 5


def test_one_that_fails_fails_alone(run_jobs):
    refused, crashed = put(arguments={"refuse": True}), put(arguments={"crash": True})
    good = [put(), put()]
    run_jobs()
    for job in (refused, crashed, *good):
        job.refresh_from_db()
    assert (refused.state, refused.message) == (JobState.FAILED, "This one cannot be drawn.")
    assert crashed.state == JobState.FAILED and str(crashed.id) in crashed.message
    assert "secret inner detail" not in crashed.message and "secret inner detail" in crashed.detail
    assert [job.state for job in good] == [JobState.SUCCEEDED] * 2


def test_what_breaks_the_handler_itself_fails_all_of_them_with_their_own_numbers(run_jobs):
    jobs = [put(), put(arguments={"crash_all": True}), put()]
    run_jobs()
    for job in jobs:
        job.refresh_from_db()
        assert job.state == JobState.FAILED and str(job.id) in job.message
    assert Group.objects.count() == 0


def beside(action) -> threading.Thread:
    def run() -> None:
        time.sleep(0.8)
        action()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_cancelled_one_drops_out_and_the_others_go_on(run_jobs):
    first, second, third = put(arguments={"seconds": 2}), put(), put()
    thread = beside(lambda: request_cancel(Job.objects.get(id=second.id)))
    run_jobs()
    thread.join()
    assert list(Job.objects.order_by("created").values_list("state", flat=True)) == [
        "succeeded",
        "cancelled",
        "succeeded",
    ]
    assert [rows_of(job) for job in (first, second, third)] == [1, 0, 1]


def test_one_that_was_given_to_another_attempt_meanwhile_writes_nothing(run_jobs):
    first, second = put(arguments={"seconds": 1.6}), put()
    taken = []

    def lose() -> None:
        put_back(Job.objects.get(id=second.id), lost=True)
        now = timezone.now()
        other = Worker.objects.create(id=uuid.uuid4(), host="h", pid=9, queue="batch", started=now, last_seen=now)
        taken.append(claim("batch", other, 9))

    thread = beside(lose)
    run_jobs()
    thread.join()
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.state, rows_of(first)) == (JobState.SUCCEEDED, 1)
    assert (second.state, second.attempt, rows_of(second)) == (JobState.RUNNING, 2, 0), "its new attempt is in charge"
    assert taken[0].id == second.id


def test_a_stopping_worker_puts_all_of_them_back_and_it_is_no_loss(run_jobs, worker):
    jobs = [put(arguments={"seconds": 1.6}), put(), put()]
    thread = beside(lambda: Worker.objects.filter(id=worker.id).update(state=WorkerState.STOPPING))
    run_next("batch", worker)
    thread.join()
    for job in jobs:
        job.refresh_from_db()
        assert (job.state, job.losses, job.worker, rows_of(job)) == (JobState.QUEUED, 0, None, 0)


def test_each_keeps_its_lease_while_it_takes_long(run_jobs, settings):
    settings.LEASE_SECONDS = 1
    jobs = [put(arguments={"seconds": 1.8}), put()]
    leases = []
    thread = beside(lambda: (time.sleep(0.7), leases.extend(Job.objects.values_list("lease_until", "started"))))
    run_jobs()
    thread.join()
    assert len(leases) == len(jobs)
    assert all((until - started).total_seconds() > 1.8 for until, started in leases)
