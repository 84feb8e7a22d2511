"""The Fréchet distance from means and covariances alone: statistics files, or moments gathered in parts.

Without features there is no A B^T. Instead S1 = L L^T by Cholesky, and Tr (S1 S2)^(1/2) is the sum of the roots of the
eigenvalues of the symmetric L^T S2 L. A covariance of n <= d pictures has rank n - 1 at most: the pivoted Cholesky finds
the rank, L is (d, rank), and the eigenvalue problem is only that large.
"""

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError
from workers.engine.metrics.frechet import root_of_covariances
from workers.engine.metrics.inputs import Matrix, checked

SYMMETRY = 1e-6  # largest |S - S^T| relative to the largest entry; pytorch-fid files of float64 have about 1e-16


def distance_of_statistics(
    reference_mean: npt.ArrayLike,
    reference_covariance: npt.ArrayLike,
    candidate_mean: npt.ArrayLike,
    candidate_covariance: npt.ArrayLike,
) -> float:
    """Distance between N(mean, covariance), means (d,) and covariances (d, d); 0 or more.

    Exact to about 1e-7 of Tr S1 + Tr S2 when both covariances are singular (the files hold S only to 1e-16, and a root
    makes 1e-8 of that), to 1e-10 otherwise; from features `frechet_distance` is exact always. Raises InputError for
    shapes that do not fit, and for matrices that are no covariances.
    """
    mean1, first = _checked(reference_mean, reference_covariance, "reference")
    mean2, second = _checked(candidate_mean, candidate_covariance, "candidate")
    if mean1.shape != mean2.shape:
        raise InputError(
            f"The reference statistics have {len(mean1)} numbers per picture and the candidate's {len(mean2)}; "
            "both must come from the same extractor."
        )
    shift = float(np.sum((mean1 - mean2) ** 2))
    spread = float(np.trace(first) + np.trace(second))
    return max(shift + spread - 2.0 * _trace_of_root(first, second, spread), 0.0)


def _trace_of_root(first: Matrix, second: Matrix, spread: float) -> float:
    quick = root_of_covariances(np.array(first, order="F"), np.array(second, order="F"), spread)  # copies: overwritten
    if quick is not None:
        return quick
    # Factors of both: singular values of L1^T L2 lose nothing to a squared spectrum.
    return float(np.linalg.svd(factor_of(first).T @ factor_of(second), compute_uv=False).sum())


def factor_of(covariance: Matrix) -> Matrix:
    """L (d, rank) with L L^T = covariance; the rank is where what is left is rounding."""
    try:
        return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    except np.linalg.LinAlgError:
        pass
    from scipy.linalg import lapack  # half a second to import

    # info > 0 only says that the rank is below d.
    packed, pivots, rank, _info = lapack.dpstrf(covariance, lower=1)
    factor = np.zeros((len(covariance), rank))
    factor[pivots - 1] = np.tril(packed)[:, :rank]
    return factor


def _checked(mean: npt.ArrayLike, covariance: npt.ArrayLike, name: str) -> tuple[npt.NDArray[np.float64], Matrix]:
    matrix = checked(covariance, f"{name} covariance's", minimum=1)
    vector = checked(np.atleast_2d(np.asarray(mean)), f"{name} mean's", minimum=1)[0]
    if matrix.shape != (len(vector), len(vector)):
        raise InputError(
            f"The {name} statistics do not fit together: mu has {len(vector)} numbers and sigma the shape "
            f"{matrix.shape}; it must be ({len(vector)}, {len(vector)})."
        )
    largest = float(np.abs(matrix).max())
    if np.abs(matrix - matrix.T).max() > SYMMETRY * largest or matrix.diagonal().min() < -SYMMETRY * largest:
        raise InputError(f"The {name}'s sigma is no covariance: it is not symmetric, or has a negative variance.")
    return vector, (matrix + matrix.T) / 2
