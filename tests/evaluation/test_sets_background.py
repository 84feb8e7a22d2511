"""What follows from where two sets come from, and the other real pictures of a reference."""

import pytest

from evaluation.models import Result
from evaluation.sets import background_cautions, contents, other_part, outline, parse_text
from tests.evaluation.checkpoints import make_checkpoint
from tests.evaluation.conftest import EXTRACTOR, add_pictures, make_dataset
from workers.engine import catalogue

pytestmark = pytest.mark.django_db

TEMPLATE = {"name": "cufs", "width": 200, "height": 250, "points": []}


def codes(reference, candidate, extractor=EXTRACTOR):
    sides = [outline(parse_text(text, "reference"), "reference", everything=True) for text in (reference, candidate)]
    found = background_cautions(*sides, extractor)
    for caution in found:
        assert "%(" not in catalogue.CAUTIONS[caution["code"]] % caution["values"]
    return [caution["code"] for caution in found]


def aligned(parent, slug="aligned", **template):
    made = make_dataset(slug, public=True)
    made.parent = parent
    made.recipe = {
        "kind": "align",
        "parent": parent.slug,
        "template": TEMPLATE | template,
        "padding": "edge",
        "r": None,
    }
    made.save()
    return made


def test_sets_as_they_came_need_no_word(dataset):
    make_dataset("others", public=True)
    assert codes("faces:test:sketch", "others:test:photo") == []


def test_other_crops_are_told(dataset):
    aligned(dataset)
    aligned(dataset, "larger", name="square", width=256, height=256)
    assert codes("faces:test:sketch", "aligned:test:sketch") == ["other_crop"]
    assert codes("aligned:test:sketch", "larger:test:sketch") == ["other_crop"]
    assert codes("aligned:test:sketch", "aligned:test:photo") == []


def test_a_face_extractor_on_aligned_pictures_is_told_once(dataset):
    aligned(dataset)
    assert catalogue.extractor("dlib.face128").needs_face
    assert codes("aligned:test:sketch", "aligned:test:sketch", "dlib.face128") == ["double_alignment"]
    assert codes("faces:test:sketch", "faces:test:photo", "dlib.face128") == []
    assert codes("aligned:test:sketch", "aligned:test:photo") == []  # this one aligns nothing


@pytest.mark.parametrize(
    ("trained", "measured", "told"),
    [
        (("train", ""), "faces:test", False), (("train", ""), "faces:train", True), (("train", ""), "faces:all", True),
        (("all", ""), "faces:test", True), (("train", "CUHK"), "faces:train:AR", False),
        (("train", "CUHK"), "faces:train", True), (("train", ""), "others:train", False),
        (("train", ""), "aligned:train", True),
    ],
)  # fmt: skip
def test_pictures_the_checkpoint_learned_from_are_told(trained, measured, told, dataset):
    make_dataset("others", public=True)
    add_pictures(dataset, "photo", range(900, 903), split="train", source="AR")
    derived = aligned(dataset)
    add_pictures(derived, "photo", range(950, 953), split="train", source="AR")
    checkpoint = make_checkpoint(dataset, split=trained[0], source=trained[1])
    found = codes("faces:test:sketch", f"checkpoint:{checkpoint.id}@{measured}")
    assert ("seen_in_training" in found) == told


def test_a_checkpoint_used_on_another_crop_is_told(dataset):
    checkpoint = make_checkpoint(aligned(dataset))
    assert codes("faces:test:sketch", f"checkpoint:{checkpoint.id}@faces:test") == ["trained_on_other_crop"]
    assert codes("aligned:test:sketch", f"checkpoint:{checkpoint.id}@aligned:test") == []


def test_validation_pictures_are_for_choosing_and_that_is_told(dataset):
    add_pictures(dataset, "sketch", range(700, 703), split="validation")
    assert codes("faces:validation:sketch", "faces:test:photo") == ["validation_split"]
    assert codes("faces:validation:sketch", "faces:validation:sketch") == ["validation_split"]


def reference(text):
    return contents(parse_text(text, "reference"), "reference", everything=True)


def test_the_training_part_is_the_other_part_of_a_test_set(dataset):
    other = other_part(reference("faces:test:sketch"))
    train = reference("faces:train:sketch")
    assert (other.digest, sorted(other.paths)) == (train.digest, sorted(train.paths))
    assert other_part(train).digest == reference("faces:test:sketch").digest


def test_no_other_part_where_there_is_none(dataset, monkeypatch):
    assert other_part(reference("faces:test:photo")) is None  # no training photos
    assert other_part(reference("faces:all:sketch")) is None
    assert other_part(reference("faces:test:sketch:CUHK")) is None  # no training sketches of this source
    monkeypatch.setattr("evaluation.sets.floors.MOST", 4)
    some = other_part(reference("faces:test:sketch"))
    assert len(some.paths) == 4 and some.paths == tuple(sorted(some.paths, key=lambda path: path.stem))


def test_lost_files_of_the_other_part_are_no_reason_to_fail(dataset):
    train = reference("faces:train:sketch")
    for path in train.paths[:9]:
        path.unlink()
    assert other_part(reference("faces:test:sketch")) is None


@pytest.mark.django_db(transaction=True)
def test_both_floors_and_the_background_stand_at_the_result(dataset, submit, run_jobs):
    add_pictures(dataset, "sketch", range(700, 706), split="validation")
    submit("faces:validation:sketch")
    run_jobs()
    result = Result.objects.get()
    assert (result.details["floor_n1"], result.details["floor_n2"]) == (5, 5)
    assert (result.details["train_floor_n1"], result.details["train_floor_n2"]) == (10, 10)
    assert result.details["train_floor"] > 0 and result.floor > 0
    assert result.details["train_floor"] != result.floor
    assert [caution.code for caution in result.caution_list][-1] == "validation_split"


@pytest.mark.django_db(transaction=True)
def test_numbers_stand_in_the_order_of_the_catalogue(dataset, user, client_of, body, run_jobs, client):
    sent = body | {"metrics": ["kid", "coverage", "fid"]}
    location = client_of(user).post("/api/v1/evaluations/", sent, format="json")["Location"]
    run_jobs()
    in_order = ["fid", "kid", "coverage"]
    assert [row["metric"] for row in client_of(user).get(location).json()["results"]] == in_order
    assert [row["metric"] for row in client_of(user).get("/api/v1/results/").json()["results"]] == in_order
    page = client.get("/results/").content.decode()
    places = [page.index(f'result-metric">{name}<') for name in ("FID", "KID", "Coverage")]
    assert places == sorted(places)
    assert [result.metric for result in Result.objects.all()] == in_order
