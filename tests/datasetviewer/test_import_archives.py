"""Archives that are sent in become datasets, or are refused with a sentence and leave nothing."""

import io
import os
import time
import zipfile
from pathlib import Path

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from datasetviewer.models import Dataset, DatasetImport, Image, ImportedFile, Protocol
from datasetviewer.services import archives_expire
from datasetviewer.services.uploads import imports_folder
from tests.datasetviewer.conftest import packed
from workers.models import Job, JobState

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def send(client, archive, **changes):
    fields = {"layout": "cufs", "slug": "sent", "archive": archive} | changes
    return client.post(reverse("datasetviewer:dataset-import-upload"), fields)


# --- archives ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("prefix", ["", "CUFS/", "download/CUFS/"])
def test_an_archive_sent_in_the_page_becomes_a_dataset_and_goes(client, user, cufs_folder, run_jobs, prefix):
    client.force_login(user)
    answer = send(client, packed(cufs_folder, prefix))
    run = DatasetImport.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/datasets/sent/imports/{run.pk}/"
    assert (run.archive, run.dataset.public) == ("my set.zip", False)
    (job,) = run_jobs()
    assert (job.state, job.message) == (JobState.SUCCEEDED, "12 pictures added, 0 already there."), job.detail
    assert Image.objects.filter(key="AR/photos/w-001-1.jpg").exists()
    assert Protocol.objects.filter(name="cufs-268-338").exists()
    assert list(imports_folder().iterdir()) == []
    page = client.get(answer["Location"]).content.decode()
    assert "my set.zip" in page and str(imports_folder()) not in page


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "is no zip archive"), (b"<html>", "is no zip archive"), (None, "No archive was sent")]
)
def test_what_is_no_archive_is_refused_in_the_form(client, user, db, data_dir, content, words):
    client.force_login(user)
    file = io.BytesIO(content or b"")
    file.name = "x.zip"
    answer = client.post(
        reverse("datasetviewer:dataset-import-upload"),
        {"layout": "cufs", **({"archive": file} if content is not None else {})},
    )
    assert answer.status_code == 400 and words in answer.content.decode()
    assert not Dataset.objects.exists() and not Job.objects.exists()
    assert not imports_folder().exists() or list(imports_folder().iterdir()) == []


def test_an_archive_beyond_the_limit_is_dropped_while_it_comes_in(client, user, db, settings, data_dir):
    settings.DATASET_UPLOAD_MAX_BYTES = 1_000_000
    client.force_login(user)
    for size in (1_500_000, 4_000_000):  # found while reading; announced beforehand
        file = io.BytesIO(os.urandom(size))
        file.name = "x.zip"
        answer = send(client, file)
        assert answer.status_code == 413 and "larger than" in answer.content.decode()
        assert not imports_folder().exists() or list(imports_folder().iterdir()) == []


def test_a_visitor_sends_nothing_in(client, db, data_dir, cufs_folder):
    assert send(client, packed(cufs_folder)).status_code == 302
    assert APIClient().post("/api/v1/datasets/imports/", {"layout": "cufs", "path": "x"}).status_code == 401
    assert not DatasetImport.objects.exists() and not imports_folder().exists()


def test_a_form_without_its_token_is_refused(user, db, cufs_folder):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert send(strict, packed(cufs_folder)).status_code == 403
    assert not DatasetImport.objects.exists()
    assert not imports_folder().exists() or list(imports_folder().iterdir()) == []


def test_a_hostile_archive_fails_with_a_sentence_and_leaves_nothing(client, user, run_jobs, data_dir):
    client.force_login(user)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("../../evil.jpg", b"x")
    stream.seek(0)
    stream.name = "evil.zip"
    send(client, stream)
    (job,) = run_jobs()
    assert job.state == JobState.FAILED and "leads out of it" in job.message and job.detail == ""
    assert list(imports_folder().iterdir()) == [] and not list(data_dir.parent.rglob("evil.jpg"))


def test_an_archive_of_another_layout_fails_without_naming_places_on_the_server(
    client, user, run_jobs, paired_folder, data_dir
):
    client.force_login(user)
    send(client, packed(paired_folder(1)), layout="webcaricature")
    (job,) = run_jobs()
    assert job.state == JobState.FAILED and "does not look like WebCaricature" in job.message
    assert str(data_dir) not in job.message


def test_damaged_members_are_left_out_by_name(client, user, run_jobs, paired_folder):
    client.force_login(user)
    stream = packed(paired_folder(2), "set/")
    data = bytearray(stream.getvalue())
    place = data.index(b"set/photos/p001.jpg") + 150
    data[place : place + 4] = b"\xff\x00\xff\x00"
    broken = io.BytesIO(bytes(data))
    broken.name = "set.zip"
    send(client, broken, layout="folders")
    (job,) = run_jobs()
    assert job.state == JobState.SUCCEEDED, job.message
    file = ImportedFile.objects.get(verdict="left_out")
    assert file.path == "photos/p001.jpg" and "damaged in the archive" in file.reason
    assert Image.objects.count() == 3


def test_archives_that_nobody_needs_go_after_a_day(client, user, data_dir, cufs_folder, db):
    client.force_login(user)
    send(client, packed(cufs_folder))
    stray = imports_folder() / "0123.zip"
    stray.write_bytes(b"x")
    old = time.time() - 2 * 24 * 3600
    for path in imports_folder().iterdir():
        os.utime(path, (old, old))
    assert archives_expire() == 1 and not stray.exists()
    Job.objects.update(state=JobState.CANCELLED)
    assert archives_expire() == 1 and list(imports_folder().iterdir()) == []
