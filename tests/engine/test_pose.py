"""Head pose from synthetic projections, whose angles are known."""

import math

import numpy as np
import pytest

from workers.engine.errors import InputError
from workers.engine.geometry import TEMPLATES
from workers.engine.pose import HEAD, Pose, head_pose, rotation


def projected(pose: Pose, size: float = 60.0, centre=(100.0, 120.0)) -> np.ndarray:
    return (HEAD @ rotation(pose).T)[:, :2] * size + centre


@pytest.mark.parametrize("yaw", [-60, -20, 0, 35])
@pytest.mark.parametrize("pitch", [-30, 0, 25])
@pytest.mark.parametrize("roll", [-120, 0, 15])
def test_it_recovers_the_angles_of_a_weak_perspective_projection(yaw, pitch, roll):
    found = head_pose(projected(Pose(yaw, pitch, roll)))
    assert (found.yaw, found.pitch, found.roll) == pytest.approx((yaw, pitch, roll), abs=1e-6)


def test_the_nose_moves_to_where_the_head_is_said_to_turn():
    straight = projected(Pose(0, 0, 0))
    assert projected(Pose(30, 0, 0))[2, 0] > straight[2, 0]  # to the viewer's right
    assert projected(Pose(0, 30, 0))[2, 1] - projected(Pose(0, 30, 0))[:2, 1].mean() < straight[2, 1] - straight[0, 1]
    rolled = projected(Pose(0, 0, 20))
    assert rolled[1, 1] > rolled[0, 1]  # clockwise: the viewer's right eye sinks


def test_the_average_frontal_face_looks_straight_ahead():
    found = head_pose(TEMPLATES["sphereface"].array())
    assert abs(found.yaw) < 0.1
    assert abs(found.pitch) < 0.1
    assert abs(found.roll) < 0.5


def test_size_and_place_of_the_face_do_not_matter():
    one = head_pose(projected(Pose(20, -10, 5)))
    other = head_pose(projected(Pose(20, -10, 5), size=900, centre=(-40, 3000)))
    assert (one.yaw, one.pitch, one.roll) == pytest.approx((other.yaw, other.pitch, other.roll), abs=1e-6)


def test_true_perspective_at_a_portrait_distance_costs_a_few_degrees_only():
    """A camera ten eye distances (60 cm) away instead of infinitely far."""
    solid = HEAD @ rotation(Pose(25, 10, 0)).T
    points = solid[:, :2] / (1 + solid[:, 2:] / 10) * 60
    found = head_pose(points)
    assert found.yaw == pytest.approx(25, abs=3)
    assert found.pitch == pytest.approx(10, abs=6)


def test_noise_of_one_hundredth_of_the_eye_distance_costs_about_two_degrees():
    rng = np.random.default_rng(3)
    errors = [head_pose(projected(Pose(15, 5, 0)) + rng.normal(0, 0.6, (5, 2))).yaw - 15 for _ in range(200)]
    assert math.sqrt(np.mean(np.square(errors))) < 2.5


@pytest.mark.parametrize("points", [[[5.0, 5.0]] * 5, [[float(n), float(n)] for n in range(5)]])
def test_points_on_a_line_have_no_pose(points):
    with pytest.raises(InputError, match="one line"):
        head_pose(points)
