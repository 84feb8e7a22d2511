"""Choosing and asking for a paper table: what is refused in words, REST, and who may see and change it."""

import pytest

from evaluation.models import Evaluation, PaperTable, Result
from evaluation.paper.columns import PaperColumn, column_problem, columns_of, default_columns
from evaluation.selectors.paper_tables import tables_visible_to
from evaluation.services import paper_tables as services
from tests.evaluation.checkpoints import make_checkpoint
from tests.evaluation.conftest import EXTRACTOR
from tests.evaluation.paper_fixtures import published_of_eight, table_maker, written
from workers.engine.errors import InputError

URL = "/api/v1/tables/"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def published(dataset, pairs, tmp_path):
    return published_of_eight(dataset, pairs, tmp_path / "in")


@pytest.fixture
def make(dataset, pairs, user):
    return table_maker(user)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"reference": "nothing:test:sketch"}, "no dataset"),
        ({"reference": {"upload": "00000000-0000-0000-0000-000000000000"}}, "selection of a dataset"),
        ({"reference": "faces:validation:sketch"}, "at least 2"),
        ({"candidates": []}, "candidates"),
        ({"candidates": "photo"}, "candidates"),
        ({"candidates": ["crayon"]}, "In a table also"),
        ({"candidates": ["stylizer:crayon"]}, "stylizer"),
        ({"candidates": ["checkpoint:0123456789ab"]}, "checkpoint"),
        ({"candidates": ["upload:00000000-0000-0000-0000-000000000000"]}, "no uploaded set"),
        ({"candidates": [{"set": "photo", "label": "x" * 101}]}, "label"),
        ({"candidates": [{"set": "photo", "colour": "x"}]}, "no entry"),
        ({"candidates": ["photo"] * 41}, "at most 40"),
        ({"columns": []}, "columns"),
        ({"columns": ["beauty"]}, "no metric"),
        ({"columns": ["fid"]}, "needs an extractor"),
        ({"columns": ["ssim:inception.mixed6e"]}, "takes no extractor"),
        ({"columns": [{"metric": "fid", "extractor": "x"}]}, "no extractor"),
        ({"columns": [7]}, "a column is"),
        ({"name": "x" * 101}, "at most 100"),
        ({"name": 7}, "give a text"),
        ({"nmae": "x"}, "no entry"),
    ],
)
def test_bad_choices_are_told_in_words_and_make_nothing(dataset, pairs, client_of, user, change, why):
    body = {"name": "t", "reference": "faces:test:sketch", "candidates": ["photo"], "columns": ["ssim"], **change}
    answer = client_of(user).post(URL, body, format="json")
    assert answer.status_code == 400, answer.json()
    assert why in str(answer.json())
    assert not PaperTable.objects.exists() and not Evaluation.objects.exists()


def test_published_results_of_other_pairs_are_no_row(make, published):
    with pytest.raises(InputError, match="matched with faces:test:sketch"):
        services.table_create(
            user=None, name="", reference="faces:train:sketch", candidates=[f"published:{published.pk}"], columns=["ssim"],
            everything=True,
        )  # fmt: skip


def test_the_same_candidate_twice_is_one_row(make):
    assert len(make("photo", "faces:test:photo", {"dataset": "faces", "split": "test", "modality": "photo"}).rows) == 1


def test_the_default_columns_are_those_whose_weights_are_here(rooms):
    names = [str(column) for column in default_columns()]
    assert "ssim" in names and "nlda" in names and "scoot" in names and "lpips.squeeze" in names
    assert f"fid:{EXTRACTOR}" in names  # needs no weights
    assert "fid:dlib.face128" in names and "rank1:dlib.face128" in names  # come with a package
    assert "fid:inception.mixed6e" not in names and "rank1:edgeface.xs512" not in names
    assert all(not column_problem(column) for column in default_columns() if column.metric != "lpips.squeeze")


def test_columns_are_read_from_texts_and_objects_each_once():
    found = columns_of(["ssim", {"metric": "fid", "extractor": EXTRACTOR}, f"fid:{EXTRACTOR}"])
    assert found == [PaperColumn("ssim"), PaperColumn("fid", EXTRACTOR)]


