"""Lists over the pages, REST and the command."""

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from rest_framework.test import APIClient

from datasetviewer.entries import columns_of
from datasetviewer.models import Image, Protocol
from datasetviewer.selectors import protocol_get, protocol_rows
from datasetviewer.services import (
    protocol_create,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def upload(client, content: bytes, **changes):
    file = io.BytesIO(content)
    file.name = "mine.csv"
    fields = {"name": "mine", "kind": "split", "unit": "subject", "title": "", "file": file} | changes
    return client.post(reverse("datasetviewer:protocol-list", args=["cufs"]), fields)


# --- pages ---------------------------------------------------------------------------------------------------------
def test_the_pages_show_coverage_entries_and_what_is_missing(client, user, private_dataset):
    client.force_login(user)
    page = client.get(reverse("datasetviewer:protocol-list", args=["cufs"])).content.decode()
    assert "cufs-268-338" in page and "268" in page and "current split" in page and "part,first,second,same" in page
    detail = client.get(
        reverse("datasetviewer:protocol-detail", args=["cufs", "cuhk-88-100"]), {"missing": "1"}
    ).content.decode()
    assert "CUHK/f-006-01" in detail and "CUHK/f-005-01" not in detail.split("Entries")[-1]
    assert client.get(reverse("datasetviewer:protocol-detail", args=["cufs", "nothing"])).status_code == 404
    for version in ("99", "x", "-1", "9" * 30):
        url = reverse("datasetviewer:protocol-detail", args=["cufs", "cuhk-88-100"])
        assert client.get(url, {"version": version}).status_code == 404


def test_lists_of_a_hidden_dataset_are_hidden_and_those_of_a_public_one_are_not(
    client, private_dataset, public_dataset
):
    assert client.get(reverse("datasetviewer:protocol-list", args=["cufs"])).status_code == 404
    assert client.get(reverse("datasetviewer:protocol-csv", args=["cufs", "cufs-268-338", 1])).status_code == 404
    assert client.get(reverse("datasetviewer:protocol-list", args=["open"])).status_code == 200


def test_the_csv_is_the_list_with_its_digest_as_tag(client, user, private_dataset):
    client.force_login(user)
    protocol = protocol_get(dataset=private_dataset, name="cufs-268-338")
    url = reverse("datasetviewer:protocol-csv", args=["cufs", protocol.name, 1])
    answer = client.get(url)
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0] == list(columns_of("split", "pair")) and [tuple(row) for row in rows[1:]] == list(
        protocol_rows(protocol)
    )
    assert answer["ETag"] == f'"{protocol.digest}"'
    assert client.get(url, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_the_owner_stores_applies_and_cuts_a_list_and_others_may_not(client, user, stranger, private_dataset):
    client.force_login(stranger)
    assert upload(client, b"split,name\ntrain,AR-w-001-1\n").status_code == 403
    for name in ("protocol-apply", "protocol-validation"):
        assert client.post(reverse(f"datasetviewer:{name}", args=["cufs", "cufs-268-338"])).status_code == 403
    client.force_login(user)
    answer = upload(client, b"split,name\ntrain,AR-w-001-1\ntrain,CUHK-f-005-01\ntest,CUHK-f1-005-01\n")
    assert answer.status_code == 302 and answer["Location"].endswith("/protocols/mine/?version=1")
    bad = upload(client, b"split,name\nexam,AR-w-001-1\n")
    assert bad.status_code == 400 and "Line 2 of mine.csv" in bad.content.decode()
    client.post(reverse("datasetviewer:protocol-apply", args=["cufs", "mine"]), {"version": "1"})
    assert Image.objects.get(key="AR/photos/w-001-1.jpg").split == "train"
    assert Image.objects.get(key="XM2VTS/photos/000_1_1.jpg").split == ""
    bad = client.post(
        reverse("datasetviewer:protocol-validation", args=["cufs", "mine"]),
        {"version": "1", "amount": "7", "seed": "1"},
    )
    assert bad.status_code == 400 and "some must stay" in bad.content.decode()
    done = client.post(
        reverse("datasetviewer:protocol-validation", args=["cufs", "mine"]),
        {"version": "1", "amount": "1", "seed": "1"},
    )
    assert done["Location"].endswith("?version=2")
    assert protocol_get(dataset=private_dataset, name="mine").counts["validation"] == 1


def test_a_list_that_is_no_split_cannot_be_applied(client, user, private_dataset):
    protocol_create(
        dataset=private_dataset, name="some", kind="list", unit="subject", rows=[("AR-w-001-1",)], origin="uploaded"
    )
    client.force_login(user)
    page = client.post(reverse("datasetviewer:protocol-apply", args=["cufs", "some"]), follow=True).content.decode()
    assert "is no split" in page


# --- REST ----------------------------------------------------------------------------------------------------------


def test_rest_lists_shows_pages_uploads_applies_and_cuts(api, private_dataset):
    rows = api.get("/api/v1/datasets/cufs/protocols/").json()
    assert {row["name"] for row in rows} == {"cufs-268-338", "cuhk-88-100"}
    (split,) = [row for row in rows if row["current"]]
    assert split["coverage"][0] == {"part": "train", "entries": 3, "served": 3, "official": 268}
    entries = api.get(
        "/api/v1/datasets/cufs/protocols/cuhk-88-100/entries/", {"missing": "1", "limit": "5", "part": "train"}
    ).json()
    assert entries["count"] == 86 and len(entries["results"]) == 5
    file = io.BytesIO(b"name\nAR-w-001-1\n")
    file.name = "few.csv"
    made = api.post(
        "/api/v1/datasets/cufs/protocols/",
        {"name": "few", "kind": "list", "unit": "subject", "file": file},
        format="multipart",
    )
    assert made.status_code == 201 and made["Location"] == made.json()["url"]
    cut = api.post("/api/v1/datasets/cufs/protocols/cufs-268-338/validation/", {"amount": "1", "seed": 4})
    assert cut.status_code == 201 and cut.json()["version"] == 2
    applied = api.post("/api/v1/datasets/cufs/protocols/cufs-268-338/apply/").json()
    assert applied["images"] == 12 and "v2" in applied["protocol"]
    assert Image.objects.filter(split="validation").count() == 2


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("entries/?part=nine", "Choices: train, test"),
        ("entries/?limit=x", "whole number"),
        ("?version=-1", "whole number"),
    ],
)
def test_rest_says_what_is_wrong(api, private_dataset, path, words):
    answer = api.get(f"/api/v1/datasets/cufs/protocols/cufs-268-338/{path}")
    assert answer.status_code == 400 and words in answer.json()["detail"]


