"""Published results over REST, by the command and on the pages: brought in, refused in words, deleted by their owner."""

import shutil

import pytest
from django.test import Client
from django.urls import reverse

from evaluation import sets
from evaluation.models import PublishedResults, UploadedSet, published_folder
from evaluation.services.published import Fate
from evaluation.sets import PublishedSet
from tests.evaluation.conftest import make_dataset
from tests.evaluation.paper_fixtures import a_zip, call, stems, written

URL = "/api/v1/published-results/"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def names(pairs):
    return [f"{stem}_fake_B.png" for stem in stems(pairs).values()]


def left():
    return sorted(published_folder().rglob("*")) if published_folder().is_dir() else []


@pytest.fixture
def client(user, client_of):
    return client_of(user)


@pytest.fixture
def upload(client, names):
    answer = client.post("/api/v1/uploads/", {"files": [a_zip(names)]}, format="multipart")
    assert answer.status_code == 201, answer.json()
    return answer.json()["id"]


def send(client, **body):
    return client.post(URL, body, format="json")


def test_an_upload_becomes_published_results_over_rest(client, upload, dataset):
    body = {
        "upload": upload,
        "dataset": "faces",
        "name": "DCNP",
        "source_url": "https://example.org/r.zip",
        "licence": "CC BY",
    }
    report = send(client, **body, dry_run=True)
    assert report.status_code == 200, report.json()
    assert (report.json()["counts"]["matched"], PublishedResults.objects.count()) == (8, 0)
    assert {each["fate"] for each in report.json()["files"]} == {Fate.MATCHED}
    answer = send(client, **body)
    assert answer.status_code == 201, answer.json()
    data = answer.json()
    assert (data["n"], data["n_pairs"], data["source_url"], data["owner"]) == (
        8,
        10,
        "https://example.org/r.zip",
        "alice",
    )
    assert client.get(data["url"]).json() == data
    assert send(client, **body).status_code == 200
    UploadedSet.objects.all().delete()
    shutil.rmtree(published_folder().parent / "uploads")
    assert all(path.is_file() for path in sets.contents(PublishedSet(data["id"]), "candidate", everything=True).paths)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"dataset": "nothing"}, "there is no dataset"),
        ({"split": "nothing"}, "split"),
        ({"modality": "nothing"}, "modality"),
        ({"size": "stretch"}, "there is no rule"),
        ({"upload": "x"}, "no uploaded set"),
        ({"upload": "00000000-0000-0000-0000-000000000000"}, "no uploaded set"),
        ({"folder": "/etc"}, "either an upload"),
        ({"upload": "", "folder": "/etc"}, "there is no folder"),
        ({"name": 7}, "give a text"),
        ({"nmae": "x"}, "no entry"),
        ({"dry_run": "yes"}, "dry_run"),
    ],
)
def test_bad_input_is_told_in_words_and_leaves_nothing(client, upload, change, why):
    answer = send(client, **{"upload": upload, "dataset": "faces", "name": "x", **change})
    assert answer.status_code == 400
    assert why in str(answer.json())
    assert not PublishedResults.objects.exists() and not left()


def test_only_the_owner_of_an_upload_can_publish_from_it_and_visitors_nothing(visitor, client_of, stranger, upload):
    body = {"upload": upload, "dataset": "faces", "name": "x"}
    assert send(visitor, **body).status_code in (401, 403)
    assert send(client_of(stranger), **body).status_code == 400
    assert not PublishedResults.objects.exists()


def test_results_follow_their_dataset_and_only_their_owner_deletes_them(
    client, visitor, client_of, stranger, staff, upload, dataset
):
    url = send(client, upload=upload, dataset="faces", name="x").json()["url"]
    assert visitor.get(url).status_code == 200
    dataset.public = False
    dataset.save()
    assert visitor.get(url).status_code == 404
    assert visitor.get(URL).json()["count"] == 0
    assert client_of(stranger).get(url).status_code == 200
    assert client_of(stranger).delete(url).status_code == 403
    assert visitor.delete(url).status_code in (401, 403, 404)
    assert client.delete(url).status_code == 204
    assert client.delete(url).status_code == 404
    assert not left()


