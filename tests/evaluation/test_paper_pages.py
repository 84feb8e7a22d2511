"""The pages of paper tables, and the command."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from evaluation.models import Evaluation, PaperTable
from evaluation.services import paper_tables as services
from tests.evaluation.conftest import EXTRACTOR
from tests.evaluation.paper_fixtures import call
from workers.models import Job

pytestmark = pytest.mark.django_db(transaction=True)
LIST = reverse("evaluation:table-list")
CHOICES = {
    "name": "Table <2>", "dataset": "faces", "split": "test", "modality": "sketch", "source": "",
    "candidate": ["photo", "pencil"], "column": ["ssim", f"fid:{EXTRACTOR}"], "others": "", "more_columns": "psnr",
}  # fmt: skip


@pytest.fixture
def web(user, pairs):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def table(user, dataset, pairs):
    return services.table_create(
        user=user, name="Mine", reference="faces:test:sketch", candidates=["photo"], columns=["ssim"]
    )


def test_one_click_makes_a_table_that_fills_itself(web, run_jobs):
    answer = web.post(LIST, CHOICES)
    table = PaperTable.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("evaluation:table-detail", args=[table.pk]))
    assert Evaluation.objects.count() == 4
    page = web.get(answer["Location"])
    text = page.content.decode()
    assert "Table &lt;2&gt;" in text and "<2>" not in text
    assert 'hx-trigger="every 2s"' in text and "Cancel all" in text
    part = web.get(answer["Location"], headers={"HX-Request": "true"})
    assert part.status_code == 200 and "<html" not in part.content.decode()
    run_jobs()
    over = web.get(answer["Location"], headers={"HX-Request": "true"})
    assert over.status_code == 286 and "hx-trigger" not in over.content.decode()
    assert over.content.decode().count("<strong>") == 3  # the best of each column


@pytest.mark.parametrize(
    ("left_out", "words"),
    [({"candidate": []}, "Tick at least one row"), ({"column": [], "more_columns": ""}, "Tick at least one column")],
)
def test_nothing_ticked_is_told_in_the_words_of_the_page(web, left_out, words):
    answer = web.post(LIST, {**CHOICES, **left_out})
    assert answer.status_code == 400 and words in answer.content.decode()


def test_a_bad_choice_keeps_the_form_as_it_was(web):
    answer = web.post(LIST, {**CHOICES, "others": "crayon = Mine"})
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "crayon" in text and "Table &lt;2&gt;" in text
    assert not PaperTable.objects.exists()


def test_choices_stand_in_the_address(web):
    text = web.get(
        LIST, {"dataset": "faces", "candidate": "pencil", "column": "gmsd", "others": "faces:train:photo = Other"}
    )
    page = text.content.decode()
    assert 'value="pencil" id="id_base_2" checked' in page
    assert 'value="photo" id="id_base_1" checked' not in page
    assert "faces:train:photo = Other" in page


def test_a_visitor_is_asked_to_sign_in_and_comes_back_to_the_filled_form(pairs):
    answer = Client().post(LIST, CHOICES)
    assert answer.status_code == 302 and "sign-in" in answer["Location"] and "pencil" in answer["Location"]
    assert Client().get(LIST).status_code == 200
    assert not PaperTable.objects.exists()


def test_rows_and_columns_can_be_changed_and_keep_their_numbers(web, table, run_jobs):
    services.table_measure(user=table.owner, table=table)
    run_jobs()
    address = reverse("evaluation:table-edit", args=[table.pk])
    assert 'value="photo" id="id_base_1" checked' in web.get(address).content.decode()
    assert (
        web.post(address, {**CHOICES, "others": "faces:train:sketch = Train", "column": ["ssim", "gmsd"]}).status_code
        == 302
    )
    table.refresh_from_db()
    assert [row["label"] for row in table.rows] == ["", "", "Train"]
    assert Job.objects.filter(state="succeeded").count() == 1
    assert table.evaluations.filter(job__state="succeeded").exists()


def test_renaming_publishing_duplicating_cancelling_and_deleting(web, table):
    def post(action, **data):
        return web.post(reverse(f"evaluation:table-{action}", args=[table.pk]), data, follow=True)

    assert post("change", name="Other").status_code == 200
    assert post("change", public="1").status_code == 200
    table.refresh_from_db()
    assert (table.name, table.public) == ("Other", True)
    post("change", name="")
    post("change", public="0")
    table.refresh_from_db()
    assert (table.name, table.public) == ("Other", False)
    assert "Other (copy)" in post("duplicate").content.decode()
    assert "There was nothing to cancel" in post("cancel").content.decode()
    post("measure")
    assert "1 evaluation is cancelled" in post("cancel").content.decode()
    assert post("delete").status_code == 200
    assert list(PaperTable.objects.values_list("name", flat=True)) == ["Other (copy)"]


@pytest.mark.parametrize("action", ["change", "measure", "cancel", "delete"])
def test_others_may_not_change_a_table(table, stranger, action):
    web = Client()
    address = reverse(f"evaluation:table-{action}", args=[table.pk])
    assert web.post(address).status_code == 302
    web.force_login(stranger)
    assert web.post(address).status_code == 403
    assert web.get(address).status_code == 405
    assert PaperTable.objects.filter(pk=table.pk, name="Mine").exists()
    assert web.get(reverse("evaluation:table-detail", args=[table.pk])).status_code == 200


def test_a_visitor_sees_a_public_table_without_the_buttons(table):
    address = reverse("evaluation:table-detail", args=[table.pk])
    assert Client().get(address).status_code == 404
    PaperTable.objects.update(public=True)
    page = Client().get(address)
    assert page.status_code == 200 and "Delete" not in page.content.decode()


def test_the_command_makes_measures_and_prints_a_table(dataset, pairs, capsys, tmp_path):
    wish = [
        "paper_table",
        "--dataset",
        "faces",
        "--candidate",
        "photo",
        "--candidate",
        "pencil = Ours",
        "--columns",
        "ssim",
    ]
    assert call(*wish, "--wait", "--name", "T") == 0
    said = capsys.readouterr()
    assert "| Ours |" in said.out and said.out.count("**") == 2
    assert "2 evaluations queued, 0 existed" in said.err
    out = tmp_path / "t.tex"
    table = PaperTable.objects.get()
    assert call("paper_table", "--table", str(table.pk), "--format", "tex", "-o", str(out)) == 0
    assert r"\toprule" in out.read_text()
    assert "0 evaluations queued, 2 existed" in capsys.readouterr().err
    assert call("paper_table", "--table", str(table.pk), "--format", "json") == 0
    assert len(json.loads(capsys.readouterr().out)["numbers"]) == 2
    assert PaperTable.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "Name the real pictures"),
        (["--dataset", "nothing"], "dataset"),
        (["--dataset", "faces", "--candidate", "crayon"], "crayon"),
        (["--dataset", "faces", "--columns", "beauty"], "beauty"),
        (["--table", "7"], "no number of a table"),
        (["--table", "00000000-0000-0000-0000-000000000000"], "There is no table"),
    ],
)
def test_the_command_says_what_is_wrong(dataset, pairs, capsys, arguments, why):
    assert call("paper_table", *arguments) == 2
    assert why in capsys.readouterr().err
    assert not PaperTable.objects.exists()
