"""Mean and covariance of a set, gathered in parts: batches, shards, machines, in any order.

Memory is d x d however many pictures pass through. Parts are merged by the update of Chan, Golub and LeVeque 1979
(Stanford STAN-CS-79-773), which subtracts nothing large; plain sums of x x^T would lose digits when the mean is far
from zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError
from workers.engine.metrics.inputs import Matrix, Rows, checked

Vector = npt.NDArray[np.float64]

BLOCK = (
    1024  # rows centred at once: 16 MB of 2048, where a centred copy of everything would cost as much as the product
)


@dataclass(frozen=True)
class Moments:
    """Of n rows: their mean (d,) and `scatter` (d, d), the sum of (x - mean)(x - mean)^T. Float64."""

    n: int
    mean: Vector
    scatter: Matrix

    @property
    def covariance(self) -> Matrix:
        """The unbiased one, (d, d). InputError for fewer than 2 rows."""
        if self.n < 2:
            raise InputError(f"A covariance needs at least 2 pictures; there are {self.n}.")
        return self.scatter / (self.n - 1)

    def merged(self, other: "Moments") -> "Moments":
        """The moments of both sets of rows together. InputError for different d."""
        if self.mean.shape != other.mean.shape:
            raise InputError(
                f"Statistics of {len(self.mean)} and of {len(other.mean)} numbers per picture cannot be merged."
            )
        n = self.n + other.n
        step = other.mean - self.mean
        scatter = self.scatter + other.scatter + np.outer(step, step) * (self.n * other.n / n)
        return Moments(n, self.mean + step * (other.n / n), scatter)


def moments_of(features: npt.ArrayLike) -> Moments:
    """The moments of rows (n, d), n at least 1. InputError for anything else and for numbers that are not finite."""
    rows = checked(features, "set's", minimum=1)
    mean = rows.mean(axis=0)
    lower = scatter_of(rows, mean)
    return Moments(len(rows), mean, lower + np.tril(lower, -1).T)


def scatter_of(rows: Rows, mean: Vector, scale: float = 1.0) -> Matrix:
    """The lower triangle of `scale` times the sum of (x - mean)(x - mean)^T over rows (n, d); zeros above it.

    (d, d) of float64 in Fortran's order. The zeros are memory that is never touched, unless the caller does.
    """
    from scipy.linalg import blas  # half a second to import

    d = rows.shape[1]
    total: Matrix = np.zeros((d, d), order="F")
    centred = np.empty((min(BLOCK, len(rows)), d))
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        part = np.subtract(block, mean, out=centred[: len(block)])
        total = blas.dsyrk(scale, part.T, beta=1.0, c=total, lower=1, overwrite_c=1)
    return total


def gathered(parts: Iterable[npt.ArrayLike]) -> Moments:
    """The moments of all rows of all parts; one part at a time is held. InputError when there is none."""
    collected = [moments for moments in [_merged(parts)] if moments is not None]
    if not collected:
        raise InputError("There is nothing to take the mean and covariance of.")
    return collected[0]


def _merged(parts: Iterable[npt.ArrayLike]) -> Moments | None:
    def add(sofar: Moments | None, part: npt.ArrayLike) -> Moments:
        return moments_of(part) if sofar is None else sofar.merged(moments_of(part))

    return reduce(add, parts, None)
