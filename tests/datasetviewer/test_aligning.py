"""Aligned datasets: what they hold, running again, refusals, and the command."""

import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image as Picture

from datasetviewer.models import AlignedImage, AlignmentRun, Dataset, Image, ImageDecision, Pair
from datasetviewer.selectors import image_path
from datasetviewer.services.aligning import pictures_align
from datasetviewer.services.alignment import alignment_prepare, alignment_submit
from datasetviewer.services.landmarks import landmarks_correct
from datasetviewer.services.verdicts import images_decide
from workers.engine.errors import InputError
from workers.engine.geometry import TEMPLATES

from .marking import FIVE, add_image, marked_dataset, moved

SATNET, CUFS = TEMPLATES["satnet"], TEMPLATES["cufs"]


@pytest.fixture
def parent(db, user) -> Dataset:
    return marked_dataset(user)


def align(parent, template=SATNET, **how):
    dataset, _new = alignment_prepare(parent=parent, template=template, owner=parent.owner, **how)
    return dataset, pictures_align(dataset=dataset)


def test_the_derived_dataset_knows_parent_and_recipe_and_keeps_terms_splits_sources_and_pairs(parent):
    dataset, outcome = align(parent, padding="white")
    assert dataset.slug == "faces-satnet"
    assert dataset.parent == parent
    assert dataset.recipe["template"]["name"] == "satnet"
    assert (dataset.recipe["parent"], dataset.recipe["padding"], dataset.recipe["r"]) == ("faces", "white", None)
    assert (dataset.terms, dataset.citation, dataset.public) == ("Research only.", "Us.", False)
    assert (outcome.aligned, dict(outcome.left_out), outcome.pairs) == (7, {"no_landmarks": 1}, 3)
    assert outcome.listed == [{"path": "photos/d.png", "reason": "no_landmarks", "text": ""}]
    facts = {
        image.key: (image.subject.name, image.modality, image.split, image.source, image.pair and image.pair.key)
        for image in Image.objects.filter(dataset=dataset).select_related("subject", "pair")
    }
    assert facts["photos/b.png"] == ("b", "photo", "test", "X", "b")
    assert facts["sketches/d.png"] == ("d", "sketch", "test", "X", None)  # its photo could not come along
    pairs = set(Pair.objects.filter(dataset=dataset).values_list("key", "split"))
    assert pairs == {("a", "train"), ("b", "test"), ("c", "test")}


def test_pixels_and_landmarks_lie_where_the_template_wants_them(parent):
    dataset, _outcome = align(parent)
    image = Image.objects.get(dataset=dataset, key="photos/a.png")
    assert (image.width, image.height, image.format, image.mode) == (200, 232, "PNG", "RGB")
    assert np.allclose(image.five, SATNET.array(), atol=0.002)
    assert image.landmark_source == "read"
    assert abs(image.roll) < 0.5
    assert Image.objects.get(dataset=dataset, key="sketches/a.png").mode == "L"
    with Picture.open(image_path(image)) as picture:
        pixels = np.asarray(picture.convert("L"), dtype=float)
    for x, y in image.five:  # the blob drawn at the point in the parent is the brightest place here
        around = pixels[round(y) - 8 : round(y) + 9, round(x) - 8 : round(x) + 9]
        top, left = np.unravel_index(around.argmax(), around.shape)
        assert abs(top - 8) <= 1
        assert abs(left - 8) <= 1
    origin = AlignedImage.objects.get(image=image)
    assert origin.origin.dataset == parent
    assert origin.origin_sha256 == origin.origin.sha256


def test_running_again_changes_nothing_and_a_correction_remakes_that_picture_alone(parent, user):
    dataset, _first = align(parent)
    digests = dict(Image.objects.filter(dataset=dataset).values_list("key", "sha256"))
    again = pictures_align(dataset=dataset)
    assert (again.aligned, again.updated, again.present, again.removed) == (0, 0, 7, 0)
    landmarks_correct(image=Image.objects.get(dataset=parent, key="photos/a.png"), five=moved(2, 5, 5), user=user)
    third = pictures_align(dataset=dataset)
    assert (third.aligned, third.updated, third.present) == (0, 1, 6)
    after = dict(Image.objects.filter(dataset=dataset).values_list("key", "sha256"))
    assert {key for key in digests if digests[key] != after[key]} == {"photos/a.png"}
    assert Image.objects.get(dataset=dataset, key="photos/a.png").landmark_source == "corrected"


