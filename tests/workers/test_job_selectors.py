"""Queue position and time left."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.workers.jobs import make_job
from workers.models import Job, Worker
from workers.selectors import Estimator, eta_seconds, median_seconds, queue_position, queue_summaries, workers_alive

pytestmark = pytest.mark.django_db


def done(seconds, **fields):
    return make_job(state="succeeded", progress=1, started=1000, finished=1000 - seconds, **fields)


def test_the_position_follows_priority_then_age():
    late = make_job(created=10)
    early = make_job(created=20)
    urgent = make_job(created=1, priority=5)
    make_job(created=30, queue="interactive")
    make_job(created=30, state="running", started=5)
    assert [queue_position(job) for job in (urgent, early, late)] == [1, 2, 3]


def test_only_a_queued_job_has_a_position():
    assert queue_position(make_job(state="running", started=1)) is None
    assert queue_position(make_job(state="failed")) is None


def test_the_position_is_the_order_in_which_jobs_are_claimed(worker):
    from workers.queue import claim

    for age, priority in [(3, 0), (3, 1), (9, 0), (1, 1), (5, -1)]:
        make_job(created=age, priority=priority)
    jobs = list(Job.objects.all())
    expected = [job.id for job in sorted(jobs, key=queue_position)]
    assert [claim("batch", worker, 1).id for _job in jobs] == expected


def test_the_median_is_of_the_last_twenty_of_the_kind():
    done(500)  # the oldest: finished first, so it falls out
    for number in range(20):
        make_job(state="succeeded", started=400 - number, finished=400 - number - (10 if number % 2 else 20))
    done(7, kind="other")
    assert median_seconds("measure") == pytest.approx(15)
    assert median_seconds("unheard-of") is None


def test_failed_jobs_do_not_shape_the_estimate():
    make_job(state="failed", started=900, finished=100)
    assert median_seconds("measure") is None


def test_a_running_job_is_estimated_by_its_own_pace_once_it_has_one():
    done(1000)
    assert eta_seconds(make_job(state="running", started=30, progress=0.25)) == pytest.approx(90, abs=1)


def test_a_running_job_that_just_began_is_estimated_by_its_kind():
    done(100)
    assert eta_seconds(make_job(state="running", started=30, progress=0.02)) == pytest.approx(70, abs=1)
    # One that outlasts its kind knows more of itself, however little.
    assert eta_seconds(make_job(state="running", started=300, progress=0.02)) == pytest.approx(14_700, rel=0.01)
    assert eta_seconds(make_job(state="running", started=300)) == 0


def test_a_queued_job_waits_for_those_before_it_shared_by_the_workers(worker):
    done(100)
    done(40, kind="short")
    now = timezone.now()
    Worker.objects.create(id=uuid.uuid4(), host="there", pid=2, queue="batch", started=now, last_seen=now)
    make_job(state="running", started=50, progress=0.5)  # 50 s left
    make_job(created=9, kind="short")
    make_job(created=8)
    job = make_job(created=7)
    assert eta_seconds(job) == pytest.approx((50 + 40 + 100) / 2 + 100, abs=1)


def test_jobs_done_at_once_cost_those_behind_them_their_time_once(worker):
    for _ in range(4):
        make_job(state="succeeded", started=100, finished=60, together=4)  # four in 40 s: 10 s each
    for _ in range(2):
        make_job(state="running", started=20, worker=worker, together=2)  # both have 20 s left
    make_job(created=9)
    job = make_job(created=7)
    assert median_seconds("measure") == pytest.approx(40)
    assert eta_seconds(job) == pytest.approx(20 + 10 + 40, abs=1)


def test_a_queued_job_has_no_estimate_without_a_worker_or_a_history(worker):
    assert eta_seconds(make_job()) is None
    done(5)
    assert eta_seconds(make_job(queue="interactive")) is None
    assert eta_seconds(make_job(state="cancelled")) is None


def test_a_page_of_jobs_gets_the_same_outlooks_as_one_job_alone(worker, django_assert_max_num_queries):
    done(10)
    jobs = [make_job(created=50 - number, priority=number % 3, kind="measure") for number in range(20)]
    with django_assert_max_num_queries(5):
        estimator = Estimator(jobs)
        outlooks = [estimator.outlook(job) for job in jobs]
    assert [outlook.position for outlook in outlooks] == [queue_position(job) for job in jobs]
    assert [outlook.seconds for outlook in outlooks] == [pytest.approx(eta_seconds(job), abs=1) for job in jobs]


def test_a_silent_worker_does_not_count_as_alive(worker, settings):
    assert workers_alive("batch") == 1
    Worker.objects.update(last_seen=timezone.now() - timedelta(seconds=settings.LEASE_SECONDS + 1))
    assert workers_alive("batch") == 0
    assert [(queue.name, queue.alive) for queue in queue_summaries()] == [("interactive", 0), ("batch", 0)]
