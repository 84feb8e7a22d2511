"""The sketch: a graphite drawing of a person, drawn from the same proportions as the photo and never from its pixels.

Like a draughtsman the sketch gives form first: contours pressed more or less, shadows smudged and hatched, hair
stroke by stroke. The skin's colour hardly matters to it, and its hand is a fraction of a pixel off.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from datasetviewer.drawing import anatomy
from datasetviewer.drawing.anatomy import MIDDLE, SIDES
from datasetviewer.drawing.beard import beard_cover, beard_strands
from datasetviewer.drawing.canvas import Canvas, Field, blur, noise, to_image
from datasetviewer.drawing.contours import draw_contours, draw_eyes
from datasetviewer.drawing.features import between, brow_hairs
from datasetviewer.drawing.hair import Strands, grow
from datasetviewer.drawing.hairstyles import style_hair
from datasetviewer.drawing.person import VARIATION, Person, Shape
from datasetviewer.drawing.relief import Relief, head_relief
from datasetviewer.drawing.strokes import LEVELS, draw_strands, fill_shapes, soft_polygon
from datasetviewer.drawing.wear import body_outline, clothes_outline

PAPER = 0.985


def redrawn(person: Person, shape: Shape) -> Shape:
    """The proportions as the draughtsman got them: each up to a sixth of its deviation off, the eyes in place."""
    rng = person.random(60)
    changes = {
        name: getattr(shape, name) + VARIATION[name][0] * 0.16 * float(rng.random() * 2 - 1) for name in VARIATION
    }
    return replace(shape, **{f.name: changes[f.name] for f in fields(shape) if f.name in changes})


def _tone(canvas: Canvas, person: Person, shape: Shape, relief: Relief) -> Field:
    """How dark the drawing means each place to be, without lines: 0 is paper."""
    depth = person.colouring.skin_depth
    light = relief.light - 0.50 * relief.hollow
    face = np.clip((0.80 - light) * 0.92, 0, 1) + 0.02 + 0.25 * depth - 0.12 * relief.shine
    body = soft_polygon(canvas, body_outline(shape), 0.4)
    drop = 9 * canvas.scale
    shadow = np.zeros_like(relief.cover)
    shadow[drop:] = blur(relief.cover, 5.0, canvas.scale)[:-drop]
    across = np.clip((canvas.x - MIDDLE) / np.float32(shape.neck_width + 6), -1, 1)
    neck = 0.05 + 0.12 * depth + 0.46 * shadow + 0.22 * across * across * across * across
    tone = body * neck
    cloth = soft_polygon(canvas, clothes_outline(person, shape), 0.4)
    luma = float(np.dot(person.colouring.fabric, [0.3, 0.59, 0.11]))
    cloth_tone = 0.62 * (1 - luma) + 0.10 * noise(person.random(50), canvas, 17)
    tone += (np.clip(cloth_tone, 0.04, 1) - tone) * cloth
    for side in SIDES:
        ear = soft_polygon(canvas, anatomy.ear_outline(shape, side), 0.5)
        tone += (0.12 + 0.15 * depth - tone) * ear
    if person.beard == "stubble":
        face = face + 0.16 * beard_cover(canvas, person, shape)
    elif person.beard != "none":
        luma = float(np.dot(person.colouring.hair, [0.3, 0.59, 0.11]))
        face = face + (0.50 - 0.45 * luma) * beard_cover(canvas, person, shape)
    top, middle, bottom = anatomy.mouth_lines(shape)
    for upper, lower, dark in ((top, middle, 0.26), (middle, bottom, 0.13)):
        where, cover = between(canvas, upper, lower, soft=0.9)
        face[where] += dark * cover
    tone += (np.clip(face, 0, 1) - tone) * relief.cover
    return np.clip(tone, 0, 1)


def _hatched(canvas: Canvas, person: Person, tone: Field) -> Image.Image:
    """Short parallel strokes, denser and darker where the tone is; three directions for three depths of shadow."""
    sheet = Image.new("L", canvas.size)
    small = np.asarray(to_image(tone).reduce(canvas.scale)).astype(np.float64) / 255
    rng = person.random(61)
    darkness = np.zeros(canvas.size[::-1], np.uint8)
    for threshold, (dx, dy), step in (
        (0.12, (0.62, -0.78), 2.2),
        (0.34, (0.30, -0.95), 2.1),
        (0.56, (0.86, 0.50), 2.0),
    ):
        layer = Image.new("L", canvas.size)
        draw = ImageDraw.Draw(layer)
        columns, rows = np.meshgrid(np.arange(0, canvas.width, step), np.arange(0, canvas.height, step))
        x = columns.ravel() + (rng.random(columns.size) - 0.5) * step * 1.2
        y = rows.ravel() + (rng.random(columns.size) - 0.5) * step * 1.2
        inside = (x >= 0) & (y >= 0) & (x < canvas.width) & (y < canvas.height)
        x, y = x[inside], y[inside]
        dark = small[y.astype(int), x.astype(int)]
        drawn = dark > threshold * (0.75 + 0.5 * rng.random(len(x)))
        x, y, dark = x[drawn], y[drawn], dark[drawn]
        length = 2.2 + 2.6 * rng.random(len(x))
        turn = (rng.random(len(x)) - 0.5) * 0.25
        ux, uy = length * (dx - dy * turn), length * (dy + dx * turn)
        grey = np.clip((60 + 190 * (dark - threshold)) * (0.7 + 0.6 * rng.random(len(x))), 0, 190).astype(int)
        ends = (np.stack([x - ux, y - uy, x + ux, y + uy], 1) * canvas.scale).tolist()
        for line, level in zip(ends, grey.tolist(), strict=True):
            draw.line(line, fill=level, width=max(canvas.scale // 2, 1))
        # Crossed strokes add up as graphite does, never past black.
        one, other = darkness.astype(np.int32), np.asarray(layer).astype(np.int32)
        darkness = (255 - (255 - one) * (255 - other) // 255).astype(np.uint8)
    sheet = Image.fromarray(darkness)
    return sheet


def _hair(canvas: Canvas, person: Person, shape: Shape, locks: list[Strands]) -> list[tuple[Field, Field, bool]]:
    """For each layer of hair: darkness, cover and whether it lies behind the head."""
    luma = float(np.dot(person.colouring.hair, [0.3, 0.59, 0.11]))
    deep = 0.97 - 0.52 * min(luma * 1.3, 1.0)
    tones = [int(255 * min(max(deep * (1.16 - 1.12 * k / LEVELS), 0.02), 1)) for k in range(LEVELS)]
    layers = []
    for behind in (True, False):
        chosen = [strands for strands in locks if strands.behind == behind]
        if not chosen:
            continue
        dark, cover = Image.new("L", canvas.size), Image.new("L", canvas.size)
        for strands in chosen:
            fill_shapes(canvas, strands.ground, dark, int(255 * deep * (0.62 if behind else 0.50)))
            fill_shapes(canvas, strands.ground, cover, 255)
            # The ground is rubbed; over it the strokes keep their own edge and let paper through.
            draw_strands(canvas, strands, tones, dark, width=max(canvas.scale // 2, 1) + 1)
            draw_strands(canvas, strands, [255] * LEVELS, cover, every=7)
        soft = cover.filter(ImageFilter.GaussianBlur(0.3 * canvas.scale))
        layers.append((np.asarray(dark).astype(np.float32) / 255, np.asarray(soft).astype(np.float32) / 255, behind))
    return layers


def _hairs(canvas: Canvas, person: Person, shape: Shape) -> Field:
    """Brows and beard, hair by hair: darkness."""
    rng = person.random(62)
    sheet = Image.new("L", canvas.size)
    draw = ImageDraw.Draw(sheet)
    luma = float(np.dot(person.colouring.hair, [0.3, 0.59, 0.11]))
    strength = 245 - 90 * min(luma * 1.3, 1.0)
    for side in SIDES:
        for hair in brow_hairs(person, shape, side, 130):
            draw.line(
                canvas.samples(hair), fill=int(strength * (0.65 + 0.35 * rng.random())), width=max(canvas.scale // 2, 1)
            )
    for hair in beard_strands(person, shape)[::2]:
        draw.line(
            canvas.samples(hair), fill=int(strength * (0.45 + 0.5 * rng.random())), width=max(canvas.scale // 3, 1)
        )
    return np.asarray(sheet).astype(np.float32) / 255


def graphite(canvas: Canvas, person: Person, shape: Shape) -> Field:
    """Darkness of the drawing (0 paper, 1 black) at the canvas's own resolution."""
    relief = head_relief(canvas, person, shape)
    tone = _tone(canvas, person, shape, relief)
    locks = grow(style_hair(person, shape), person.random(63), -person.light[0])
    smudge = 0.46 * blur(tone, 1.1, canvas.scale)
    hatch = 0.80 * np.asarray(_hatched(canvas, person, tone)).astype(np.float32) / 255
    dark = 1 - (1 - smudge) * (1 - hatch * np.minimum(tone * 2.2, 1))
    solid = np.maximum(relief.cover, soft_polygon(canvas, body_outline(shape), 0.3))
    lines = np.asarray(draw_contours(canvas, person, shape)).astype(np.float32) / 255
    for hair, cover, behind in _hair(canvas, person, shape, locks):
        if behind:
            dark = dark + (hair - dark) * cover * (1 - solid)
            lines = lines * (1 - 0.6 * cover * (1 - solid))
        else:
            dark = np.maximum(dark, _hairs(canvas, person, shape) * (1 - cover))
            dark = 1 - (1 - dark) * (1 - lines)
            drop = 2 * canvas.scale
            cast = np.zeros_like(cover)
            cast[drop:] = blur(cover, 2.6, canvas.scale)[:-drop]
            dark = dark + 0.22 * cast * (1 - cover) * relief.cover * (1 - dark)
            dark = dark + (hair - dark) * cover
    return draw_eyes(canvas, person, shape, dark)


def draw_sketch(person: Person) -> Image.Image:
    """The sketch, grey ("L") 200x250 on white paper, eye centres at (75, 125) and (125, 125)."""
    canvas = Canvas()
    dark = graphite(canvas, person, redrawn(person, person.shape))
    rng = person.random(64)
    # The tooth of the paper breaks the graphite up; it shows most in the middle tones.
    tooth = 0.5 * noise(rng, canvas, 0.75) + 0.5 * noise(rng, canvas, 1.7)
    dark = dark * (1 + 0.34 * tooth * (1 - 0.75 * dark))
    paper = PAPER + 0.010 * noise(rng, canvas, 2.2) + 0.006 * noise(rng, canvas, 40)
    return canvas.shrink(to_image(paper - 0.93 * dark))
