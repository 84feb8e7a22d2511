"""Sets of facial points and the five points that follow from them."""

import numpy as np
import pytest

from workers.engine.errors import InputError
from workers.engine.landmarks import five_points, named_points


def test_an_eye_of_17_points_is_the_mean_of_its_two_corners():
    points = np.arange(34, dtype=float).reshape(17, 2)
    five = five_points(points)
    assert five.tolist() == [
        ((points[8] + points[9]) / 2).tolist(),  # lines 9 and 10 of the data set's file
        ((points[10] + points[11]) / 2).tolist(),
        points[12].tolist(),
        points[14].tolist(),
        points[16].tolist(),
    ]


def test_68_points_give_the_outer_mouth_corners_48_and_54():
    points = np.random.default_rng(0).normal(100, 30, (68, 2))
    five = five_points(points)
    assert np.array_equal(five[3], points[48])
    assert np.array_equal(five[4], points[54])
    assert np.array_equal(five[2], points[30])
    assert np.allclose(five[0], (points[36] + points[39]) / 2)
    assert np.allclose(five[1], (points[42] + points[45]) / 2)


def test_five_points_are_themselves():
    points = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0], [9.0, 10.0]]
    assert five_points(points).tolist() == points


def test_17_points_have_the_names_of_the_data_set():
    names = named_points([[float(n), 0.0] for n in range(1, 18)])
    assert names["hairline"][0] == 1
    assert names["chin"][0] == 3
    assert names["nose"][0] == 13
    assert names["upper_lip"][0] == 14
    assert names["right_mouth"][0] == 17
    assert len(names) == 17


@pytest.mark.parametrize(
    "points", [[[1, 2]] * 4, [[1, 2]] * 21, [], [[1, 2, 3]] * 5, [["a", "b"]] * 5, [[1, float("nan")]] * 5, "abc", None]
)
def test_other_sets_are_refused_with_a_sentence(points):
    with pytest.raises(InputError, match=r"(?i)landmark"):
        five_points(points)
