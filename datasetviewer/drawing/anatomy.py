"""Where everything is: the curves of a face and its landmarks, from its proportions.

`side` is -1 for the viewer's left and 1 for the right.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from datasetviewer.drawing.canvas import Path, moved, smooth_path
from datasetviewer.drawing.person import Shape

MIDDLE = 100.0
SIDES = (-1, 1)


@lru_cache(maxsize=16)
def head_outline(shape: Shape) -> Path:
    """The closed contour of skull and jaw (160, 2), clockwise from the crown, without ears and hair."""
    s = shape
    height = s.chin_y - s.eye_y
    right = [
        (0.46 * s.temple_width, s.crown_y + 5.5),
        (0.80 * s.temple_width, s.crown_y + 21.0),
        (0.985 * s.temple_width, s.crown_y + 50.0),
        (s.temple_width + 0.2, s.eye_y - 14.0),
        (s.cheek_width, s.eye_y + 0.14 * height),
        (0.5 * s.cheek_width + 0.5 * s.jaw_width + 1.8, s.eye_y + 0.47 * height),
        (s.jaw_width - 2.0, s.eye_y + 0.68 * height),
        (0.52 * s.jaw_width + 0.48 * s.chin_width + 0.8, s.eye_y + 0.88 * height),
        (s.chin_width - 1.0, s.eye_y + 0.98 * height),
    ]
    left = [(-x, y) for x, y in reversed(right)]
    knots = np.array([(0.0, s.crown_y), *right, (0.0, s.chin_y), *left])
    return smooth_path(moved(knots, MIDDLE, 0.0), 160, closed=True)


def jaw_line(shape: Shape) -> Path:
    """The visible contour from the left temple over the chin to the right temple."""
    outline = head_outline(shape)
    lower = outline[outline[:, 1] > shape.eye_y - 22]
    # The outline runs clockwise from the crown: its lower part comes right side first.
    return lower[::-1]


def half_width(shape: Shape, y: float) -> float:
    """Half the width of the head at a height."""
    outline = head_outline(shape)
    right = outline[outline[:, 0] >= MIDDLE]
    order = np.argsort(right[:, 1], kind="stable")
    return float(np.interp(y, right[order, 1], right[order, 0])) - MIDDLE


def eye_centre(shape: Shape, side: int) -> tuple[float, float]:
    return MIDDLE + side * shape.eye_gap, shape.eye_y


def eye_lids(shape: Shape, side: int) -> tuple[Path, Path]:
    """Upper and lower lid (21, 2) each, from the inner to the outer corner."""
    x, y = eye_centre(shape, side)
    t = np.linspace(-1, 1, 21)
    line = y + 1.0 - shape.eye_tilt * shape.eye_width * t + 0.5 * (1 - t) * 0.6
    arch = (1 - t * t) * (1 + 0.16 * t)
    upper = line - 1.34 * shape.eye_open * arch * (0.62 + 0.38 * (1 - t * t))
    lower = line + 0.78 * shape.eye_open * (1 - t * t) * (1 + 0.28 * t)
    across = x + side * shape.eye_width * t
    return np.stack([across, upper], 1), np.stack([across, lower], 1)


def lid_crease(shape: Shape, side: int) -> Path:
    """The fold above the upper lid."""
    upper, _ = eye_lids(shape, side)
    t = np.linspace(-1, 1, len(upper))
    lift = shape.lid_fold * (0.35 + 0.65 * (1 - t * t) + 0.1 * t)
    return upper[1:] + np.stack([side * 0.6 * (1 + t), -lift], 1)[1:]


def brow(shape: Shape, side: int) -> Path:
    """The middle line of a brow (24, 2) from its inner to its outer end."""
    s = shape
    t = np.array([0.0, 0.3, 0.66, 1.0])
    inner = s.eye_gap - 15.2
    x = inner + t * (2.0 * s.eye_width + 16.0)
    rise = np.array([1.6, -0.30 * s.brow_arch, -0.95 * s.brow_arch, 4.4 - 0.35 * s.brow_arch])
    y = s.brow_y + rise - s.brow_tilt * (t - 0.4) * 30
    return smooth_path(np.stack([MIDDLE + side * x, y], 1), 24)


def brow_thickness(along: np.ndarray) -> np.ndarray:
    """Half thickness along a brow (0 inner, 1 outer) as a share of Shape.brow_thick."""
    return np.interp(along, [0, 0.12, 0.4, 0.7, 1], [0.55, 0.85, 0.95, 0.72, 0.18])


def nose_middle(shape: Shape) -> float:
    return MIDDLE + shape.nose_shift


def nose_base(shape: Shape) -> float:
    """Height of the point where the nose meets the upper lip."""
    return shape.nose_tip_y + 0.95 * shape.tip_size + 2.5


def nose_wing(shape: Shape, side: int) -> Path:
    """Outer contour of a nostril's wing, from above down to the base."""
    x, y, w = nose_middle(shape), nose_base(shape), shape.nose_width
    return smooth_path(
        [
            (x + side * (w - 3.0), y - 10.0),
            (x + side * (w + 0.2), y - 5.6),
            (x + side * (w - 0.6), y - 1.6),
            (x + side * (w - 4.2), y - 0.4),
        ],
        14,
    )