def test_a_lost_file_comes_back(parent):
    dataset, _first = align(parent)
    image = Image.objects.get(dataset=dataset, key="photos/a.png")
    image_path(image).unlink()
    assert pictures_align(dataset=dataset).updated == 1
    assert image_path(image).is_file()


def test_stopped_in_the_middle_it_goes_on_where_it_was(parent, monkeypatch):
    monkeypatch.setattr("datasetviewer.services.aligning.BATCH", 2)
    dataset, _new = alignment_prepare(parent=parent, template=SATNET, owner=parent.owner)

    def stop(done, total, text):
        if done >= 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pictures_align(dataset=dataset, report=stop)
    stored = Image.objects.filter(dataset=dataset).count()
    assert 0 < stored < 7
    outcome = pictures_align(dataset=dataset)
    assert (outcome.present, outcome.aligned, outcome.pairs) == (stored, 7 - stored, 3)


def test_excluded_pictures_stay_out_and_go_when_excluded_later(parent, user):
    images_decide(dataset=parent, keys=["photos/a.png"], decision="exclude", user=user)
    dataset, outcome = align(parent)
    assert outcome.left_out["excluded"] == 1
    images_decide(dataset=parent, keys=["sketches/b.png"], decision="exclude", user=user)
    later = pictures_align(dataset=dataset)
    assert (later.removed, later.left_out["excluded"], later.pairs) == (1, 2, 1)
    assert not Image.objects.filter(dataset=dataset, key="sketches/b.png").exists()


def test_r_leaves_out_what_the_filter_rejects_unless_somebody_included_it(parent, user):
    _dataset, outcome = align(parent, r=0.05)
    assert dict(outcome.left_out) == {"no_landmarks": 1, "side_face": 1, "too_far": 1}
    images_decide(dataset=parent, keys=["photos/c.png"], decision="include", user=user)
    _dataset, outcome = align(parent, r=0.10, slug="wider")
    assert dict(outcome.left_out) == {"no_landmarks": 1}


def test_it_refuses_a_dataset_that_was_aligned_by_recipe(parent):
    dataset, _outcome = align(parent)
    with pytest.raises(InputError, match="Align faces instead"):
        align(dataset, CUFS)


def test_it_refuses_pictures_whose_eyes_stand_on_the_template_already(parent, user):
    eyes = [[75, 125], [125, 125], [100, 150], [82, 180], [118, 180]]
    other = Dataset.objects.create(slug="ready", name="Ready", layout="folders", owner=user)
    for number in range(3):
        image = add_image(other, f"{number}.png", points=[[x + number, y] for x, y in eyes])
        Image.objects.filter(pk=image.pk).update(width=200, height=250)
    with pytest.raises(InputError, match=r"aligned already.*3 of 3"):
        alignment_prepare(parent=other, template=CUFS, owner=user)
    assert not Dataset.objects.filter(slug="ready-cufs").exists()
    alignment_prepare(parent=other, template=SATNET, owner=user)  # another template is fine


def test_it_refuses_a_dataset_without_landmarks(parent):
    Image.objects.filter(dataset=parent).update(five=None)
    with pytest.raises(InputError, match="Find the faces first"):
        align(parent)


def test_another_recipe_under_the_same_name_is_refused(parent):
    align(parent)
    with pytest.raises(InputError, match="made otherwise"):
        align(parent, padding="black")


@pytest.mark.parametrize(
    "how, text",
    [
        ({"padding": "blue"}, "blue"),
        ({"r": 0}, "above 0"),
        ({"r": 2}, "at most 1"),
        ({"slug": "Bad Name"}, "short name"),
    ],
)
def test_bad_options_are_refused(parent, how, text):
    with pytest.raises(InputError, match=text):
        align(parent, **how)
    assert Dataset.objects.count() == 1


def test_r_needs_a_template_of_five_points(parent):
    with pytest.raises(InputError, match="fixes only"):
        align(parent, CUFS, r=0.1)


