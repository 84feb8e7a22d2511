"""Metrics between matched pairs, from the submission to the faces behind a number."""

import io

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from PIL import Image as Picture

from datasetviewer.models import Image, Pair
from datasetviewer.selectors import image_path
from evaluation import sets
from evaluation.models import Evaluation, PairValues, Result
from evaluation.services import evaluation_submit
from tests.evaluation import tiny
from tests.evaluation.conftest import EXTRACTOR
from workers.engine.errors import InputError
from workers.engine.features.extractors import NotUsable
from workers.engine.features.pictures import read_picture
from workers.engine.metrics import maps, similarity
from workers.models import JobState

pytestmark = pytest.mark.django_db(transaction=True)
N = 8


def pair_up(dataset):
    """The first eight photos and sketches of the test part become pairs, the photos in reverse order."""
    photos = list(dataset.images.filter(modality="photo").order_by("key"))[:N]
    sketches = list(dataset.images.filter(modality="sketch", split="test").order_by("key"))[:N]
    for number, (photo, sketch) in enumerate(zip(reversed(photos), sketches, strict=True)):
        pair = Pair.objects.create(dataset=dataset, subject=photo.subject, key=f"person {number}", split="test")
        for image in (photo, sketch):
            image.pair = pair
            image.save()
    return {pair.key: (pair.images.get(modality="sketch"), pair.images.get(modality="photo"))
            for pair in dataset.pairs.all()}  # fmt: skip


@pytest.fixture
def pairs(dataset):
    return pair_up(dataset)


@pytest.fixture
def measure(user, run_jobs):
    """measure("ssim", ...): the finished evaluation of the test photos against the test sketches."""

    def make(*metrics, candidate="faces:test:photo", reference="faces:test:sketch", extractor="", owner=user):
        evaluation, _created = evaluation_submit(
            user=owner,
            reference=sets.parse_text(reference, "reference"),
            candidate=sets.parse_text(candidate, "candidate"),
            extractor=extractor,
            metrics=list(metrics),
        )
        run_jobs()
        evaluation.refresh_from_db()
        return evaluation

    return make


def test_pairs_are_measured_by_key_and_every_value_is_kept(pairs, measure):
    evaluation = measure("ssim", "psnr")
    assert evaluation.job.state == JobState.SUCCEEDED, evaluation.job.message
    assert evaluation.extractor == "none"
    expected = {
        key: similarity.ssim(*(read_picture(image_path(image))[None] for image in pictures))[0]
        for key, pictures in pairs.items()
    }
    result = evaluation.results.get(metric="ssim")
    assert result.value == pytest.approx(np.mean(list(expected.values())))
    assert (result.extractor, result.n_reference, result.n_candidate) == ("none", N, N)
    assert result.low < result.value < result.high
    assert result.floor is None
    assert result.arrow == "↑"
    assert [caution.code for caution in result.caution_list] == ["unmatched"]
    kept = PairValues.objects.get(evaluation=evaluation)
    assert dict(zip(kept.keys, kept.values["ssim"], strict=True)) == pytest.approx(expected)
    assert set(kept.values) == {"ssim", "psnr"}
    assert len(kept.unmatched) == 2 + 4  # two sketches and four photos have no partner
    assert [kept.reference[kept.keys.index(key)] for key in pairs] == [sketch.key for sketch, _ in pairs.values()]


def test_metrics_of_sets_pictures_and_features_go_together(pairs, measure):
    evaluation = measure("fid", "ssim", "rank1", "nlda", extractor=EXTRACTOR)
    assert evaluation.job.state == JobState.SUCCEEDED, evaluation.job.message
    found = {result.metric: result for result in evaluation.results.all()}
    assert {name: result.extractor for name, result in found.items()} == {
        "fid": EXTRACTOR, "ssim": "none", "rank1": EXTRACTOR, "nlda": "none",
    }  # fmt: skip
    assert (found["rank1"].n_reference, found["rank1"].n_candidate) == (10, N)
    assert found["rank1"].details["persons"] == 10
    assert found["nlda"].low is None
    assert len({result.protocol for result in found.values()}) == 4
    kept = PairValues.objects.get(evaluation=evaluation)
    assert set(kept.values) == {"ssim", "rank1"}  # one value for all is no value of a pair
    assert np.mean(kept.values["rank1"]) == pytest.approx(found["rank1"].value)
    wrong = [key for key, value in zip(kept.keys, kept.values["rank1"], strict=True) if not value]
    assert {mistake["key"] for mistake in kept.mistakes if "candidate" not in mistake["key"]} == set(wrong)


