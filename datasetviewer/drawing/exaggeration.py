"""From a likeness to a caricature: what sets a face apart from the mean face is made more of.

The rule is to exaggerate the difference from the norm (S. Brennan, "Caricature Generator", Leonardo 18(3), 1985), with
the strength put on the few measures that are most unusual for the person.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from datasetviewer.drawing.person import Shape, person_parameters

# The mean face is taken over this many persons of a series of its own.
NORM_PERSONS, NORM_SEED = 96, 1
STRONG, STRONG_COUNT, WEAK, FURTHEST = 3.0, 5, 1.3, 5.5
# Measures that say nothing about the shape seen from the front, or that hair and eyes could not follow.
KEPT = ("nose_shift", "lid_fold", "hairline_y", "crown_y", "eye_y", "brow_y", "nose_tip_y", "mouth_y", "chin_y")


def measures(shape: Shape) -> dict[str, float]:
    """A face as independent measures: lengths between features instead of heights, at a common head size."""
    s = shape
    size = 0.5 * (s.cheek_width / 57 + (s.chin_y - s.brow_y) / 110.5)
    values = {
        "brow_rise": s.eye_y - s.brow_y,
        "forehead": s.brow_y - s.hairline_y,
        "skull": s.hairline_y - s.crown_y,
        "nose_length": s.nose_tip_y - s.eye_y,
        "philtrum": s.mouth_y - s.nose_tip_y,
        "chin_length": s.chin_y - s.mouth_y,
    }
    values |= {name: getattr(s, name) for name in Shape.__dataclass_fields__ if name not in KEPT}
    slopes = ("eye_tilt", "brow_tilt", "mouth_curve")
    return {name: value if name in slopes else value / size for name, value in values.items()}


@lru_cache(maxsize=1)
def norm() -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of every measure."""
    rows = [measures(person_parameters(index, NORM_SEED).shape) for index in range(NORM_PERSONS)]
    table = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return {name: (float(values.mean()), float(values.std())) for name, values in table.items()}


def unusual(shape: Shape) -> dict[str, float]:
    """How many standard deviations each measure lies from the mean face, the most unusual first."""
    means = norm()
    scores = {name: (value - means[name][0]) / means[name][1] for name, value in measures(shape).items()}
    return dict(sorted(scores.items(), key=lambda item: (-abs(item[1]), item[0])))


def exaggerated(shape: Shape) -> Shape:
    """The caricature's proportions, in the coordinates of the template; the eyes leave their places."""
    means, values = norm(), {}
    for rank, (name, score) in enumerate(unusual(shape).items()):
        factor = STRONG if rank < STRONG_COUNT else WEAK
        mean, deviation = means[name]
        far = min(max(score * factor, -FURTHEST), FURTHEST)
        value = mean + deviation * far
        if name not in ("eye_tilt", "brow_tilt", "mouth_curve"):
            value = min(max(value, 0.52 * mean), 1.9 * mean)
        values[name] = value
    return _possible(values, shape)


def _possible(v: dict[str, float], shape: Shape) -> Shape:
    """A face whose features do not run into each other."""
    v["jaw_width"] = min(max(v["jaw_width"], 30.0), v["cheek_width"] + 5)
    v["temple_width"] = min(max(v["temple_width"], v["cheek_width"] - 13), v["cheek_width"] + 14)
    v["chin_width"] = min(max(v["chin_width"], 6.5), 0.72 * v["jaw_width"])
    v["eye_gap"] = min(max(v["eye_gap"], v["eye_width"] + 5.5), v["cheek_width"] - v["eye_width"] - 9)
    v["eye_open"] = min(v["eye_open"], 0.62 * v["eye_width"])
    v["mouth_width"] = min(v["mouth_width"], 0.66 * v["jaw_width"])
    v["nose_width"] = min(v["nose_width"], v["eye_gap"] + 4)
    v["nose_length"] = max(v["nose_length"], 17.0)
    v["philtrum"] = max(v["philtrum"], 0.95 * v["tip_size"] + 7.0 + v["upper_lip"])
    v["chin_length"] = max(v["chin_length"], v["lower_lip"] + 13.0)
    v["brow_rise"] = max(v["brow_rise"], 1.34 * v["eye_open"] + 5.0)
    v["ear_out"] = min(v["ear_out"], 15.0)
    eye_y = shape.eye_y
    brow_y = eye_y - v["brow_rise"]
    hairline_y = brow_y - v["forehead"]
    tip = eye_y + v["nose_length"]
    mouth = tip + v["philtrum"]
    heights = {
        "brow_y": brow_y,
        "hairline_y": hairline_y,
        "crown_y": hairline_y - v["skull"],
        "nose_tip_y": tip,
        "mouth_y": mouth,
        "chin_y": mouth + v["chin_length"],
    }
    widths = {name: value for name, value in v.items() if name in Shape.__dataclass_fields__}
    # A big head on a small neck: what a caricature does to everyone.
    widths["neck_width"] *= 0.72
    return replace(shape, **heights, **widths)
