"""Templates, alignment by five points, landmarks carried along, and pictures that are aligned already."""

import json

import numpy as np
import pytest
from PIL import Image

from workers.engine.alignment import (
    align_face,
    fit_to_template,
    stands_on,
    template_by_crop,
    template_data,
    template_from_data,
    template_from_text,
)
from workers.engine.errors import InputError
from workers.engine.geometry import TEMPLATES, Similarity

SPHEREFACE = np.array(
    [(30.2946, 51.6963), (65.5318, 51.5014), (48.0252, 71.7366), (33.5493, 92.3655), (62.7299, 92.2041)]
)
OWN = {
    "name": "mine",
    "width": 64,
    "height": 80,
    "points": {"left_eye": [20, 30], "right_eye": [44, 30], "nose": [32, 45]},
}


def dots(points, sigma: float, size=(300, 260)) -> Image.Image:
    """Round blobs whose centres of mass are the points, so that they can be measured after any transform."""
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]]
    blobs = [np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2)) for x, y in points]
    return Image.fromarray(np.rint(255 * np.max(blobs, axis=0)).astype(np.uint8))


def centre_of_mass(image: Image.Image, near, reach: int) -> np.ndarray:
    pixels = np.asarray(image, dtype=float)
    x, y = (round(v) for v in near)
    top, left = max(0, y - reach), max(0, x - reach)
    part = pixels[top : y + reach + 1, left : x + reach + 1]
    rows, columns = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]]
    return np.array([(columns * part).sum(), (rows * part).sum()]) / part.sum()


def test_the_built_in_templates_are_the_published_points():
    assert np.allclose(TEMPLATES["sphereface"].array(), SPHEREFACE)
    assert TEMPLATES["sphereface"].size == (96, 112)
    assert np.allclose(TEMPLATES["satnet"].array(), (SPHEREFACE + 2) * 2)
    assert TEMPLATES["satnet"].size == (200, 232)
    assert np.allclose(TEMPLATES["square256"].array(), (SPHEREFACE + np.array([16, 8])) * 2)
    assert np.allclose(TEMPLATES["square512"].array(), (SPHEREFACE + np.array([16, 8])) * 4)
    assert TEMPLATES["cufs"].array().tolist() == [[75, 125], [125, 125]]


@pytest.mark.parametrize("name", ["satnet", "sphereface", "cufs", "square256"])
def test_it_finds_the_transform_a_face_was_moved_by(name):
    target = TEMPLATES[name]
    points = dict(zip(("left_eye", "right_eye", "nose", "left_mouth", "right_mouth"), SPHEREFACE, strict=True))
    points |= {point: np.array([x, y]) for point, x, y in target.points}
    five = np.array(list(points.values()))
    moved = Similarity(0.8, 0.3, 55, -20)
    found = fit_to_template(moved.apply(five), target)
    undone = moved.inverse()
    assert (found.a, found.b, found.tx, found.ty) == pytest.approx((undone.a, undone.b, undone.tx, undone.ty))


@pytest.mark.parametrize("scale, degrees", [(1.3, 12), (0.6, -25), (2.0, 170)])
def test_carried_landmarks_lie_where_the_picture_shows_them(scale, degrees):
    """The dots of the aligned picture, measured in its pixels, are at the carried points."""
    angle = np.deg2rad(degrees)
    turn = Similarity(scale * np.cos(angle), scale * np.sin(angle), 0, 0)
    five = turn.apply(TEMPLATES["sphereface"].array())
    five = five - five.mean(axis=0) + (150, 130)
    others = np.vstack([five, np.tile(five, (3, 1))[:12]])[:17]
    aligned = align_face(dots(five, 2 * scale), others, TEMPLATES["satnet"], five=five, padding="black")
    assert aligned.image.size == (200, 232)
    assert np.allclose(aligned.five, aligned.landmarks[:5])
    for x, y in aligned.five:
        assert centre_of_mass(aligned.image, (x, y), 15) == pytest.approx((x, y), abs=0.15)
    # The five points of a face that differs from the template's by a similarity alone land on it exactly.
    assert np.allclose(aligned.five, TEMPLATES["satnet"].array(), atol=1e-9)


def test_shrinking_does_not_alias():
    """A checkerboard of one-pixel squares, shrunk to a quarter, is grey, not a pattern."""
    board = (np.indices((400, 400)).sum(0) % 2 * 255).astype(np.uint8)
    five = (SPHEREFACE - SPHEREFACE.mean(axis=0)) * 4 + 200
    aligned = align_face(Image.fromarray(board), five, TEMPLATES["sphereface"])
    middle = np.asarray(aligned.image, dtype=float)[20:80, 20:80]
    assert middle.std() < 2
    assert middle.mean() == pytest.approx(127.5, abs=2)


