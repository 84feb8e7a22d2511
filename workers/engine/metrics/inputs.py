"""What every metric between two sets of features asks of them."""

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.float64] | npt.NDArray[np.float32]


def checked_pair(reference: npt.ArrayLike, candidate: npt.ArrayLike, minimum: int = 2) -> tuple[Matrix, Matrix]:
    """Both sets as float64 matrices (n1, d) and (n2, d), each with at least `minimum` rows.

    Raises InputError for arrays of another shape, of different d, with too few rows or with numbers that are not finite.
    """
    first, second = checked_rows(reference, candidate, minimum)
    return first.astype(np.float64, copy=False), second.astype(np.float64, copy=False)


def checked_rows(reference: npt.ArrayLike, candidate: npt.ArrayLike, minimum: int = 2) -> tuple[Rows, Rows]:
    """As `checked_pair`, but float32 stays float32: for what takes few rows at a time into float64."""
    first = _finite_rows(reference, "reference", minimum)
    second = _finite_rows(candidate, "candidate", minimum)
    if first.shape[1] != second.shape[1]:
        raise InputError(
            f"The reference has {first.shape[1]} numbers per picture and the candidate {second.shape[1]}; "
            "both must come from the same extractor."
        )
    return first, second


def checked(array: npt.ArrayLike, name: str, minimum: int = 2) -> Matrix:
    """One set as a float64 matrix (n, d); `name` begins the message of the InputError."""
    return _finite_rows(array, name, minimum).astype(np.float64, copy=False)


def _finite_rows(array: npt.ArrayLike, name: str, minimum: int) -> Rows:
    try:
        features = np.asarray(array)
        if features.dtype != np.float32:
            features = features.astype(np.float64, copy=False)
    except (TypeError, ValueError):
        raise InputError(f"The {name} features are not an array of numbers.") from None
    if features.ndim != 2 or features.shape[1] == 0:
        raise InputError(f"The {name} features have shape {features.shape}; one row a picture is needed, shape (n, d).")
    if len(features) < minimum:
        raise InputError(f"The {name} has {len(features)} pictures; this metric needs at least {minimum}.")
    if not np.isfinite(features).all():
        bad = int(np.flatnonzero(~np.isfinite(features).all(axis=1))[0])
        raise InputError(f"The {name} features contain a number that is not finite (first in row {bad}).")
    return features