def test_rest_keeps_others_out(private_dataset, stranger):
    visitor, other = APIClient(), APIClient()
    other.force_authenticate(stranger)
    assert visitor.get("/api/v1/datasets/cufs/protocols/").status_code == 404
    assert other.get("/api/v1/datasets/cufs/protocols/").status_code == 200
    assert other.post("/api/v1/datasets/cufs/protocols/cufs-268-338/apply/").status_code == 403
    assert visitor.post("/api/v1/datasets/cufs/protocols/cufs-268-338/apply/").status_code in (401, 404)


# --- command -------------------------------------------------------------------------------------------------------
def test_the_command_draws_lists_cuts_and_applies(private_dataset, capsys, tmp_path):
    call_command(
        "split_dataset", "cufs", "--train", "0.5", "--seed", "2", "--validation", "1", "--name", "half", "--apply"
    )
    assert "half v1" in capsys.readouterr().out
    assert set(Image.objects.values_list("split", flat=True)) == {"train", "test", "validation"}
    call_command("split_dataset", "cufs", "--json")
    rows = json.loads(capsys.readouterr().out)
    assert {row["name"] for row in rows} == {"half", "cufs-268-338", "cuhk-88-100"}
    call_command("split_dataset", "cufs", "--protocol", "cufs-268-338@1", "--validation", "1")
    assert "cufs-268-338 v2" in capsys.readouterr().out
    (tmp_path / "own_list.csv").write_text("split,name\ntrain,AR-w-001-1\n")
    call_command("split_dataset", "cufs", "--csv", str(tmp_path / "own_list.csv"))
    assert "own-list v1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "no dataset 'nothing'"), (["cufs", "--protocol", "x"], "has no list 'x'. Known: cufs-268-338"),
        (["cufs", "--train", "9"], "cannot be the training part"), (["cufs", "--apply"], "Say which list"),
        (["cufs", "--train", "2", "--csv", "x"], "Choose one"), (["cufs", "--csv", "/nowhere.csv"], "cannot be read"),
    ],
)  # fmt: skip
def test_the_command_says_what_is_wrong_with_code_2(private_dataset, arguments, words):
    with pytest.raises(CommandError, match=words) as error:
        call_command("split_dataset", *arguments)
    assert error.value.returncode == 2


def test_removing_a_dataset_removes_its_lists(private_dataset, django_capture_on_commit_callbacks):
    from datasetviewer.models import ProtocolBody
    from datasetviewer.services import dataset_remove

    with django_capture_on_commit_callbacks(execute=True):
        dataset_remove(dataset=private_dataset)
    assert not Protocol.objects.exists() and not ProtocolBody.objects.exists()
