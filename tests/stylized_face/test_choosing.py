"""Which face is meant, and what points can be one."""

import math

import numpy as np
import pytest
from PIL import Image

from stylized_face.choosing import FaceUnclear, face_chosen, points_checked, points_read, points_usual, question
from workers.engine.errors import InputError
from workers.engine.faces import marked_face
from workers.engine.quality import TYPICAL_FIVE

FIVE = [[100, 120], [180, 120], [140, 160], [115, 200], [165, 200]]


def found(*widths):
    return [{"box": [0.0, 0.0, float(width), float(width)], "points": FIVE} for width in widths]


@pytest.mark.parametrize(
    ("widths", "asked"),
    [
        (None, ""),
        ((), "where"),
        ((100,), ""),
        ((100, 49), ""),
        ((100, 50), "which"),
        ((100, 90, 20), "which"),
        ((30, 30), ""),
    ],
)
def test_the_person_is_asked_where_the_face_is_or_which_is_meant_and_not_when_one_leads(widths, asked):
    assert question(None if widths is None else found(*widths)) == asked


def test_two_equal_faces_are_a_question_that_holds_both(two_portraits):
    with pytest.raises(FaceUnclear, match=r"2 faces.*Choose") as caught:
        face_chosen(two_portraits)
    boxes = [one["box"] for one in caught.value.found]
    assert len(boxes) == 2 and {box[0] < 450 for box in boxes} == {True, False}
    for one in caught.value.found:
        left, top, right, bottom = one["box"]
        assert all(left < x < right and top < y < bottom + 20 for x, y in one["points"])
    for index in (0, 1):
        assert face_chosen(two_portraits, index=index).face.box[0] == pytest.approx(boxes[index][0], abs=0.1)
    with pytest.raises(FaceUnclear, match="no face 2; 2 faces were found"):
        face_chosen(two_portraits, index=2)


def test_one_leading_face_is_taken_and_the_others_are_told(portrait):
    scene = Image.new("RGB", (700, 500), "white")
    scene.paste(portrait, (0, 0))
    scene.paste(portrait.resize((160, 200)), (480, 250))
    chosen = face_chosen(scene)
    assert chosen.face.box[2] < 420
    assert len(chosen.found) == 2 and chosen.found[0]["box"][0] == pytest.approx(chosen.face.box[0], abs=0.1)
    assert face_chosen(scene, index=1).face.box[0] > 450


def test_no_face_is_a_question_with_nothing_found():
    with pytest.raises(FaceUnclear, match=r"No face was found.*mark the eyes") as caught:
        face_chosen(Image.new("RGB", (120, 150), "grey"))
    assert caught.value.found == []


def test_points_of_a_person_are_believed_and_nothing_is_looked_for(monkeypatch):
    monkeypatch.setattr("workers.engine.faces.find_faces", lambda photo: pytest.fail("looked for faces"))
    chosen = face_chosen(Image.new("RGB", (300, 300), "grey"), points=FIVE)
    assert chosen.face.eyes == ((100.0, 120.0), (180.0, 120.0))
    assert chosen.found == []


def test_the_box_of_marked_points_lies_where_the_detectors_does(portrait):
    chosen = face_chosen(portrait)
    marked = marked_face(chosen.found[0]["points"]).box
    width = chosen.face.width
    assert np.abs(np.subtract(marked, chosen.face.box)).max() < 0.2 * width


@pytest.mark.parametrize("size", [(400, 500), (2000, 900), (90, 120)])
def test_the_first_guess_fills_the_middle_of_the_photo_and_can_be_sent_as_it_is(size):
    five = points_usual(size)
    assert points_checked(five, size) == five
    scale = min(size[0] / 400, size[1] / 500)
    assert np.allclose((np.array(five) - np.array(size) / 2) / scale + (200, 250), TYPICAL_FIVE, atol=4)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (None, "five pairs"),
        ("abcde", "five pairs"),
        ([[1, 2]] * 4, "five pairs"),
        ([[1, 2, 3]] * 5, "five pairs"),
        ([1, 2, 3, 4, 5], "five pairs"),
        ({"a": 1}, "five pairs"),
        ([["x", "y"]] * 5, "five pairs"),
        ([*FIVE[:4], [10**400, 0]], "five pairs"),
        ([*FIVE[:4], [math.nan, 5]], "outside the photo"),
        ([*FIVE[:4], [math.inf, 5]], "outside the photo"),
        ([[-1, 120], *FIVE[1:]], "outside the photo, which is 300 pixels wide"),
        ([FIVE[0], [300, 120], *FIVE[2:]], "outside the photo"),
        ([FIVE[0], [110, 120], *FIVE[2:]], "only 10 pixels apart"),
        ([FIVE[1], FIVE[0], *FIVE[2:]], "exchanged"),
    ],
)
def test_points_that_can_be_no_face_are_refused_with_a_reason(points, words):
    with pytest.raises(InputError, match=words):
        points_checked(points, (300, 300))


def test_a_face_upside_down_can_be_marked():
    turned = [[300 - x, 300 - y] for x, y in FIVE]
    assert points_checked(turned, (300, 300)) == turned


@pytest.mark.parametrize("text", ["{", "", "[" * 5000, "9" * 5000, "\0"])
def test_texts_that_are_no_points_are_refused(text):
    with pytest.raises(InputError, match="five pairs"):
        points_read(text)
