"""Fréchet distance between two Gaussians fitted to features, without a matrix square root.

    FD = |m1 - m2|^2 + Tr S1 + Tr S2 - 2 Tr (S1 S2)^(1/2)

Dowson and Landau 1982 for the formula; Heusel et al. 2017 (https://arxiv.org/abs/1706.08500) for its use on features.
With the centred features A = (X - m) / sqrt(n - 1), so that S = A^T A, the last trace is the nuclear norm (the sum of
the singular values) of A B^T: real by construction, exact for singular covariances, and only n1 x n2 large.
"""

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError
from workers.engine.metrics.inputs import Matrix, Rows, checked_rows
from workers.engine.metrics.moments import Vector, scatter_of

# Largest estimated rounding, relative to Tr S1 + Tr S2, that the quick form may have before the exact one is used instead.
# The estimate is a cautious one: where it says 1e-8, the two forms were found to differ by less than 1e-11.
TOLERANCE = 1e-8


def frechet_distance(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> float:
    """Distance between features of shape (n1, d) and (n2, d), n1 and n2 at least 2; 0 or more, 0 for identical sets.

    Covariances are the unbiased ones (n - 1). Computed in float64 whatever the input. Raises InputError for arrays of
    another shape, of different d, with fewer than 2 rows or with numbers that are not finite.
    """
    first, second = checked_rows(reference, candidate)
    with np.errstate(over="ignore", invalid="ignore"):
        mean_first, mean_second = first.mean(axis=0, dtype=np.float64), second.mean(axis=0, dtype=np.float64)
        shift = float(np.sum((mean_first - mean_second) ** 2))
        many = min(len(first), len(second)) >= first.shape[1]
        distance = _of_many(first, mean_first, second, mean_second, shift) if many else None
        if distance is None:
            distance = _of_rows(_scaled(first, mean_first), _scaled(second, mean_second), shift)
    # The true value is never negative. For nearly identical sets a difference of equal numbers may leave a few 1e-16 of
    # Tr S1 + Tr S2 below zero; that rounding is set to 0, nothing else is.
    return max(distance, 0.0)


def _of_many(first: Rows, mean_first: Vector, second: Rows, mean_second: Vector, shift: float) -> float | None:
    """The distance by the covariances, which are smaller than the features; None when that would be inexact."""
    covariance_first = scatter_of(first, mean_first, 1 / (len(first) - 1))
    covariance_second = scatter_of(second, mean_second, 1 / (len(second) - 1))
    spread = _finite(float(np.trace(covariance_first) + np.trace(covariance_second)), shift)
    root = root_of_covariances(covariance_first, covariance_second, spread)
    return None if root is None else shift + spread - 2.0 * root


def _of_rows(first: Matrix, second: Matrix, shift: float) -> float:
    """The distance by A B^T of centred, scaled features (n1, d) and (n2, d)."""
    spread = _finite(float(np.vdot(first, first) + np.vdot(second, second)), shift)  # Tr S1 + Tr S2
    return shift + spread - 2.0 * nuclear_norm(_at_most_square(first) @ _at_most_square(second).T)


def _scaled(rows: Rows, mean: Vector) -> Matrix:
    scaled: Matrix = rows - mean
    scaled *= 1 / np.sqrt(len(rows) - 1)
    return scaled


def _finite(spread: float, shift: float) -> float:
    if not np.isfinite(spread + shift):
        raise InputError("The features are too large: their squares exceed the range of float64.")
    return spread


def root_of_covariances(first: Matrix, second: Matrix, spread: float) -> float | None:
    """Tr (S1 S2)^(1/2) of two covariances (d, d), of which the lower triangles are read; `spread` is Tr S1 + Tr S2.

    With S1 = L L^T, the roots of the eigenvalues of the symmetric L^T S2 L. None when S1 is singular (duplicates, or
    channels that never fire) or when the result would be inexact. Both arrays are overwritten if in Fortran's order.
    """
    from scipy.linalg import lapack  # half a second to import, and most comparisons never come here

    factor, failed = lapack.dpotrf(first, lower=1, clean=0, overwrite_a=1)
    if failed:
        return None
    product, _info = lapack.dsygst(second, factor, itype=2, lower=1, overwrite_a=1)
    return sum_of_roots(product, spread)


def sum_of_roots(symmetric: Matrix, spread: float) -> float | None:
    """The summed roots of the eigenvalues of a symmetric positive semidefinite matrix, of which the lower triangle is
    read and overwritten; None when rounding may count.

    About three times as fast as singular values. But a root turns a rounding of 1e-16 at an eigenvalue near zero into
    1e-8, so the error is estimated (roundings of either sign, adding like a random walk) and the result given only when
    it is negligible against `spread`.
    """
    from scipy.linalg import eigvalsh

    eigenvalues = eigvalsh(symmetric, driver="ev", overwrite_a=True, check_finite=False)
    rounding = np.finfo(np.float64).eps * max(float(eigenvalues[-1]), 0.0)
    roots = np.sqrt(np.clip(eigenvalues, 0.0, None))
    error = float(np.linalg.norm(rounding / np.maximum(2 * roots, np.sqrt(rounding)))) if rounding else 0.0
    return float(roots.sum()) if error <= TOLERANCE * spread else None


def _at_most_square(matrix: Matrix) -> Matrix:
    """A matrix with the same S = A^T A and at most d rows: the triangle of a QR factorisation when there are more."""
    return np.asarray(np.linalg.qr(matrix, mode="r")) if matrix.shape[0] > matrix.shape[1] else matrix


def nuclear_norm(matrix: Matrix) -> float:
    """The sum of the singular values."""
    return float(np.linalg.svd(matrix, compute_uv=False).sum())
