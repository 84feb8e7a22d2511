"""Where a head looks, estimated from its five points: a generic head under a weak-perspective camera.

Method: the affine camera that brings a fixed 3-D point set closest, in least squares, to the points of the picture
(the first step, "POS", of DeMenthon and Davis, "Model-based object pose in 25 lines of code", IJCV 1995), and the
rotation nearest to it (its polar factor, by singular values). Exact for weak-perspective pictures of that very head;
for real ones yaw and roll are good to some degrees, pitch less so, because a long nose looks like a raised or bent
head. In a caricature it measures the drawing, not a head.
"""

import math
from dataclasses import dataclass

import numpy as np

from workers.engine.errors import InputError
from workers.engine.geometry import TEMPLATES
from workers.engine.landmarks import five_points


@dataclass(frozen=True)
class Pose:
    """Degrees. yaw > 0: the nose points to the viewer's right; pitch > 0: it points up; roll > 0: clockwise."""

    yaw: float
    pitch: float
    roll: float


def _generic_head() -> np.ndarray:
    """(5, 3) points in units of the eye distance, x right, y down, z away from the viewer.

    x and y are the average frontal face of the SphereFace crop, made symmetric, so that it looks straight ahead by
    definition. The depth of the nose tip before the plane of eyes and mouth corners is 27 mm at an eye distance of
    61 mm, about the mean of adults (Farkas, "Anthropometry of the Head and Face", 1994).
    """
    left_eye, right_eye, nose, left_mouth, right_mouth = TEMPLATES["sphereface"].array()
    half_eyes = (right_eye[0] - left_eye[0]) / 2
    half_mouth = (right_mouth[0] - left_mouth[0]) / 2
    eyes_y, mouth_y = (left_eye[1] + right_eye[1]) / 2, (left_mouth[1] + right_mouth[1]) / 2
    unit = 2 * half_eyes
    return np.array(
        [
            [-half_eyes / unit, 0.0, 0.0],
            [half_eyes / unit, 0.0, 0.0],
            [0.0, (nose[1] - eyes_y) / unit, -27.0 / 61.0],
            [-half_mouth / unit, (mouth_y - eyes_y) / unit, 0.0],
            [half_mouth / unit, (mouth_y - eyes_y) / unit, 0.0],
        ]
    )


HEAD = _generic_head()


def rotation(pose: Pose) -> np.ndarray:
    """(3, 3) matrix that turns the head, first by pitch, then yaw, then roll, in coordinates x right, y down, z away."""
    pitch, yaw, roll = (math.radians(-pose.pitch), math.radians(-pose.yaw), math.radians(pose.roll))
    cx, sx, cy, sy, cz, sz = *_cs(pitch), *_cs(yaw), *_cs(roll)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def head_pose(points) -> Pose:
    """The pose of a face from its landmarks (5, 17 or 68 points); yaw and pitch within -90..90, roll -180..180.

    InputError when the points lie on one line or in one place.
    """
    five = five_points(points)
    flat = five - five.mean(axis=0)
    solid = HEAD - HEAD.mean(axis=0)
    camera = (np.linalg.pinv(solid) @ flat).T  # (2, 3): picture = camera @ head
    u, sizes, vt = np.linalg.svd(camera, full_matrices=False)
    if not sizes[1] > 1e-6 * max(sizes[0], 1e-12):
        raise InputError("The points lie on one line, so no head pose can be read from them; correct the landmarks.")
    first, second = u @ vt
    third = np.cross(first, second)
    yaw = math.asin(max(-1.0, min(1.0, float(third[0]))))
    pitch = -math.atan2(float(third[1]), float(third[2]))
    roll = math.atan2(float(second[0]), float(first[0]))
    return Pose(math.degrees(yaw), math.degrees(pitch), math.degrees(roll))


def _cs(angle: float) -> tuple[float, float]:
    return math.cos(angle), math.sin(angle)
