"""Hairstyles of long or full hair: falling, cut at the jaw, curly, tied."""

from __future__ import annotations

import numpy as np

from datasetviewer.drawing.anatomy import MIDDLE, SIDES
from datasetviewer.drawing.hair import Curls, Sheet
from datasetviewer.drawing.person import Person, Shape
from datasetviewer.drawing.scalp import Parts, Scalp, cap, ring_places


def afro(p: Person, s: Shape) -> Parts:
    scalp = Scalp(s, 24.0)
    behind = Scalp(s, 21.0)
    return [
        Curls(
            np.array(
                [
                    behind.outer(v, m)
                    for v, m in zip(np.linspace(-1.2, 1.2, 150), np.tile([0.0, -7.0, -14.0], 50), strict=True)
                ]
            ),
            6.0,
            behind=True,
            dim=0.7,
        ),
        cap(scalp),
        Curls(ring_places(p, scalp, 1150, 1.0, 0.03), 2.9),
    ]


def _falling(
    p: Person,
    s: Shape,
    *,
    end: float,
    volume: float,
    wave: float = 0.0,
    inwards: float = 0.0,
    part: float | None = None,
    flare: float = 1.0,
) -> Parts:
    """Long hair from a parting down both sides of the face to the height `end`."""
    scalp = Scalp(s, volume)
    x = MIDDLE + (p.part if part is None else part) * 0.7 * s.temple_width
    t, c = s.temple_width, s.cheek_width
    parts: Parts = []
    low = s.eye_y + 14
    width = max(t + volume, c + s.ear_out + 3)
    back_left = np.array(
        [
            (MIDDLE - width + 2, s.eye_y - 20),
            (MIDDLE - width - 2 * flare, 0.5 * (low + end)),
            (MIDDLE - width - 6 * flare + inwards, end),
        ]
    )
    back_right = np.array([(2 * MIDDLE - u, v) for u, v in back_left])
    parts.append(Sheet((back_left, back_right), 420, wave=wave, behind=True, dim=0.5))
    for d in SIDES:
        near = [
            (x, s.hairline_y + 1),
            (x + 0.55 * (MIDDLE + d * 0.70 * t - x), s.hairline_y + 3),
            (MIDDLE + d * 0.83 * t, s.hairline_y + 20),
            (MIDDLE + d * 0.955 * t, s.eye_y - 14),
            (MIDDLE + d * (0.965 * c), low + 8),
            (MIDDLE + d * (c - 0.5), 0.5 * (low + end) + 8),
            (MIDDLE + d * (c + 2.0 - inwards), end),
        ]
        far = [
            (x, s.crown_y - volume + 2),
            scalp.outer(d * 0.22),
            scalp.outer(d * 0.64),
            scalp.outer(d * 0.92),
            (MIDDLE + d * (width + 1.5 * flare), low + 2),
            (MIDDLE + d * (width + 5 * flare), 0.5 * (low + end)),
            (MIDDLE + d * (width + 8 * flare - inwards), end),
        ]
        near_path, far_path = np.array(near), np.array(far)
        parts.append(
            Sheet((near_path, 0.55 * near_path + 0.45 * far_path, far_path), 520, wave=wave, swings=3.4, fray=1.6)
        )
    return parts


def long_straight(p: Person, s: Shape) -> Parts:
    return _falling(p, s, end=s.chin_y + 85, volume=6.0, part=0.35 * p.part)


def long_wavy(p: Person, s: Shape) -> Parts:
    return _falling(p, s, end=s.chin_y + 80, volume=9.0, wave=2.6, flare=1.5)


def bob(p: Person, s: Shape) -> Parts:
    return _falling(p, s, end=s.chin_y - 12, volume=8.0, inwards=6.0, flare=1.2)


def fringe(p: Person, s: Shape) -> Parts:
    guides = []
    for a in np.linspace(-1, 1, 7):
        x = float(a) * 0.85 * s.temple_width
        tip = s.brow_y - 4.5 + 7.5 * a * a * abs(a)
        guides.append(
            np.array(
                [
                    (MIDDLE + 0.42 * x, s.crown_y - 4 + 9 * a * a),
                    (MIDDLE + 0.75 * x, s.hairline_y - 16 + 8 * a * a),
                    (MIDDLE + 0.98 * x, 0.5 * (s.hairline_y + tip)),
                    (MIDDLE + 1.02 * x + 2 * p.part, tip),
                ]
            )
        )
    return [
        *_falling(p, s, end=s.chin_y + (85 if p.index % 4 < 2 else -8), volume=7.0, part=0.0),
        Sheet(tuple(guides), 520, fray=1.8),
    ]


def _curtain(s: Shape, width: float, end: float) -> Sheet:
    """Dark hair behind the neck, so that no studio shows between curls."""
    left = np.array([(MIDDLE - width, s.eye_y - 20), (MIDDLE - width - 1, s.eye_y + 40), (MIDDLE - width + 3, end)])
    right = left * [-1, 1] + [2 * MIDDLE, 0]
    return Sheet((left, right), 260, wave=1.5, behind=True, dim=0.42)


def curly_long(p: Person, s: Shape) -> Parts:
    scalp = Scalp(s, 13.0)
    rng = p.random(32)
    width = s.temple_width + 11
    hanging: list[tuple[float, float]] = []
    for _ in range(520):
        d = 1 if rng.random() < 0.5 else -1
        y = s.eye_y - 12 + (s.chin_y + 22 - s.eye_y) * float(rng.random())
        near = 0.985 * s.cheek_width + 1.5
        hanging.append((MIDDLE + d * (near + (width + 5 - near) * float(rng.random())), y))
    back = [
        (MIDDLE - width + 2 * width * float(rng.random()), s.eye_y + (s.chin_y + 16 - s.eye_y) * float(rng.random()))
        for _ in range(260)
    ]
    return [
        _curtain(s, width - 2, s.chin_y + 14),
        Curls(np.array(back), 6.5, behind=True, dim=0.5),
        cap(scalp),
        Curls(ring_places(p, scalp, 760, 0.96, 0.03), 3.9),
        Curls(np.array(hanging), 4.2),
    ]


def tied_back(p: Person, s: Shape, *, bun: bool) -> Parts:
    scalp = Scalp(s, 4.5)
    guides = []
    for a in np.linspace(-1, 1, 13):
        a = float(a)
        (x, y), (u, v) = scalp.inner(a), scalp.outer(a * 0.80)
        guides.append(np.array([(x, y), scalp.between(a * 0.97, 0.45), scalp.between(a * 0.9, 0.85), (u, v)]))
    parts: Parts = []
    if bun:
        top = s.crown_y - 8
        knot = [
            np.array(
                [
                    (MIDDLE - 19 + k, top + 12 - 3 * k),
                    (MIDDLE - 8, top - 12 + 4.2 * k),
                    (MIDDLE + 8, top - 12 + 4.6 * k),
                    (MIDDLE + 19 - k, top + 12 - 3 * k),
                ]
            )
            for k in range(5)
        ]
        parts.append(Sheet(tuple(knot), 260, fray=1.5))
    else:
        tail = [
            np.array(
                [
                    (MIDDLE + p.part * 60 + k, s.chin_y - 40),
                    (MIDDLE + p.part * 95 + 1.5 * k, s.chin_y - 6),
                    (MIDDLE + p.part * 110 + 1.2 * k, s.chin_y + 48),
                ]
            )
            for k in (-9, 9)
        ]
        parts.append(Sheet(tuple(tail), 170, behind=True, dim=0.8))
    return [*parts, Sheet(tuple(guides), 700, fray=0.9)]
