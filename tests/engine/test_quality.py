"""The quality report: it warns of what is wrong with a photo, of nothing else, and names the network of the likeness."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from datasetviewer.drawing import draw_photo, person_parameters
from workers.engine import quality
from workers.engine.faces import Face, align, find_faces
from workers.engine.geometry import template
from workers.engine.images import read_photo
from workers.engine.quality import quality_report, sharpness

CUFS = template("cufs")


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    drawn = draw_photo(person_parameters(0, seed=0)).convert("RGB").resize((400, 500), Image.Resampling.LANCZOS)
    # Skin has pores and hair has strands, drawn faces do not; without them any picture counts as blurred.
    noise = np.random.default_rng(0).normal(0, 9, (500, 400, 1))
    return Image.fromarray(np.clip(np.asarray(drawn, dtype=float) + noise, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def face(photo) -> Face:
    return find_faces(photo)[0]


@pytest.fixture
def real_network():
    """A test that asks for it lets the recognition network run."""


@pytest.fixture(autouse=True)
def no_network(request, monkeypatch):
    if "real_network" not in request.fixturenames:
        monkeypatch.setattr(quality, "identity", lambda *_: None)


def report(photo, face, **options):
    aligned = align(photo, face, CUFS, 2, padding="fade")
    return quality_report(photo, face, aligned, aligned.image.convert("L"), None, **options)


def codes(found) -> list[str]:
    return [warning["code"] for warning in found["warnings"]]


def moved(face: Face, change) -> Face:
    points = change(face.landmarks68)
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    return Face((left, top, right, bottom), face.score, points)


def test_a_good_photo_brings_no_warning_and_fits_into_json(photo, face):
    found = report(photo, face)
    assert codes(found) == []
    assert json.loads(json.dumps(found)) == found
    assert found["face"]["width"] == round(face.width) and found["face"]["photo"] == [400, 500]
    assert found["identity"] is None


def test_every_warning_comes_with_what_was_measured_and_its_limit(photo, face):
    found = report(photo.filter(ImageFilter.GaussianBlur(6)), face, faces=3)
    assert codes(found) == ["several_faces", "blurred"]
    assert found["warnings"][0] == {"code": "several_faces", "value": 3, "limit": 1}
    assert found["warnings"][1]["value"] < found["warnings"][1]["limit"]


def test_a_small_face_is_told_by_its_eyes(photo, face):
    small = photo.resize((100, 125), Image.Resampling.LANCZOS)
    assert "small_face" in codes(report(small, moved(face, lambda points: points / 4)))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda photo: ImageEnhance.Brightness(photo).enhance(0.2), "dark"),
        (lambda photo: photo.point(lambda value: min(255, value + 110)), "bright"),
        (lambda photo: _burnt(photo), "blown"),
    ],
)
def test_bad_light_is_told(photo, face, change, code):
    assert code in codes(report(change(photo), face))


def test_a_low_contrast_alone_is_no_blur(photo):
    flat = ImageEnhance.Contrast(photo).enhance(0.6)
    blurred = photo.filter(ImageFilter.GaussianBlur(6))
    assert sharpness(flat) > 0.5 * sharpness(photo) > 3 * sharpness(blurred)


def test_a_face_seen_from_the_side_is_told_by_its_nose(photo, face):
    def turn(points):
        points = points.copy()
        points[27:36, 0] += 0.3 * (points[45, 0] - points[36, 0])  # the nose stands far before the face
        return points

    found = report(photo, moved(face, turn))
    assert found["warnings"][0]["code"] == "side_face"
    assert abs(found["pose"]["yaw"]) > 25


def test_a_tilted_head_is_told_and_its_side_kept(photo, face):
    turned = photo.rotate(-35, resample=Image.Resampling.BICUBIC, fillcolor="white")
    angle = np.deg2rad(35)
    centre = np.array([199.5, 249.5])
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = report(turned, moved(face, lambda points: (points - centre) @ matrix.T + centre))
    assert "tilted" in codes(found)
    assert found["alignment"]["tilt"] == pytest.approx(35 + report(photo, face)["alignment"]["tilt"], abs=0.2)


def test_points_that_lie_as_on_no_face_are_told(photo, face):
    def drop(points):
        points = points.copy()
        points[48:68, 1] += 60  # the mouth on the collar
        return points

    assert "points_off" in codes(report(photo, moved(face, drop)))


def test_five_points_set_by_hand_are_enough(photo, face):
    from workers.engine.landmarks import five_points

    by_hand = Face(face.box, face.score, five_points(face.landmarks68))
    aligned = align(photo, face, CUFS, 2, padding="fade")
    found = quality_report(photo, by_hand, aligned, aligned.image, None)
    assert codes(found) == []


@pytest.mark.usefixtures("real_network")
def test_without_weights_the_likeness_is_dlibs_and_says_so(photo, face, tmp_path):
    aligned = align(photo, face, CUFS, 2, padding="fade")
    same = quality_report(photo, face, aligned, aligned.image, tmp_path)["identity"]
    assert same == {"network": "dlib.face128", "measure": "distance", "value": 0.0}
    upside_down = aligned.image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    assert quality_report(photo, face, aligned, upside_down, tmp_path)["identity"]["value"] > 0.3


@pytest.mark.usefixtures("real_network")
def test_real_sketches_are_more_like_their_photo_than_like_others(shared_dir):
    """Real pairs of CUFS: the number by which the report is read."""
    folder = shared_dir / "data" / "cufs" / "CUHK"
    photos = sorted((folder / "photos").glob("f1-*.jpg"))[:6]
    weights = shared_dir / "weights"
    values = np.zeros((len(photos), len(photos)))
    for row, path in enumerate(photos):
        photo = read_photo(path)
        face = find_faces(photo)[0]
        aligned = align(photo, face, CUFS, 2, padding="fade")
        for column, other in enumerate(photos):
            sketch = read_photo(_sketch_of(other)).resize((400, 500), Image.Resampling.LANCZOS)
            found = quality.identity(aligned.image, sketch, aligned.transform.apply(_five(face)), weights)
            assert found is not None and found["network"] == "edgeface.xs512"
            values[row, column] = found["value"]
    same = np.diag(values)
    assert np.median(same) > 0.3
    assert np.median(same) > np.median(values[~np.eye(len(photos), dtype=bool)]) + 0.2


def _burnt(photo: Image.Image) -> Image.Image:
    """Flash on one cheek."""
    burnt = np.array(photo)
    burnt[200:400, 210:300] = 255
    return Image.fromarray(burnt)


def _five(face: Face) -> np.ndarray:
    from workers.engine.landmarks import five_points

    return five_points(face.landmarks68)


def _sketch_of(photo: Path) -> Path:
    return photo.parent.parent / "sketches" / f"{photo.stem}-sz1.jpg"