@pytest.mark.parametrize("padding, expected", [("white", 255), ("black", 0), ("edge", 90)])
def test_what_lies_outside_the_picture_is_padded_as_asked(padding, expected):
    grey = Image.new("L", (60, 60), 90)
    five = (SPHEREFACE - SPHEREFACE.mean(axis=0)) * 0.5 + 30  # the crop is larger than the picture
    aligned = np.asarray(align_face(grey, five, TEMPLATES["sphereface"], padding=padding).image)
    inside = aligned[50:70, 40:60]
    assert (inside == 90).all()
    assert (aligned[:3, :3] == expected).all()


def test_fading_runs_from_the_border_into_white():
    five = SPHEREFACE - SPHEREFACE.mean(axis=0) + 30
    faded = align_face(Image.new("L", (60, 60), 90), five, TEMPLATES["sphereface"], padding="fade")
    aligned = np.asarray(faded.image)
    assert aligned[0, 0] == 255
    row = aligned[60, :20].astype(int)
    assert (np.diff(row) <= 0).all()


def test_a_picture_on_the_template_is_known_as_aligned_already():
    five = TEMPLATES["cufs"].array()
    full = np.vstack([five, [[100, 150], [80, 180], [120, 180]]])
    assert stands_on(full, (200, 250), TEMPLATES["cufs"])
    assert stands_on(full + np.array([4.9, 0]), (200, 250), TEMPLATES["cufs"])
    assert not stands_on(full + np.array([5.1, 0]), (200, 250), TEMPLATES["cufs"])  # a tenth of 50 pixels
    assert not stands_on(full, (201, 250), TEMPLATES["cufs"])


def test_a_crop_names_its_template():
    assert template_by_crop("200x232").name == "satnet"
    assert template_by_crop("96x112").name == "sphereface"
    with pytest.raises(InputError, match=r"200x232 \(satnet\)"):
        template_by_crop("1x1")


def test_every_template_survives_writing_and_reading():
    for template in TEMPLATES.values():
        assert template_from_text(json.dumps(template_data(template))) == template
    assert template_from_data(OWN).points[2] == ("nose", 32.0, 45.0)


@pytest.mark.parametrize(
    "change, text",
    [
        ({"width": 8}, "width"),
        ({"width": True}, "width"),
        ({"height": 5000}, "height"),
        ({"name": "Mine!"}, "name"),
        ({"name": "satnet"}, "built-in"),
        ({"points": {"left_eye": [1, 2]}}, "left_eye, right_eye"),
        ({"points": {"left_eye": [20, 30], "right_eye": [44, 30], "ear": [1, 1]}}, "left_eye, right_eye"),
        ({"points": {"left_eye": [20, 30], "right_eye": [64, 30]}}, "right_eye"),
        ({"points": {"left_eye": [20, 30], "right_eye": [float("nan"), 30]}}, "right_eye"),
        ({"points": {"left_eye": [44, 30], "right_eye": [20, 30]}}, "viewer's left"),
        ({"points": {"left_eye": "ab", "right_eye": [20, 30]}}, "left_eye"),
        ({"extra": 1}, "exactly"),
    ],
)
def test_a_wrong_own_template_is_refused_with_what_is_wrong(change, text):
    with pytest.raises(InputError, match=text):
        template_from_data({**OWN, **change})


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000])
def test_text_that_is_no_template_is_refused(text):
    with pytest.raises(InputError, match="JSON"):
        template_from_text(text)


def test_landmarks_carried_along_are_found_again_by_the_detector_in_real_faces(shared_dir):
    """Align, then detect anew in the aligned picture: the carried points are there, within 5 % of the eye distance."""
    from workers.engine.faces import find_faces
    from workers.engine.images import read_photo
    from workers.engine.landmarks import five_points

    eye_distance = TEMPLATES["square256"].array()[1, 0] - TEMPLATES["square256"].array()[0, 0]
    worst = []
    for path in sorted((shared_dir / "data" / "faces_cc0").glob("*.jpg"))[:8]:
        photo = read_photo(path)
        aligned = align_face(photo, find_faces(photo)[0].landmarks68, TEMPLATES["square256"])
        again = five_points(find_faces(aligned.image)[0].landmarks68)
        worst.append(np.hypot(*(again - aligned.five).T).max() / eye_distance)
    assert len(worst) == 8
    assert np.median(worst) < 0.05
    assert max(worst) < 0.15  # one point of a detector may slip
