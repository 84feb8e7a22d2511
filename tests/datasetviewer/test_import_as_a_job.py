"""Imports that are sent in: folders and archives, in the page and over REST; watched, cancelled, killed."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from datasetviewer.models import Dataset, DatasetImport, Image, ImportedFile
from datasetviewer.services import dataset_import_submit
from datasetviewer.services.uploads import imports_folder
from tests.datasetviewer.conftest import draw_face, packed
from workers.models import Job, JobState

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


# --- verdicts ------------------------------------------------------------------------------------------------------
@pytest.fixture
def imported(user, cufs_folder, settings, run_jobs) -> DatasetImport:
    shutil.move(cufs_folder, settings.DATASETS_ROOT / "CUFS")
    draw_face(settings.DATASETS_ROOT / "CUFS/CUHK/photos/holiday.jpg")
    (settings.DATASETS_ROOT / "CUFS/AR/photos/w-001-1.jpg").write_bytes(b"broken")
    run, _ = dataset_import_submit(layout="cufs", path="CUFS", owner=user)
    run_jobs()
    run.refresh_from_db()
    return run


def test_the_page_shows_every_file_with_its_verdict_and_filters(client, user, imported):
    client.force_login(user)
    url = reverse("datasetviewer:dataset-import-detail", args=["cufs", imported.pk])
    page = client.get(url).content.decode()
    assert (
        "CUHK/photos/f-005-01.jpg" in page
        and "Compared with the complete dataset" in page
        and "-601" in page.replace("−", "-")
    )
    left_out = client.get(url, {"verdict": "left_out"}).content.decode()
    assert "holiday.jpg" in left_out and "not named like" in left_out and "w-001-1.jpg" in left_out
    assert "f-005-01.jpg" not in left_out
    found = client.get(url, {"q": "XM2VTS"}).content.decode()
    assert "XM2VTS/photos/000_1_1.jpg" in found and "f-005-01.jpg" not in found
    for query in ({"verdict": "x"}, {"page": "99"}, {"page": "x"}, {"q": "\x00"}, {"remarked": "1"}):
        assert client.get(url, query).status_code == 200
    assert client.get(reverse("datasetviewer:dataset-import-list", args=["cufs"])).status_code == 200


def test_the_row_holds_counts_alone_and_the_page_a_constant_number_of_queries(
    client, user, imported, django_assert_max_num_queries
):
    assert "problems" not in imported.report and imported.report["skipped"] == 2
    ImportedFile.objects.bulk_create(
        ImportedFile(run=imported, path=f"x/{n}.jpg", verdict="added") for n in range(12_000)
    )
    client.force_login(user)
    with django_assert_max_num_queries(15):
        answer = client.get(reverse("datasetviewer:dataset-import-detail", args=["cufs", imported.pk]))
    assert len(answer.content) < 100_000


def test_rest_gives_verdicts_filtered_and_paged(api, imported):
    run = api.get(f"/api/v1/datasets/imports/{imported.pk}/").json()
    assert (run["state"], run["report"]["added"], run["report"]["skipped"]) == ("succeeded", 11, 2)
    files = api.get(run["files"], {"verdict": "left_out"}).json()
    assert {file["path"] for file in files["results"]} == {"AR/photos/w-001-1.jpg", "CUHK/photos/holiday.jpg"}
    assert api.get(run["files"], {"page_size": "5"}).json()["next"]
    bad = api.get(run["files"], {"verdict": "lost"})
    assert bad.status_code == 400 and "Choices: added, present" in bad.json()["detail"]
    assert api.get("/api/v1/datasets/imports/", {"dataset": "cufs"}).json()["count"] == 1
    assert api.get("/api/v1/datasets/imports/999/").status_code == 404


def test_only_who_may_manage_an_import_sees_its_place_and_cancels_it(client, imported, stranger, settings):
    client.force_login(stranger)
    url = reverse("datasetviewer:dataset-import-detail", args=["cufs", imported.pk])
    assert str(settings.DATASETS_ROOT) not in client.get(url).content.decode()
    assert client.post(reverse("datasetviewer:dataset-import-cancel", args=["cufs", imported.pk])).status_code == 403
    other = APIClient()
    other.force_authenticate(stranger)
    assert other.get(f"/api/v1/datasets/imports/{imported.pk}/").json()["place"] == ""
    assert other.post(f"/api/v1/datasets/imports/{imported.pk}/cancel/").status_code == 403
    client.logout()
    assert client.get(url).status_code == 302


# --- REST ----------------------------------------------------------------------------------------------------------
def test_rest_takes_a_folder_or_an_archive(api, cufs_folder, settings, run_jobs):
    made = api.post(
        "/api/v1/datasets/imports/",
        {"layout": "cufs", "archive": packed(cufs_folder), "slug": "zipped"},
        format="multipart",
    )
    assert made.status_code == 202 and made["Location"] == made.json()["url"] and made.json()["place"] == "my set.zip"
    shutil.move(cufs_folder, settings.DATASETS_ROOT / "CUFS")
    folder = api.post("/api/v1/datasets/imports/", {"layout": "cufs", "path": "CUFS", "slug": "laid"})
    again = api.post("/api/v1/datasets/imports/", {"layout": "cufs", "path": "CUFS", "slug": "laid"})
    assert (folder.status_code, again.status_code) == (202, 200) and folder.json()["id"] == again.json()["id"]
    assert {job.state for job in run_jobs()} == {JobState.SUCCEEDED}
    assert {dataset.slug: dataset.images.count() for dataset in Dataset.objects.all()} == {"zipped": 12, "laid": 12}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "either a path on the server or an archive"), ({"layout": "cufs", "path": "../.."}, "There is no folder"),
        ({"layout": "nothing", "path": "x"}, "Known layouts"), ({"layout": "cufs", "pfad": "x"}, "no entry 'pfad'"),
        ({"layout": 5, "path": "x"}, "must be texts"), ([1], "Send a JSON object"),
        ({"layout": "cufs", "archive": "text"}, "either a path on the server or an archive"),
    ],
)  # fmt: skip
def test_rest_says_what_is_wrong_with_a_submission(api, db, body, words):
    answer = api.post("/api/v1/datasets/imports/", body, format="json")
    assert answer.status_code == 400 and words in answer.json()["detail"]
    assert not Dataset.objects.exists()


def test_rest_refuses_an_archive_beyond_the_limit(api, db, settings, data_dir):
    settings.DATASET_UPLOAD_MAX_BYTES = 100_000
    file = io.BytesIO(bytes(900_000))
    file.name = "x.zip"
    answer = api.post("/api/v1/datasets/imports/", {"layout": "cufs", "archive": file}, format="multipart")
    assert answer.status_code == 413 and "larger than" in answer.json()["detail"]
    assert list(imports_folder().iterdir()) == []


# --- stopping ------------------------------------------------------------------------------------------------------
def test_a_running_import_is_cancelled_within_two_seconds(user, settings, run_jobs, paired_folder, client):
    shutil.move(paired_folder(400), settings.DATASETS_ROOT / "set")
    run, _ = dataset_import_submit(layout="folders", path="set", slug="mine", owner=user)
    asked: list[float] = []

    def cancel_when_it_runs() -> None:
        from django.db import connection

        from workers.queue import request_cancel

        while not ImportedFile.objects.filter(run=run).exists():
            time.sleep(0.02)
        asked.append(time.monotonic())
        request_cancel(Job.objects.get())
        connection.close()

    thread = threading.Thread(target=cancel_when_it_runs)
    thread.start()
    (job,) = run_jobs()
    took = time.monotonic() - asked[0]
    thread.join()
    assert job.state == JobState.CANCELLED and took < 2
    stored = Image.objects.count()
    assert 0 < stored < 800 and stored == ImportedFile.objects.filter(run=run, verdict="added").count()
    client.force_login(user)
    page = client.get(reverse("datasetviewer:dataset-import-detail", args=["mine", run.pk])).content.decode()
    assert "What was stored until then stays" in page


def test_an_import_whose_process_was_killed_goes_on_and_loses_and_repeats_nothing(tmp_path, paired_folder):
    pictures = tmp_path / "root"
    pictures.mkdir()
    shutil.move(paired_folder(450), pictures / "set")
    environment = {
        **os.environ,
        "DATA_DIR": str(tmp_path / "own"),
        "DATASETS_ROOT": str(pictures),
        "LOG_LEVEL": "ERROR",
    }

    def call(what: str, **more):
        arguments = [sys.executable, "-m", "tests.datasetviewer.killing", what]
        if more:
            return subprocess.Popen(arguments, cwd=ROOT, env=environment, **more)
        done = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.strip().splitlines()[-1])

    call("prepare")
    thumbnails = tmp_path / "own/datasets/mine/thumbs"
    killed_with = []
    for least in (250, 900):  # killed in the middle, twice
        process = call("work", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 90
        while (
            sum(1 for _ in thumbnails.rglob("*.webp")) < least
            and process.poll() is None
            and time.monotonic() < deadline
        ):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "it was through before it was killed"
        killed_with.append(call("count")["images"])
    assert killed_with == sorted(killed_with) and killed_with[-1] < 900
    end = call("work")
    assert (end["state"], end["attempt"]) == ("succeeded", 3), end
    after = call("count")
    assert (after["images"], after["pairs"], after["unpaired"]) == (900, 450, 0)
    # The verdicts are those of the whole import: what an earlier attempt added counts as added, once.
    assert after["verdicts"] == {"added": 900}
    assert (after["report"]["added"], after["report"]["present"], after["report"]["skipped"]) == (900, 0, 0)
    stored = [
        path for path in (tmp_path / "own/datasets").rglob("*") if path.is_file() and not path.name.startswith(".")
    ]
    assert len(stored) == 3 * 900
