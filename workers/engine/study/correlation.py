"""How well two series agree: Pearson, Spearman and Kendall's tau-b, with intervals by resampling blocks.

Loads numpy alone, because pages call it. A resample is given by counts (point i occurs w[i] times), so that one matrix
product serves all resamples; ties, which resampling always makes, are treated as each coefficient defines them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError

Series = npt.NDArray[np.float64]  # (n,)
Counts = npt.NDArray[np.float64]  # (resamples, n)

SEED = 20240101
RESAMPLES = 2000  # the ends of a 95 % interval then rest on 50 resamples each
FEWEST_RESAMPLES = 200
OPERATIONS = 2e8  # pairs of points over all resamples of one coefficient; some tenths of a second
CONFIDENCE = 0.95
FEWEST = 3  # points: two always lie on a line
FEWEST_FOR_INTERVAL = 5  # below that the resamples are a handful of different ones
FEW = 15  # below that the interval is given, with a warning beside it
MOST = 1000  # points; the pairs of more would not fit into a request


@dataclass(frozen=True)
class Coefficient:
    """A coefficient in -1..1 and its 95 % interval. None where it is undefined: too few points, or all the same."""

    name: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Agreement:
    """The three coefficients of two series of `n` points; `block` neighbours are resampled together."""

    n: int
    block: int
    resamples: int
    pearson: Coefficient
    spearman: Coefficient
    kendall: Coefficient

    @property
    def coefficients(self) -> tuple[Coefficient, Coefficient, Coefficient]:
        return self.pearson, self.spearman, self.kendall

    @property
    def few(self) -> bool:
        return self.n < FEW


def agreement(runs: Sequence[tuple[Sequence[float], Sequence[float]]], *, resamples: int = RESAMPLES) -> Agreement:
    """How far y follows x, over the points of all runs together.

    Each run is a pair of series (x, y) of equal length in the order of training. Its points are no independent draws
    (an epoch resembles the one before), so blocks of ceil(n^(1/3)) neighbours are resampled within each run (moving
    blocks, Künsch 1989; the length that Hall, Horowitz and Jing 1995 derive up to a constant), wrapped round at the end
    so that every point is drawn equally often (Politis and Romano 1992). The ends are the 2.5 and 97.5 percentiles.
    Beyond some 300 points fewer resamples are taken, since a page waits for them. InputError for series of different
    lengths, numbers that are not finite, and more than MOST points.
    """
    parts = [(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)) for x, y in runs]
    for x, y in parts:
        if x.shape != y.shape or x.ndim != 1:
            raise InputError(f"The two series have different lengths: {x.shape} and {y.shape}.")
    sizes = [len(x) for x, _ in parts]
    n = sum(sizes)
    if n > MOST:
        raise InputError(f"There are {n} points; at most {MOST} are compared at once. Choose fewer runs.")
    x = np.concatenate([part[0] for part in parts]) if parts else np.empty(0)
    y = np.concatenate([part[1] for part in parts]) if parts else np.empty(0)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("A series holds a value that is not a number.")
    block = max((block_length(size) for size in sizes), default=1)
    counts = np.ones((1, n))
    taken = 0
    if n >= FEWEST_FOR_INTERVAL:
        taken = min(resamples, max(FEWEST_RESAMPLES, int(OPERATIONS / n**2)))
        counts = np.concatenate([counts, block_counts(sizes, taken)])
    made = [
        _coefficient(name, formula, x, y, counts)
        for name, formula in (("pearson", _pearson), ("spearman", _spearman), ("kendall", _kendall))
    ]
    return Agreement(n, block, taken, *made)


def differences(series: Sequence[float]) -> list[float]:
    """From each point to the next; what is left of two curves when their common descent is taken off."""
    return np.diff(np.asarray(series, dtype=np.float64)).tolist()


def block_length(n: int) -> int:
    """Neighbours resampled together out of n points: n^(1/3), rounded up."""
    return max(1, min(n, int(np.ceil(np.cbrt(n) - 1e-9))))


def block_counts(sizes: Sequence[int], resamples: int, seed: int = SEED) -> Counts:
    """How often each point occurs in each resample, (resamples, sum of sizes); every run keeps its number of points."""
    draw = np.random.default_rng(seed)
    columns = []
    for n in sizes:
        counts = np.zeros((resamples, n))
        length = block_length(n)
        if n:
            starts = draw.integers(0, n, size=(resamples, -(-n // length)))
            chosen = (starts[:, :, None] + np.arange(length)).reshape(resamples, -1)[:, :n] % n
            np.add.at(counts, (np.arange(resamples)[:, None], chosen), 1.0)
        columns.append(counts)
    return np.concatenate(columns, axis=1) if columns else np.empty((resamples, 0))


Formula = Callable[[Series, Series, Counts], Series]


def _coefficient(name: str, formula: Formula, x: Series, y: Series, counts: Counts) -> Coefficient:
    if len(x) < FEWEST:
        return Coefficient(name, None, None, None)
    values = formula(x, y, counts)
    value = float(values[0]) if np.isfinite(values[0]) else None
    defined = values[1:][np.isfinite(values[1:])]
    # Resamples in which one series is constant have no coefficient; when they are many, the rest is a biased choice.
    if value is None or len(defined) < 0.9 * (len(values) - 1) or not len(defined):
        return Coefficient(name, value, None, None)
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(defined, [tail, 100 - tail])
    return Coefficient(name, value, float(low), float(high))


def _pearson(x: Series, y: Series, counts: Counts) -> Series:
    """The product-moment coefficient for each row of counts."""
    ones = np.ones_like(counts)
    return _weighted_pearson(ones * _scaled(x), ones * _scaled(y), counts)


def _spearman(x: Series, y: Series, counts: Counts) -> Series:
    """Pearson's coefficient of the mid-ranks, which each resample has anew."""
    return _weighted_pearson(_mid_ranks(x, counts), _mid_ranks(y, counts), counts)


