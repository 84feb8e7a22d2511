"""Neck, shoulders, clothes and glasses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from datasetviewer.drawing import anatomy
from datasetviewer.drawing.anatomy import MIDDLE, SIDES
from datasetviewer.drawing.canvas import Canvas, Field, Path, blur, line_cover, moved, noise, paint, smooth_path
from datasetviewer.drawing.person import Person, Shape
from datasetviewer.drawing.strokes import soft_polygon


def body_outline(shape: Shape) -> Path:
    """Neck and shoulders as one closed shape."""
    left, right = anatomy.neck_outline(shape, -1), anatomy.neck_outline(shape, 1)
    return np.concatenate([left, right[::-1]])


def neckline(person: Person, shape: Shape) -> Path:
    """Upper edge of the clothes from left to right."""
    w, c = shape.neck_width, shape.chin_y
    side, depth = {
        "tee": (c + 13.5, c + 24.0),
        "v-neck": (c + 14.0, c + 42.0),
        "shirt": (c + 5.0, c + 23.0),
        "turtleneck": (c + 1.0, c + 7.5),
        "jacket": (c + 8.0, c + 33.0),
    }[person.clothes]
    half = w + {"tee": 8.0, "v-neck": 9.0, "shirt": 1.5, "turtleneck": 1.8, "jacket": 4.0}[person.clothes]
    if person.clothes in ("v-neck", "jacket", "shirt"):
        inner = [(-0.5 * half, side + 0.5 * (depth - side)), (0, depth), (0.5 * half, side + 0.5 * (depth - side))]
    else:
        inner = [(-0.62 * half, side + 0.74 * (depth - side)), (0, depth), (0.62 * half, side + 0.74 * (depth - side))]
    points = [(-half - 30, side + 12.0), (-half, side), *inner, (half, side), (half + 30, side + 12.0)]
    return smooth_path([(MIDDLE + x, y) for x, y in points], 60)


def clothes_outline(person: Person, shape: Shape) -> Path:
    """The clothed area, larger than the shoulders below and cut by the neckline above."""
    line = neckline(person, shape)
    left = [(p[0] - 1.5, p[1] - 1.2) for p in anatomy.neck_outline(shape, -1) if p[1] > line[10, 1] + 1]
    right = [(p[0] + 1.5, p[1] - 1.2) for p in anatomy.neck_outline(shape, 1) if p[1] > line[-11, 1] + 1]
    return np.array([*left[::-1], *line[10:-10].tolist(), *right])


def paint_body(
    image: Field,
    canvas: Canvas,
    person: Person,
    shape: Shape,
    head: Field,
    shaded: Callable[[Field, Field], Field],
    albedo: Field,
    drawn: Field,
) -> None:
    """Neck with the jaw's shadow on it, then the clothes."""
    lower = canvas.window(canvas.left, shape.chin_y - 46, canvas.left + canvas.width, canvas.top + canvas.height)
    part, image, albedo = canvas.cut(lower), image[lower], albedo[lower]
    everywhere = (slice(None), slice(None))
    body = soft_polygon(part, body_outline(shape), 0.3)
    across = np.clip((part.x - MIDDLE) / np.float32(shape.neck_width + 6), -1, 1)
    round_ = (
        0.99 - 0.40 * across * across * across * across + 0.10 * across * np.float32(1 if person.light[0] > 0 else -1)
    )
    drop = 9 * canvas.scale
    shadow = blur(head, 5.0, canvas.scale)[lower[0].start - drop : lower[0].stop - drop]
    light = round_ * (0.80 - 0.42 * shadow)
    for side in SIDES:
        cord = smooth_path(
            [(MIDDLE + side * 0.72 * shape.neck_width, shape.chin_y - 4), (MIDDLE + side * 7, shape.chin_y + 32)], 8
        )
        where, cover = line_cover(part, cord, 5.0, soft=4.0, taper=(0.3, 0.3))
        light[where] += 0.05 * cover
    paint(image, everywhere, shaded(albedo * np.float32(0.97), light), body)
    fabric = np.array(person.colouring.fabric, np.float32)
    if person.clothes == "jacket":
        shirt = soft_polygon(part, clothes_outline(replace(person, clothes="shirt"), shape), 0.3)
        paint(image, everywhere, np.array([0.86, 0.86, 0.88], np.float32) * (0.72 + 0.2 * round_)[..., None], shirt)
    cloth = soft_polygon(part, clothes_outline(person, shape), 0.3)
    folds = noise(person.random(50), part, 17) * 0.07 + noise(person.random(51), part, 1.4) * 0.03
    edge = blur(cloth, 2.4, canvas.scale)
    wide = np.clip((part.x - MIDDLE) / 110, -1, 1)
    tone = (0.98 - 0.28 * wide * wide + folds) * (0.45 + 0.55 * edge)
    paint(image, everywhere, fabric * tone[..., None], cloth)
    drawn[lower] = np.maximum(drawn[lower], np.maximum(body, cloth))
    collar = neckline(person, shape)
    if person.clothes in ("tee", "turtleneck", "v-neck"):
        where, cover = line_cover(part, moved(collar, 0, 3.4), 0.9, soft=0.6)
        paint(image, where, fabric * 0.55, 0.7 * cover * cloth[where])
    if person.clothes in ("shirt", "jacket"):
        for side in SIDES:
            flap = collar_flap(person, shape, side)
            paint(image, everywhere, fabric * np.float32(1.12) * tone[..., None], soft_polygon(part, flap, 0.3))
            where, line = line_cover(part, np.concatenate([flap, flap[:1]]), 0.9, soft=0.5)
            paint(image, where, fabric * 0.5, 0.75 * line)


