"""The hairstyles by name, and those of short hair: which sheets of hair lie where on a head."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from datasetviewer.drawing import hairstyles_long
from datasetviewer.drawing.anatomy import MIDDLE, SIDES
from datasetviewer.drawing.hair import Curls, Sheet
from datasetviewer.drawing.person import Person, Shape
from datasetviewer.drawing.scalp import Parts, Scalp, cap, ring_places


def _sides(scalp: Scalp, count: int = 150, chop: float = 0.35, fray: float = 1.0, length: float = 0.0) -> Parts:
    """Short hair above and before the ears."""
    s, parts = scalp.shape, []
    for d in SIDES:
        near = [
            scalp.inner(d * 0.62),
            scalp.inner(d * 0.83),
            scalp.inner(d * 0.96),
            (MIDDLE + d * 0.965 * s.cheek_width, s.eye_y + 7 + length),
        ]
        far = [
            scalp.outer(d * 0.58),
            scalp.outer(d * 0.78),
            scalp.outer(d * 0.93),
            (MIDDLE + d * (s.cheek_width + 1.5), s.eye_y + 4 + length),
        ]
        parts.append(Sheet((np.array(near), np.array(far)), count, chop=chop, fray=fray, dim=0.82))
    return list(parts)


def _side_part(p: Person, s: Shape) -> Parts:
    scalp = Scalp(s, 7.0)
    d = 1 if p.part > 0 else -1
    line = [(MIDDLE + p.part * s.temple_width, s.hairline_y + 1.5), scalp.outer(0.42 * p.part)]
    far = -d
    low = np.array(
        [
            line[0],
            (MIDDLE + far * 0.05 * s.temple_width, s.hairline_y - 9),
            (MIDDLE + far * 0.50 * s.temple_width, s.hairline_y - 3),
            scalp.inner(far * 0.74),
        ]
    )
    middle = np.array(
        [
            (0.5 * (line[0][0] + line[1][0]), 0.5 * (line[0][1] + line[1][1]) - 2),
            scalp.between(far * 0.2, 0.7),
            scalp.between(far * 0.55, 0.55),
            scalp.between(far * 0.86, 0.5),
        ]
    )
    high = np.array([line[1], scalp.outer(far * 0.25), scalp.outer(far * 0.6), scalp.outer(far * 0.9)])
    short_low = np.array([line[0], scalp.inner(d * 0.55, -4), scalp.inner(d * 0.68, -2), scalp.inner(d * 0.84)])
    short_high = np.array([line[1], scalp.outer(d * 0.45), scalp.outer(d * 0.68), scalp.outer(d * 0.9)])
    return [*_sides(scalp), Sheet((short_low, short_high), 240), Sheet((low, middle, high), 460, fray=1.6)]


def _swept(p: Person, s: Shape, volume: float, lean: float, receding: float = 0.0, count: int = 520) -> Parts:
    """From the hairline up and back."""
    scalp = Scalp(s, volume, receding)
    guides = []
    for a in np.linspace(-0.78, 0.78, 9):
        a = float(a)
        turn = a * 0.90 + lean * p.part * (1 - a * a)
        (x, y), (u, v) = scalp.inner(a), scalp.outer(turn)
        guides.append(
            np.array(
                [
                    (x, y),
                    (x + 0.25 * (u - x) + 3 * lean, y + 0.42 * (v - y)),
                    (x + 0.62 * (u - x), y + 0.80 * (v - y)),
                    (u, v),
                ]
            )
        )
    return [*_sides(scalp), Sheet(tuple(guides), count, fray=1.5)]


def _crop(p: Person, s: Shape) -> Parts:
    scalp = Scalp(s, 4.5)
    guides = []
    for a in np.linspace(-0.8, 0.8, 9):
        a = float(a)
        (x, y), (u, v) = scalp.inner(a, 6.5 if abs(a) < 0.6 else 2.0), scalp.outer(a)
        guides.append(
            np.array(
                [
                    (u, v),
                    (u + 0.3 * (x - u), v + 0.2 * (y - v)),
                    (u + 0.7 * (x - u) + 2 * p.part, v + 0.6 * (y - v)),
                    (x + 5 * p.part, y),
                ]
            )
        )
    return [*_sides(scalp), Sheet(tuple(guides), 620, chop=0.6, fray=1.8)]


def _buzz(p: Person, s: Shape) -> Parts:
    scalp = Scalp(s, 1.8)
    guides = tuple(
        np.array([scalp.outer(float(a)), scalp.between(float(a), 0.5), scalp.inner(float(a))])
        for a in np.linspace(-0.84, 0.84, 11)
    )
    return [*_sides(scalp, 220, 0.12, 0.8), Sheet(guides, 1100, chop=0.09, fray=0.8, dim=0.85)]


def _bald(p: Person, s: Shape) -> Parts:
    scalp = Scalp(s, 1.2)
    parts: Parts = []
    for d in SIDES:
        near = np.array(
            [
                scalp.outer(d * 0.80, -2.0),
                scalp.outer(d * 0.92, -4.5),
                (MIDDLE + d * 0.955 * s.cheek_width, s.eye_y + 6),
            ]
        )
        far = np.array(
            [scalp.outer(d * 0.82, 1.0), scalp.outer(d * 0.93, 1.0), (MIDDLE + d * (s.cheek_width + 1.5), s.eye_y + 4)]
        )
        parts.append(Sheet((near, far), 130, chop=0.25, fray=0.8, dim=0.9))
    return parts


def _curly_short(p: Person, s: Shape) -> Parts:
    scalp = Scalp(s, 9.0)
    return [*_sides(scalp, 170, 0.2, 1.6), cap(scalp), Curls(ring_places(p, scalp, 620, 0.88, 0.04), 3.4)]


STYLES: dict[str, Callable[[Person, Shape], Parts]] = {
    "side part": _side_part,
    "crop": _crop,
    "quiff": lambda p, s: _swept(p, s, 11.0, 0.35),
    "buzz": _buzz,
    "curly short": _curly_short,
    "receding": lambda p, s: _swept(p, s, 3.0, 0.1, receding=15.0, count=330),
    "bald": _bald,
    "brushed back": lambda p, s: _swept(p, s, 6.0, 0.0),
    "long straight": hairstyles_long.long_straight,
    "long wavy": hairstyles_long.long_wavy,
    "bob": hairstyles_long.bob,
    "bun": lambda p, s: hairstyles_long.tied_back(p, s, bun=True),
    "fringe": hairstyles_long.fringe,
    "curly long": hairstyles_long.curly_long,
    "tied back": lambda p, s: hairstyles_long.tied_back(p, s, bun=False),
    "afro": hairstyles_long.afro,
}


def style_hair(person: Person, shape: Shape) -> Parts:
    """The sheets and curls of a person's hairstyle on a head of the given proportions, in drawing order."""
    return STYLES[person.hairstyle](person, shape)