def _kendall(x: Series, y: Series, counts: Counts) -> Series:
    """Tau-b (Kendall 1945): concordant less discordant pairs over the geometric mean of the pairs not tied in x, in y."""
    sign_x, sign_y = np.sign(x[:, None] - x), np.sign(y[:, None] - y)

    def pairs(table: Series) -> Series:
        return np.einsum("rn,rn->r", counts @ table, counts)

    return _ratio(pairs(sign_x * sign_y), pairs(sign_x**2), pairs(sign_y**2))


def _mid_ranks(series: Series, counts: Counts) -> Counts:
    """Rank of each point among the points of a resample, ties sharing the mean of their places."""
    below = (series[:, None] < series).astype(np.float64)
    same = (series[:, None] == series).astype(np.float64)
    return counts @ below + (counts @ same + 1) / 2


def _weighted_pearson(x: Counts, y: Counts, counts: Counts) -> Series:
    total = counts.sum(axis=1, keepdims=True)
    x = x - (counts * x).sum(axis=1, keepdims=True) / total
    y = y - (counts * y).sum(axis=1, keepdims=True) / total
    return _ratio((counts * x * y).sum(axis=1), (counts * x * x).sum(axis=1), (counts * y * y).sum(axis=1))


def _ratio(both: Series, first: Series, second: Series) -> Series:
    """both / sqrt(first * second), held inside -1..1; nan where a series does not vary."""
    varies = (first > 1e-12) & (second > 1e-12)
    scale = np.sqrt(np.where(varies, first, 1.0)) * np.sqrt(np.where(varies, second, 1.0))
    return np.where(varies, np.clip(both / scale, -1.0, 1.0), np.nan)


def _scaled(series: Series) -> Series:
    """Centred, largest size 1: the coefficient is the same, and tiny or huge numbers stay clear of rounding."""
    centred = series - series.mean()
    largest = np.abs(centred).max()
    rounding = 1e-12 * np.abs(series).max()
    return centred / largest if largest > rounding else np.zeros_like(series)
