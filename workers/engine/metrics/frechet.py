"""Fréchet distance between two Gaussians fitted to features, without a matrix square root.

    FD = |m1 - m2|^2 + Tr S1 + Tr S2 - 2 Tr (S1 S2)^(1/2)

Dowson and Landau 1982 for the formula; Heusel et al. 2017 (https://arxiv.org/abs/1706.08500) for its use on features.
With the centred features A = (X - m) / sqrt(n - 1), so that S = A^T A, the last trace is the nuclear norm (the sum of
the singular values) of A B^T: real by construction, exact for singular covariances, and only n1 x n2 large.
"""

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError

Matrix = npt.NDArray[np.float64]

# Largest rounding, relative to Tr S1 + Tr S2, that the quick form may have before the exact one is used instead.
TOLERANCE = 1e-10


def frechet_distance(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> float:
    """Distance between features of shape (n1, d) and (n2, d), n1 and n2 at least 2; 0 or more, 0 for identical sets.

    Covariances are the unbiased ones (n - 1). Computed in float64 whatever the input. Raises InputError for arrays of
    another shape, of different d, with fewer than 2 rows or with numbers that are not finite.
    """
    first = _features(reference, "reference")
    second = _features(candidate, "candidate")
    if first.shape[1] != second.shape[1]:
        raise InputError(
            f"The reference has {first.shape[1]} numbers per picture and the candidate {second.shape[1]}; "
            "both must come from the same extractor."
        )
    with np.errstate(over="ignore", invalid="ignore"):
        mean_first, mean_second = first.mean(axis=0), second.mean(axis=0)
        first = (first - mean_first) / np.sqrt(len(first) - 1)  # (n1, d)
        second = (second - mean_second) / np.sqrt(len(second) - 1)  # (n2, d)
        spread = float(np.sum(first * first) + np.sum(second * second))  # Tr S1 + Tr S2
        shift = float(np.sum((mean_first - mean_second) ** 2))
    if not np.isfinite(spread + shift):
        raise InputError("The features are too large: their squares exceed the range of float64.")
    distance = shift + spread - 2.0 * _trace_of_root(first, second, spread)
    # The true value is never negative. For nearly identical sets the last line subtracts equal numbers and may leave
    # a few 1e-16 of `spread` below zero; that rounding is set to 0, nothing else is.
    return max(distance, 0.0)


def _features(array: npt.ArrayLike, name: str) -> Matrix:
    try:
        features = np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"The {name} features are not an array of numbers.") from None
    if features.ndim != 2 or features.shape[1] == 0:
        raise InputError(f"The {name} features have shape {features.shape}; one row a picture is needed, shape (n, d).")
    if len(features) < 2:
        raise InputError(f"The {name} has {len(features)} pictures; a covariance needs at least 2.")
    if not np.isfinite(features).all():
        bad = int(np.flatnonzero(~np.isfinite(features).all(axis=1))[0])
        raise InputError(f"The {name} features contain a number that is not finite (first in row {bad}).")
    return features


def _trace_of_root(first: Matrix, second: Matrix, spread: float) -> float:
    """Tr (S1 S2)^(1/2) of centred, scaled features (n1, d) and (n2, d)."""
    dimension = first.shape[1]
    if min(len(first), len(second)) >= dimension:
        quick = _by_eigenvalues(first, second, spread)
        if quick is not None:
            return quick
    return _nuclear_norm(_at_most_square(first) @ _at_most_square(second).T)


def _by_eigenvalues(first: Matrix, second: Matrix, spread: float) -> float | None:
    """With S1 = L L^T, the roots of the eigenvalues of the symmetric L^T S2 L; None when that would be inexact.

    About three times as fast as the singular values. But a root turns a rounding of 1e-16 at an eigenvalue near zero
    into 1e-8, so the possible error is summed and the result used only when it is negligible.
    """
    try:
        factor = np.linalg.cholesky(first.T @ first)
    except np.linalg.LinAlgError:
        return None  # rank-deficient although n >= d: duplicates, or channels that never fire
    half = second @ factor  # (n2, d)
    eigenvalues = np.linalg.eigvalsh(half.T @ half)
    rounding = 8 * np.finfo(np.float64).eps * max(float(eigenvalues[-1]), 0.0)
    roots = np.sqrt(np.clip(eigenvalues, 0.0, None))
    error = float(np.sum(rounding / np.maximum(2 * roots, np.sqrt(rounding)))) if rounding else 0.0
    return float(roots.sum()) if error <= TOLERANCE * spread else None


def _at_most_square(matrix: Matrix) -> Matrix:
    """A matrix with the same S = A^T A and at most d rows: the triangle of a QR factorisation when there are more."""
    return np.asarray(np.linalg.qr(matrix, mode="r")) if matrix.shape[0] > matrix.shape[1] else matrix


def _nuclear_norm(matrix: Matrix) -> float:
    return float(np.linalg.svd(matrix, compute_uv=False).sum())
