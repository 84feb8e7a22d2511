"""Squared maximum mean discrepancy between two sets, unbiased (Gretton et al. 2012, JMLR 13, equation 3).

    MMD^2 = mean k(x, x') over x != x'  +  mean k(y, y') over y != y'  -  2 mean k(x, y)

Unbiased means: for two samples of one distribution it is 0 on average, so single values may be below zero. They are
never clipped. Kernels are evaluated in blocks of rows; memory is flat in n beside the features.
"""

from collections.abc import Callable

import numpy as np

from workers.engine.metrics.inputs import Matrix, checked_pair
from workers.engine.metrics.resampling import Counts, Tell, Values

Kernel = Callable[[Matrix, Matrix], Matrix]  # (a, d), (b, d) -> (a, b)

BLOCK = 4e6  # entries of a block: 32 MB


class KernelResampler:
    """Unbiased MMD^2 for counts: pairs of a picture with itself are left out, also when it occurs more than once."""

    def __init__(self, reference: Matrix, candidate: Matrix, kernel: Kernel, scale: float = 1.0) -> None:
        self.first, self.second = checked_pair(reference, candidate)
        self.kernel = kernel
        self.scale = scale
        n1, n2, d = len(self.first), len(self.second), self.first.shape[1]
        pairs = float(n1 * n1 + n2 * n2 + n1 * n2)
        # The kernels are evaluated once for all resamples; spread over them, they weigh little.
        self.operations = pairs * (4 + 2 * d / 200)

    def value(self) -> float:
        """For the sets as they are."""
        ones = np.ones((1, len(self.first))), np.ones((1, len(self.second)))
        return float(self.values(*ones, lambda: None)[0])

    def values(self, reference_counts: Counts, candidate_counts: Counts, tell: Tell) -> Values:
        within_first = self._within(self.first, reference_counts, tell)
        within_second = self._within(self.second, candidate_counts, tell)
        total, _ = self._summed(self.first, self.second, reference_counts, candidate_counts, tell)
        between = total / (reference_counts.sum(axis=1) * candidate_counts.sum(axis=1))
        return self.scale * (within_first + within_second - 2.0 * between)

    def details(self) -> dict[str, float | int]:
        return {}

    def _within(self, rows: Matrix, counts: Counts, tell: Tell) -> Values:
        total, itself = self._summed(rows, rows, counts, counts, tell)
        pairs = counts.sum(axis=1) ** 2 - (counts**2).sum(axis=1)
        # A resample of two or three pictures may be one of them alone: it has no pairs, and no value.
        return np.divide(total - itself, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)

    def _summed(self, first: Matrix, second: Matrix, w: Counts, v: Counts, tell: Tell) -> tuple[Values, Values]:
        """For each resample the sum of w[i] v[j] k(i, j), and the part of it on the diagonal i = j."""
        total, diagonal = np.zeros(len(w)), np.zeros(len(w))
        size = max(1, int(BLOCK / len(second)))
        for start in range(0, len(first), size):
            tell()
            block = self.kernel(first[start : start + size], second)
            some = w[:, start : start + size]
            total += np.einsum("rj,rj->r", some @ block, v)
            own = np.diagonal(block, offset=start)
            diagonal += (some[:, : len(own)] * v[:, start : start + len(own)]) @ own
        return total, diagonal
