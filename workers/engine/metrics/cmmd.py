"""CMMD (Jayasumana et al. 2024, https://arxiv.org/abs/2401.09603): MMD^2 with a Gaussian kernel, sigma 10, times 1000.

The paper takes it over CLIP ViT-L/14-336 embeddings of length 1. Over another extractor it is the same formula and
another metric, which is why the extractor stands beside every value. The authors' program keeps the pairs of a picture
with itself and so is biased upwards by about 1000 (1 - mean k) (1/n1 + 1/n2); the unbiased form of the paper is used here.
"""

import numpy as np
import numpy.typing as npt

from workers.engine.metrics.inputs import Matrix, checked_pair
from workers.engine.metrics.kernel import KernelResampler

SIGMA = 10.0
SCALE = 1000.0


def gaussian(first: Matrix, second: Matrix) -> Matrix:
    """k(x, y) = exp(-|x - y|^2 / (2 sigma^2)) for rows (a, d) and (b, d): (a, b)."""
    squares = np.einsum("ij,ij->i", first, first)[:, None] + np.einsum("ij,ij->i", second, second)[None]
    squares -= 2.0 * (first @ second.T)
    np.maximum(squares, 0.0, out=squares)  # rounding at equal rows
    squares /= -2.0 * SIGMA**2
    return np.exp(squares, out=squares)


def cmmd(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> float:
    """1000 times the unbiased MMD^2 between features (n1, d) and (n2, d). May be slightly below zero.

    Raises InputError for arrays that do not fit.
    """
    return CmmdResampler(*checked_pair(reference, candidate)).value()


class CmmdResampler(KernelResampler):
    """`cmmd` for counts."""

    def __init__(self, reference: Matrix, candidate: Matrix) -> None:
        super().__init__(reference, candidate, gaussian, SCALE)
