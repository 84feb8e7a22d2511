"""A recognition test as a job: submitted once, embedded once, stopped, refused when its pictures have changed."""

import threading
import time

import pytest
from django.db import connection

from datasetviewer.models import Image
from evaluation.models import FeatureSet, RecognitionTest
from evaluation.recognition import ProtocolTask
from evaluation.services.recognitions import recognition_cancel, recognition_delete, recognition_submit
from tests.evaluation import tiny
from tests.evaluation.conftest import EXTRACTOR
from tests.evaluation.recognition_fixtures import EACH, PERSONS, recognition_maker, value, web_dataset
from workers.engine.errors import InputError
from workers.models import Job, JobState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(db):
    return web_dataset()


@pytest.fixture
def ask(user):
    return recognition_maker(user)


def test_every_picture_is_embedded_once_for_all_protocols(web, ask, run_jobs, monkeypatch):
    looked = []
    plain = tiny.Colours.prepare
    monkeypatch.setattr(tiny.Colours, "prepare", lambda self, picture: looked.append(1) or plain(self, picture))
    ask()
    run_jobs()
    assert len(looked) == 2 * EACH * len(PERSONS)
    ask("verification-restricted-view1")
    run_jobs()
    assert len(looked) == 2 * EACH * len(PERSONS) and FeatureSet.objects.count() == 2


def test_an_equal_submission_returns_the_test_that_is_there(web, ask, run_jobs):
    first, _ = ask()
    again, created = ask()
    assert again == first and not created
    run_jobs()
    again, created = ask()
    assert again == first and not created and RecognitionTest.objects.count() == 1
    other, created = ask("verification-unrestricted-view2")
    assert created and other.plan_digest != first.plan_digest


def test_of_two_at_the_same_moment_one_is_queued(web, user):
    barrier, found = threading.Barrier(2), []

    def submit():
        barrier.wait()
        task = ProtocolTask("web", "verification-restricted-view2")
        found.append(recognition_submit(user=user, task=task, extractors=[EXTRACTOR]))
        connection.close()

    threads = [threading.Thread(target=submit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({test.pk for test, _created in found}) == 1 == RecognitionTest.objects.count()
    assert sorted(created for _test, created in found) == [False, True]


@pytest.mark.parametrize(
    "target",
    ["tests.evaluation.tiny.Colours.features", "workers.engine.metrics.verification_outcome.verification_outcome"],
)
def test_it_stops_within_two_seconds(web, ask, run_jobs, monkeypatch, target):
    end, reached, asked = threading.Event(), threading.Event(), []

    def call(*arguments, **options):
        reached.set()
        end.wait(10)
        raise RuntimeError("nobody waits for this any more")

    monkeypatch.setattr(target, call)
    test, _ = ask()

    def cancel():
        assert reached.wait(20)
        recognition_cancel(job=Job.objects.get(pk=test.job_id))
        asked.append(time.monotonic())
        connection.close()

    thread = threading.Thread(target=cancel)
    thread.start()
    (job,) = run_jobs()
    thread.join()
    seconds = time.monotonic() - asked[0]
    end.set()
    assert job.state == JobState.CANCELLED and seconds < 2
    assert not test.values.exists()
    again, created = ask()
    assert created and again != test  # a cancelled one is no result


def test_pictures_that_changed_meanwhile_are_not_measured_as_if_they_had_not(web, ask, run_jobs):
    test, _ = ask()
    Image.objects.filter(dataset=web, key__contains="Person B").delete()
    (job,) = run_jobs()
    assert job.state == JobState.FAILED and "Submit it again" in job.message
    recognition_delete(test=test)
    assert not RecognitionTest.objects.exists() and Job.objects.get(pk=job.pk).link == ""


def test_a_live_test_is_not_deleted(web, ask):
    test, _ = ask()
    with pytest.raises(InputError, match="cancel it first"):
        recognition_delete(test=test)
    assert RecognitionTest.objects.exists()


def test_large_sets_go_through_the_shards(web, ask, run_jobs, settings):
    settings.SHARD_PICTURES = 7
    test, _ = ask()
    jobs = run_jobs()
    assert sum(job.kind == "features" for job in jobs) == 6  # 18 pictures of each modality
    test.refresh_from_db()
    assert test.job.state == JobState.SUCCEEDED and value(test, "auc").value > 0
