"""The sweeper repairs what a crash leaves: leases, silent workers, lost wake-ups."""

from datetime import timedelta

import pytest
from django.utils import timezone

from workers import sweeper as sweeper_module
from workers.models import Job, JobState, Worker, WorkerState
from workers.queue import claim, enqueue
from workers.sweeper import Sweeper

pytestmark = pytest.mark.django_db


@pytest.fixture
def sweeper():
    sweeper = Sweeper()
    sweeper.quiet_until = 0
    return sweeper


@pytest.fixture
def pokes(monkeypatch):
    sent: list[str] = []
    monkeypatch.setattr(sweeper_module, "poke", lambda queue: sent.append(queue) or True)
    return sent


def put() -> Job:
    return enqueue(kind="test", handler="tests.workers.handlers.nothing", queue="batch")[0]


def waited(job: Job, seconds: float) -> None:
    Job.objects.filter(id=job.id).update(available=timezone.now() - timedelta(seconds=seconds))


def test_a_job_with_an_expired_lease_is_queued_again(sweeper, worker):
    put()
    job = claim("batch", worker, 1)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert sweeper.expire_leases() == 1
    job.refresh_from_db()
    assert (job.state, job.losses) == (JobState.QUEUED, 1)


def test_a_job_with_a_fresh_lease_is_left_alone(sweeper, worker):
    put()
    claim("batch", worker, 1)
    assert sweeper.expire_leases() == 0


def test_it_waits_one_lease_after_its_start_before_it_takes_jobs_away(worker, pokes):
    put()
    job = claim("batch", worker, 1)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    Sweeper().sweep()
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_two_sweepers_count_one_loss(worker):
    put()
    job = claim("batch", worker, 1)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert [Sweeper().expire_leases(), Sweeper().expire_leases()] == [1, 0]
    job.refresh_from_db()
    assert job.losses == 1


def test_a_silent_worker_is_marked_lost(sweeper, worker, settings):
    Worker.objects.update(last_seen=timezone.now() - timedelta(seconds=settings.LEASE_SECONDS + 1))
    sweeper.expire_workers()
    worker.refresh_from_db()
    assert worker.state == WorkerState.LOST


def test_a_job_that_waits_beside_an_idle_worker_is_announced_again(sweeper, worker, pokes):
    waited(put(), 5)
    sweeper.wake("batch")
    assert pokes == ["batch"]
    sweeper.wake("batch")
    assert pokes == ["batch"], "not again within two seconds"


def test_a_busy_worker_is_not_poked(sweeper, worker, pokes):
    put()
    claim("batch", worker, 1)
    waited(put(), 5)
    sweeper.wake("batch")
    assert pokes == []


def test_a_fresh_job_is_left_to_its_own_wake_up(sweeper, worker, pokes):
    put()
    sweeper.wake("batch")
    assert pokes == []


def test_a_broken_chore_does_not_stop_the_others(sweeper, settings, caplog):
    settings.SWEEP_CHORES = {"tests.workers.handlers.no_such_chore": 1, "workers.version.code_version": 1}
    sweeper.chores()
    assert "no_such_chore" in caplog.text
    assert set(sweeper._chores) == set(settings.SWEEP_CHORES)
