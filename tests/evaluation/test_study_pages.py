"""The pages of the study: state in the address, tables without JavaScript, and what to do when there is nothing."""

import json
import re

import pytest

from datasetviewer.models import Dataset
from tests.evaluation.study_rows import add_value, add_values, make_checkpoints, make_run

PAGES = ("curve", "scatter", "choice", "comparison")


@pytest.fixture
def dataset(db):
    return Dataset.objects.create(slug="faces", name="Faces", layout="folders", public=True)


@pytest.fixture
def run(dataset, user):
    run = make_run(dataset, user, name="<b>plain</b>")
    checkpoints = make_checkpoints(run, range(10, 130, 10))
    fid = [100 - 4 * place + (60 if place == 6 else 0) for place in range(12)]
    add_values(checkpoints, fid, half=3.0, floor=12.5)
    add_values(checkpoints, [value / 100 for value in fid], metric="kid")
    add_values(checkpoints, [value * 2 for value in fid], split="validation", n=28)
    return run


@pytest.fixture
def show(client):
    def show(page, status=200, **query):
        answer = client.get(f"/results/{page}/", query)
        assert answer.status_code == status
        return answer.content.decode()

    return show


def chart_data(text, name):
    return json.loads(re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', text)[1])


@pytest.mark.parametrize("page", PAGES)
def test_without_a_training_the_next_step_is_to_train(page, show, db):
    assert 'href="/trainings/new/"' in show(page)


@pytest.mark.parametrize("page", PAGES)
def test_without_a_measured_checkpoint_the_next_step_is_to_measure(page, show, dataset, user):
    make_run(dataset, user)
    text = show(page)
    assert "No checkpoint is measured yet" in text
    assert 'href="/trainings/"' in text


@pytest.mark.parametrize("page", PAGES)
def test_pages_obey_the_content_policy_and_escape_names(page, show, run):
    text = show(page)
    assert "<b>plain</b>" not in text
    assert " style=" not in text
    assert not re.search(r"<script(?![^>]*(src=|application/json))", text)
    assert not re.search(r"\son[a-z]+=", text)


def test_the_curve_draws_the_numbers_of_its_table(show, run):
    text = show("curve", measure="fid:inception.mixed6e")
    drawn = [point["value"] for point in chart_data(text, "curve-data")["runs"][0]["points"]]
    assert drawn == [100 - 4 * place + (60 if place == 6 else 0) for place in range(12)]
    for value in drawn:
        assert f">{value:g}</a>" in text
    assert "60 → 70" in text
    assert text.count("Faces that moved most") == 2
    assert "do not choose a checkpoint by this curve" in text


def test_the_tabs_keep_the_chosen_runs(show, run):
    text = show("curve", run=str(run.pk))
    for page in PAGES[1:]:
        assert f'href="/results/{page}/?run={run.pk}"' in text


def test_a_protocol_of_another_measure_is_dropped_from_the_address(client, run):
    answer = client.get("/results/curve/", {"measure": "kid:inception.mixed6e", "protocol": "gone@faces:test"})
    assert answer.status_code == 302
    assert answer["Location"] == "/results/curve/?measure=kid%3Ainception.mixed6e"


@pytest.mark.parametrize(
    ("page", "query"), [("curve", {"run": "x"}), ("scatter", {"x": "beauty"}), ("choice", {"k": "0"})]
)  # fmt: skip
def test_a_bad_address_is_answered_in_words_with_a_way_back(page, query, show, run):
    text = show(page, 400, **query)
    assert 'role="alert"' in text
    assert f'href="/results/{page}/"' in text


def test_the_scatter_warns_of_few_checkpoints_and_explains_its_intervals(show, run):
    text = show("scatter", x="fid:inception.mixed6e", y="kid:inception.mixed6e")
    assert "Only 12 checkpoints" in text
    assert "blocks of neighbouring epochs" in text
    assert "first differences" in text
    assert len(chart_data(text, "scatter-data")["runs"][0]["points"]) == 12


def test_a_choice_on_validation_reports_the_test_and_links_to_measuring_it(show, run):
    text = show("choice", measure="fid:inception.mixed6e")
    assert "Not a fair choice" not in text
    assert "test</small>" in text or "test: faces:test" in text
    assert "chosen</span>" in text
    run.checkpoints.get(epoch=120).evaluations.filter(candidate__split="test").delete()
    text = show("choice", measure="fid:inception.mixed6e")
    assert "Measure the chosen checkpoint" in text
    assert f"/trainings/{run.pk}/measured/?checkpoint={run.checkpoints.get(epoch=120).pk}" in text


def test_a_choice_on_the_test_is_called_unfair_in_plain_words(show, run):
    text = show("choice", measure="fid:inception.mixed6e", on="faces:test")
    assert "Not a fair choice" in text
    assert "No test value is reported" in text
    assert "test-column" not in text


def test_with_test_values_alone_the_choice_asks_for_validation(show, dataset, user):
    add_value(make_checkpoints(make_run(dataset, user), [1])[0], 5.0)
    text = show("choice")
    assert "Nothing to choose by" in text
    assert "/measured/#measure" in text


def test_the_comparison_offers_csv_and_latex_of_what_it_shows(show, run, client):
    text = show("comparison", run=str(run.pk), measure="fid:inception.mixed6e")
    for form in ("csv", "tex"):
        address = re.search(rf'href="(/api/v1/study/comparison/[^"]*format={form})"', text)[1].replace("&amp;", "&")
        assert client.get(address).status_code == 200
    assert "pix2pix.unet256" in text


@pytest.mark.parametrize(("page", "most"), [("curve", 12), ("scatter", 12), ("choice", 12), ("comparison", 12)])
def test_pages_take_few_queries(page, most, client, run, django_assert_max_num_queries):
    with django_assert_max_num_queries(most):
        client.get(f"/results/{page}/")


# --- faces that moved -----------------------------------------------------------------------------------------------


def test_the_faces_that_moved_need_drawings_and_say_so(client, user):
    """Both checkpoints exist and the selection too, but nothing was drawn."""
    from tests.evaluation.conftest import make_dataset

    run = make_run(make_dataset("drawn", public=True), user)
    one, other = make_checkpoints(run, [1, 2], files=True)
    answer = client.get(f"/results/curve/{one.pk}/{other.pk}/", {"on": "drawn:test"})
    assert "are not kept" in answer.content.decode()
    assert client.get(f"/results/curve/{one.pk}/{other.pk}/", {"on": "drawn"}).status_code == 400
    assert client.get(f"/results/curve/{one.pk}/{other.pk}/", {"on": "nowhere:test"}).status_code == 400
    assert client.get(f"/results/curve/{one.pk}/{'f' * 12}/", {"on": "drawn:test"}).status_code == 404


def test_a_drawing_is_shown_to_those_alone_who_may_see_picture_and_checkpoint(client, user, dataset, private_dataset):
    """A public run applied to a private dataset must not let its faces out."""
    (checkpoint,) = make_checkpoints(make_run(dataset, user), [1])
    picture = private_dataset.images.filter(modality="photo").first()
    from evaluation.sets.checkpoints import generated_folder

    folder = generated_folder(checkpoint)
    folder.mkdir(parents=True)
    (folder / f"{picture.sha256}.png").write_bytes(b"\x89PNG")
    address = f"/checkpoints/{checkpoint.pk}/generated/{picture.sha256}.png"
    assert client.get(address).status_code == 404
    client.force_login(user)
    assert client.get(address).status_code == 200
    assert client.get(f"/checkpoints/{checkpoint.pk}/generated/{'0' * 64}.png").status_code == 404
    assert client.get(f"/checkpoints/{checkpoint.pk}/generated/..%2Fsecret.png").status_code == 404
