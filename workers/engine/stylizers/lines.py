"""A photo turned into a pen drawing: lines that follow the forms, on white paper, by classical image processing.

The flow-based difference of Gaussians of Kang, Lee and Chui, "Coherent Line Drawing", NPAR 2007, with two changes from
Winnemoeller, Kyprianidis and Olsen, "XDoG: An eXtended Difference-of-Gaussians compendium including advanced image
stylization", Computers and Graphics 2012: the flow comes from the smoothed structure tensor, and a soft threshold lets a
line grow fainter towards its ends. The difference of Gaussians is taken across the flow only, then averaged along it, so
that broken edges join into strokes and grain gives none. Three widths are drawn: fine lines for eyes and hair, broader ones
for the outline and the brows. What is very dark is filled with strokes along the forms (line integral convolution, Cabral
and Leedom, SIGGRAPH 1993). The background is left out with the matte of `portrait`.
"""

import numpy as np
from PIL import Image
from scipy import ndimage

from workers.engine.stylizers.portrait import checked, exposed, guided, luma, stroke_unit, subject

_SURROUND = 1.6  # width of the wider Gaussian over that of the narrower: nearly a Laplacian
_CENTRE = 0.985  # share of the wider one that is subtracted: below 1, so that even areas stay paper
# Width in pixels at 400x500, how dark its lines are, and the response from which they are drawn.
_WIDTHS = ((0.8, 1.0, 0.0028), (1.6, 0.75, 0.009), (3.2, 0.65, 0.018))
_SHARPNESS = 60.0
_LENGTH = 4.0  # deviation of the average along the flow, in pixels at 400x500
_DARK = 0.24  # lightness from which strokes fill
_INK, _PAPER = 0.08, 0.985


def lines(image: Image.Image, *, strength: float = 1.0, seed: int = 0) -> Image.Image:
    """The line drawing of an RGB or L picture, as an L picture of the same size, the same for the same arguments.

    `strength` is how many and how bold the lines are: 1 is usual, 0.5 only the main ones, 1.5 many. `seed` draws them
    with another hand: where the pen is pressed and how it trembles. Made for portraits whose face is near the middle.
    """
    checked(image, strength, seed)
    rgb = np.asarray(image.convert("RGB"), dtype=np.float32) / 255.0
    unit = stroke_unit(image)
    lightness = exposed(luma(rgb))
    person = subject(rgb)
    clean = guided(lightness, lightness, radius=max(1, round(2 * unit)), epsilon=0.0012)
    tangent = _tangent(clean, 2.5 * unit)
    hand = _hand(clean.shape, unit, seed)
    # Strands of dark hair differ by little light but by as large a part of it as others.
    moved = _trembled(np.sqrt(clean), hand, unit)
    responses = [_across(moved, tangent, width * unit) for width, _, _ in _WIDTHS]
    grain = ndimage.gaussian_filter(
        np.random.default_rng(seed).standard_normal(clean.shape, dtype=np.float32), 0.6 * unit
    )
    *smoothed, strands = _along([*responses, grain], tangent, _LENGTH * unit)
    ink = np.zeros_like(clean)
    for response, (_, darkness, least) in zip(smoothed, _WIDTHS, strict=True):
        excess = np.clip(-response * strength - least * (1.0 + 2.0 * (1.0 - person)), 0.0, None)
        ink = np.maximum(ink, darkness * np.tanh(_SHARPNESS * excess))
    ink = np.maximum(ink, _hatched(clean, strands, unit, strength))
    ink *= (0.05 + 0.95 * person) * np.clip(1.0 + 0.12 * hand[2], 0.6, 1.0)
    value = _PAPER - (_PAPER - _INK) * np.clip(ink * (0.75 + 0.25 * strength), 0.0, 1.0)
    return Image.fromarray(np.rint(value * 255.0).astype(np.uint8))