@pytest.fixture
def see_only(pairs, monkeypatch):
    """see_only(side, count): the extractor finds a face in so many of the pairs' pictures of that side alone."""

    def make(side, count):
        shown = [members[side] for members in pairs.values()]
        others = Image.objects.filter(modality=shown[0].modality).exclude(pk__in=[image.pk for image in shown[:count]])
        blank = {read_picture(image_path(image)).tobytes() for image in others}

        def prepare(self, picture):
            if picture.tobytes() in blank:
                raise NotUsable("no face was found")
            return picture

        monkeypatch.setattr(tiny.Colours, "prepare", prepare)

    return make


SKETCH, PHOTO = 0, 1


def test_the_page_and_the_command_say_what_was_not_measured(see_only, measure, client, user, capsys):
    see_only(PHOTO, 0)
    evaluation = measure("fid", "ssim", extractor=EXTRACTOR)
    assert evaluation.not_measured == ["fid"]
    client.force_login(user)
    page = client.get(f"/evaluations/{evaluation.pk}/").content.decode()
    assert "Not measured: fid" in page and "2 are needed" in page and "SSIM" in page
    sides = ["--reference", str(evaluation.reference_label), "--candidate", str(evaluation.candidate_label)]
    with pytest.raises(SystemExit) as left:
        call_command("evaluate", *sides, "--extractor", EXTRACTOR, "--metrics", "fid,ssim", "--wait")
    told = capsys.readouterr()
    assert left.value.code == 2 and "not measured: fid" in told.err and told.out.startswith("ssim")


@pytest.mark.parametrize("faces", [0, 1])
def test_drawings_without_a_face_are_recognised_in_no_case_and_what_needs_faces_is_told(see_only, measure, faces):
    see_only(PHOTO, faces)
    evaluation = measure("fid", "ssim", "rank1", extractor=EXTRACTOR)
    assert evaluation.job.state == JobState.SUCCEEDED, evaluation.job.message
    found = {result.metric: result for result in evaluation.results.all()}
    assert set(found) == {"ssim", "rank1"}
    kept = PairValues.objects.get(evaluation=evaluation)
    assert found["rank1"].details["not_found"] == N - faces
    assert found["rank1"].n_candidate == N
    assert sum(rank is None for rank in kept.recognition["rank"]) == N - faces
    if not faces:
        assert (found["rank1"].value, found["rank1"].low) == (0.0, 0.0)
        assert found["rank1"].high == pytest.approx(1 - 0.025 ** (1 / N))
        assert kept.values["rank1"] == [0.0] * N
    told = f"Not measured: fid. Of 12 pictures {faces} can be used by {EXTRACTOR}; 2 are needed."
    assert told in evaluation.job.message and evaluation.job.message.startswith("rank1 0, ssim ")
    assert any(told in line.text for line in evaluation.log_lines.all())


def test_rank_alone_needs_no_face_in_the_drawings(see_only, measure):
    see_only(PHOTO, 0)
    evaluation = measure("rank1", extractor=EXTRACTOR)
    assert (evaluation.job.state, evaluation.job.message) == (JobState.SUCCEEDED, "rank1 0")


def test_an_evaluation_of_which_nothing_can_be_measured_fails(see_only, measure):
    see_only(PHOTO, 1)
    evaluation = measure("fid", "kid", extractor=EXTRACTOR)
    assert evaluation.job.state == JobState.FAILED
    assert "Of 12 pictures 1 can be used" in evaluation.job.message
    assert not Result.objects.exists()


def test_a_gallery_without_a_face_is_refused(see_only, measure):
    see_only(SKETCH, 0)
    evaluation = measure("ssim", "rank1", extractor=EXTRACTOR)
    assert evaluation.job.state == JobState.FAILED
    assert "Of 10 pictures 0 can be used by tests.colours; 1 is needed." in evaluation.job.message
    assert not Result.objects.exists()


def test_the_same_number_whatever_extractor_stands_beside_it(pairs, measure):
    alone = measure("ssim").results.get()
    beside = measure("ssim", "kid", extractor=EXTRACTOR).results.get(metric="ssim")
    assert (alone.protocol, alone.value) == (beside.protocol, beside.value)
    assert measure("ssim", extractor=EXTRACTOR).pk == alone.evaluation_id  # nothing looks through the extractor


