"""Fidelity and diversity apart, by k nearest neighbours: precision, recall, density, coverage.

A set's manifold is the union of balls around its features, each reaching to the k-th nearest other feature of the set.
Precision: the share of candidates inside the reference's manifold; recall: the share of references inside the
candidate's (Kynkäänniemi et al. 2019, https://arxiv.org/abs/1904.06991, k = 3). Density: how many reference balls a
candidate lies in on average, over k; coverage: the share of reference balls with a candidate inside (Naeem et al. 2020,
https://arxiv.org/abs/2002.09797, k = 5). As in the authors' programs the border of a ball belongs to it for precision
and recall and does not for density and coverage.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from workers.engine.metrics.inputs import Matrix, checked_pair
from workers.engine.metrics.resampling import Counts, Tell, Values

PRECISION_K = 3
DENSITY_K = 5
LISTED = 64  # nearest neighbours remembered of each picture; a resample leaves 63 % of them, far more than k
BLOCK = 4e6  # distances at once: 32 MB
ROUNDING = 1e-12  # of squared distances, relative to the largest squared length


def precision(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> float:
    """Share of the candidates (n2, d) inside the manifold of the reference (n1, d), n1 and n2 at least 4; 0 to 1."""
    return _plain(PrecisionResampler, reference, candidate, PRECISION_K)


def recall(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> float:
    """Share of the reference (n1, d) inside the manifold of the candidates (n2, d), n1 and n2 at least 4; 0 to 1."""
    return _plain(RecallResampler, reference, candidate, PRECISION_K)


def density(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> float:
    """Reference balls around a candidate over k, on average; n1 and n2 at least 6; 1 is expected of equal sets."""
    return _plain(DensityResampler, reference, candidate, DENSITY_K)


def coverage(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> float:
    """Share of the reference's balls with a candidate inside; n1 and n2 at least 6; 0 to 1."""
    return _plain(CoverageResampler, reference, candidate, DENSITY_K)


class _Resampler:
    """Balls around `centres` and the `points` that may lie in them, for counts.

    Radii are taken over the different pictures that occur: a picture's copy is not its neighbour.
    """

    k: int

    def __init__(self, reference: Matrix, candidate: Matrix) -> None:
        self.centres, self.points = checked_pair(reference, candidate, self.k + 1)
        largest = max(np.einsum("ij,ij->i", rows, rows).max() for rows in (self.centres, self.points))
        self.tolerance = ROUNDING * float(largest)
        n1, n2 = len(self.centres), len(self.points)
        self.operations = 20.0 * n1 * n2

    def values(self, reference_counts: Counts, candidate_counts: Counts, tell: Tell) -> Values:
        return self._values(reference_counts, candidate_counts, tell)

    def details(self) -> dict[str, float | int]:
        return {"k": self.k}

    def _values(self, w: Counts, v: Counts, tell: Tell) -> Values:
        raise NotImplementedError

    def _radii(self, w: Counts, tell: Tell) -> Matrix:
        """Squared distance from each centre to its k-th nearest that occurs: (resamples, n1)."""
        listed = min(LISTED, len(self.centres) - 1)
        radii = np.empty(w.shape)
        for start, squares in _blocks(self.centres, self.centres, tell):
            rows = np.arange(len(squares))
            squares[rows, start + rows] = np.inf  # a picture is not its own neighbour
            nearest = np.argpartition(squares, listed - 1, axis=1)[:, :listed]
            distances = np.take_along_axis(squares, nearest, axis=1)
            order = np.argsort(distances, axis=1)
            nearest = np.take_along_axis(nearest, order, axis=1)
            distances = np.take_along_axis(distances, order, axis=1)
            for resample, counts in enumerate(w):
                found = np.cumsum(counts[nearest] > 0, axis=1) >= self.k
                place = np.where(found[:, -1], np.argmax(found, axis=1), listed - 1)
                radii[resample, start : start + len(rows)] = distances[rows, place]
        return radii


class PrecisionResampler(_Resampler):
    """`precision` for counts."""

    k = PRECISION_K

    def _values(self, w: Counts, v: Counts, tell: Tell) -> Values:
        radii = np.where(w > 0, self._radii(w, tell), -np.inf)  # a ball that does not occur holds nothing
        inside = np.zeros((len(w), len(self.points)), dtype=bool)
        for start, squares in _blocks(self.centres, self.points, tell):
            for resample, limit in enumerate(radii[:, start : start + len(squares)]):
                inside[resample] |= (squares <= limit[:, None] + self.tolerance).any(axis=0)
        return (v * inside).sum(axis=1) / v.sum(axis=1)


class RecallResampler(PrecisionResampler):
    """`recall` for counts: precision with the sets exchanged."""

    def __init__(self, reference: Matrix, candidate: Matrix) -> None:
        first, second = checked_pair(reference, candidate, self.k + 1)  # so that messages name the right set
        super().__init__(second, first)

    def values(self, reference_counts: Counts, candidate_counts: Counts, tell: Tell) -> Values:
        return self._values(candidate_counts, reference_counts, tell)


class DensityResampler(_Resampler):
    """`density` for counts."""

    k = DENSITY_K

    def _values(self, w: Counts, v: Counts, tell: Tell) -> Values:
        radii = self._radii(w, tell)
        hits = np.zeros(len(w))
        for start, squares in _blocks(self.centres, self.points, tell):
            rows = slice(start, start + len(squares))
            for resample, limit in enumerate(radii[:, rows]):
                inside = (squares < limit[:, None] - self.tolerance) @ v[resample]
                hits[resample] += w[resample, rows] @ inside
        return hits / (self.k * v.sum(axis=1))


class CoverageResampler(_Resampler):
    """`coverage` for counts."""

    k = DENSITY_K

    def _values(self, w: Counts, v: Counts, tell: Tell) -> Values:
        radii = self._radii(w, tell)
        covered = np.zeros(len(w))
        for start, squares in _blocks(self.centres, self.points, tell):
            rows = slice(start, start + len(squares))
            for resample, limit in enumerate(radii[:, rows]):
                nearest = squares[:, v[resample] > 0].min(axis=1)
                covered[resample] += w[resample, rows] @ (nearest < limit - self.tolerance)
        return covered / w.sum(axis=1)


def _plain(kind: type[_Resampler], reference: npt.ArrayLike, candidate: npt.ArrayLike, k: int) -> float:
    first, second = checked_pair(reference, candidate, k + 1)
    ones = np.ones((1, len(first))), np.ones((1, len(second)))
    return float(kind(first, second).values(*ones, lambda: None)[0])


def _blocks(first: Matrix, second: Matrix, tell: Tell) -> Iterator[tuple[int, Matrix]]:
    """Squared distances (b, n2) of some rows of `first` to all of `second`, with the number of the first row."""
    lengths = np.einsum("ij,ij->i", second, second)
    size = max(1, int(BLOCK / len(second)))
    for start in range(0, len(first), size):
        tell()
        rows = first[start : start + size]
        squares = rows @ second.T
        squares *= -2.0
        squares += np.einsum("ij,ij->i", rows, rows)[:, None]
        squares += lengths
        yield start, np.maximum(squares, 0.0, out=squares)
