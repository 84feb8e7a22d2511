"""The head as a height field, and how light falls on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datasetviewer.drawing import anatomy
from datasetviewer.drawing.anatomy import MIDDLE, SIDES
from datasetviewer.drawing.canvas import (
    Canvas,
    Field,
    add_bump,
    add_groove,
    blur,
    curve,
    moved,
    smooth_path,
    smoothstep,
)
from datasetviewer.drawing.person import Person, Shape

DEPTH = 46.0


@dataclass(frozen=True)
class Relief:
    """Fields of the canvas: the share of head in each sample, its light (about 0..1.2), shine, and hollows (0..1)."""

    cover: Field
    light: Field
    shine: Field
    hollow: Field


def radial_place(canvas: Canvas, outline: np.ndarray, centre: tuple[float, float]) -> Field:
    """0 at the centre, 1 on the outline, more outside, along rays from the centre."""

    # The angle is replaced by a number that grows with it and needs no arctangent: exact everywhere.
    def turn(dx: Field, dy: Field) -> Field:
        across = dx / (np.abs(dx) + np.abs(dy) + 1e-9)
        return np.where(dy >= 0, 1 - across, 3 + across)

    rays = outline - np.array(centre)
    place, radius = turn(rays[:, 0], rays[:, 1]), np.sqrt(rays[:, 0] ** 2 + rays[:, 1] ** 2)
    order = np.argsort(place, kind="stable")
    place, radius = place[order], radius[order]
    place = np.concatenate([place[-1:] - 4, place, place[:1] + 4])
    radius = np.concatenate([radius[-1:], radius, radius[:1]])
    dx, dy = (canvas.x - np.float32(centre[0])), (canvas.y - np.float32(centre[1]))
    dx, dy = np.broadcast_arrays(dx, dy)
    edge = np.interp(turn(dx, dy).ravel(), place, radius).reshape(dx.shape).astype(np.float32)
    return np.sqrt(dx * dx + dy * dy) / edge


def _nose(z: Field, canvas: Canvas, s: Shape) -> None:
    x, tip, base = anatomy.nose_middle(s), s.nose_tip_y, anatomy.nose_base(s)
    where = canvas.window(x - 26, s.eye_y - 18, x + 26, base + 8)
    rows = canvas.y[where[0]]
    top = s.eye_y - 12
    height = curve(
        rows, [top, s.eye_y - 1, 0.5 * (s.eye_y + tip), tip + 1, base - 3, base + 6], [0.0, 3.0, 6.4, 9.4, 7.4, 0.0]
    )
    width = curve(
        rows,
        [top, s.eye_y, 0.5 * (s.eye_y + tip), tip, base + 6],
        [2.1 * s.bridge_width, 1.45 * s.bridge_width, 1.7 * s.bridge_width, 1.62 * s.tip_size, 1.25 * s.tip_size],
    )
    across = (canvas.x[:, where[1]] - np.float32(x)) / width
    fall = np.maximum(1 - across * across, 0)
    z[where] += height * fall * fall
    add_bump(z, canvas, x, tip + 1.5, s.tip_size * 1.35, s.tip_size * 1.25, 3.2)
    for side in SIDES:
        wing = x + side * (s.nose_width - 5.0)
        add_bump(z, canvas, wing, base - 4.6, 9.0, 8.6, 4.2)
        add_groove(z, canvas, moved(anatomy.nose_wing(s, side)[:9], side * 0.8, 0), 3.0, -1.0)


def _eyes(z: Field, canvas: Canvas, s: Shape) -> None:
    for side in SIDES:
        x, y = anatomy.eye_centre(s, side)
        add_bump(z, canvas, x - side * 1.0, y - 1.0, 19.0, 14.5, -5.6)
        add_bump(z, canvas, x - side * 12.5, y - 2.0, 9.0, 12.0, -3.0)
        add_bump(z, canvas, x, y, 14.0, 11.5, 5.2)
        add_groove(z, canvas, anatomy.brow(s, side), 9.0, 2.0)
        add_groove(z, canvas, anatomy.lid_crease(s, side), 2.0, -1.1)


def _mouth(z: Field, canvas: Canvas, s: Shape) -> None:
    top, middle, bottom = anatomy.mouth_lines(s)
    add_bump(z, canvas, MIDDLE, s.mouth_y - 1, 1.35 * s.mouth_width, 21.0, 4.0)
    add_groove(z, canvas, 0.45 * top + 0.55 * middle, 0.8 * s.upper_lip + 1.0, 1.9)
    add_groove(z, canvas, (0.45 * bottom + 0.55 * middle)[3:-3], 0.7 * s.lower_lip + 1.2, 2.7)
    add_groove(z, canvas, middle, 1.8, -1.9)
    add_bump(z, canvas, MIDDLE, bottom[16, 1] + 4.5, 15.0, 5.8, -2.6)
    base = anatomy.nose_base(s)
    add_groove(z, canvas, np.array([(MIDDLE, base - 2.0), (MIDDLE, s.mouth_y - s.upper_lip + 2.5)]), 4.6, -0.6)
    for side in SIDES:
        add_bump(z, canvas, MIDDLE + side * (s.mouth_width + 2.5), s.mouth_y + 0.5, 6.5, 6.5, -0.7)


def _flesh(z: Field, canvas: Canvas, person: Person, s: Shape) -> None:
    gaunt = 0.5 - 0.5 * person.softness
    add_bump(z, canvas, MIDDLE, s.chin_y - 10.5, s.chin_width + 3.0, 12.0, 4.2)
    add_bump(z, canvas, MIDDLE, 0.5 * (s.hairline_y + s.brow_y) - 2, 42.0, 26.0, 2.6)
    for side in SIDES:
        cheek_y = 0.55 * s.eye_y + 0.45 * s.mouth_y
        add_bump(z, canvas, MIDDLE + side * 0.62 * s.cheek_width, cheek_y - 4, 26.0, 22.0, 3.6, turn=-side * 0.35)
        add_bump(
            z, canvas, MIDDLE + side * 0.66 * s.jaw_width, s.mouth_y - 4, 15.0, 22.0, -2.6 * gaunt, turn=side * 0.4
        )
        add_groove(z, canvas, anatomy.nasolabial_fold(s, side), 4.5, -(0.5 + 1.7 * person.wrinkles))
        x, y = anatomy.eye_centre(s, side)
        bag = smooth_path([(x - side * 10.0, y + 6.0), (x, y + 9.8), (x + side * 9.5, y + 6.8)], 12)
        add_groove(z, canvas, bag, 2.8, -(0.35 + 1.0 * person.wrinkles))
        add_groove(z, canvas, bag - [0, 2.6], 3.4, 0.15 + 0.6 * person.wrinkles)


def _wrinkles(z: Field, canvas: Canvas, person: Person, s: Shape) -> None:
    depth = person.wrinkles
    if depth < 0.12:
        return
    rng = person.random(11)
    span = s.brow_y - s.hairline_y
    for k in range(1 + int(3 * depth)):
        y = s.brow_y - span * (0.30 + 0.17 * k)
        lift = rng.random(4) * 2.4
        line = smooth_path(
            [(MIDDLE + x, y + d - 1.2 + 3e-3 * x * x) for x, d in zip((-33, -12, 11, 32), lift, strict=True)]
        )
        add_groove(z, canvas, line, 2.0, -1.05 * depth)
    for side in SIDES:
        x, y = anatomy.eye_centre(s, side)
        for k in range(3):
            start = (x + side * (s.eye_width + 2.0), y - 1.0 + 1.6 * k)
            end = (x + side * (s.eye_width + 9.5), y - 5.0 + 4.6 * k)
            add_groove(z, canvas, np.array([start, end]), 1.3, -0.85 * depth)
        frown = np.array([(MIDDLE + side * 4.5, s.brow_y - 4.0), (MIDDLE + side * 3.6, s.brow_y + 6.0)])
        add_groove(z, canvas, frown, 1.9, -0.45 * depth)


def lit(z: Field, canvas: Canvas, light: tuple[float, float, float], wrap: float = 0.22) -> tuple[Field, Field]:
    """Soft light on a height field: brightness (about 0..1.1) and shine (0..1)."""
    down, across = np.gradient(z, np.float32(1 / canvas.scale))
    length = np.sqrt(across * across + down * down + 1)
    lx, ly, lz = (np.float32(v) for v in light)
    facing = (lz - across * lx - down * ly) / length
    key = np.maximum((facing + wrap) / (1 + wrap), 0)
    sky = (1 + down * np.float32(0.75) / length) * np.float32(0.5)  # a surface that looks up is brighter
    front = 1 / length
    brightness = 0.70 * key + 0.20 * front + 0.16 * sky
    # Halfway between light and viewer; the 12th power by products.
    hx, hy, hz = lx, ly, lz + 1
    norm = np.float32(1 / float(hx * hx + hy * hy + hz * hz) ** 0.5)
    half = np.maximum((hz - across * hx - down * hy) * norm / length, 0)
    square = half * half
    fourth = square * square
    return brightness.astype(np.float32), (fourth * fourth * fourth).astype(np.float32)


def head_relief(canvas: Canvas, person: Person, shape: Shape) -> Relief:
    """The lit head of a person with the given proportions, without ears, neck and hair."""
    s = shape
    centre = (MIDDLE, 0.45 * s.crown_y + 0.55 * s.chin_y - 6)
    rho = radial_place(canvas, anatomy.head_outline(s), centre)
    inside = np.minimum(rho, 1)
    z = DEPTH * np.sqrt(np.maximum(1 - inside * inside * np.sqrt(inside), 0)) * np.float32(s.cheek_width / 57)
    _flesh(z, canvas, person, s)
    _eyes(z, canvas, s)
    _mouth(z, canvas, s)
    _nose(z, canvas, s)
    _wrinkles(z, canvas, person, s)
    light, shine = lit(z, canvas, person.light)
    hollow = np.clip((blur(z, 3.2, canvas.scale) - z) * 0.12, 0, 1) + np.clip(
        (blur(z, 8.0, canvas.scale) - z) * 0.05, 0, 1
    )
    # The nose keeps some light from the lip below it, on the side away from the light.
    shade = canvas.empty()
    base = anatomy.nose_base(s)
    add_bump(shade, canvas, MIDDLE - 5 * person.light[0] / 0.35, base + 5.0, 14.0, 6.5, 0.20)
    edge = 0.6 / 55
    cover = 1 - smoothstep(1 - edge, 1 + edge, rho)
    return Relief(cover=cover, light=light - shade, shine=shine, hollow=np.minimum(hollow, 1) * cover)