def test_an_unreadable_original_is_left_out_with_its_reason(parent):
    image = Image.objects.get(dataset=parent, key="photos/a.png")
    image_path(image).unlink()
    _dataset, outcome = align(parent)
    assert outcome.left_out["unreadable"] == 1
    assert any(entry["path"] == "photos/a.png" and entry["text"] for entry in outcome.listed)


def test_a_stranger_makes_a_dataset_of_their_own_but_does_not_fill_somebody_elses(parent, user, stranger):
    run, new = alignment_submit(parent=parent, template=SATNET, owner=user)
    again, second = alignment_submit(parent=parent, template=SATNET, owner=user)
    assert (new, second, again) == (True, False, run)
    with pytest.raises(InputError, match="somebody else"):
        alignment_submit(parent=parent, template=SATNET, owner=stranger)
    own, _new = alignment_submit(parent=parent, template=SATNET, owner=stranger, slug="mine")
    assert own.dataset.owner == stranger


@pytest.mark.django_db(transaction=True)
def test_the_job_fills_the_dataset_and_writes_its_report(run_jobs, user):
    parent = marked_dataset(user)
    run, _new = alignment_submit(parent=parent, template=SATNET, r=0.05, owner=user)
    (job,) = run_jobs()
    assert job.state == "succeeded", job.detail
    assert job.message == "5 pictures aligned, 0 made again, 0 already there, 3 left out."
    run = AlignmentRun.objects.get(pk=run.pk)
    assert run.report["left_out"] == {"side_face": 1, "too_far": 1, "no_landmarks": 1}
    assert Image.objects.filter(dataset__slug="faces-satnet").count() == 5


@pytest.mark.django_db(transaction=True)
def test_the_job_of_a_parent_that_is_gone_says_so(run_jobs, user):
    parent = marked_dataset(user)
    run, _new = alignment_submit(parent=parent, template=SATNET, owner=user)
    Dataset.objects.filter(pk=run.dataset_id).update(parent=None)
    (job,) = run_jobs()
    assert (job.state, "is gone" in job.message) == ("failed", True)


def test_the_command_aligns_and_says_what_it_left_out(parent, capsys):
    call_command("align_dataset", "faces", "--crop", "200x232", "--r", "0.05", "--json")
    report = json.loads(capsys.readouterr().out)
    assert (report["dataset"], report["aligned"]) == ("faces-satnet", 5)
    assert report["left_out"] == {"side_face": 1, "too_far": 1, "no_landmarks": 1}
    call_command("align_dataset", "faces", "--crop", "200x232", "--r", "0.05")
    text = capsys.readouterr().out
    assert "0 pictures aligned, 0 made again, 5 already there, 3 left out. Pairs: 1." in text
    assert "left out: photos/c.png: side_face" in text


def test_the_command_takes_an_own_template_from_a_file(parent, tmp_path, capsys):
    points = {name: [x / 2, y / 2] for name, x, y in SATNET.points}
    (tmp_path / "own.json").write_text(json.dumps({"name": "half", "width": 100, "height": 116, "points": points}))
    call_command("align_dataset", "faces", "--template", str(tmp_path / "own.json"), "--json")
    assert json.loads(capsys.readouterr().out)["dataset"] == "faces-half"
    assert set(Image.objects.filter(dataset__slug="faces-half").values_list("width", "height")) == {(100, 116)}


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["nothing"], "no dataset 'nothing'"),
        (["faces", "--crop", "7x7"], "7x7"),
        (["faces", "--template", "round"], "Unknown template"),
        (["faces", "--template", "./none.json"], "cannot be read"),
        (["faces", "--padding", "blue"], "no padding"),
        (["faces", "--r", "nan"], "above 0"),
    ],
)
def test_the_command_refuses_with_a_sentence_and_exit_code_2(parent, arguments, text):
    with pytest.raises(CommandError, match=text) as refused:
        call_command("align_dataset", *arguments)
    assert refused.value.returncode == 2


def test_the_decisions_of_the_parent_are_not_the_childs(parent, user):
    images_decide(dataset=parent, keys=["photos/c.png"], decision="include", user=user)
    dataset, _outcome = align(parent)
    assert not ImageDecision.objects.filter(image__dataset=dataset).exists()
    assert set(Image.objects.filter(dataset=dataset).values_list("verdict", flat=True)) == {""}
    assert Image.objects.get(dataset=parent, key="photos/a.png").five == FIVE