def test_sets_without_pairs_are_refused_with_what_to_do(dataset, measure):
    with pytest.raises(InputError) as refused:
        measure("ssim", "scoot")
    assert "0 of the candidate's pictures" in str(refused.value)
    assert "name both files of a pair alike" in str(refused.value)
    assert not Evaluation.objects.exists()


def test_a_metric_of_features_still_needs_an_extractor(pairs, measure):
    with pytest.raises(
        InputError, match=r"extractor: rank1 look at features; choose one of dlib\.face128|choose one of"
    ):
        measure("ssim", "rank1")


def test_missing_weights_of_a_metric_are_refused_with_the_command(pairs, measure):
    with pytest.raises(InputError, match=r"The weights of lpips\.alex are missing"):
        measure("ssim", "lpips.alex")
    assert not Evaluation.objects.exists()


def test_pictures_too_small_for_a_metric_end_with_a_sentence(pairs, measure):
    evaluation = measure("msssim")
    assert evaluation.job.state == JobState.FAILED
    assert "40x50 pixels large; this metric needs at least 176" in evaluation.job.message
    assert not Result.objects.exists() and not PairValues.objects.exists()


def files_of(pictures):
    files = []
    for name, picture in pictures.items():
        stream = io.BytesIO()
        Picture.fromarray(picture).save(stream, format="PNG")
        files.append(SimpleUploadedFile(name, stream.getvalue(), content_type="image/png"))
    return files


def test_rest_takes_them_without_an_extractor_and_lists_the_pairs_worst_first(
    pairs, client_of, user, visitor, run_jobs
):
    body = {
        "reference": {"dataset": "faces", "split": "test", "modality": "sketch"},
        "candidate": {"dataset": "faces", "split": "test", "modality": "photo"},
        "metrics": ["ssim", "gmsd"],
    }
    answer = client_of(user).post("/api/v1/evaluations/", body, format="json")
    assert answer.status_code == 202, answer.json()
    images = f"/api/v1/evaluations/{answer.json()['id']}/images/"
    assert visitor.get(images).json()["results"] == []  # not done yet
    run_jobs()
    data = visitor.get(images, {"metric": "ssim", "page_size": 3}).json()
    assert (data["count"], data["metrics"], len(data["unmatched"])) == (N, ["ssim", "gmsd"], 6)
    assert data["next"]
    values = [row["values"]["ssim"] for row in data["results"]]
    assert len(values) == 3 and values == sorted(values)
    worst = visitor.get(images, {"metric": "gmsd"}).json()["results"]
    assert [row["values"]["gmsd"] for row in worst] == sorted((row["values"]["gmsd"] for row in worst), reverse=True)
    best = visitor.get(images, {"metric": "gmsd", "ordering": "best"}).json()["results"]
    assert [row["key"] for row in best] == [row["key"] for row in reversed(worst)]
    row = data["results"][0]
    sketch, photo = pairs[row["key"]]
    assert (row["reference"]["name"], row["candidate"]["name"]) == (sketch.key, photo.key)
    for side, image in (("reference", sketch), ("candidate", photo)):
        file = visitor.get(row[side]["file"])
        assert b"".join(file.streaming_content) == image_path(image).read_bytes()
    for query, said in (({"metric": "fid"}, "Known: ssim, gmsd"), ({"ordering": "random"}, "Known: worst, best, key")):
        refused = visitor.get(images, query)
        assert refused.status_code == 400
        assert said in refused.json()["detail"]
    assert visitor.get("/api/v1/evaluations/00000000-0000-0000-0000-000000000000/images/").status_code == 404


def test_fid_without_an_extractor_is_still_refused(dataset, client_of, user, body):
    del body["extractor"]
    refused = client_of(user).post("/api/v1/evaluations/", body, format="json")
    assert refused.status_code == 400
    assert "extractor: fid" in refused.json()["detail"]


def test_faces_and_maps_of_a_private_dataset_stay_hidden(private_dataset, measure, client, user):
    pair_up(private_dataset)
    evaluation = measure("ssim", candidate="secret:test:photo", reference="secret:test:sketch")
    address = reverse("evaluation:pair-picture", args=[evaluation.pk, 0, "candidate"])
    drawn = reverse("evaluation:pair-map", args=[evaluation.pk, 0, "ssim"])
    page = reverse("evaluation:faces")
    for closed in (address, drawn, f"/api/v1/evaluations/{evaluation.pk}/images/"):
        assert client.get(closed).status_code == 404
    assert "secret" not in client.get(page).content.decode()
    client.force_login(user)
    assert client.get(address).status_code == client.get(drawn).status_code == 200
    assert "secret:test:photo" in client.get(page).content.decode()