def nostril(shape: Shape, side: int) -> Path:
    """The dark opening as a line, from inside to outside."""
    x, y, w = nose_middle(shape), nose_base(shape), shape.nose_width
    return smooth_path(
        [(x + side * 0.22 * w, y - 0.9), (x + side * 0.45 * w, y - 2.1), (x + side * 0.68 * w, y - 1.0)], 9
    )


def mouth_lines(shape: Shape) -> tuple[Path, Path, Path]:
    """Top of the upper lip, line between the lips, bottom of the lower lip (33, 2) each, from left to right."""
    s = shape
    t = np.linspace(-1, 1, 33)
    a = np.abs(t)
    corner = -s.mouth_curve * t * t
    bow = np.interp(a, [0, 0.2, 0.34, 0.62, 0.86, 1], [0.80, 1.0, 0.93, 0.60, 0.24, 0.0])
    full = np.interp(a, [0, 0.3, 0.55, 0.8, 0.93, 1], [1.0, 0.96, 0.78, 0.42, 0.16, 0.0])
    middle = s.mouth_y + corner + 0.9 * np.interp(a, [0, 0.18, 0.45, 1], [0.9, 0.0, -0.6, 0.4])
    x = MIDDLE + 0.4 * s.nose_shift + s.mouth_width * t
    top, bottom = middle - s.upper_lip * bow, middle + s.lower_lip * full
    return np.stack([x, top], 1), np.stack([x, middle], 1), np.stack([x, bottom], 1)


def nasolabial_fold(shape: Shape, side: int) -> Path:
    """From beside the nostril to beside the corner of the mouth."""
    s = shape
    base = nose_base(s)
    return smooth_path(
        [
            (MIDDLE + side * (s.nose_width + 1.5), base - 7.5),
            (MIDDLE + side * (s.nose_width + 7.0), base + 2.0),
            (MIDDLE + side * (s.mouth_width + 4.0), s.mouth_y - 6.0),
            (MIDDLE + side * (s.mouth_width + 5.2), s.mouth_y + 3.0),
        ],
        14,
    )


def ear_centre(shape: Shape, side: int) -> tuple[float, float]:
    y = 0.5 * (shape.brow_y + nose_base(shape)) + 3.0
    return MIDDLE + side * (half_width(shape, y) + 0.35 * shape.ear_out), y


def ear_outline(shape: Shape, side: int) -> Path:
    """Outer rim of an ear (30, 2) from its upper to its lower root."""
    s = shape
    x, y = ear_centre(s, side)
    x = MIDDLE + side * half_width(s, y)
    h, out = s.ear_size, s.ear_out
    return smooth_path(
        [
            (x - side * 3.0, y - 0.62 * h),
            (x + side * (0.30 * out + 1.0), y - 0.98 * h),
            (x + side * (1.0 * out + 2.2), y - 0.74 * h),
            (x + side * (1.0 * out + 2.0), y - 0.18 * h),
            (x + side * (0.62 * out + 0.8), y + 0.36 * h),
            (x + side * (0.36 * out + 0.2), y + 0.84 * h),
            (x - side * 1.2, y + 0.94 * h),
            (x - side * 4.0, y + 0.62 * h),
        ],
        30,
    )


def neck_outline(shape: Shape, side: int) -> Path:
    """One side of the neck from behind the jaw to the shoulder's end."""
    s = shape
    return smooth_path(
        [
            (MIDDLE + side * (s.neck_width - 0.5), s.chin_y - 34.0),
            (MIDDLE + side * (s.neck_width - 1.0), s.chin_y - 10.0),
            (MIDDLE + side * (s.neck_width + 0.5), s.chin_y + 6.0),
            (MIDDLE + side * (s.neck_width + 12.0), s.chin_y + 16.5),
            (MIDDLE + side * (s.neck_width + 37.0), s.chin_y + 25.5),
            (MIDDLE + side * (s.neck_width + 76.0), s.chin_y + 42.0),
            (MIDDLE + side * (s.neck_width + 96.0), s.chin_y + 130.0),
        ],
        30,
    )


def landmarks(shape: Shape) -> tuple[tuple[float, float], ...]:
    """The 17 points of the WebCaricature protocol, in its order; left and right are the viewer's."""
    brows = {side: brow(shape, side) for side in SIDES}
    lids = {side: eye_lids(shape, side)[0] for side in SIDES}
    top, middle, bottom = mouth_lines(shape)
    points = [
        (MIDDLE, shape.hairline_y),
        ear_centre(shape, -1),
        (MIDDLE, shape.chin_y),
        ear_centre(shape, 1),
        brows[-1][-1],
        brows[-1][0],
        brows[1][0],
        brows[1][-1],
        lids[-1][-1],
        lids[-1][0],
        lids[1][0],
        lids[1][-1],
        (nose_middle(shape), shape.nose_tip_y),
        top[16],
        middle[0],
        bottom[16],
        middle[-1],
    ]
    return tuple((float(x), float(y)) for x, y in points)
