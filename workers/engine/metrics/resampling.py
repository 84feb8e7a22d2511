"""How far a value can be trusted: its interval by resampling images, and its floor, real pictures against real ones.

Features are computed once. A resample is given by counts: picture i occurs w[i] times. Each metric has a resampler that
evaluates it for many such counts from products it formed once; tests hold it against repeating the rows and measuring
the plain way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from workers.engine import catalogue
from workers.engine.metrics.inputs import Matrix

Counts = npt.NDArray[np.float64]  # (resamples, n): how often each picture occurs
Values = npt.NDArray[np.float64]  # (resamples,)
Tell = Callable[[], None]

SEED = 20240101
MOST, FEWEST = 200, 20  # resamples: a standard deviation is known to 5 % from 200, to 16 % from 20
OPERATIONS = 4e11  # spent on one interval; some seconds
CONFIDENCE = 0.95
Z = 1.959964  # of a normal distribution at 95 %
SPLITS = 10  # of the reference into halves


class Resampler(Protocol):
    """A metric between sets of which the pictures occur with given counts."""

    operations: float  # of one evaluation, roughly: decides how many resamples are taken

    def __init__(self, reference: Matrix, candidate: Matrix) -> None: ...

    def values(self, reference_counts: Counts, candidate_counts: Counts, tell: Tell) -> Values:
        """The metric for each row of counts, (r, n1) and (r, n2). `tell` is called often and may raise to stop."""

    def details(self) -> dict[str, float | int]:
        """What else is worth knowing about the value."""


@dataclass(frozen=True)
class Interval:
    """`low` to `high` around a value, from `resamples` resamples with standard deviation `deviation`."""

    low: float
    high: float
    deviation: float
    resamples: int


@dataclass(frozen=True)
class Floor:
    """The metric between real pictures: `value` is the mean over `repeats`, the sets have `n1` and `n2` pictures."""

    value: float
    n1: int
    n2: int
    repeats: int


def resampler(metric: catalogue.Metric, reference: Matrix, candidate: Matrix) -> Resampler:
    """The resampler that the catalogue names for a metric."""
    module, _, name = metric.resampler.rpartition(".")
    found: Any = getattr(import_module(module), name)
    return found(reference, candidate)


def interval(
    metric: catalogue.Metric, value: float, prepared: Resampler, n_reference: int, n_candidate: int, tell: Tell
) -> Interval:
    """The 95 % interval of a value, by the standard deviation of the metric over resampled images.

    Both sets are drawn anew with replacement, at their own sizes. The interval is centred at the value, not at the mean
    of the resamples: a resample of n pictures holds 63 % different ones, and a metric that is biased by small sets (a
    Fréchet distance upwards, often by a multiple of its spread) is biased once more by that, so quantiles of resamples
    need not even contain the value. The centre does not survive this; the spread does, if anything too wide (for
    Fréchet distances 1.3 to 1.6 times, by simulation at n = 60 and 100). What the interval covers is the average that
    the metric has for sets of these sizes, not the limit of infinitely many pictures.
    Resamples without a value (of a set of two, half of them are one picture twice) are left out.
    Clipped to the range of the metric. The same features in the same order give the same interval.
    """
    resamples = how_many(prepared.operations)
    rng = np.random.default_rng(SEED)
    first = rng.multinomial(n_reference, np.full(n_reference, 1 / n_reference), size=resamples)
    second = rng.multinomial(n_candidate, np.full(n_candidate, 1 / n_candidate), size=resamples)
    values = prepared.values(first.astype(np.float64), second.astype(np.float64), tell)
    deviation = float(np.std(values[np.isfinite(values)], ddof=1))
    low, high = (min(max(value + sign * Z * deviation, metric.lowest), metric.highest) for sign in (-1, 1))
    return Interval(low, high, deviation, resamples)


def how_many(operations: float) -> int:
    """Number of resamples for a metric of so many operations."""
    return int(min(max(OPERATIONS / operations, FEWEST), MOST))


def split_floor(metric: catalogue.Metric, reference: Matrix, tell: Tell) -> Floor | None:
    """The metric between two random halves of the reference, on average; None when a half would be too small.

    Halves are smaller than the sets that are compared, so for a metric that small sets push up the floor is an upper
    one: two real sets of full size would be nearer to each other.
    """
    n = len(reference)
    half = n // 2
    if half < metric.minimum:
        return None
    prepared = resampler(metric, reference, reference)
    repeats = min(SPLITS, how_many(prepared.operations))
    rng = np.random.default_rng(SEED)
    first, second = np.zeros((repeats, n)), np.zeros((repeats, n))
    for row in range(repeats):
        order = rng.permutation(n)
        first[row, order[:half]] = 1
        second[row, order[half : 2 * half]] = 1
    return Floor(float(prepared.values(first, second, tell).mean()), half, half, repeats)
