"""Beards: where they grow, and their hairs."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from datasetviewer.drawing import anatomy
from datasetviewer.drawing.anatomy import MIDDLE
from datasetviewer.drawing.canvas import Canvas, Field, curve, paint, smoothstep
from datasetviewer.drawing.person import Person, Shape


def _field(x: np.ndarray, y: np.ndarray, person: Person, s: Shape) -> np.ndarray:
    """Share of beard 0..1 at points; without a beard, where a shaved one would show."""
    base = anatomy.nose_base(s)
    a = np.abs(x - MIDDLE)
    top, _, bottom = anatomy.mouth_lines(s)
    corner = s.mouth_width
    lip_top = np.interp(x, top[:, 0], top[:, 1] - 0.3)
    lip_low = np.interp(x, bottom[:, 0], bottom[:, 1] + 0.8)
    on_lips = smoothstep(-0.8, 0.8, y - lip_top) * smoothstep(-0.8, 0.8, lip_low - y) * (a < corner)
    upper = curve(
        a,
        [0, 12, corner + 4, 0.72 * s.cheek_width, s.cheek_width],
        [base + 2.5, base + 2.5, base + 10, base + 10, s.eye_y + 4],
    )
    soft = 7.0 if person.beard in ("none", "stubble") else 2.0
    field = smoothstep(-soft, 1.4 * soft, y - upper)
    moustache = (
        smoothstep(-1.5, 1.8, y - base - 1.6 - 0.30 * np.maximum(a - 5, 0) - np.maximum(1.5 - a, 0))
        * smoothstep(-2, 2, s.mouth_y + 2 - y)
        * smoothstep(-2.5, 2.5, corner + 2.5 - a)
    )
    if person.beard == "moustache":
        field = moustache
    elif person.beard == "goatee":
        ring = smoothstep(-2.5, 2.5, corner + 3.5 - a - 0.012 * np.maximum(y - s.mouth_y, 0) ** 2) * smoothstep(
            -2, 2, y - s.mouth_y + 1
        )
        field = np.maximum(moustache, ring)
    # Bare skin between lower lip and chin beard at both sides of the middle.
    bare = np.exp(-(((a - 10) / 5.5) ** 2) - ((y - s.mouth_y - s.lower_lip - 3.5) / 3.0) ** 2)
    return field * (1 - on_lips) * (1 - 0.75 * bare)


def beard_cover(canvas: Canvas, person: Person, shape: Shape) -> Field:
    """Share of beard in each sample (not cut at the jaw)."""
    out = canvas.empty()
    where = canvas.window(0 + MIDDLE - 70, shape.eye_y, MIDDLE + 70, shape.chin_y + 6)
    x, y = np.broadcast_arrays(canvas.x[:, where[1]].astype(np.float64), canvas.y[where[0]].astype(np.float64))
    out[where] = _field(x, y, person, shape)
    return out


def beard_strands(person: Person, shape: Shape) -> np.ndarray:
    """Single hairs (n, 3, 2), empty without a beard; they follow cheek and chin down."""
    if person.beard in ("none", "stubble"):
        return np.zeros((0, 3, 2))
    rng = person.random(40)
    n = 3600 if person.beard == "full" else 2600
    s = shape
    x = MIDDLE + (rng.random(n) * 2 - 1) * 62
    y = s.eye_y + rng.random(n) * (s.chin_y + 3 - s.eye_y)
    keep = rng.random(n) < _field(x, y, person, s)
    width = np.array([anatomy.half_width(s, float(v)) for v in np.linspace(s.eye_y, s.chin_y, 60)])
    room = np.interp(y, np.linspace(s.eye_y, s.chin_y, 60), width)
    keep &= np.abs(x - MIDDLE) < room - 0.3
    x, y = x[keep], y[keep]
    length = 3.0 + 3.2 * rng.random(len(x))
    lean = (x - MIDDLE) / 62 * 0.55 + (rng.random(len(x)) - 0.5) * 0.7
    near_lip = (y < s.mouth_y + 1) & (np.abs(x - MIDDLE) < s.mouth_width + 4)
    lean = np.where(near_lip, np.sign(x - MIDDLE) * 0.9 + (rng.random(len(x)) - 0.5) * 0.4, lean)
    step = np.stack([length * lean, length * np.where(near_lip, 0.55, 0.95)], 1)
    root = np.stack([x, y], 1)
    return np.stack([root, root + 0.5 * step, root + step * [0.9, 1.0]], 1)


def beard_hairs(image: Field, canvas: Canvas, person: Person, shape: Shape) -> None:
    """Paint the single hairs."""
    strands = beard_strands(person, shape)
    if not len(strands):
        return
    rng = person.random(41)
    colour = np.array(person.colouring.hair, np.float32)
    for share, factor, strength in ((0.0, 0.55, 190), (0.6, 1.25, 120)):
        sheet = Image.new("L", canvas.size)
        draw = ImageDraw.Draw(sheet)
        for hair in strands[int(share * len(strands)) :]:
            draw.line(
                canvas.samples(hair), fill=int(strength * (0.6 + 0.4 * rng.random())), width=max(canvas.scale // 2, 1)
            )
        cover = np.asarray(sheet.filter(ImageFilter.GaussianBlur(0.5))).astype(np.float32) / 255
        paint(image, (slice(None), slice(None)), np.minimum(colour * factor + 0.02, 1), cover)
