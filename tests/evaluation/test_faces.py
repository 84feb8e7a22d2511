"""Faces: every measure of a set, orders, filters, two versions in one place, and mistakes."""

import numpy as np
import pytest
from django.urls import reverse

from datasetviewer.models import Image
from evaluation.services import maps
from tests.evaluation.face_rows import N, draw_all, measured, pair_up
from workers.engine.features.extract import FeatureSet, Skipped
from workers.engine.metrics.pair_ranks import pair_ranks
from workers.engine.metrics.paired_features import Keyed

pytestmark = pytest.mark.django_db
FACES = "evaluation:faces"
PHOTO = {"dataset": "faces", "split": "test", "modality": "photo"}
SKETCH = {"dataset": "faces", "split": "test", "modality": "sketch"}
EDGE = "edgeface.xs512"
RECOGNITION = {
    "rank": [1, 3, None, 1, 2, 1],
    "own": [0.1, 0.7, None, 0.2, 0.6, 0.1],
    "other": [0.4, 0.3, None, 0.9, 0.55, 0.8],
    "nearest": ["person 1", "person 0", None, "person 1", "reference: /sketch/test/x.png", "person 2"],
}


@pytest.fixture
def keys(dataset):
    return pair_up(dataset)


@pytest.fixture
def two(dataset, keys, user):
    """Two sets of the same faces; the first was also measured by recognition and, in another evaluation, by LPIPS."""
    first = measured(dataset, user, PHOTO, {"ssim": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]})
    measured(dataset, user, PHOTO, {"lpips.squeeze": [0.6, 0.5, 0.4, 0.3, 0.2, 0.1]})
    measured(dataset, user, PHOTO, {"rank1": [1, 0, 0, 1, 0, 1]}, extractor=EDGE, recognition=RECOGNITION)
    second = measured(dataset, user, SKETCH, {"ssim": [0.9, 0.1, 0.3, 0.4, 0.5, 0.5]})
    return first, second


def order(client, *evaluations, status=200, **query):
    page = client.get(reverse(FACES), {"evaluation": [str(each.pk) for each in evaluations], **query})
    assert page.status_code == status
    return [int(face.key[-1]) for face in page.context["page"].object_list]


def test_measures_of_all_evaluations_of_a_set_can_be_sorted_by(two, client):
    page = client.get(reverse(FACES), {"evaluation": str(two[0].pk)})
    assert [measure.key for measure in page.context["query"].measures] == [
        "ssim", "lpips.squeeze", f"rank1:{EDGE}", f"rank:{EDGE}", f"similarity:{EDGE}",
    ]  # fmt: skip
    assert order(client, two[0], metric="ssim") == [0, 1, 2, 3, 4, 5]
    assert order(client, two[0], metric="lpips.squeeze") == [0, 1, 2, 3, 4, 5]  # lower is better
    assert order(client, two[0], metric="ssim", ordering="best") == [5, 4, 3, 2, 1, 0]
    # No face found is the worst, wherever the list begins.
    assert order(client, two[0], metric="rank") == [2, 1, 4, 0, 3, 5]
    assert order(client, two[0], metric=f"similarity:{EDGE}", ordering="best") == [0, 5, 3, 4, 1, 2]


def test_two_sets_are_sorted_by_their_mean_one_of_them_or_their_difference(two, client):
    first, second = two
    assert order(client, first, second) == [1, 2, 3, 0, 4, 5]
    assert order(client, first, second, by=str(second.pk)) == [1, 2, 3, 4, 5, 0]
    assert order(client, first, second, ordering="gap")[:3] == [0, 1, 5]
    assert order(client, first, second, ordering="key") == [0, 1, 2, 3, 4, 5]
    page = client.get(reverse(FACES), {"evaluation": [str(first.pk), str(second.pk)]})
    assert [measure.key for measure in page.context["query"].measures] == ["ssim"]  # what both have


def test_only_the_persons_who_were_not_recognised(two, client):
    assert order(client, two[0], metric="ssim", only="failed") == [1, 2, 4]
    assert order(client, *two, metric="ssim", only="failed") == [1, 2, 3, 0, 4, 5]  # the other set has no rank-1


def test_evaluations_of_the_same_sets_are_offered_once(two, client):
    page = client.get(reverse(FACES))
    assert len(page.context["query"].offered) == 2
    assert len(page.context["query"].sets) == 2  # the newest, and those with the same reference


def test_bad_choices_in_the_address_do_no_harm(two, client):
    assert order(client, two[0], metric="beauty", ordering="odd", map="x", by="y", only="z") == [0, 1, 2, 3, 4, 5]
    for bad in ("nonsense", "00000000-0000-0000-0000-000000000000"):
        page = client.get(reverse(FACES), {"evaluation": bad})
        assert page.status_code == 404
        assert 'role="alert"' in page.content.decode()