def test_an_uploaded_picture_is_for_its_owner_alone(pairs, measure, user, stranger, client, client_of):
    pictures = {f"person {number}.png": read_picture(image_path(pairs[f"person {number}"][1])) for number in range(N)}
    upload = client_of(user).post("/api/v1/uploads/", {"files": files_of(pictures)}, format="multipart").json()["id"]
    evaluation = measure("ssim", candidate=f"upload:{upload}")
    assert evaluation.job.state == JobState.SUCCEEDED, evaluation.job.message
    assert evaluation.results.get().n_candidate == N
    address = reverse("evaluation:pair-picture", args=[evaluation.pk, 0, "candidate"])
    client.force_login(stranger)
    assert client.get(address).status_code == 404
    client.force_login(user)
    assert client.get(address).status_code == 200


def test_the_faces_page_shows_the_same_faces_side_by_side(pairs, measure, client):
    photos, itself = measure("ssim"), measure("ssim", candidate="faces:test:sketch")
    page = client.get(
        reverse("evaluation:faces"),
        {"evaluation": [str(photos.pk), str(itself.pk)], "metric": "ssim", "map": "difference"},
    )
    assert page.status_code == 200
    kept = PairValues.objects.get(evaluation=photos)
    order = [face.key for face in page.context["page"].object_list]
    by_value = sorted(kept.keys, key=lambda key: kept.values["ssim"][kept.keys.index(key)])
    assert order == by_value  # the other set has 1 everywhere
    first = page.context["page"].object_list[0]
    assert [cell.value for cell in first.cells] == pytest.approx([min(kept.values["ssim"]), 1])
    text = page.content.decode()
    assert reverse("evaluation:pair-map", args=[photos.pk, first.cells[0].index, "difference"]) in text
    assert "style=" not in text
    assert client.get(reverse("evaluation:faces"), {"evaluation": "nonsense"}).status_code == 404


def test_the_faces_page_says_the_next_step_when_there_is_nothing(dataset, client):
    assert reverse("evaluation:evaluation-new") in client.get(reverse("evaluation:faces")).content.decode()


def test_maps_show_where_pictures_differ(pairs, measure, client):
    evaluation = measure("ssim")
    kept = PairValues.objects.get(evaluation=evaluation)
    sketch, photo = (read_picture(image_path(image)) for image in pairs[kept.keys[0]])
    for kind in ("difference", "ssim"):
        answer = client.get(reverse("evaluation:pair-map", args=[evaluation.pk, 0, kind]))
        assert answer["Content-Type"] == "image/png"
        shown = np.asarray(Picture.open(io.BytesIO(answer.content)))
        assert (shown == maps.MAPS[kind](sketch, photo)).all()
    inner = maps.ssim(sketch, photo)[5:-5, 5:-5] / 255
    assert inner.mean() == pytest.approx(np.clip(similarity.ssim_maps(*(
        np.asarray(Picture.fromarray(each).convert("L"))[None] for each in (sketch, photo)
    )), 0, 1).mean(), abs=2e-3)  # fmt: skip
    assert (maps.difference(sketch, sketch) == 255).all()
    for bad in (["nonsense", 0], ["ssim", 99]):
        assert client.get(reverse("evaluation:pair-map", args=[evaluation.pk, bad[1], bad[0]])).status_code == 404


def test_the_form_asks_for_no_weights_that_nothing_needs(pairs, user, client):
    client.force_login(user)
    chosen = {
        "reference_dataset": "faces", "reference_split": "test", "reference_modality": "sketch",
        "candidate_dataset": "faces", "candidate_split": "test", "candidate_modality": "photo",
        "extractor": "inception.mixed6e", "metrics": ["ssim"],
    }  # fmt: skip
    counts = client.get(reverse("evaluation:evaluation-counts"), chosen)
    assert counts.context["form"].ready
    missing = client.get(reverse("evaluation:evaluation-counts"), {**chosen, "metrics": ["ssim", "lpips.vgg"]})
    assert not missing.context["form"].ready
    assert "The weights of lpips.vgg are missing" in missing.content.decode()
    made = client.post(reverse("evaluation:evaluation-new"), chosen)
    assert made.status_code == 302
    assert Evaluation.objects.get().extractor == "none"
    assert client.get(made["Location"]).status_code == 200