def test_a_table_over_rest(dataset, pairs, client_of, user, run_jobs):
    client = client_of(user)
    answer = client.post(
        URL, {"reference": "faces:test:sketch", "candidates": ["photo", "pencil"], "columns": ["ssim"]}, format="json"
    )
    assert answer.status_code == 202, answer.json()
    data = answer.json()
    assert data["states"] == {"queued": 2} and data["rows"][0]["cells"][0]["state"] == "queued"
    run_jobs()
    data = client.get(data["url"]).json()
    assert (data["progress"], data["lacking"]) == (1.0, 0)
    assert [row["name"] for row in data["rows"]] == ["Photo as sketch", "pencil"]
    assert sorted(row["cells"][0]["mark"] for row in data["rows"]) == ["", "best"]
    for form, start in (("csv", "method,"), ("tex", "% needs"), ("md", "| Method")):
        text = client.get(data["url"], {"format": form})
        assert text.status_code == 200 and text.content.decode().startswith(start)
    assert client.post(f"{data['url']}measure/").status_code == 200
    changed = client.patch(data["url"], {"name": "New", "candidates": ["pencil"]}, format="json").json()
    assert (changed["name"], len(changed["rows"]), changed["rows"][0]["cells"][0]["state"]) == ("New", 1, "measured")
    copy = client.post(f"{data['url']}duplicate/")
    assert copy.status_code == 201 and copy.json()["rows"] == changed["rows"]
    assert client.delete(data["url"]).status_code == 204
    assert client.get(data["url"]).status_code == 404
    assert client.get(URL).json()["count"] == 1
    assert Result.objects.count() == 2


def test_only_the_owner_and_staff_change_a_table(make, client_of, visitor, stranger, staff, user):
    table = make()
    url = f"{URL}{table.pk}/"
    assert visitor.get(url).status_code == 404  # not public
    assert client_of(stranger).get(url).status_code == 200
    for client, expected in ((client_of(stranger), 403), (visitor, 401)):
        assert client.patch(url, {"name": "x"}, format="json").status_code in (expected, 403)
        assert client.delete(url).status_code in (expected, 403)
        for action in ("measure", "cancel"):
            assert client.post(f"{url}{action}/").status_code in (expected, 403)
    assert visitor.post(f"{url}duplicate/").status_code in (401, 403)
    assert client_of(stranger).post(f"{url}duplicate/").json()["owner"] == "bob"
    assert client_of(staff).patch(url, {"name": "x"}, format="json").status_code == 200
    missing = f"{URL}00000000-0000-0000-0000-000000000000/"
    assert [client_of(user).get(missing).status_code, client_of(user).post(f"{missing}measure/").status_code] == [
        404,
        404,
    ]


def test_a_table_is_public_only_while_its_dataset_is(make, client_of, visitor, user, dataset):
    table = make()
    url = f"{URL}{table.pk}/"
    client = client_of(user)
    dataset.public = False
    dataset.save()
    refused = client.patch(url, {"public": True}, format="json")
    assert refused.status_code == 400 and "Publish the dataset first" in str(refused.json())
    dataset.public = True
    dataset.save()
    assert client.patch(url, {"public": True}, format="json").json()["public"] is True
    assert visitor.get(url).status_code == 200
    dataset.public = False
    dataset.save()
    assert visitor.get(url).status_code == 404
    assert not tables_visible_to(None).exists()


def test_a_public_table_says_nothing_of_private_checkpoints_and_folders(
    make, client_of, visitor, user, dataset, private_dataset, tmp_path
):
    secret = make_checkpoint(private_dataset)
    written(tmp_path / "mine", ["a.png", "b.png"])
    table = make("photo", f"checkpoint:{secret.pk}", columns=["ssim"])
    table.rows.append({"set": {"folder": str(tmp_path / "mine")}, "label": "mine"})
    table.public = True
    table.save()
    assert len(client_of(user).get(f"{URL}{table.pk}/").json()["rows"]) == 3
    seen = visitor.get(f"{URL}{table.pk}/")
    assert [row["name"] for row in seen.json()["rows"]] == ["Photo as sketch"]
    assert secret.pk not in seen.content.decode() and "mine" not in seen.content.decode()
