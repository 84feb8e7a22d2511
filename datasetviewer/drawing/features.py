"""Eyes, brows, nostrils and lips of the painted portrait."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from datasetviewer.drawing import anatomy
from datasetviewer.drawing.anatomy import SIDES
from datasetviewer.drawing.canvas import Canvas, Field, Path, line_cover, moved, paint, smoothstep
from datasetviewer.drawing.person import Person, Shape
from datasetviewer.drawing.relief import Relief

IRIS_RADIUS = 4.9


def between(canvas: Canvas, upper: Path, lower: Path, soft: float = 0.4) -> tuple[tuple[slice, slice], Field]:
    """The area between two curves that share their x positions."""
    where = canvas.around(np.concatenate([upper, lower]), 1.5)
    order = np.argsort(upper[:, 0], kind="stable")
    x, y = canvas.x[0, where[1]], canvas.y[where[0]]
    top = np.interp(x, upper[order, 0], upper[order, 1])[None, :].astype(np.float32)
    low = np.interp(x, lower[order, 0], lower[order, 1])[None, :].astype(np.float32)
    ends = smoothstep(-soft, soft, np.minimum(x - upper[order[0], 0], upper[order[-1], 0] - x))[None, :]
    return where, (smoothstep(-soft, soft, y - top) * smoothstep(-soft, soft, low - y) * ends).astype(np.float32)


def iris_centre(shape: Shape, side: int) -> tuple[float, float]:
    x, y = anatomy.eye_centre(shape, side)
    return x + side * 0.3, y - 0.55


def iris_radius(shape: Shape) -> float:
    return IRIS_RADIUS * shape.eye_width / 10.3


def paint_eyes(image: Field, canvas: Canvas, person: Person, shape: Shape) -> None:
    """White, iris, pupil, light, lids and lashes of both eyes."""
    skin = np.array(person.colouring.skin, np.float32)
    lash = np.array(person.colouring.hair, np.float32) * 0.22 + np.array([0.035, 0.02, 0.02], np.float32)
    for side in SIDES:
        upper, lower = anatomy.eye_lids(shape, side)
        where, opening = between(canvas, upper, lower)
        x, y = canvas.x[:, where[1]], canvas.y[where[0]]
        cx, cy = iris_centre(shape, side)
        radius = iris_radius(shape)
        r = np.sqrt((x - cx) ** 2 + (y - cy) ** 2)
        # The ball is darkest under the upper lid and towards the corners.
        depth = smoothstep(-1.0, 5.0, y - np.interp(x[0], *_rising(upper))[None, :])
        across = np.clip(np.abs(x - cx) / (shape.eye_width * 1.1), 0, 1)
        white = np.array([0.905, 0.875, 0.86], np.float32) * (0.97 - 0.05 * person.colouring.skin_depth)
        ball = white * ((0.60 + 0.40 * depth) * (1 - 0.22 * across * across))[..., None]
        iris = np.array(person.colouring.iris, np.float32)
        glow = 0.72 + 0.62 * smoothstep(-1.5, radius, y - cy) - 0.55 * smoothstep(radius - 1.4, radius, r)
        ring = iris * (glow * (0.55 + 0.45 * depth))[..., None]
        paint(ball, (slice(None), slice(None)), ring, 1 - smoothstep(radius - 0.45, radius + 0.45, r))
        paint(
            ball,
            (slice(None), slice(None)),
            (0.03, 0.025, 0.03),
            1 - smoothstep(0.40 * radius - 0.35, 0.40 * radius + 0.35, r),
        )
        corner = np.sqrt((x - upper[0, 0] - side * 0.6) ** 2 + (y - upper[0, 1]) ** 2)
        paint(
            ball,
            (slice(None), slice(None)),
            skin * np.array([0.85, 0.60, 0.56], np.float32),
            0.7 * (1 - smoothstep(0.6, 2.4, corner)),
        )
        lx = cx + 1.7 * (1 if person.light[0] > 0 else -1)
        glint = np.sqrt((x - lx) ** 2 + (y - cy + 1.6) ** 2)
        paint(ball, (slice(None), slice(None)), (0.98, 0.98, 0.98), 0.95 * (1 - smoothstep(0.5, 1.25, glint)))
        paint(image, where, ball, opening)
        # Lids: a wet lower rim, then the dark line of the lashes, thick outside.
        at, rim = line_cover(canvas, moved(lower[2:-1], 0, 0.5), 1.0, soft=0.6, taper=(0.2, 0.2))
        paint(image, at, skin * np.array([0.80, 0.56, 0.52], np.float32), 0.45 * rim)
        dark = 0.55 + 0.25 * max(person.softness, 0)
        at, line = line_cover(canvas, moved(lower[7:], 0, 0.9), 0.7, soft=0.5, taper=(0.6, 0.1))
        paint(image, at, lash, 0.5 * dark * line)
        tail = upper[-1] + [side * 1.2, -0.4]
        lid = np.concatenate([upper[1:], tail[None]])
        at, line = line_cover(
            canvas, lid - [0, 0.35], 1.35 + 0.55 * max(person.softness, 0), soft=0.55, taper=(0.45, 0.12)
        )
        paint(image, at, lash, 0.93 * line)
        at, line = line_cover(canvas, anatomy.lid_crease(shape, side)[1:], 1.1, soft=0.7, taper=(0.3, 0.3))
        paint(image, at, skin * np.array([0.50, 0.36, 0.31], np.float32), 0.62 * line)


def _rising(path: Path) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(path[:, 0], kind="stable")
    return path[order, 0], path[order, 1]


def brow_hairs(person: Person, shape: Shape, side: int, count: int) -> np.ndarray:
    """Single hairs of a brow (count, 3, 2): they start upright near the nose and lie flat outside."""
    rng = person.random(20 + side)
    path = anatomy.brow(shape, side)
    along = rng.random(count)
    place = along * (len(path) - 1)
    i = np.minimum(place.astype(int), len(path) - 2)
    root = path[i] + (path[i + 1] - path[i]) * (place - i)[:, None]
    thick = shape.brow_thick * anatomy.brow_thickness(along)
    root[:, 1] += (rng.random(count) * 2 - 1) * thick + 0.25 * thick
    upright = np.interp(along, [0, 0.25, 0.55, 1], [1.0, 0.55, 0.1, -0.45])
    length = (3.0 + 2.6 * rng.random(count)) * (0.75 + 0.25 * shape.brow_thick / 3.2)
    step = np.stack([side * length * (1 - 0.45 * np.abs(upright)), -length * upright * 0.75], 1)
    bend = np.stack([np.zeros(count), 0.12 * length], 1)
    return np.stack([root - 0.2 * step, root + 0.4 * step - bend * 0.3, root + 0.8 * step + bend * 0.2], 1)


def paint_brows(image: Field, canvas: Canvas, person: Person, shape: Shape) -> None:
    """A soft ground and single hairs."""
    colour = np.array(person.colouring.hair, np.float32) * 0.60
    for side in SIDES:
        path = anatomy.brow(shape, side)
        where, cover = line_cover(canvas, path, 1.5 * shape.brow_thick, soft=1.5, taper=(0.25, 0.75))
        paint(image, where, colour, 0.52 * cover)
        sheet = Image.new("L", canvas.size)
        draw = ImageDraw.Draw(sheet)
        for hair in brow_hairs(person, shape, side, 120):
            draw.line(canvas.samples(hair), fill=215, width=max(canvas.scale // 2, 1))
        box = canvas.around(path, 9)
        cover = np.asarray(sheet.filter(ImageFilter.GaussianBlur(0.5)))[box].astype(np.float32) / 255
        paint(image, box, colour * 0.8, cover)


def paint_nostrils(image: Field, canvas: Canvas, person: Person, shape: Shape) -> None:
    skin = np.array(person.colouring.skin, np.float32)
    for side in SIDES:
        where, cover = line_cover(canvas, anatomy.nostril(shape, side), 2.4, soft=1.0, taper=(0.35, 0.35))
        paint(image, where, skin * np.array([0.26, 0.15, 0.13], np.float32), 0.78 * cover)
        where, cover = line_cover(canvas, anatomy.nose_wing(shape, side), 1.2, soft=1.1, taper=(0.5, 0.4))
        paint(image, where, skin * np.array([0.56, 0.40, 0.35], np.float32), 0.38 * cover)


def paint_mouth(image: Field, canvas: Canvas, person: Person, shape: Shape, relief: Relief) -> None:
    """Both lips in their own light, and the line between them."""
    top, middle, bottom = anatomy.mouth_lines(shape)
    lip = np.array(person.colouring.lip, np.float32)
    if person.softness > 0.5:
        lip = lip * np.array([1.03, 0.84, 0.86], np.float32)
    for upper, lower, strength, tone in ((top, middle, 0.86, 0.84), (middle, bottom, 0.80, 1.0)):
        where, cover = between(canvas, upper, lower, soft=0.9)
        light = relief.light[where] - 0.25 * relief.hollow[where]
        colour = lip * (tone * (0.30 + 0.76 * light))[..., None] + (0.22 * relief.shine[where])[..., None]
        paint(image, where, colour, strength * cover)
    where, cover = line_cover(canvas, middle, 1.35, soft=0.65, taper=(0.16, 0.16))
    paint(image, where, lip * np.array([0.34, 0.24, 0.24], np.float32), 0.88 * cover)
    for end, inside in ((0, 2), (-1, -3)):
        where, cover = line_cover(
            canvas, np.array([middle[end] + (middle[end] - middle[inside]) * 0.3, middle[inside]]), 1.8, soft=1.2
        )
        paint(image, where, lip * np.array([0.5, 0.4, 0.4], np.float32), 0.45 * cover)