def collar_flap(person: Person, shape: Shape, side: int) -> Path:
    """One half of a shirt's collar or a jacket's lapel."""
    w, c = shape.neck_width, shape.chin_y
    if person.clothes == "shirt":
        points = [(w + 0.8, c + 3.5), (0.5 * w, c + 15), (1.5, c + 23), (0.36 * w, c + 33), (w + 4.5, c + 15.5)]
    else:
        points = [(w + 4.0, c + 8.0), (0.52 * w, c + 20), (2.0, c + 36), (0.55 * w, c + 44), (w + 9.0, c + 24)]
    return np.array([(MIDDLE + side * x, y) for x, y in points])


def glasses_paths(person: Person, shape: Shape) -> list[Path]:
    """Rims, bridge and temples of the glasses; empty without any."""
    if person.glasses == "none":
        return []
    s, paths = shape, []
    wide, tall, square = (17.0, 15.0, 2.0) if person.glasses == "round" else (19.5, 13.0, 3.4)
    k = s.eye_gap / 25
    for side in SIDES:
        x, y = anatomy.eye_centre(s, side)
        angle = np.linspace(0, 2 * np.pi, 49)
        c, n = np.cos(angle), np.sin(angle)
        root = (np.abs(c) ** square + np.abs(n) ** square) ** (1 / square)
        paths.append(np.stack([x + side * 0.8 + k * wide * c / root, y + 2.5 + tall * n / root], 1))
        outer = x + side * (0.8 + k * wide)
        edge = MIDDLE + side * (anatomy.half_width(s, y) + 0.5)
        paths.append(np.array([(outer, y - 2.0), (edge, y - 4.0)]))
    inner = s.eye_gap + 0.8 - k * wide
    paths.append(
        smooth_path([(MIDDLE - inner, s.eye_y + 0.5), (MIDDLE, s.eye_y - 2.6), (MIDDLE + inner, s.eye_y + 0.5)], 9)
    )
    return paths


def paint_glasses(image: Field, canvas: Canvas, person: Person, shape: Shape) -> None:
    thick = 1.25 if person.glasses == "round" else 1.7
    metal = np.array([0.42, 0.34, 0.22] if person.glasses == "round" else [0.10, 0.09, 0.10], np.float32)
    for path in glasses_paths(person, shape):
        where, cover = line_cover(canvas, moved(path, 0.3, 1.8), thick + 0.6, soft=1.4)
        image[where] *= 1 - 0.28 * cover[..., None]
    for path in glasses_paths(person, shape):
        where, cover = line_cover(canvas, path, thick, soft=0.4)
        paint(image, where, metal, 0.95 * cover)
        where, cover = line_cover(canvas, moved(path, -0.15, -0.4), 0.5, soft=0.4)
        paint(image, where, np.minimum(metal + 0.35, 1), 0.45 * cover)