def _tangent(grey: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors (x, y) along the edges: across the main direction of the smoothed structure tensor."""
    gx = ndimage.gaussian_filter(grey, 0.8, order=(0, 1))
    gy = ndimage.gaussian_filter(grey, 0.8, order=(1, 0))
    xx, yy, xy = (ndimage.gaussian_filter(product, sigma) for product in (gx * gx, gy * gy, gx * gy))
    angle = 0.5 * np.arctan2(2.0 * xy, xx - yy) + np.pi / 2
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)


def _across(grey: np.ndarray, tangent: tuple[np.ndarray, np.ndarray], sigma: float) -> np.ndarray:
    """The difference of two Gaussians along the line across the flow; negative on dark lines."""
    wide = sigma * _SURROUND
    reach = max(1, int(np.ceil(2.2 * wide)))
    nx, ny = -tangent[1], tangent[0]
    y, x = np.mgrid[: grey.shape[0], : grey.shape[1]].astype(np.float32)
    stride = max(1, round(sigma))  # smooth as it is, it need not be looked at in every pixel
    offsets = np.arange(-(reach // stride), reach // stride + 1) * stride
    centre, surround = (np.exp(-0.5 * (offsets / width) ** 2) for width in (sigma, wide))
    weights = centre / centre.sum() - _CENTRE * surround / surround.sum()
    found = np.zeros_like(grey)
    for offset, weight in zip(offsets, weights, strict=True):
        place = (
            grey
            if offset == 0
            else ndimage.map_coordinates(grey, [y + offset * ny, x + offset * nx], order=1, mode="nearest")
        )
        found += np.float32(weight) * place
    return found


def _along(fields: list[np.ndarray], tangent: tuple[np.ndarray, np.ndarray], sigma: float) -> list[np.ndarray]:
    """Each field averaged along the flow through each pixel, with Gaussian weights."""
    height, width = fields[0].shape
    flat = [field.ravel() for field in fields]
    tx, ty = tangent[0].ravel(), tangent[1].ravel()
    totals = [field.copy() for field in flat]
    y0, x0 = (a.ravel().astype(np.float32) for a in np.mgrid[:height, :width])
    steps = max(2, round(1.8 * sigma))
    weights = np.exp(-0.5 * (np.arange(1, steps + 1) / sigma) ** 2).astype(np.float32)
    for sign in (1.0, -1.0):
        x, y = x0.copy(), y0.copy()
        px, py = tx * np.float32(sign), ty * np.float32(sign)
        for weight in weights:
            x += px
            y += py
            np.clip(x, 0, width - 1, out=x)
            np.clip(y, 0, height - 1, out=y)
            index = (y + 0.5).astype(np.int32) * width + (x + 0.5).astype(np.int32)
            for total, field in zip(totals, flat, strict=True):
                total += weight * field[index]
            nx, ny = tx[index], ty[index]
            # The field has no sign; keep walking the way we came.
            flip = np.where(nx * px + ny * py < 0, np.float32(-1), np.float32(1))
            px, py = nx * flip, ny * flip
    whole = np.float32(1.0 + 2.0 * weights.sum())
    return [(total / whole).reshape(height, width) for total in totals]


def _hatched(grey: np.ndarray, strands: np.ndarray, unit: float, strength: float) -> np.ndarray:
    """Ink 0..1 of what is very dark: strokes along the forms, the denser the darker, until they close to black."""
    soft = ndimage.gaussian_filter(grey, 1.2 * unit)
    dark = np.clip((_DARK - soft) / _DARK, 0.0, 1.0) * min(1.2, 0.6 + 0.4 * strength)
    stroke = (strands - strands.mean()) / (strands.std() + 1e-6)
    return np.clip(1.4 * (stroke - 1.7 + 3.4 * dark), 0.0, 1.0) * np.clip(4.0 * dark, 0.0, 1.0) * 0.95


def _hand(shape: tuple[int, int], unit: float, seed: int) -> np.ndarray:
    """(3, h, w) smooth noise of unit variance: shift in x and y, pressure."""
    rng = np.random.default_rng(seed)
    fields = []
    for sigma in (14.0, 14.0, 9.0):
        field = ndimage.gaussian_filter(rng.standard_normal(shape, dtype=np.float32), sigma * unit)
        fields.append(field / (field.std() + 1e-6))
    return np.stack(fields)


def _trembled(grey: np.ndarray, hand: np.ndarray, unit: float) -> np.ndarray:
    """The picture moved by fractions of a pixel, so that straight edges are drawn by a hand."""
    y, x = np.mgrid[: grey.shape[0], : grey.shape[1]].astype(np.float32)
    return ndimage.map_coordinates(grey, [y + 0.5 * unit * hand[0], x + 0.5 * unit * hand[1]], order=1, mode="nearest")
