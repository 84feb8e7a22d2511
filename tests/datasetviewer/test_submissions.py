import functools
import shutil

import pytest
from django.urls import reverse

from datasetviewer import drawing
from datasetviewer.models import Dataset, DatasetImport, Image
from datasetviewer.services import dataset_import_submit, demo_enqueue, import_folder
from tests.datasetviewer.conftest import draw_face
from workers.engine.errors import InputError
from workers.models import Job, JobState


@pytest.fixture
def incoming(cufs_folder, settings):
    """The CUFS folder, lying ready on the server."""
    return shutil.move(cufs_folder, settings.DATASETS_ROOT / "CUFS")


@pytest.mark.parametrize(
    "path", ["", "  ", "..", "../CUFS", "/etc", "nowhere", "CUFS/../..", "CUFS/split.csv", "a\x00b"]
)
def test_only_folders_below_the_datasets_root_are_taken(incoming, path):
    with pytest.raises(InputError, match="There is no folder"):
        import_folder(path)


def test_a_link_out_of_the_datasets_root_is_not_followed(settings, tmp_path):
    (tmp_path / "secret").mkdir()
    (settings.DATASETS_ROOT / "door").symlink_to(tmp_path / "secret")
    with pytest.raises(InputError, match="There is no folder"):
        import_folder("door")


@pytest.mark.django_db
def test_submitting_writes_job_and_row_together(incoming, user):
    submitted, created = dataset_import_submit(layout="cufs", path="CUFS", owner=user)
    job = submitted.job
    assert created and (job.queue, job.owner, job.public, job.state) == ("batch", user, False, JobState.QUEUED)
    assert (submitted.dataset.slug, submitted.dataset.public, submitted.path) == ("cufs", False, str(incoming))
    assert job.link == f"/datasets/cufs/imports/{submitted.pk}/"


@pytest.mark.django_db
def test_the_same_submission_while_it_is_queued_is_the_same_job(incoming, user):
    first, _ = dataset_import_submit(layout="cufs", path="CUFS", owner=user)
    again, created = dataset_import_submit(layout="cufs", path="CUFS/", owner=user)
    assert not created and again == first
    assert (Job.objects.count(), DatasetImport.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_nobody_imports_into_the_dataset_of_somebody_else(incoming, user, stranger, staff):
    dataset_import_submit(layout="cufs", path="CUFS", owner=user)
    with pytest.raises(InputError, match="belongs to somebody else"):
        dataset_import_submit(layout="cufs", path="CUFS", owner=stranger)
    _, created = dataset_import_submit(layout="cufs", path="CUFS", owner=staff)
    assert not created


@pytest.mark.django_db
@pytest.mark.parametrize("layout", ["demo", "imagenet"])
def test_only_layouts_for_folders_can_be_submitted(incoming, user, layout):
    with pytest.raises(
        InputError, match="Known layouts: cufs, cufs-uncropped, cufsf, webcaricature, fs2k, folders, images"
    ):
        dataset_import_submit(layout=layout, path="CUFS", owner=user)


def test_a_worker_imports_the_folder(incoming, user, run_jobs):
    submitted, _ = dataset_import_submit(layout="cufs", path="CUFS", owner=user)
    (job,) = run_jobs()
    assert (job.state, job.message) == (JobState.SUCCEEDED, "12 pictures added, 0 already there.")
    submitted.refresh_from_db()
    assert (submitted.report["pairs"], submitted.report["added"]) == (6, 12)
    assert submitted.dataset.images.count() == 12


def test_a_job_takes_no_file_through_a_link_out_of_the_datasets_root(incoming, user, run_jobs, tmp_path):
    secret = draw_face(tmp_path / "secret/face.jpg", 9)
    path = incoming / "AR/photos/w-001-1.jpg"
    path.unlink()
    path.symlink_to(secret)
    submitted, _ = dataset_import_submit(layout="cufs", path="CUFS", owner=user)
    run_jobs()
    assert list(submitted.files.filter(verdict="left_out").values_list("path", flat=True)) == ["AR/photos/w-001-1.jpg"]
    assert not Image.objects.filter(key="AR/photos/w-001-1.jpg").exists()


def test_a_wrong_folder_fails_the_job_with_the_sentence(user, run_jobs, settings):
    (settings.DATASETS_ROOT / "stuff").mkdir()
    dataset_import_submit(layout="cufs", path="stuff", owner=user)
    (job,) = run_jobs()
    assert job.state == JobState.FAILED and "does not look like CUFS" in job.message


def test_a_cancelled_import_keeps_what_was_stored_and_goes_on_later(incoming, user, run_jobs, monkeypatch):
    from datasetviewer.services import importing
    from workers.context import JobCancelled, JobContext
    from workers.queue import request_cancel

    monkeypatch.setattr(importing, "BATCH", 2)
    dataset_import_submit(layout="cufs", path="CUFS", owner=user)
    original = JobContext.report

    def cancelled_in_the_middle(self, progress, step=""):
        original(self, progress, step)
        if progress > 0.5:
            request_cancel(Job.objects.get(id=self.job_id))
            raise JobCancelled  # what the heartbeat would have it do within a second

    with monkeypatch.context() as patch:
        patch.setattr(JobContext, "report", cancelled_in_the_middle)
        (job,) = run_jobs()
    assert job.state == JobState.CANCELLED
    stored = Image.objects.count()
    assert 0 < stored < 12
    dataset_import_submit(layout="cufs", path="CUFS", owner=user)
    (job,) = run_jobs()
    assert job.message == f"{12 - stored} pictures added, {stored} already there."


@pytest.mark.django_db
def test_the_demo_is_queued_once(data_dir):
    job = demo_enqueue()
    assert (job.kind, job.queue, job.owner, job.public) == ("import", "batch", None, True)
    assert demo_enqueue() == job
    dataset = Dataset.objects.get()
    assert (dataset.slug, dataset.public, dataset.drawn) == ("demo", True, True)


@pytest.mark.django_db
def test_a_demo_that_failed_is_queued_again():
    job = demo_enqueue()
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED)
    assert demo_enqueue() != job


def test_the_demo_is_drawn_and_imported_by_a_worker(run_jobs, monkeypatch, client):
    monkeypatch.setattr(drawing, "draw_demo", functools.partial(drawing.draw_demo, persons=3))
    demo_enqueue()
    (job,) = run_jobs()
    assert job.state == JobState.SUCCEEDED, job.detail or job.message
    dataset = Dataset.objects.get(slug="demo")
    assert dataset.pairs.count() == 3
    assert {image.modality for image in dataset.images.all()} == {"photo", "sketch", "caricature"}
    assert all(len(image.landmarks) == 17 for image in dataset.images.all())
    assert demo_enqueue() is None
    page = client.get(reverse("datasetviewer:dataset-detail", args=["demo"]))
    assert "drawn by code, not photographs" in page.content.decode()
