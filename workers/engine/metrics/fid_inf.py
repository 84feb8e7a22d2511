"""FID extrapolated to infinitely many pictures (Chong and Forsyth 2020, https://arxiv.org/abs/1911.07023).

The bias of a Fréchet distance falls like 1/n. So it is measured for subsets, a line is fitted over 1/n, and its value at
0 is taken. The paper lets the generated set grow against a fixed reference of 50,000; here both sets are small, so both
shrink by the same factor f, bias c1 / (f n1) + c2 / (f n2) is linear in 1/f, and both leave at 1/f = 0.
The law holds for n well above d. Where n is below d the points bend, the line is no longer the truth, and
the fit's quality says so.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.engine.metrics.frechet_resampling import FrechetResampler
from workers.engine.metrics.inputs import Matrix, checked_pair
from workers.engine.metrics.resampling import SEED, Counts, Tell, Values

# 1/f: the whole sets once, then four random subsets of each of six sizes down to 2/5.
INVERSES = np.concatenate([[1.0], np.repeat(np.linspace(1.25, 2.5, 6), 4)])
MINIMUM = 10


@dataclass(frozen=True)
class Line:
    """A least-squares line: its value at 0 with its standard error, slope, and the share of variance it explains."""

    intercept: float
    slope: float
    r_squared: float
    standard_error: float


def fid_inf(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> float:
    """The intercept for features (n1, d) and (n2, d), n1 and n2 at least 10. May be below zero.

    Raises InputError for arrays that do not fit.
    """
    first, second = checked_pair(reference, candidate, MINIMUM)
    return extrapolated(FrechetResampler(first, second), lambda: None).intercept


class FidInfResampler:
    """`fid_inf` for counts: the whole procedure, drawing of subsets included, for every resample."""

    def __init__(self, reference: Matrix, candidate: Matrix) -> None:
        self.distance = FrechetResampler(*checked_pair(reference, candidate, MINIMUM))
        self.operations = len(INVERSES) * self.distance.operations / 2  # most subsets are small

    def values(self, reference_counts: Counts, candidate_counts: Counts, tell: Tell) -> Values:
        rng = np.random.default_rng(SEED)
        pairs = zip(reference_counts, candidate_counts, strict=True)
        return np.array([_line(self.distance, w, v, rng, tell).intercept for w, v in pairs])

    def details(self) -> dict[str, float | int]:
        line = extrapolated(self.distance, lambda: None)
        return {"r_squared": line.r_squared, "standard_error": line.standard_error, "slope": line.slope}


def extrapolated(distance: FrechetResampler, tell: Tell) -> Line:
    """The line through the distances of the whole sets and of random subsets, over 1/f."""
    whole = np.ones(len(distance.first)), np.ones(len(distance.second))
    return _line(distance, *whole, np.random.default_rng(SEED), tell)


def _line(distance: FrechetResampler, w: Counts, v: Counts, rng: np.random.Generator, tell: Tell) -> Line:
    parts = [(_part(w, 1 / each, rng), _part(v, 1 / each, rng)) for each in INVERSES]
    first, second = np.array([part for part, _ in parts]), np.array([part for _, part in parts])
    return fitted(INVERSES, distance.values(first, second, tell))


def fitted(x: Values, y: Values) -> Line:
    """The least-squares line through (x, y), at least 3 points."""
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    intercept = float(y.mean() - slope * x.mean())
    rest = float(np.sum((y - intercept - slope * x) ** 2))
    total = float(np.sum((y - y.mean()) ** 2))
    error = np.sqrt(rest / (len(x) - 2) * (1 / len(x) + x.mean() ** 2 / (centred @ centred)))
    return Line(intercept, slope, 1.0 - rest / total if total > 0 else 1.0, float(error))


def _part(counts: Counts, share: float, rng: np.random.Generator) -> Counts:
    """A random part of the pictures that `counts` stands for, as counts."""
    pictures = np.repeat(np.arange(len(counts)), counts.astype(int))
    chosen = rng.permutation(pictures)[: max(2, round(share * len(pictures)))]
    return np.bincount(chosen, minlength=len(counts)).astype(np.float64)
