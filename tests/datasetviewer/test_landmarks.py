"""Landmarks: what an import stores, corrections by hand, taking them back, and faces found by the detector."""

import csv

import pytest

from datasetviewer.models import Dataset, DetectionFailure, DetectionRun, Image, LandmarkEdit
from datasetviewer.services import dataset_import
from datasetviewer.services.detection import landmarks_detect, landmarks_detect_submit
from datasetviewer.services.landmarks import (
    LandmarksChanged,
    check_five,
    landmark_fields,
    landmarks_correct,
    landmarks_found,
    landmarks_revert,
    landmarks_version,
)
from workers.engine.errors import InputError

from .conftest import draw_face
from .marking import FIVE, add_image, marked_dataset, moved

POINTS_68 = [[20.0 + (n % 9) * 3, 20.0 + (n // 9) * 4] for n in range(68)]


@pytest.fixture
def dataset(db, user) -> Dataset:
    return marked_dataset(user)


@pytest.fixture
def image(dataset) -> Image:
    return Image.objects.get(dataset=dataset, key="photos/a.png")


@pytest.fixture
def demo_folder(tmp_path):
    """One person in the demo layout, with 17 points."""
    root = tmp_path / "demo"
    keys = {modality: f"{modality}s/p.png" for modality in ("photo", "sketch", "caricature")}
    for number, key in enumerate(keys.values()):
        draw_face(root / key, number)
    with (root / "split.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["subject", "split", *keys], ["p", "train", *keys.values()]])
    points = [v for n in range(17) for v in (5 + n, 10 + (n * 7) % 30)]
    with (root / "landmarks.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["picture"], [keys["photo"], *points]])
    return root


def test_an_import_stores_the_five_points_and_the_pose_of_those_it_reads(db, demo_folder):
    dataset_import(layout="demo", path=demo_folder, slug="d")
    photo = Image.objects.get(modality="photo")
    assert photo.landmark_source == "read"
    assert len(photo.landmarks) == 17
    assert photo.five[0] == [(13 + 14) / 2, (photo.landmarks[8][1] + photo.landmarks[9][1]) / 2]
    assert photo.five[2] == photo.landmarks[12]
    assert None not in (photo.yaw, photo.pitch, photo.roll)
    sketch = Image.objects.get(modality="sketch")
    assert (sketch.landmark_source, sketch.five, sketch.yaw) == ("", None, None)


def test_importing_again_keeps_what_was_corrected_or_detected(db, demo_folder, user):
    dataset_import(layout="demo", path=demo_folder, slug="d")
    photo, sketch = Image.objects.get(modality="photo"), Image.objects.get(modality="sketch")
    five = [[x + 1, y] for x, y in photo.five]
    landmarks_correct(image=photo, five=five, user=user)
    landmarks_found(found={sketch.pk: POINTS_68}, failed={})
    dataset_import(layout="demo", path=demo_folder, slug="d")
    photo.refresh_from_db()
    sketch.refresh_from_db()
    assert (photo.landmark_source, photo.five) == ("corrected", five)
    assert (sketch.landmark_source, len(sketch.landmarks)) == ("detected", 68)


def test_a_set_of_unknown_size_is_kept_without_five_points():
    fields = landmark_fields([(1, 2), (3, 4)], "read")
    assert (fields["landmarks"], fields["landmark_source"], fields["five"]) == ([[1.0, 2.0], [3.0, 4.0]], "read", None)


def test_a_correction_is_kept_with_what_stood_before_and_can_be_taken_back(image, user):
    before = image.five, image.yaw, image.landmarks
    wanted = moved(2, 6, 0)
    changed = landmarks_correct(image=image, five=wanted, user=user, version=0)
    assert (changed.five, changed.landmark_source) == (wanted, "corrected")
    assert changed.landmarks == before[2]
    assert changed.yaw > before[1]  # the nose went to the right
    edit = LandmarkEdit.objects.get()
    assert (edit.before, edit.source_before, edit.after, edit.user) == (before[0], "read", wanted, user)
    again = landmarks_correct(image=changed, five=moved(2, 9, 0), user=user)
    first = landmarks_revert(image=again)
    assert (first.five, first.landmark_source) == (wanted, "corrected")
    start = landmarks_revert(image=first)
    assert (start.five, start.landmark_source, start.yaw) == (before[0], "read", before[1])
    with pytest.raises(InputError, match="nothing to take back"):
        landmarks_revert(image=start)


def test_saving_what_stands_already_makes_no_history(image, user):
    landmarks_correct(image=image, five=image.five, user=user)
    assert not LandmarkEdit.objects.exists()


def test_the_slower_of_two_editors_is_told_and_changes_nothing(image, user, stranger):
    seen = landmarks_version(image)
    landmarks_correct(image=image, five=moved(2, 6, 0), user=user, version=seen)
    with pytest.raises(LandmarksChanged, match="Somebody else"):
        landmarks_correct(image=image, five=moved(2, -6, 0), user=stranger, version=seen)
    landmarks_revert(image=image, version=seen + 1)
    with pytest.raises(LandmarksChanged):  # a revert counts too
        landmarks_correct(image=image, five=moved(2, -6, 0), user=stranger, version=seen + 1)
    image.refresh_from_db()
    assert image.five == FIVE


@pytest.mark.parametrize(
    "given",
    [None, [], FIVE[:4], [*FIVE, [1, 1]], [[1, 2, 3], *FIVE[1:]], [["1", "2"], *FIVE[1:]], [[True, 2], *FIVE[1:]],
     [[float("nan"), 2], *FIVE[1:]], [[1e9, 2], *FIVE[1:]], [FIVE[1], *FIVE[1:]], {"a": 1}],
)  # fmt: skip
def test_points_that_cannot_be_are_refused_with_a_sentence(image, given):
    with pytest.raises(InputError):
        check_five(image, given)


def test_a_point_may_lie_one_picture_beyond_the_border_and_no_farther(image):
    assert check_five(image, [[-140.0, 5], *FIVE[1:]])[0] == [-140.0, 5.0]
    with pytest.raises(InputError, match="left_eye"):
        check_five(image, [[-140.1, 5], *FIVE[1:]])


def test_detection_keeps_a_failure_for_each_picture_without_a_face(dataset):
    add_image(dataset, "photos/e.png", points=None)

    def find(picture):
        # "d" and "e" are the pictures without landmarks; only the first has a face here.
        find.calls += 1
        return POINTS_68 if find.calls == 1 else None

    find.calls = 0
    assert landmarks_detect(dataset=dataset, find=find) == {"found": 1, "failed": 1}
    found = Image.objects.get(dataset=dataset, landmark_source="detected")
    assert found.key == "photos/d.png"
    assert len(found.landmarks) == 68
    assert found.five is not None
    failure = DetectionFailure.objects.get()
    assert failure.image.key == "photos/e.png"
    assert "by hand" in failure.reason
    # Searched once: not again unless asked for.
    assert landmarks_detect(dataset=dataset, find=find) == {"found": 0, "failed": 0}
    assert landmarks_detect(dataset=dataset, find=find, again=True) == {"found": 0, "failed": 1}


def test_a_damaged_file_is_a_failure_of_that_picture_alone(dataset, settings):
    image = Image.objects.get(dataset=dataset, key="photos/d.png")
    next(settings.DATA_DIR.glob(f"datasets/faces/files/*/{image.sha256}.png")).write_bytes(b"broken")
    assert landmarks_detect(dataset=dataset, find=lambda picture: POINTS_68) == {"found": 0, "failed": 1}
    assert (
        "damaged" in DetectionFailure.objects.get().reason or "not a picture" in DetectionFailure.objects.get().reason
    )


def test_marking_a_face_by_hand_ends_its_failure(dataset, user):
    image = Image.objects.get(dataset=dataset, key="photos/d.png")
    landmarks_found(found={}, failed={image.pk: "none"})
    landmarks_correct(image=image, five=FIVE, user=user)
    assert not DetectionFailure.objects.exists()


def test_what_was_marked_while_the_detector_ran_stands(dataset, user):
    image = Image.objects.get(dataset=dataset, key="photos/d.png")
    landmarks_correct(image=image, five=FIVE, user=user)
    landmarks_found(found={image.pk: POINTS_68}, failed={})
    image.refresh_from_db()
    assert (image.landmark_source, image.five) == ("corrected", FIVE)


def test_submitting_twice_gives_the_live_run(dataset, user):
    run, new = landmarks_detect_submit(dataset=dataset, owner=user)
    again, second = landmarks_detect_submit(dataset=dataset, owner=user)
    assert (new, second, again) == (True, False, run)


def test_nothing_to_search_is_said(dataset, user):
    Image.objects.filter(landmark_source="").delete()
    with pytest.raises(InputError, match="Nothing to do"):
        landmarks_detect_submit(dataset=dataset, owner=user)


@pytest.mark.django_db(transaction=True)
def test_the_job_finds_faces_in_real_drawings_or_says_why_not(run_jobs, user, monkeypatch):
    dataset = marked_dataset(user)
    run, _new = landmarks_detect_submit(dataset=dataset, owner=user)
    (job,) = run_jobs()
    assert job.state == "succeeded", job.detail
    run = DetectionRun.objects.get(pk=run.pk)
    assert run.report == {"found": 0, "failed": 1}  # blobs are no face for dlib
    assert DetectionFailure.objects.get().image.key == "photos/d.png"
