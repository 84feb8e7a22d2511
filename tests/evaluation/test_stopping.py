"""An evaluation stops within two seconds whatever it is doing, also in the middle of a call that never looks up."""

import threading
import time

import pytest
from django.db import connection

from evaluation.models import Result
from evaluation.services import evaluation_cancel
from tests.evaluation import tiny
from workers.models import Job, JobState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def long_call():
    """A call that would take ten seconds; `reached` is set when it has begun. It ends with the test."""
    end, reached = threading.Event(), threading.Event()

    def call(*arguments, **options):
        reached.set()
        end.wait(10)
        raise RuntimeError("nobody waits for this any more")

    call.reached = reached
    yield call
    end.set()


PHASES = {
    "loading the network": "evaluation.jobs.loading.import_module",
    "reading what is kept": "workers.engine.features.store.load",
    "building the network": "tests.evaluation.tiny.Colours.__init__",
    "preparing a picture": "tests.evaluation.tiny.Colours.prepare",
    "computing a batch": "tests.evaluation.tiny.Colours.features",
    "reading sizes": "workers.engine.sources.sizes_of",
    "computing a metric": "workers.engine.metrics.compare.compare",
}


@pytest.mark.parametrize("target", PHASES.values(), ids=list(PHASES))
def test_it_stops_within_two_seconds(submit, run_jobs, monkeypatch, long_call, target):
    monkeypatch.setattr(target, long_call)
    seconds, job = cancel_when(submit(), long_call.reached, run_jobs)
    assert job.state == JobState.CANCELLED and seconds < 2
    assert not Result.objects.exists()


def test_a_shard_stops_within_two_seconds(submit, run_jobs, monkeypatch, settings, long_call):
    settings.SHARD_PICTURES = 5
    monkeypatch.setattr(tiny.Colours, "features", long_call)
    seconds, job = cancel_when(submit(), long_call.reached, run_jobs)
    assert job.state == JobState.CANCELLED and seconds < 2
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.CANCELLED}


def cancel_when(evaluation, reached, run_jobs) -> tuple[float, Job]:
    """Seconds from the request until the worker was free again, and the evaluation's job."""
    asked = []

    def cancel():
        assert reached.wait(20)
        evaluation_cancel(evaluation=evaluation)
        asked.append(time.monotonic())
        connection.close()

    thread = threading.Thread(target=cancel)
    thread.start()
    run_jobs()
    thread.join()
    return time.monotonic() - asked[0], Job.objects.get(id=evaluation.job_id)
