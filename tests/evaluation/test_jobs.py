import threading
import time

import pytest

from evaluation.models import Result
from evaluation.services import evaluation_cancel
from tests.evaluation import tiny
from tests.evaluation.conftest import add_pictures
from workers.engine.features.extract import extract
from workers.engine.metrics.frechet import frechet_distance
from workers.models import Job, JobState

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_job_writes_the_same_number_as_the_library(submit, run_jobs):
    from evaluation import sets

    evaluation = submit()
    (job,) = run_jobs()
    assert (job.state, job.progress) == (JobState.SUCCEEDED, 1)
    result = evaluation.results.get()
    features = [
        extract(sets.contents(sets.from_json(spec), "", everything=True).paths, evaluation.extractor).features
        for spec in (evaluation.reference, evaluation.candidate)
    ]
    assert result.value == pytest.approx(frechet_distance(*features), rel=1e-12)
    assert (result.n_reference, result.n_candidate) == (10, 12)
    assert result.low <= result.value <= result.high
    assert result.floor > 0
    assert (result.details["resamples"], result.details["floor_n1"], result.details["floor_n2"]) == (200, 5, 5)
    assert len(result.protocol) == 12
    assert result.protocol_detail["reference_digest"] == result.reference_digest
    assert [caution.code for caution in result.caution_list] == ["different_n"]
    assert job.message.startswith("fid ")


def test_candidates_against_one_reference_share_a_protocol_and_other_sizes_do_not(submit, run_jobs):
    submit("faces:test:photo")
    submit("faces:train:sketch")
    submit("faces:all:sketch:AR", reference="faces:test:sketch")  # the same pictures as before: the same evaluation
    submit("faces:test:sketch", reference="faces:train:sketch")
    run_jobs()
    assert Result.objects.count() == 3
    protocols = {result.evaluation.candidate_label: result.protocol for result in Result.objects.all()}
    assert len(set(protocols.values())) == 3  # 12 and 10 pictures differ, and so does the other reference


def test_equal_sizes_against_one_reference_are_rankable(dataset, submit, run_jobs):
    add_pictures(dataset, "caricature", range(700, 710))
    submit("faces:train:sketch")
    submit("faces:test:caricature")
    run_jobs()
    assert Result.objects.values("protocol").distinct().count() == 1


def test_features_are_kept_for_the_next_evaluation(dataset, submit, run_jobs, monkeypatch):
    add_pictures(dataset, "caricature", range(700, 710))
    submit("faces:test:photo")
    run_jobs()
    computed = []
    original = tiny.Colours.features
    monkeypatch.setattr(tiny.Colours, "features", lambda self, batch: computed.extend(batch) or original(self, batch))
    submit("faces:test:caricature")  # its reference is known from before
    run_jobs()
    assert len(computed) == 10


def test_changed_pictures_are_not_measured_under_the_old_submission(dataset, submit, run_jobs):
    submit()
    add_pictures(dataset, "photo", [555])
    (job,) = run_jobs()
    assert job.state == JobState.FAILED
    assert "have changed since" in job.message
    assert not Result.objects.exists()


def test_a_lost_file_ends_with_its_name_and_not_with_a_server_path(dataset, submit, run_jobs, settings):
    from datasetviewer.selectors import image_path

    image = dataset.images.filter(modality="photo").first()
    submit()
    image_path(image).unlink()
    (job,) = run_jobs()
    assert job.state == JobState.FAILED
    assert image.key in job.message
    assert str(settings.DATA_DIR) not in job.message


def test_a_running_evaluation_stops_within_two_seconds(submit, run_jobs, monkeypatch):
    original = tiny.Colours.features

    def slowly(self, batch):
        time.sleep(0.3)
        return original(self, batch)

    monkeypatch.setattr(tiny.Colours, "features", slowly)
    evaluation = submit()
    cancelled_at = []

    def cancel():
        while Job.objects.get(id=evaluation.job_id).state != JobState.RUNNING:
            time.sleep(0.05)
        time.sleep(0.3)
        evaluation.job.refresh_from_db()
        assert evaluation_cancel(evaluation=evaluation) == JobState.RUNNING
        cancelled_at.append(time.monotonic())
        from django.db import connection

        connection.close()

    thread = threading.Thread(target=cancel)
    thread.start()
    (job,) = run_jobs()
    thread.join()
    assert job.state == JobState.CANCELLED
    assert time.monotonic() - cancelled_at[0] < 2
    assert not Result.objects.exists()
