"""What the classical stylizers know of a portrait: where its person is, how it was exposed, and smoothing that keeps edges.

The matte is refined with the guided filter of He, Sun and Tang, "Guided Image Filtering", ECCV 2010.
"""

import numpy as np
from PIL import Image
from scipy import ndimage

from workers.engine.errors import InputError

MAX_SIDE, MIN_SIDE = 2048, 16
MAX_STRENGTH, MIN_STRENGTH = 2.0, 0.2


def checked(image: Image.Image, strength: float, seed: int) -> None:
    """InputError for a strength, a seed or a picture's size that the classical stylizers do not take."""
    if not MIN_STRENGTH <= strength <= MAX_STRENGTH:
        raise InputError(f"The strength of the strokes is between {MIN_STRENGTH} and {MAX_STRENGTH:g}, not {strength}.")
    if seed < 0:
        raise InputError(f"The seed is a whole number from 0 on, not {seed}.")
    if min(image.size) < MIN_SIDE or max(image.size) > MAX_SIDE:
        raise InputError(
            f"Pictures of {MIN_SIDE} to {MAX_SIDE} pixels a side can be drawn, not {image.width}x{image.height}; resize it."
        )


def stroke_unit(image: Image.Image) -> float:
    """How many pixels of this picture one pixel is in a portrait of 400x500, for which stroke widths are given."""
    return min(image.width, image.height * 0.8) / 400.0


def luma(rgb: np.ndarray) -> np.ndarray:
    """(h, w, 3) float -> (h, w) grey, as ITU-R BT.601 weighs the colours."""
    return rgb @ np.array([0.299, 0.587, 0.114], dtype=np.float32)


def exposed(grey: np.ndarray) -> np.ndarray:
    """Lightness 0..1, the middle of the picture (the face) brought towards a common level.

    Only towards it: darker skin stays darker, but leaves the range where strokes would drown in graphite.
    """
    middle = grey[oval(grey.shape, 0.52, 0.30, 0.30) > 0.5]
    low, high = np.percentile(grey, 1.0), np.percentile(middle, 99.5)
    span = max(float(high - low), 0.2)
    stretched = np.clip((grey - low) / span, 0.0, 1.0)
    level = float(np.clip((np.percentile(middle, 55.0) - low) / span, 0.05, 0.95))
    gamma = np.clip(np.log(0.46 + 0.30 * level) / np.log(level), 0.5, 1.5)
    return (stretched**gamma).astype(np.float32)


def subject(rgb: np.ndarray) -> np.ndarray:
    """Probability 0..1 that a pixel belongs to the person rather than to the background."""
    height, width = rgb.shape[:2]
    factor = max(1, round(min(height, width) / 100))
    small = rgb[: height // factor * factor, : width // factor * factor]
    small = small.reshape(height // factor, factor, width // factor, factor, 3).mean(axis=(1, 3))
    h, w = small.shape[:2]
    prior = _person_prior((h, w))
    border = np.zeros((h, w), dtype=bool)
    band = max(1, round(0.05 * w))
    border[:band] = True
    border[: round(0.72 * h), :band] = True
    border[: round(0.72 * h), -band:] = True
    colours = np.clip((small * 12).astype(np.int32), 0, 11)
    index = (colours[..., 0] * 12 + colours[..., 1]) * 12 + colours[..., 2]
    person = prior.copy()
    grey = luma(small)
    for _ in range(3):
        likelihood = []
        for weight in (person**2 * (1 - 0.9 * border), (1 - person) ** 2 + 1.0 * border):
            counts = np.bincount(index.ravel(), weights=weight.ravel(), minlength=12**3).reshape(12, 12, 12)
            counts = ndimage.gaussian_filter(counts, 0.8) + 1e-4 * weight.sum()
            likelihood.append((counts / counts.sum()).ravel()[index])
        front = prior * likelihood[0]
        person = front / (front + (1 - prior) * likelihood[1])
        person = np.clip(guided(grey, person.astype(np.float32), radius=4, epsilon=0.003), 0.0, 1.0)
    person = np.maximum(person, oval((h, w), 0.52, 0.27, 0.30))
    full = np.asarray(
        Image.fromarray(person.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32
    )
    x = np.clip((full - 0.15) / 0.6, 0.0, 1.0)
    return x * x * (3 - 2 * x)


def _person_prior(shape: tuple[int, int]) -> np.ndarray:
    """How likely each place of a portrait shows the person: head in the middle, shoulders below."""
    height, width = shape
    y, x = np.mgrid[:height, :width]
    y, x = (y + 0.5) / height, (x + 0.5) / width
    head = 1.15 - np.hypot((x - 0.5) / 0.50, (y - 0.50) / 0.52)
    shoulders = 0.9 - np.maximum(np.abs(x - 0.5) / 0.62, (1.06 - y) / 0.32)
    return np.clip(0.5 + 1.2 * np.maximum(head, shoulders) - 0.18, 0.04, 0.96).astype(np.float32)


def oval(shape: tuple[int, int], centre: float, rx: float, ry: float) -> np.ndarray:
    """1 inside an upright oval around (0.5, centre), 0 outside, soft between; sizes are parts of the sides."""
    height, width = shape
    y, x = np.mgrid[:height, :width]
    radius = np.hypot(((x + 0.5) / width - 0.5) / rx, ((y + 0.5) / height - centre) / ry)
    return np.clip((1.25 - radius) / 0.5, 0.0, 1.0).astype(np.float32)


def guided(guide: np.ndarray, values: np.ndarray, radius: int, epsilon: float) -> np.ndarray:
    """Guided filter: `values` smoothed over windows of 2 radius + 1 pixels, keeping the edges of `guide`."""

    def mean(a):
        return ndimage.uniform_filter(a, 2 * radius + 1, mode="nearest")

    g, v = mean(guide), mean(values)
    slope = (mean(guide * values) - g * v) / (mean(guide * guide) - g * g + epsilon)
    return mean(slope) * guide + mean(v - slope * g)
