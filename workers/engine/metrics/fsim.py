"""Feature similarity, FSIM and FSIMc (Zhang, Zhang, Mou and Zhang 2011, https://doi.org/10.1109/TIP.2011.2109730).

Phase congruency after Kovesi (1999) with the constants of the authors' program: 4 scales from wavelength 6 by factors of
2, 4 orientations. Written from the formulas. Quick because the sixteen filters of a picture size, and what the noise
estimate needs of them, are made once; because the four scales of an orientation are transformed back together in single
precision (the value agrees with double precision to 1e-7); and because the phase deviation is one complex product.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage

from workers.engine.metrics.paired_pictures import Values, checked_pictures, luminance, yiq

Plane = npt.NDArray[np.floating]  # (h, w)

SCALES, ORIENTATIONS = 4, 4
SHORTEST_WAVE, FACTOR = 6.0, 2.0
SIGMA_ON_F = 0.55
ANGLE_SIGMA = np.pi / ORIENTATIONS / 1.2
NOISE_K = 2.0
EPSILON = 1e-4
T1, T2, T3, T4 = 0.85, 160.0, 200.0, 200.0
COLOUR_POWER = 0.03
WORKING_SIDE = 256  # larger pictures are averaged down towards it, as the definition asks


def fsim(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> Values:
    """FSIM of each pair of pictures (n, h, w, 3) uint8 by their luminance, 0 to 1."""
    first, second = checked_pictures(reference, candidate, 8)
    return np.array([_fsim(a, b) for a, b in zip(luminance(first), luminance(second), strict=True)])


def fsimc(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> Values:
    """FSIMc of each pair: FSIM with the colours compared as well; of two grey pictures it is FSIM."""
    first, second = checked_pictures(reference, candidate, 8)
    channels = zip(*yiq(first), *yiq(second), strict=True)
    return np.array([_fsim(y1, y2, (i1, i2, q1, q2)) for y1, i1, q1, y2, i2, q2 in channels])


def _fsim(first: Plane, second: Plane, colours: tuple[Plane, Plane, Plane, Plane] | None = None) -> float:
    a, b = _working_size(first), _working_size(second)
    congruency_a, congruency_b = phase_congruency(a), phase_congruency(b)
    similarity = _similar(congruency_a, congruency_b, T1) * _similar(_gradient(a), _gradient(b), T2)
    if colours is not None:
        i1, i2, q1, q2 = (_working_size(plane) for plane in colours)
        colour = _similar(i1, i2, T3) * _similar(q1, q2, T4)
        # Opposite colours make the product negative; the definition takes the real part of the complex power.
        similarity = similarity * np.real(colour.astype(np.complex64) ** COLOUR_POWER)
    weight = np.maximum(congruency_a, congruency_b)
    total = weight.sum(dtype=np.float64)
    return float((similarity * weight).sum(dtype=np.float64) / total) if total > 0 else 1.0  # two empty pictures


def phase_congruency(picture: Plane) -> Plane:
    """(h, w) -> (h, w) float32, 0 to 1: how far the waves at a place agree in phase, over noise."""
    height, width = picture.shape
    bank = filter_bank(height, width)
    spectrum = fft.fft2(picture).astype(np.complex64)
    energy, amplitude = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    filtered, size = np.empty(bank.waves.shape[1:], np.complex64), np.empty((height, width), np.float32)
    for waves, noise in zip(bank.waves, bank.noise, strict=True):
        np.multiply(waves, spectrum, out=filtered)
        responses = fft.ifft2(filtered, overwrite_x=True)  # (scales, h, w): even part real, odd imaginary
        together = responses[0] + responses[1]
        for response in responses[2:]:
            together += response
        of_orientation = np.abs(together)
        direction = of_orientation + np.float32(EPSILON)
        # Times one over it, part by part: numpy's division of a complex number by a real one is ten times as slow.
        inverse = 1 / direction
        together.real *= inverse
        together.imag *= -inverse
        of_orientation *= of_orientation
        of_orientation /= direction  # the sum over scales of even * mean even + odd * mean odd
        for scale, response in enumerate(responses):
            np.abs(response, out=size)
            amplitude += size
            if scale == 0:
                threshold = _noise_threshold(_median_square(size), float(noise))
            response *= together
            of_orientation -= np.abs(response.imag, out=size)  # |even * mean odd - odd * mean even|
        energy += np.maximum(of_orientation - np.float32(threshold), 0)
    return np.divide(energy, amplitude, out=np.zeros_like(energy), where=amplitude > 0)


@dataclass(frozen=True)
class FilterBank:
    """`waves` (orientations, scales, h, w) float32 in the order of the transform; `noise` (orientations,): what the
    median square of the finest response is multiplied by to give the expected noise energy."""

    waves: npt.NDArray[np.float32]
    noise: npt.NDArray[np.float64]


@lru_cache(maxsize=4)
def filter_bank(height: int, width: int) -> FilterBank:
    """Log-Gabor filters times an angular Gaussian times a Butterworth low-pass (cut at 0.45, order 15)."""
    x, y = np.meshgrid(_frequencies(width), _frequencies(height))
    radius = fft.ifftshift(np.hypot(x, y))
    angle = fft.ifftshift(np.arctan2(-y, x))
    low_pass = 1 / (1 + (radius / 0.45) ** 30)
    radius[0, 0] = 1  # no logarithm of zero; the constant part is taken out below
    waves = np.empty((ORIENTATIONS, SCALES, height, width))
    for orientation in range(ORIENTATIONS):
        turned = angle - orientation * np.pi / ORIENTATIONS
        apart = np.arctan2(np.sin(turned), np.cos(turned))
        spread = np.exp(-(apart**2) / (2 * ANGLE_SIGMA**2))
        for scale in range(SCALES):
            centre = 1 / (SHORTEST_WAVE * FACTOR**scale)
            waves[orientation, scale] = np.exp(-(np.log(radius / centre) ** 2) / (2 * np.log(SIGMA_ON_F) ** 2))
        waves[orientation] *= low_pass * spread
    waves[:, :, 0, 0] = 0
    kernels = fft.ifft2(waves).real * np.sqrt(height * width)
    alone = (kernels**2).sum(axis=(1, 2, 3))
    pairs = ((kernels.sum(axis=1) ** 2).sum(axis=(1, 2)) - alone) / 2  # the products of different scales
    noise = (2 * alone + 4 * pairs) / (waves[:, 0] ** 2).sum(axis=(1, 2)) / np.log(2)
    return FilterBank(waves.astype(np.float32), noise)


def _frequencies(n: int) -> npt.NDArray[np.float64]:
    """Cycles a pixel, lowest first; for odd n the authors' program spreads them over n - 1."""
    return np.arange(-(n // 2), (n + 1) // 2) / (n - n % 2)


def _median_square(sizes: npt.NDArray[np.float32]) -> float:
    """Median of the squares of numbers that are not negative."""
    flat = sizes.ravel()
    half = flat.size // 2
    # The leading bits of numbers that are not negative sort as they do: count by these, then sort the middle few alone.
    leading = flat.view(np.uint32) >> 16
    reached = np.bincount(leading).cumsum()
    first, last = np.searchsorted(reached, [half - (flat.size % 2 == 0), half], side="right")
    middle = np.sort(flat[(leading >= first) & (leading <= last)])
    before = int(reached[first - 1]) if first else 0
    upper = float(middle[half - before]) ** 2
    return upper if flat.size % 2 else (upper + float(middle[half - 1 - before]) ** 2) / 2


def _noise_threshold(median_square: float, noise: float) -> float:
    """Energy that noise alone reaches: mean plus `NOISE_K` deviations of a Rayleigh distribution, over 1.7."""
    tau = np.sqrt(median_square * noise / 2)
    return float((tau * np.sqrt(np.pi / 2) + NOISE_K * np.sqrt(2 - np.pi / 2) * tau) / 1.7)


def _working_size(plane: Plane) -> Plane:
    """The plane in single precision, averaged over and sampled at steps of about its shorter side over 256."""
    step = max(1, int(np.floor(min(plane.shape) / WORKING_SIDE + 0.5)))
    plane = plane.astype(np.float32)
    if step == 1:
        return plane
    # Zeros beyond the border, and for an even window the place that MATLAB's conv2 calls "same".
    origin = -1 if step % 2 == 0 else 0
    return ndimage.uniform_filter(plane, step, mode="constant", origin=origin)[::step, ::step]


def _gradient(plane: Plane) -> Plane:
    """Magnitude of the Scharr gradient, zeros beyond the border."""
    smooth, slope = [3 / 16, 10 / 16, 3 / 16], [-1.0, 0.0, 1.0]
    across, down = (
        ndimage.correlate1d(
            ndimage.correlate1d(plane, smooth, axis=other, mode="constant"), slope, axis=axis, mode="constant"
        )
        for axis, other in ((1, 0), (0, 1))
    )
    return np.sqrt(across * across + down * down)


def _similar(a: Plane, b: Plane, constant: float) -> Plane:
    return (2 * a * b + np.float32(constant)) / (a * a + b * b + np.float32(constant))
