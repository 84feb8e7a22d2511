"""The filter's rule, on points made by hand on both sides of each threshold."""

import math

import numpy as np
import pytest

from workers.engine.errors import InputError
from workers.engine.filtering import judge, radius, require_five
from workers.engine.geometry import FIVE, TEMPLATES, Similarity, Template
from workers.engine.landmarks import five_points

SATNET = TEMPLATES["satnet"]

# A face in the order the rule asks for, whose five points are satnet's exactly.
FACE_17 = {
    "hairline": (100, 10), "left_ear": (20, 120), "chin": (100, 228), "right_ear": (180, 120),
    "left_brow_left": (40, 80), "left_brow_right": (85, 82), "right_brow_left": (115, 82), "right_brow_right": (160, 80),
    "left_eye_left": (49.5892, 107.3926), "left_eye_right": (79.5892, 107.3926),
    "right_eye_left": (120.0636, 107.0028), "right_eye_right": (150.0636, 107.0028),
    "nose": (100.0504, 147.4732), "upper_lip": (100, 180), "left_mouth": (71.0986, 188.731), "lower_lip": (100, 200),
    "right_mouth": (129.4598, 188.4082),
}  # fmt: skip


def face(**moved) -> np.ndarray:
    return np.array(list({**FACE_17, **moved}.values()), dtype=float)


def moved_five(index: int, dx: float, dy: float) -> np.ndarray:
    five = SATNET.array().copy()
    five[index] += (dx, dy)
    return five


def test_the_face_drawn_for_these_tests_stands_exactly_on_the_template():
    assert np.allclose(five_points(face()), SATNET.array(), atol=1e-9)
    found = judge(face(), SATNET)
    assert found.structure == ""
    assert found.deviation == pytest.approx(0, abs=1e-12)
    assert found.reason(0.001) == ""


@pytest.mark.parametrize("r, pixels", [(0.10, 38.4), (0.05, 27.2)])
def test_the_published_radii_of_the_200_by_232_crop(r, pixels):
    assert radius(SATNET, r) == pytest.approx(pixels, abs=0.05)


def test_the_deviation_is_the_largest_pi_d_squared_over_the_area_after_the_least_squares_fit():
    five = moved_five(2, 30, 10)
    found = judge(five, SATNET)
    # The same fit by a general solver, independent of geometry.py.
    x, y = five.T
    one, zero = np.ones(5), np.zeros(5)
    system = np.concatenate([np.stack([x, -y, one, zero], 1), np.stack([y, x, zero, one], 1)])
    wanted = SATNET.array()
    a, b, tx, ty = np.linalg.lstsq(system, np.concatenate([wanted[:, 0], wanted[:, 1]]), rcond=None)[0]
    placed = np.stack([a * x - b * y + tx, b * x + a * y + ty], 1)
    worst = max(math.pi * ((placed - wanted) ** 2).sum(1)) / (200 * 232)
    assert found.deviation == pytest.approx(worst, rel=1e-9)
    assert found.farthest == "nose"


def test_a_face_is_kept_at_its_deviation_and_rejected_just_below():
    found = judge(moved_five(2, 25, 0), SATNET)
    assert found.structure == ""
    assert found.reason(found.deviation) == ""
    assert found.reason(found.deviation * (1 - 1e-9)) == "too_far"


def test_where_and_how_large_the_face_is_in_its_picture_does_not_matter():
    five = moved_five(3, -12, 8)
    elsewhere = Similarity(0.3, -2.1, 4000, -77).apply(five)
    one, other = judge(five, SATNET), judge(elsewhere, SATNET)
    assert other.deviation == pytest.approx(one.deviation, rel=1e-9)
    assert other.farthest == one.farthest


@pytest.mark.parametrize(
    "moved",
    [
        # Each pair of a point barely in order and barely out of it: (point, in order, out of order).
        ("hairline", (100, 79.9), (100, 80)),
        ("chin", (100, 200.1), (100, 200)),
        ("left_ear", (39.9, 120), (40, 120)),
        ("right_ear", (160.1, 120), (160, 120)),
        ("left_brow_right", (114.9, 82), (115, 82)),
        ("left_brow_left", (84.9, 80), (85, 80)),
        ("right_brow_left", (159.9, 82), (160, 82)),
        ("upper_lip", (71.2, 180), (71.0986, 180)),
        ("lower_lip", (129.4, 200), (129.4598, 200)),
        ("left_brow_left", (40, 106.9), (40, 107.1)),
        ("upper_lip", (100, 147.6), (100, 147.4732)),
    ],
    ids=lambda moved: f"{moved[0]}-{moved[2]}",
)
def test_each_order_rule_on_both_sides_of_its_threshold(moved):
    name, fine, wrong = moved
    assert judge(face(**{name: fine}), SATNET).structure == ""
    found = judge(face(**{name: wrong}), SATNET)
    assert found.structure == "side_face"
    assert name in found.detail
    assert found.reason(1.0) == "side_face"


def test_five_points_say_whether_the_nose_lies_between_the_mouth_corners():
    assert judge(moved_five(2, -20, 0), SATNET).structure == ""
    found = judge(moved_five(2, -60, 0), SATNET)
    assert (found.structure, set(found.detail)) == ("side_face", {"left_mouth", "nose"})


def test_five_points_say_whether_the_nose_lies_above_the_mouth():
    found = judge(moved_five(2, 0, 60), SATNET)
    assert found.structure == "side_face"
    assert "nose" in found.detail


def test_a_mirrored_face_is_a_side_face():
    five = SATNET.array() * (-1, 1)
    assert judge(five, SATNET).structure == "side_face"


def test_a_point_outside_the_crop_is_outside_and_one_on_its_border_is_not():
    small = Template("low", 200, 189, SATNET.points)  # its last row of pixels ends at 188.5
    assert judge(SATNET.array(), small).structure == "outside"
    assert judge(SATNET.array(), small).detail == ("left_mouth",)
    assert judge(SATNET.array(), Template("low", 200, 190, SATNET.points)).structure == ""


def test_corrected_points_replace_those_of_the_full_set():
    five = five_points(face())
    five[2] += (25, 0)
    found = judge(face(), SATNET, five=five)
    assert found.deviation == pytest.approx(judge(five, SATNET).deviation)
    five[2] += (40, 0)
    assert judge(face(), SATNET, five=five).structure == "side_face"


def test_a_template_of_two_points_cannot_filter():
    with pytest.raises(InputError, match="fixes only left_eye, right_eye"):
        require_five(TEMPLATES["cufs"])


def test_points_in_one_place_are_refused():
    with pytest.raises(InputError, match="coincide"):
        judge([[3, 3]] * 5, SATNET)


def test_the_names_of_the_five_points_are_the_templates():
    assert tuple(name for name, _x, _y in SATNET.points) == FIVE
