"""Strokes of a pencil or brush: many thin lines drawn with Pillow on a supersampled sheet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from datasetviewer.drawing.canvas import Canvas, Field, Path
from datasetviewer.drawing.colouring import Colour
from datasetviewer.drawing.hair import Strands

LEVELS = 64


def hair_palette(colour: Colour) -> list[tuple[int, int, int]]:
    """From the hair's shadow to its shine in LEVELS steps."""
    base = np.array(colour)
    luma = float(base @ [0.3, 0.59, 0.11])
    dark = base * (0.34 + 0.22 * luma)
    shine = np.clip(base * 1.22 + 0.085 + 0.05 * (1 - luma), 0, 1)
    t = np.linspace(0, 1, LEVELS)[:, None]
    ramp = np.where(t < 0.55, dark + (base - dark) * (t / 0.55), base + (shine - base) * ((t - 0.55) / 0.45))
    return [(int(r), int(g), int(b)) for r, g, b in np.round(np.clip(ramp, 0, 1) * 255)]


def draw_strands(
    canvas: Canvas, strands: Strands, tones: Sequence[object], sheet: Image.Image, *, width: int = 2, every: int = 3
) -> None:
    """Draw each hair in pieces of `every` points with the tone of its brightness there (tones: LEVELS fills)."""
    draw = ImageDraw.Draw(sheet)
    points = (strands.points - [canvas.left, canvas.top]) * canvas.scale
    levels = np.minimum((strands.brightness * LEVELS).astype(int), LEVELS - 1)
    count = points.shape[1]
    # Flat rows x, y, x, y ...: Pillow takes them as they are, and there are tens of thousands.
    lines, steps = points.reshape(len(points), 2 * count).tolist(), levels.tolist()
    for line, step in zip(lines, steps, strict=True):
        for k in range(0, count - 1, every):
            draw.line(line[2 * k : 2 * (k + every + 1)], fill=tones[step[k]], width=width)  # type: ignore[arg-type]


def fill_shapes(canvas: Canvas, shapes: Sequence[Path], sheet: Image.Image, tone: object) -> None:
    """Fill closed shapes with one tone."""
    draw = ImageDraw.Draw(sheet)
    for shape in shapes:
        draw.polygon(canvas.samples(shape), fill=tone)  # type: ignore[arg-type]


def soft_polygon(canvas: Canvas, path: Path, soft: float) -> Field:
    """The same with an edge blurred over `soft` pixels."""
    sheet = Image.new("L", canvas.size)
    ImageDraw.Draw(sheet).polygon(canvas.samples(path), fill=255)
    return np.asarray(sheet.filter(ImageFilter.GaussianBlur(soft * canvas.scale))).astype(np.float32) / 255


def pressed_line(
    sheet: Image.Image,
    canvas: Canvas,
    path: Path,
    *,
    weight: float,
    pressure: float,
    rng: np.random.Generator,
    wobble: float = 0.25,
) -> None:
    """A pencil line on a sheet of darkness ("L", 255 = black): thin and light at its ends, its pressure wandering.

    weight in pixels, pressure 0..1. A darker line below is kept where this one is lighter.
    """
    n = len(path)
    t = np.linspace(0, 1, n)
    sway = np.interp(t, np.linspace(0, 1, 6), rng.random(6) * 2 - 1)
    press = np.minimum(np.minimum(t, 1 - t) * 5 + 0.30, 1) * (0.82 + 0.18 * sway)
    shift = np.stack([np.interp(t, np.linspace(0, 1, 5), (rng.random(5) * 2 - 1) * wobble) for _ in range(2)], 1)
    points = canvas.samples(np.asarray(path) + shift)
    layer = Image.new("L", sheet.size)
    draw = ImageDraw.Draw(layer)
    for k in range(n - 1):
        width = max(round(weight * canvas.scale * (0.6 + 0.4 * float(press[k]))), 1)
        draw.line([points[k], points[k + 1]], fill=int(255 * pressure * float(press[k])), width=width)
    left, top, right, bottom = layer.getbbox() or (0, 0, 1, 1)
    box = (left, top, right, bottom)
    part = np.maximum(np.asarray(sheet.crop(box)), np.asarray(layer.crop(box)))
    sheet.paste(Image.fromarray(part), box)
