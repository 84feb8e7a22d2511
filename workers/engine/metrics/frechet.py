"""Fréchet distance between two Gaussians fitted to features, without a matrix square root.

    FD = |m1 - m2|^2 + Tr S1 + Tr S2 - 2 Tr (S1 S2)^(1/2)

Dowson and Landau 1982 for the formula; Heusel et al. 2017 (https://arxiv.org/abs/1706.08500) for its use on features.
With the centred features A = (X - m) / sqrt(n - 1), so that S = A^T A, the last trace is the nuclear norm (the sum of
the singular values) of A B^T: real by construction, exact for singular covariances, and only n1 x n2 large.
"""

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError
from workers.engine.metrics.inputs import Matrix, checked_pair

# Largest estimated rounding, relative to Tr S1 + Tr S2, that the quick form may have before the exact one is used instead.
# The estimate is a cautious one: where it says 1e-8, the two forms were found to differ by less than 1e-11.
TOLERANCE = 1e-8
STRIP = 512  # columns computed at once where only a triangle is wanted: wide enough for the speed of full products


def frechet_distance(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> float:
    """Distance between features of shape (n1, d) and (n2, d), n1 and n2 at least 2; 0 or more, 0 for identical sets.

    Covariances are the unbiased ones (n - 1). Computed in float64 whatever the input. Raises InputError for arrays of
    another shape, of different d, with fewer than 2 rows or with numbers that are not finite.
    """
    first, second = checked_pair(reference, candidate)
    with np.errstate(over="ignore", invalid="ignore"):
        mean_first, mean_second = first.mean(axis=0), second.mean(axis=0)
        first, second = first - mean_first, second - mean_second
        first *= 1 / np.sqrt(len(first) - 1)  # (n1, d), in place: at 5,000 x 2048 a copy costs as much as the product
        second *= 1 / np.sqrt(len(second) - 1)  # (n2, d)
        spread = float(np.vdot(first, first) + np.vdot(second, second))  # Tr S1 + Tr S2
        shift = float(np.sum((mean_first - mean_second) ** 2))
    if not np.isfinite(spread + shift):
        raise InputError("The features are too large: their squares exceed the range of float64.")
    distance = shift + spread - 2.0 * trace_of_root(first, second, spread)
    # The true value is never negative. For nearly identical sets the last line subtracts equal numbers and may leave
    # a few 1e-16 of `spread` below zero; that rounding is set to 0, nothing else is.
    return max(distance, 0.0)


def trace_of_root(first: Matrix, second: Matrix, spread: float) -> float:
    """Tr (S1 S2)^(1/2) of centred, scaled features (n1, d) and (n2, d), where S = A^T A; `spread` is Tr S1 + Tr S2."""
    if min(len(first), len(second)) >= first.shape[1]:
        quick = _by_eigenvalues(first, second, spread)
        if quick is not None:
            return quick
    return nuclear_norm(_at_most_square(first) @ _at_most_square(second).T)


def _by_eigenvalues(first: Matrix, second: Matrix, spread: float) -> float | None:
    """With S1 = L L^T, the roots of the eigenvalues of the symmetric L^T S2 L; None when that would be inexact."""
    try:
        factor: Matrix = np.asarray(np.linalg.cholesky(first.T @ first), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None  # rank-deficient although n >= d: duplicates, or channels that never fire
    return sum_of_roots(congruent(factor, second.T @ second), spread)


def congruent(factor: Matrix, matrix: Matrix) -> Matrix:
    """The lower triangle of L^T S L (d, d) for a lower triangular L; what stands above it is meaningless.

    Two triangular products, half the work of full ones, and the second goes by strips of columns that each begin at the
    diagonal: `eigvalsh` reads no more than the lower triangle.
    """
    from scipy.linalg import blas  # half a second to import, and most comparisons never come here

    half = blas.dtrmm(1.0, factor, matrix, side=1, lower=1)  # S L
    d = len(half)
    found = np.zeros((d, d), order="F")
    for start in range(0, d, STRIP):
        stop = min(start + STRIP, d)
        found[start:, start:stop] = blas.dtrmm(
            1.0, factor[start:, start:], half[start:, start:stop], trans_a=1, lower=1
        )
    return found


def sum_of_roots(symmetric: Matrix, spread: float) -> float | None:
    """The summed roots of the eigenvalues of a symmetric positive semidefinite matrix; None when rounding may count.

    About three times as fast as singular values. But a root turns a rounding of 1e-16 at an eigenvalue near zero into
    1e-8, so the error is estimated (roundings of either sign, adding like a random walk) and the result given only when
    it is negligible against `spread`.
    """
    eigenvalues = np.linalg.eigvalsh(symmetric)
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