def test_the_command_takes_a_folder_or_a_zip(dataset, names, tmp_path, capsys):
    written(tmp_path / "results", [*names, "nobody.png"])
    where = ["--dataset", "faces", "--name", "DCNP"]
    assert call("import_results", str(tmp_path / "results"), *where, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "matched 8, unmatched 1" in said and "left out: nobody.png" in said
    assert not PublishedResults.objects.exists()
    assert call("import_results", str(tmp_path / "results"), *where) == 0
    archive = shutil.make_archive(str(tmp_path / "results"), "zip", tmp_path / "results")
    assert call("import_results", archive, *where, "--json") == 0
    assert '"created": false' in capsys.readouterr().out
    assert [path.name for path in published_folder().iterdir()] == [str(PublishedResults.objects.get().pk)]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["/nothing", "--dataset", "faces", "--name", "x"], "no folder or zip"),
        ([".", "--dataset", "nothing", "--name", "x"], "no dataset"),
        (["{here}", "--dataset", "faces"], "name: say which method"),
    ],
)
def test_the_command_says_what_is_wrong(dataset, names, tmp_path, capsys, arguments, why):
    written(tmp_path / "results", names)
    assert call("import_results", *(part.format(here=tmp_path / "results") for part in arguments)) == 2
    assert why in capsys.readouterr().err
    assert not left()


def test_a_zip_that_is_none_is_refused(dataset, pairs, tmp_path, capsys):
    (tmp_path / "x.zip").write_bytes(b"PK nonsense")
    assert call("import_results", str(tmp_path / "x.zip"), "--dataset", "faces", "--name", "x") == 2
    assert "zip" in capsys.readouterr().err
    assert not left()


def test_the_page_reports_first_and_keeps_afterwards(client, user, upload, names):
    from django.test import Client

    web = Client()
    assert web.get(reverse("evaluation:published-new")).status_code == 302
    web.force_login(user)
    page = web.get(reverse("evaluation:published-new"), {"upload": upload, "dataset": "faces", "split": "test"})
    assert page.status_code == 200
    assert names[0] in page.content.decode()
    body = {
        "upload": upload,
        "dataset": "faces",
        "split": "test",
        "modality": "sketch",
        "size": "exact",
        "name": "<b>Ours</b>",
    }
    refused = web.post(reverse("evaluation:published-new"), {**body, "source_url": "javascript:1"})
    assert refused.status_code == 400 and "source_url" in refused.content.decode()
    assert web.post(reverse("evaluation:published-new"), body).status_code == 302
    shown = web.get(reverse("evaluation:published-list")).content.decode()
    assert "&lt;b&gt;Ours&lt;/b&gt;" in shown and "<b>Ours" not in shown
    published = PublishedResults.objects.get()
    assert web.post(reverse("evaluation:published-delete", args=[published.pk])).status_code == 302
    assert not PublishedResults.objects.exists()


def test_another_dataset_knows_other_names(client, upload, user):
    make_dataset("others", public=True)
    answer = send(client, upload=upload, dataset="others", name="x", dry_run=True)
    assert answer.json()["counts"]["matched"] == 0


def test_an_upload_sent_for_the_import_comes_back_to_it(user, names, dataset):
    browser = Client()
    browser.force_login(user)
    link = reverse("evaluation:upload-list") + "?use=published"
    assert link in browser.get(reverse("evaluation:published-new")).content.decode()
    assert '<option value="published" selected>' in browser.get(link).content.decode()
    sent = browser.post(reverse("evaluation:upload-new"), {"files": a_zip(names), "side": "published"})
    number = UploadedSet.objects.get().pk
    assert sent["Location"] == f"{reverse('evaluation:published-new')}?upload={number}"
    assert str(number) in browser.get(sent["Location"]).content.decode().split("selected>")[0]
