"""Facial points: the sets that occur (5, 17 and 68 points), their names, and the five points everything is aligned by.

Coordinates as in geometry.py. "Left" is the viewer's left. A set is known by its number of points:

 5  left eye centre, right eye centre, nose tip, left and right mouth corner
17  WebCaricature (Huo et al., BMVC 2018)
68  iBUG 300-W, as dlib's predictor gives them
"""

import numpy as np

from workers.engine.errors import InputError
from workers.engine.geometry import FIVE

# Names of single points by their place in a set, for the tests of a face's order (filtering.py).
_NAMES_17 = (
    "hairline", "left_ear", "chin", "right_ear",
    "left_brow_left", "left_brow_right", "right_brow_left", "right_brow_right",
    "left_eye_left", "left_eye_right", "right_eye_left", "right_eye_right",
    "nose", "upper_lip", "left_mouth", "lower_lip", "right_mouth",
)  # fmt: skip
# 68 points know no hairline. Mouth corners are the outer ones (48, 54), as people mark them; 60 and 64 lie inside.
_PLACES_68 = {
    "left_ear": 0, "chin": 8, "right_ear": 16,
    "left_brow_left": 17, "left_brow_right": 21, "right_brow_left": 22, "right_brow_right": 26,
    "left_eye_left": 36, "left_eye_right": 39, "right_eye_left": 42, "right_eye_right": 45,
    "nose": 30, "upper_lip": 51, "left_mouth": 48, "lower_lip": 57, "right_mouth": 54,
}  # fmt: skip
PLACES = {
    5: {name: place for place, name in enumerate(FIVE)},
    17: {name: place for place, name in enumerate(_NAMES_17)},
    68: _PLACES_68,
}


def points_array(points) -> np.ndarray:
    """(n, 2) float64 coordinates, n = 5, 17 or 68; InputError for anything else."""
    try:
        xy = np.asarray(points, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError("Landmarks must be a list of [x, y] pairs of numbers.") from error
    if xy.ndim != 2 or xy.shape[1] != 2:
        raise InputError("Landmarks must be a list of [x, y] pairs of numbers.")
    if len(xy) not in PLACES:
        known = ", ".join(map(str, PLACES))
        raise InputError(f"A set of {len(xy)} landmarks is not known; known are sets of {known} points.")
    if not np.isfinite(xy).all():
        raise InputError("A landmark has a coordinate that is not a finite number.")
    return xy


def named_points(points) -> dict[str, tuple[float, float]]:
    """The named single points of a set, name -> (x, y)."""
    xy = points_array(points)
    return {name: (float(xy[place, 0]), float(xy[place, 1])) for name, place in PLACES[len(xy)].items()}


def five_points(points) -> np.ndarray:
    """(5, 2): eye centres, nose tip, mouth corners. An eye's centre is the mean of its two corners."""
    xy = points_array(points)
    if len(xy) == 5:
        return xy
    place = PLACES[len(xy)]
    eyes = [(xy[place[f"{side}_eye_left"]] + xy[place[f"{side}_eye_right"]]) / 2 for side in ("left", "right")]
    return np.stack([*eyes, *(xy[place[name]] for name in ("nose", "left_mouth", "right_mouth"))])
