"""Odd jumps of a curve over training: steps that do not fit in with their neighbours. Loads numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError

Series = npt.NDArray[np.float64]  # (n,)

NEIGHBOURS = 3  # on either side, of which the running median is taken
LIMIT = 3.5  # the modified z-score beyond which Iglewicz and Hoaglin (1993) call a value an outlier
NORMAL = 1.4826  # 1/Phi^-1(3/4): the median absolute deviation times this is the standard deviation of a normal
NORMAL_MEAN = 1.2533  # sqrt(pi/2): the same for the mean absolute deviation
FEWEST = 7  # points; with fewer the spread of the steps is a guess


@dataclass(frozen=True)
class Jump:
    """The step that ends at point `index` (and began at index - 1).

    `step` is its size, `expected` the median of the steps around it, `score` how many robust standard deviations lie
    between the two (signed).
    """

    index: int
    step: float
    expected: float
    score: float


def jumps(values: Sequence[float], *, limit: float = LIMIT) -> list[Jump]:
    """The steps that stand out, in order; [] for fewer than FEWEST points.

    Each first difference is compared with the median of the up to three before and three after it (itself left out).
    It is a jump when (1) it lies further from that median than `limit` times 1.4826 times the median absolute deviation
    of all these residuals, (2) further than the median itself is from zero, so that the steeper part of a steady descent
    is none, and (3) it is not one of the first three steps leading towards the level of the rest, which is how training
    begins. Where more than half of the residuals are zero their mean takes the place of the median deviation.
    InputError for a value that is not finite.
    """
    series = np.asarray(values, dtype=np.float64)
    if not np.isfinite(series).all():
        raise InputError("The curve holds a value that is not a number.")
    if len(series) < FEWEST:
        return []
    steps = np.diff(series)
    expected = np.array([np.median(_around(steps, place)) for place in range(len(steps))])
    residuals = steps - expected
    scale = NORMAL * np.median(np.abs(residuals))
    rounding = 1e-9 * np.abs(series).max()
    if scale <= rounding:
        scale = NORMAL_MEAN * np.abs(residuals).mean()
    if scale <= rounding:
        return []
    scores = residuals / scale
    odd = (np.abs(scores) > limit) & (np.abs(residuals) > np.abs(expected))
    return [
        Jump(int(place) + 1, float(steps[place]), float(expected[place]), float(scores[place]))
        for place in np.flatnonzero(odd)
        if not (place < NEIGHBOURS and _leads_to_the_rest(series, int(place)))
    ]


def _leads_to_the_rest(series: Series, place: int) -> bool:
    """Whether the step from point `place` to the next comes nearer to the median of all later points."""
    level = np.median(series[place + 2 :])
    return bool(abs(series[place + 1] - level) < abs(series[place] - level))


def _around(steps: Series, place: int) -> Series:
    """The neighbours of a step; at the ends the missing ones are taken from the other side."""
    start = min(max(place - NEIGHBOURS, 0), len(steps) - 1 - 2 * NEIGHBOURS)
    window = range(max(start, 0), min(max(start, 0) + 2 * NEIGHBOURS + 1, len(steps)))
    return steps[[other for other in window if other != place]]
