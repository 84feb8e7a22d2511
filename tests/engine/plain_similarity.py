"""FSIM and Scoot as their definitions read, one picture after the other: what the quick ones are held against.

Written from the papers and the description of the authors' programs, without a look at the quick ones.
"""

import numpy as np
from scipy.signal import convolve2d

SCALES, ORIENTATIONS = 4, 4


def fsim(first, second):
    """Two grey pictures (h, w) -> FSIM in double precision."""
    a, b = _reduced(first.astype(float)), _reduced(second.astype(float))
    congruency_a, congruency_b = phase_congruency(a), phase_congruency(b)
    gradient_a, gradient_b = _gradient(a), _gradient(b)
    of_phase = (2 * congruency_a * congruency_b + 0.85) / (congruency_a**2 + congruency_b**2 + 0.85)
    of_gradient = (2 * gradient_a * gradient_b + 160) / (gradient_a**2 + gradient_b**2 + 160)
    weight = np.maximum(congruency_a, congruency_b)
    return (of_phase * of_gradient * weight).sum() / weight.sum()


def phase_congruency(picture):
    rows, columns = picture.shape
    spectrum = np.fft.fft2(picture)
    x, y = np.meshgrid(_axis(columns), _axis(rows))
    radius = np.fft.ifftshift(np.sqrt(x**2 + y**2))
    angle = np.fft.ifftshift(np.arctan2(-y, x))
    low_pass = 1 / (1 + (radius / 0.45) ** (2 * 15))
    radius[0, 0] = 1
    spread_sigma = np.pi / ORIENTATIONS / 1.2
    energy_of_all, amplitude_of_all = np.zeros(picture.shape), np.zeros(picture.shape)
    for orientation in range(ORIENTATIONS):
        towards = orientation * np.pi / ORIENTATIONS
        sine = np.sin(angle) * np.cos(towards) - np.cos(angle) * np.sin(towards)
        cosine = np.cos(angle) * np.cos(towards) + np.sin(angle) * np.sin(towards)
        spread = np.exp(-(np.abs(np.arctan2(sine, cosine)) ** 2) / (2 * spread_sigma**2))
        responses, kernels = [], []
        for scale in range(SCALES):
            centre = 1 / (6 * 2**scale)
            log_gabor = np.exp(-(np.log(radius / centre) ** 2) / (2 * np.log(0.55) ** 2)) * low_pass
            log_gabor[0, 0] = 0
            wave = log_gabor * spread
            kernels.append(np.fft.ifft2(wave).real * np.sqrt(rows * columns))
            responses.append(np.fft.ifft2(spectrum * wave))
            if scale == 0:
                power = (wave**2).sum()
        even, odd = sum(r.real for r in responses), sum(r.imag for r in responses)
        norm = np.sqrt(even**2 + odd**2) + 1e-4
        mean_even, mean_odd = even / norm, odd / norm
        energy = np.zeros(picture.shape)
        for r in responses:
            energy += r.real * mean_even + r.imag * mean_odd - np.abs(r.real * mean_odd - r.imag * mean_even)
        mean_square = -np.median(np.abs(responses[0]) ** 2) / np.log(0.5)
        noise_power = mean_square / power
        squares = sum((kernel**2).sum() for kernel in kernels)
        products = sum((kernels[i] * kernels[j]).sum() for i in range(SCALES) for j in range(i + 1, SCALES))
        expected = 2 * noise_power * squares + 4 * noise_power * products
        tau = np.sqrt(expected / 2)
        threshold = (tau * np.sqrt(np.pi / 2) + 2 * np.sqrt((2 - np.pi / 2) * tau**2)) / 1.7
        energy_of_all += np.maximum(energy - threshold, 0)
        amplitude_of_all += sum(np.abs(r) for r in responses)
    return energy_of_all / amplitude_of_all


def scoot(first, second):
    """Two grey pictures (h, w) uint8 -> Scoot."""
    return 1 / (1 + np.linalg.norm(texture(first) - texture(second)))


def texture(picture):
    """32 numbers: contrast and energy of each cell of a 4x4 grid."""
    height, width = picture.shape
    rows, columns = ([int(np.floor(size * v / 4)) for v in range(5)] for size in (height, width))
    found = []
    for i in range(4):
        for j in range(4):
            cell = picture[rows[i] : rows[i + 1], columns[j] : columns[j + 1]]
            levels = np.minimum(6, np.floor(6 * cell.astype(float) / 255 + 1)).astype(int) - 1
            mean = sum(_occurrences(levels, *step) for step in ((0, 1), (-1, 1), (-1, 0), (-1, -1))) / 4
            mean = np.floor(mean + 0.5)
            share = mean / mean.sum()
            a, b = np.indices((6, 6))
            found += [((a - b) ** 2 * share).sum(), (share**2).sum()]
    return np.array(found)


def _occurrences(levels, down, right):
    """How often level j lies (down, right) of level i, inside these levels."""
    height, width = levels.shape
    here = levels[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
    there = levels[max(0, down) : height - max(0, -down), max(0, right) : width - max(0, -right)]
    counts = np.zeros((6, 6))
    np.add.at(counts, (here.ravel(), there.ravel()), 1)
    return counts


def _axis(n):
    return np.arange(-(n - 1) / 2, (n - 1) / 2 + 1) / (n - 1) if n % 2 else np.arange(-n / 2, n / 2) / n


def _reduced(picture):
    step = max(1, int(np.floor(min(picture.shape) / 256 + 0.5)))
    if step == 1:
        return picture
    # conv2(..., 'same') of MATLAB keeps the full result from place ceil((step + 1) / 2) on, counted from 1.
    full = convolve2d(picture, np.full((step, step), 1 / step**2))
    start = int(np.ceil((step + 1) / 2)) - 1
    same = full[start : start + picture.shape[0], start : start + picture.shape[1]]
    return same[::step, ::step]


def _gradient(picture):
    kernel = np.array([[3, 0, -3], [10, 0, -10], [3, 0, -3]]) / 16
    return np.hypot(convolve2d(picture, kernel, mode="same"), convolve2d(picture, kernel.T, mode="same"))
