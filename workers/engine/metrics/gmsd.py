"""Gradient magnitude similarity deviation (Xue, Zhang, Mou and Bovik 2014, https://arxiv.org/abs/1308.3052), on 8-bit grey."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from workers.engine.metrics.paired_pictures import Planes, Values, checked_pictures, grey

C = 170.0  # for grey values 0 to 255


def gmsd(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> Values:
    """GMSD of each pair of pictures (n, h, w, 3) uint8, 0 (the same edges everywhere) upwards."""
    first, second = checked_pictures(reference, candidate, 4)
    a, b = _gradients(_halved(grey(first))), _gradients(_halved(grey(second)))
    similarity = (2 * a * b + C) / (a * a + b * b + C)
    return similarity.std(axis=(1, 2))


def _halved(pictures: npt.NDArray[np.uint8]) -> Planes:
    """Every second pixel of the 2x2 means; an odd last row or column is averaged with the zeros beyond, as defined."""
    height, width = pictures.shape[1:]
    planes = np.pad(pictures.astype(np.float64), ((0, 0), (0, height % 2), (0, width % 2)))
    n, height, width = planes.shape
    return planes.reshape(n, height // 2, 2, width // 2, 2).mean(axis=(2, 4))


def _gradients(planes: Planes) -> Planes:
    """Magnitude of the Prewitt gradients (weights 1/3), zeros beyond the border."""
    third = np.full(3, 1 / 3)
    across, down = (
        ndimage.correlate1d(
            ndimage.correlate1d(planes, third, axis=other, mode="constant"),
            [-1.0, 0.0, 1.0],
            axis=axis,
            mode="constant",
        )
        for axis, other in ((2, 1), (1, 2))
    )
    return np.sqrt(across * across + down * down)
