"""The Fréchet distance of resampled sets, from products formed once.

Let picture i occur w[i] times, n = sum w, and c[i] be its features less any fixed vector. The scatter of the resample is
C^T (W - w w^T / n) C, with its own, new mean subtracted. With u = sqrt(w / n), |u| = 1, it equals M^T M for
M = (I - u u^T) W^(1/2) C: rows that do not occur drop out, repeated ones are one row. So the last trace is the nuclear
norm of (I - u u^T) W1^(1/2) [C1 C2^T] W2^(1/2) (I - v v^T), where the product in brackets is the same for all resamples.
"""

import numpy as np

from workers.engine.metrics.frechet import nuclear_norm
from workers.engine.metrics.gaussian import factor_of
from workers.engine.metrics.inputs import Matrix, checked_pair
from workers.engine.metrics.resampling import Counts, Tell, Values

KEPT = 4e7  # entries of the product that are kept at most: 320 MB
EXACT = 64  # pictures; below that singular values take no longer


class FrechetResampler:
    """`frechet_distance` for counts: exact like it up to 64 different pictures a resample, else to about 1e-6 relative.

    There eigenvalues take the place of singular values, up to five times as fast; an interval needs no more digits.
    """

    def __init__(self, reference: Matrix, candidate: Matrix) -> None:
        first, second = checked_pair(reference, candidate)
        self.mean_first, self.mean_second = first.mean(axis=0), second.mean(axis=0)
        self.first, self.second = first - self.mean_first, second - self.mean_second
        self.squares_first = np.einsum("ij,ij->i", self.first, self.first)
        self.squares_second = np.einsum("ij,ij->i", self.second, self.second)
        (n1, d), n2 = first.shape, len(second)
        small = min(n1, n2)
        self.product = self.first @ self.second.T if n1 * n2 <= KEPT and small < 1.6 * d else None
        self.operations = 25.0 * n1 * n2 * small if self.product is not None else 2.0 * (n1 + n2) * d**2 + 25.0 * d**3

    def values(self, reference_counts: Counts, candidate_counts: Counts, tell: Tell) -> Values:
        found = []
        for w, v in zip(reference_counts, candidate_counts, strict=True):
            tell()
            found.append(self._value(w, v))
        return np.array(found)

    def details(self) -> dict[str, float | int]:
        return {}

    def _value(self, w: Counts, v: Counts) -> float:
        n1, n2 = w.sum(), v.sum()
        move1, move2 = w @ self.first / n1, v @ self.second / n2  # of the means, by resampling
        shift = np.sum((self.mean_first + move1 - self.mean_second - move2) ** 2)
        spread1 = (w @ self.squares_first - n1 * (move1 @ move1)) / (n1 - 1)
        spread2 = (v @ self.squares_second - n2 * (move2 @ move2)) / (n2 - 1)
        root = self._trace_of_root(w, v)
        return max(float(shift + spread1 + spread2 - 2.0 * root), 0.0)

    def _trace_of_root(self, w: Counts, v: Counts) -> float:
        rows, columns = np.flatnonzero(w), np.flatnonzero(v)
        if self.product is not None:
            matrix = _weighted(self.product[np.ix_(rows, columns)], w[rows])
            return _nuclear_norm(_weighted(matrix.T, v[columns]))
        first, second = _weighted(self.first[rows], w[rows]), _weighted(self.second[columns], v[columns])
        factor = factor_of(first.T @ first)
        return _summed_roots(factor.T @ (second.T @ second) @ factor)


def _weighted(rows: Matrix, counts: Counts) -> Matrix:
    """(I - u u^T) W^(1/2) rows / sqrt(n - 1): as good as the rows repeated, centred and scaled."""
    n = counts.sum()
    u = np.sqrt(counts / n)
    scaled = rows * np.sqrt(counts)[:, None]
    scaled -= np.outer(u, u @ scaled)
    scaled /= np.sqrt(n - 1)
    return scaled


def _nuclear_norm(matrix: Matrix) -> float:
    if min(matrix.shape) <= EXACT:
        return nuclear_norm(matrix)
    return _summed_roots(matrix @ matrix.T if len(matrix) <= matrix.shape[1] else matrix.T @ matrix)


def _summed_roots(symmetric: Matrix) -> float:
    return float(np.sqrt(np.clip(np.linalg.eigvalsh(symmetric), 0.0, None)).sum())
