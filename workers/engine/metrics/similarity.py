"""Structural similarity and PSNR between pictures of the same face, on 8-bit grey.

SSIM: Wang, Bovik, Sheikh and Simoncelli 2004 (https://doi.org/10.1109/TIP.2003.819861): Gaussian window of 11x11 taps with
sigma 1.5, moments without sample correction, K1 = 0.01, K2 = 0.03, range 255, averaged where the window lies inside.
MS-SSIM: Wang, Simoncelli and Bovik 2003 (https://doi.org/10.1109/ACSSC.2003.1292216), five scales, 2x2 averages between.
"""

import numpy as np
import numpy.typing as npt

from workers.engine.metrics.paired_pictures import Grey, Planes, Values, checked_pictures, grey

RANGE = 255.0
C1, C2 = (0.01 * RANGE) ** 2, (0.03 * RANGE) ** 2
SIGMA, RADIUS = 1.5, 5
WINDOW = 2 * RADIUS + 1
SCALE_WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])  # table of the paper, from fine to coarse
BILATERAL_DIAMETER, BILATERAL_SIGMA = 7, 75.0

_taps = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2)
TAPS = _taps / _taps.sum()


def ssim(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> Values:
    """SSIM of each pair, -1 to 1; pictures (n, h, w, 3) uint8 of at least 11 pixels a side."""
    return ssim_maps(*_grey_pair(reference, candidate, WINDOW)).mean(axis=(1, 2))


def smoothed_ssim(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> Values:
    """SSIM after a bilateral filter (diameter 7, both sigmas 75) of the candidate alone.

    The variant reported beside SSIM by Chen, Liu et al. 2018 (Face Sketch Synthesis in the Wild): it forgives
    missing pencil texture, so it is never comparable with plain SSIM.
    """
    first, second = _grey_pair(reference, candidate, WINDOW)
    return ssim_maps(first, np.stack([bilateral(picture) for picture in second])).mean(axis=(1, 2))


def msssim(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> Values:
    """MS-SSIM of each pair, 0 to 1; at least 176 pixels a side, so that the window fits the coarsest scale.

    A negative mean of the contrast-structure term (opposed pictures) counts as 0: its power would not be real.
    """
    first, second = _grey_pair(reference, candidate, WINDOW * 2 ** (len(SCALE_WEIGHTS) - 1))
    a, b = first.astype(np.float64), second.astype(np.float64)
    value = np.ones(len(a))
    for scale, weight in enumerate(SCALE_WEIGHTS):
        luminance, structure = _terms(a, b)
        last = scale == len(SCALE_WEIGHTS) - 1
        term = (luminance * structure if last else structure).mean(axis=(1, 2))
        value *= np.maximum(term, 0.0) ** weight
        a, b = _halved(a), _halved(b)
    return value


def psnr(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> Values:
    """Peak signal to noise ratio of each pair in dB.

    Identical pictures, whose ratio is infinite, get the largest finite one: one grey level off in one pixel.
    """
    first, second = _grey_pair(reference, candidate, 1)
    squares = (first.astype(np.float64) - second) ** 2
    pixels = squares.shape[1] * squares.shape[2]
    return 10 * np.log10(RANGE**2 / np.maximum(squares.mean(axis=(1, 2)), 1 / pixels))


def ssim_maps(reference: Grey, candidate: Grey) -> Planes:
    """SSIM of every place where the window lies inside: (n, h, w) -> (n, h - 10, w - 10)."""
    luminance, structure = _terms(reference.astype(np.float64), candidate.astype(np.float64))
    return luminance * structure


def bilateral(picture: Grey) -> Grey:
    """One grey picture (h, w) uint8 smoothed but not across edges (Tomasi and Manduchi 1998), as OpenCV defines it.

    A disc of 7 pixels, weights exp(-d^2 / 2 sigma^2) of distance and of grey difference with sigma 75 both, the border
    mirrored about its outermost pixel, the result rounded to 8 bit.
    """
    radius = BILATERAL_DIAMETER // 2
    height, width = picture.shape
    padded = np.pad(picture, radius, mode="reflect").astype(np.int16)
    by_difference = np.exp(-0.5 * (np.arange(256) / BILATERAL_SIGMA) ** 2)
    centre = picture.astype(np.int16)
    total, norm = np.zeros(picture.shape), np.zeros(picture.shape)
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            distance = dy * dy + dx * dx
            if distance > radius * radius:
                continue
            other = padded[radius + dy : radius + dy + height, radius + dx : radius + dx + width]
            weight = by_difference[np.abs(other - centre)] * np.exp(-0.5 * distance / BILATERAL_SIGMA**2)
            total += weight * other
            norm += weight
    return np.rint(total / norm).astype(np.uint8)


def _grey_pair(reference: npt.ArrayLike, candidate: npt.ArrayLike, smallest: int) -> tuple[Grey, Grey]:
    first, second = checked_pictures(reference, candidate, smallest)
    return grey(first), grey(second)


def _terms(a: Planes, b: Planes) -> tuple[Planes, Planes]:
    """Luminance term and contrast-structure term of SSIM, (n, h - 10, w - 10)."""
    mean_a, mean_b = _windowed(a), _windowed(b)
    mean_ab = mean_a * mean_b
    squares = mean_a * mean_a + mean_b * mean_b
    variances = _windowed(a * a + b * b) - squares
    covariance = _windowed(a * b) - mean_ab
    return (2 * mean_ab + C1) / (squares + C1), (2 * covariance + C2) / (variances + C2)


def _windowed(planes: Planes) -> Planes:
    """Gaussian means where the window lies inside."""
    for axis in (1, 2):
        n = planes.shape[axis] - 2 * RADIUS
        total = TAPS[RADIUS] * _part(planes, axis, RADIUS, n)
        for step in range(1, RADIUS + 1):
            sides = _part(planes, axis, RADIUS - step, n) + _part(planes, axis, RADIUS + step, n)
            sides *= TAPS[RADIUS + step]
            total += sides
        planes = total
    return planes


def _part(planes: Planes, axis: int, start: int, length: int) -> Planes:
    return planes[:, start : start + length] if axis == 1 else planes[:, :, start : start + length]


def _halved(planes: Planes) -> Planes:
    """Means of 2x2 blocks; an odd last row or column counts twice, as in the authors' program."""
    height, width = planes.shape[1:]
    planes = np.pad(planes, ((0, 0), (0, height % 2), (0, width % 2)), mode="edge")
    n, height, width = planes.shape
    return planes.reshape(n, height // 2, 2, width // 2, 2).mean(axis=(2, 4))