def test_the_page_obeys_the_content_policy_and_has_a_legend_for_its_maps(two, client):
    text = client.get(reverse(FACES), {"map": "ssim"}).content.decode()
    assert " style=" not in text
    assert "SSIM 1, the same" in text
    assert "map-legend" not in client.get(reverse(FACES)).content.decode()


def test_the_page_takes_few_queries(two, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        client.get(reverse(FACES))


# --- two versions in one place ---------------------------------------------------------------------------------------


def test_a_face_is_compared_with_the_next_ones_a_key_away(two, client):
    address = reverse("evaluation:face-comparison")
    given = {"evaluation": [str(each.pk) for each in two], "metric": "ssim"}
    first, second = (str(each.evaluation.pk) for each in client.get(address, given).context["query"].sets)
    page = client.get(address, {**given, "face": "person 2", "one": first, "other": second})
    assert page.status_code == 200
    assert (page.context["before"], page.context["after"]) == ("person 1", "person 3")
    assert (page.context["one"].value, page.context["other"].value) == (first, second)
    text = page.content.decode()
    assert "data-flicker" in text and " style=" not in text and 'rel="next"' in text
    slider = client.get(address, {**given, "face": "person 2", "view": "slider"}).content.decode()
    assert "data-slider" in slider and "data-flicker" not in slider
    same = client.get(address, {**given, "one": "reference", "other": "reference"})
    assert same.context["other"].value == first  # two different ones in any case
    assert client.get(address, {**given, "face": "nobody"}).status_code == 404
    assert client.get(address, {"evaluation": "nonsense"}).status_code == 404


def test_a_drawing_can_be_compared_with_what_it_was_drawn_from(dataset, keys, user, client):
    checkpoint = draw_all(dataset, 1)
    # A picture's key may have another ending than the file that is measured.
    photo = Image.objects.get(pair__key="person 0", modality="photo")
    photo.key = photo.key.replace(".png", ".jpg")
    photo.save()
    candidate = {"checkpoint": checkpoint.pk, "dataset": "faces", "split": "test"}
    evaluation = measured(dataset, user, candidate, {"ssim": [0.5] * N}, checkpoint=checkpoint)
    kept = evaluation.pair_values
    kept.candidate = [name.replace(".jpg", ".png") for name in kept.candidate]
    kept.save()
    page = client.get(reverse("evaluation:face-comparison"), {"evaluation": str(evaluation.pk), "face": "person 0"})
    assert [version.value for version in page.context["versions"]] == ["reference", str(evaluation.pk), "source"]
    pictures = {}
    for version in page.context["versions"]:
        answer = client.get(version.address)
        assert answer.status_code == 200, version
        pictures[version.value] = b"".join(answer.streaming_content)
    assert len(set(pictures.values())) == 3
    from datasetviewer.selectors import image_path

    assert pictures["source"] == image_path(photo).read_bytes()


def test_a_dataset_has_nothing_it_was_drawn_from(two, client):
    assert client.get(reverse("evaluation:pair-picture", args=[two[0].pk, 0, "source"])).status_code == 404


# --- maps ------------------------------------------------------------------------------------------------------------


def test_a_map_is_drawn_once_and_again_when_a_picture_changes(two, client, monkeypatch):
    address = reverse("evaluation:pair-map", args=[two[0].pk, 0, "difference"])
    first = client.get(address).content
    (kept,) = maps.maps_folder().glob("*/*.png")
    assert kept.read_bytes() == first
    kept.write_bytes(b"kept")
    assert client.get(address).content == b"kept"
    from datasetviewer.selectors import image_path

    image = Image.objects.get(pair__key="person 0", modality="photo")
    image_path(image).write_bytes(image_path(Image.objects.get(pair__key="person 0", modality="sketch")).read_bytes())
    drawn = client.get(address)
    assert drawn.content not in (b"kept", first)
    monkeypatch.setattr(maps, "UNUSED_SECONDS", -1)
    assert maps.maps_expire() == 2
    image_path(image).unlink()
    assert client.get(address).status_code == 404


# --- mistakes --------------------------------------------------------------------------------------------------------


def test_mistakes_are_shown_as_faces_the_surest_first(two, dataset, client):
    address = reverse("evaluation:face-mistakes")
    page = client.get(address)
    rows = page.context["page"].object_list
    assert [(row.key, row.taken_for, row.rank) for row in rows] == [
        ("person 1", "person 0", 3), ("person 4", "reference: /sketch/test/x.png", 2),
    ]  # fmt: skip
    assert (rows[0].own, rows[0].other) == (pytest.approx(0.3), pytest.approx(0.7))  # cosine similarities
    assert page.context["found"].faceless == ["person 2"]
    evaluation = page.context["chosen"]
    picture = client.get(reverse("evaluation:mistaken-picture", args=[evaluation.pk, 1]))
    from datasetviewer.selectors import image_path

    own = Image.objects.get(pair__key="person 0", modality="sketch")
    assert b"".join(picture.streaming_content) == image_path(own).read_bytes()
    for place in (2, 4, 99):  # no face; a picture that is not there; no pair
        assert client.get(reverse("evaluation:mistaken-picture", args=[evaluation.pk, place])).status_code == 404
    by_rank = client.get(address, {"ordering": "rank"}).context["page"].object_list
    assert [row.rank for row in by_rank] == [3, 2]
    assert client.get(address, {"evaluation": str(two[0].pk)}).status_code == 404  # it has no rank-k
    assert client.get(address, {"evaluation": "nonsense"}).status_code == 404


def test_a_gallery_picture_without_a_partner_is_shown_too(dataset, keys, user, client):
    alone = dataset.images.filter(modality="sketch", split="test", pair=None).first()
    recognition = {**RECOGNITION, "nearest": [f"reference: {alone.key}"] * N}
    evaluation = measured(dataset, user, PHOTO, {"rank1": [1, 0, 0, 1, 0, 1]}, extractor=EDGE, recognition=recognition)
    from datasetviewer.selectors import image_path

    picture = client.get(reverse("evaluation:mistaken-picture", args=[evaluation.pk, 1]))
    assert b"".join(picture.streaming_content) == image_path(alone).read_bytes()


def test_older_evaluations_show_the_mistakes_they_kept(dataset, keys, user, client):
    mistakes = [{"key": "person 1", "taken_for": "person 0", "rank": 3, "own": 0.7, "other": 0.3}]
    measured(dataset, user, PHOTO, {"rank1": [1, 0, 1, 1, 1, 1]}, extractor=EDGE, mistakes=mistakes)
    page = client.get(reverse("evaluation:face-mistakes"))
    assert [row.key for row in page.context["page"].object_list] == ["person 1"]
    assert "the surest ones alone" in page.content.decode()
    assert client.get(reverse(FACES)).status_code == 200


def test_mistakes_on_a_private_dataset_stay_hidden(private_dataset, user, client):
    pair_up(private_dataset)
    candidate = {"dataset": "secret", "split": "test", "modality": "photo"}
    evaluation = measured(
        private_dataset, user, candidate, {"rank1": [1, 0, 0, 1, 0, 1]}, extractor=EDGE, recognition=RECOGNITION
    )
    closed = [
        reverse("evaluation:mistaken-picture", args=[evaluation.pk, 1]),
        f"{reverse('evaluation:face-mistakes')}?evaluation={evaluation.pk}",
        f"{reverse('evaluation:face-comparison')}?evaluation={evaluation.pk}",
    ]
    assert [client.get(address).status_code for address in closed] == [404] * 3
    client.force_login(user)
    assert [client.get(address).status_code for address in closed] == [200] * 3


def test_rest_says_at_which_rank_each_person_was_found(two, client):
    newest = client.get(reverse("evaluation:face-mistakes")).context["chosen"]
    rows = {row["key"]: row for row in client.get(f"/api/v1/evaluations/{newest.pk}/images/").json()["results"]}
    assert rows["person 1"]["recognition"] == {"rank": 3, "own": 0.7, "other": 0.3, "nearest": "person 0"}
    assert rows["person 2"]["recognition"]["rank"] is None
    other = client.get(f"/api/v1/evaluations/{two[0].pk}/images/").json()["results"][0]
    assert other["recognition"] is None


def test_without_recognition_the_next_step_is_to_measure_it(dataset, client):
    assert reverse("evaluation:evaluation-new") in client.get(reverse("evaluation:face-mistakes")).content.decode()


def test_ranks_are_kept_for_every_pair_in_the_order_of_the_pairs():
    def keyed(rows, skipped=()):
        names = [f"{name}.png" for name in rows]
        features = FeatureSet(
            "dlib.face128", "w", np.array(list(rows.values()), dtype=np.float32), tuple(names),
            tuple("d" * 64 for _ in names), tuple(Skipped(f"{name}.png", "no face") for name in skipped),
        )  # fmt: skip
        return Keyed(features, {f"{name}.png": name for name in (*rows, *skipped)})

    reference = keyed({"a": [0.0, 0], "b": [1, 0], "c": [5, 0]})
    candidate = keyed({"b": [0.1, 0], "a": [0.2, 0]}, skipped=("c",))
    found = pair_ranks(["a", "b", "c"], reference, candidate)
    assert found.rank == [1, 2, None]
    assert found.own == [pytest.approx(0.2, abs=1e-5), pytest.approx(0.9, abs=1e-5), None]
    assert found.other == [pytest.approx(0.8, abs=1e-5), pytest.approx(0.1, abs=1e-5), None]
    assert found.nearest == ["b", "a", None]
