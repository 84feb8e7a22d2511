"""Page and REST of a picture's landmarks: works, bad input, wrong person, missing, and the race."""

import pytest
from django.urls import reverse

from datasetviewer.models import Dataset, Image, LandmarkEdit
from datasetviewer.services.landmarks import landmarks_correct
from workers.engine.geometry import TEMPLATES

from .marking import FIVE, marked_dataset, moved

SATNET = TEMPLATES["satnet"]


@pytest.fixture
def dataset(db, user) -> Dataset:
    return marked_dataset(user)


@pytest.fixture
def image(dataset) -> Image:
    return Image.objects.get(dataset=dataset, key="photos/a.png")


def page(name: str, *args) -> str:
    return reverse(f"datasetviewer:{name}", args=args)


def api(name: str, *args) -> str:
    return reverse(f"datasetviewer_api:{name}", args=args)


def as_form(five, **more) -> dict:
    return {f"{axis}{n}": point[i] for n, point in enumerate(five, 1) for i, axis in enumerate("xy")} | more


# --- the editor -------------------------------------------------------------------------------------------------------
def test_the_editor_shows_points_fields_and_pose_and_works_without_javascript(client, image, user):
    client.force_login(user)
    seen = client.get(page("image-landmarks", "faces", image.pk)).text
    assert seen.count('class="five-point"') == 5
    assert f'value="{FIVE[0][0]}"' in seen
    assert "Head pose" in seen
    done = client.post(page("image-landmarks", "faces", image.pk), as_form(moved(2, 4, 0), version=0), follow=True)
    assert "The five points are saved." in done.text
    assert "corrected by hand" in done.text
    image.refresh_from_db()
    assert (image.five, image.landmark_source) == (moved(2, 4, 0), "corrected")
    done = client.post(page("image-landmarks-revert", "faces", image.pk), {"version": 1}, follow=True)
    assert "taken back" in done.text
    image.refresh_from_db()
    assert image.five == FIVE


def test_numbers_are_written_with_a_point_in_every_language(client, image, user):
    client.force_login(user)
    client.cookies["django_language"] = "de"
    assert f"translate({FIVE[0][0]} {FIVE[0][1]})" in client.get(page("image-landmarks", "faces", image.pk)).text


def test_save_and_next_goes_to_the_next_picture(client, image, user):
    client.force_login(user)
    following = Image.objects.get(key="photos/b.png")
    done = client.post(page("image-landmarks", "faces", image.pk), as_form(moved(2, 4, 0), version=0, then="next"))
    assert done.url == page("image-landmarks", "faces", following.pk)


def test_a_picture_nobody_marked_offers_points_to_drag(client, dataset, user):
    client.force_login(user)
    image = Image.objects.get(key="photos/d.png")
    seen = client.get(page("image-landmarks", "faces", image.pk)).text
    assert "Nobody has marked this face yet" in seen
    client.post(page("image-landmarks", "faces", image.pk), as_form(FIVE, version=0))
    image.refresh_from_db()
    assert image.landmark_source == "corrected"


@pytest.mark.parametrize("change", [{"x1": ""}, {"x1": "left"}, {"y5": "nan"}, {"x3": "1e9"}])
def test_the_editor_refuses_points_that_cannot_be_with_a_sentence(client, image, user, change):
    client.force_login(user)
    answer = client.post(page("image-landmarks", "faces", image.pk), as_form(FIVE, version=0) | change)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert not LandmarkEdit.objects.exists()


def test_the_editor_tells_the_slower_of_two_people(client, image, user):
    client.force_login(user)
    landmarks_correct(image=image, five=moved(2, 4, 0), user=user)
    answer = client.post(page("image-landmarks", "faces", image.pk), as_form(moved(2, -4, 0), version=0))
    assert answer.status_code == 409
    assert "Somebody else changed these points" in answer.text
    image.refresh_from_db()
    assert image.five == moved(2, 4, 0)


# --- REST: landmarks -------------------------------------------------------------------------------------------------
def test_rest_reads_corrects_and_reverts(client, image, user):
    client.force_login(user)
    before = client.get(api("image-landmarks", image.pk)).json()
    assert (before["five"], before["version"], before["landmark_source"]) == (FIVE, 0, "read")
    body = {"five": moved(2, 4, 0), "version": 0}
    after = client.put(api("image-landmarks", image.pk), body, "application/json")
    assert (after.status_code, after.json()["version"], after.json()["landmark_source"]) == (200, 1, "corrected")
    assert client.put(api("image-landmarks", image.pk), body | {"five": FIVE}, "application/json").status_code == 409
    back = client.post(api("image-landmarks-revert", image.pk))
    assert (back.status_code, back.json()["five"]) == (200, FIVE)
    assert client.post(api("image-landmarks-revert", image.pk)).status_code == 400


@pytest.mark.parametrize(
    "body", [{}, {"five": FIVE[:3]}, {"five": "x"}, {"five": FIVE, "version": "a"}, {"five": FIVE, "fvie": 1}]
)
def test_rest_refuses_a_bad_correction(client, image, user, body):
    client.force_login(user)
    answer = client.put(api("image-landmarks", image.pk), body, "application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_rest_refuses_a_stranger(client, dataset, image, stranger):
    client.force_login(stranger)
    assert client.put(api("image-landmarks", image.pk), {"five": FIVE}, "application/json").status_code == 403
    assert client.post(api("dataset-detections", "faces"), {}, "application/json").status_code == 403
    assert client.post(api("dataset-filters", "faces"), {}, "application/json").status_code == 403
    body = {"keys": ["photos/a.png"], "decision": "exclude"}
    assert client.post(api("dataset-decisions", "faces"), body, "application/json").status_code == 403
