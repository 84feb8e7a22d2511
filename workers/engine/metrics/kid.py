"""Kernel inception distance (Bińkowski et al. 2018, https://arxiv.org/abs/1801.01401): unbiased MMD^2 with a cubic kernel.

The value is the unbiased estimate over all pairs: exact, the same for every order of the pictures, and what the average
over random subsets tends to. Other tools report that average, by their draw; it stands in the details with its spread.
"""

import numpy as np
import numpy.typing as npt

from workers.engine.metrics.inputs import Matrix, checked_pair
from workers.engine.metrics.kernel import KernelResampler
from workers.engine.metrics.resampling import SEED

SUBSETS = 100
SUBSET_SIZE = 100


def cubic(first: Matrix, second: Matrix) -> Matrix:
    """k(x, y) = (x . y / d + 1)^3 for rows (a, d) and (b, d): (a, b)."""
    base = first @ second.T
    base /= first.shape[1]
    base += 1.0
    return base * base * base


def kid(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> float:
    """Unbiased MMD^2 between features (n1, d) and (n2, d), n1 and n2 at least 2. May be slightly below zero.

    Raises InputError for arrays that do not fit.
    """
    return KidResampler(*checked_pair(reference, candidate)).value()


class KidResampler(KernelResampler):
    """`kid` for counts."""

    def __init__(self, reference: Matrix, candidate: Matrix) -> None:
        super().__init__(reference, candidate, cubic)

    def details(self) -> dict[str, float | int]:
        mean, deviation, size = by_subsets(self.first, self.second)
        return {"subset_mean": mean, "subset_std": deviation, "subsets": SUBSETS, "subset_size": size}


def by_subsets(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> tuple[float, float, int]:
    """Mean and standard deviation of KID over 100 random subsets, and their size, drawn without replacement.

    The size is 100, or half of the smaller set when that is less: subsets that are the whole set have no spread.
    """
    first, second = checked_pair(reference, candidate)
    size = max(2, min(SUBSET_SIZE, len(first) // 2, len(second) // 2))
    rng = np.random.default_rng(SEED)
    values = []
    for _ in range(SUBSETS):
        chosen = (
            first[rng.choice(len(first), size, replace=False)],
            second[rng.choice(len(second), size, replace=False)],
        )
        values.append(KernelResampler(*chosen, cubic).value())
    return float(np.mean(values)), float(np.std(values)), size
