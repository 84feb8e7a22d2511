"""One ROC curve for several folds: the verification rate at the same false accept rates, averaged over the folds.

The curves of folds are averaged at equal FAR (vertical averaging; Fawcett 2006, https://doi.org/10.1016/j.patrec.2005.10.010).
At each FAR the rate is counted exactly as `verification.rate_at` counts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workers.engine.metrics.verification import Scores

LOWEST = 1e-5  # FAR; fewer than 100,000 pairs of different persons cannot tell it from 0
A_DECADE, STEPS = 24, 100  # points of the logarithmic and of the linear part


@dataclass(frozen=True)
class MeanRoc:
    """Row i: false accept rate, mean verification rate and its deviation over folds (0 for one fold)."""

    far: list[float]
    rate: list[float]
    deviation: list[float]


def mean_roc(scored: Sequence[tuple[Scores, Scores]]) -> MeanRoc:
    """The curve of folds given as scores of same-person pairs and of others; a few hundred points."""
    largest = max(len(different) for _same, different in scored)
    far = _grid(1 / largest)
    curves = np.array([_rates(same, different, far) for same, different in scored])
    deviation = curves.std(axis=0, ddof=1) if len(curves) > 1 else np.zeros(len(far))
    return MeanRoc(far.tolist(), curves.mean(axis=0).tolist(), deviation.tolist())


def _grid(smallest: float) -> Scores:
    """0, then equal steps of the logarithm from the smallest rate that can be counted, and equal steps to 1."""
    decades = np.log10(max(smallest, LOWEST))
    grown = np.logspace(decades, 0, max(2, round(-decades * A_DECADE) + 1))
    return np.unique(np.concatenate([[0.0, 0.001, 0.01], grown, np.linspace(0, 1, STEPS + 1)]))


def _rates(same: Scores, different: Scores, far: Scores) -> Scores:
    n = len(different)
    # The grid's rates are not decimal fractions somebody wrote, so a count within rounding of a whole number is that.
    allowed = np.floor(n * far + 1e-9).astype(np.int64)
    ordered = np.sort(different)[::-1]
    thresholds = np.where(allowed >= n, -np.inf, ordered[np.minimum(allowed, n - 1)])
    return (len(same) - np.searchsorted(np.sort(same), thresholds, side="right")) / len(same)
