"""Hair as strands: sheets between guide curves, grown into many single hairs that both photo and sketch draw."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from datasetviewer.drawing.canvas import Path, smooth_path

POINTS = 22


@dataclass(frozen=True)
class Sheet:
    """Hair between guide curves.

    guides   two or more curves (k, 2), root to tip, all of the same k; strands lie between neighbours
    count    strands
    wave     sideways swing of a strand in pixels, and how many swings on its way
    fray     how much strands leave the sheet, in pixels
    chop     share of the guide's length a single hair covers (short hair is many short pieces)
    behind   drawn before the head
    dim      brightness factor
    filled   whether the sheet has a closed ground colour under its strands
    """

    guides: tuple[Path, ...]
    count: int = 420
    wave: float = 0.0
    swings: float = 3.0
    fray: float = 1.2
    chop: float = 1.0
    behind: bool = False
    dim: float = 1.0
    filled: bool = True


@dataclass(frozen=True)
class Curls:
    """Many small rings at given places."""

    places: Path
    radius: float
    behind: bool = False
    dim: float = 1.0


@dataclass(frozen=True)
class Strands:
    """Grown hair: points (n, m, 2) in pixels, brightness (n, m) 0..1, and closed ground shapes."""

    points: np.ndarray
    brightness: np.ndarray
    ground: tuple[Path, ...]
    behind: bool


def _spread(guides: tuple[Path, ...], at: np.ndarray) -> np.ndarray:
    """Curves (n, POINTS, 2) at places 0..1 across the guides."""
    smooth = np.stack([smooth_path(g, POINTS) for g in guides])
    place = np.clip(at, 0, 1) * (len(smooth) - 1)
    i = np.minimum(place.astype(int), len(smooth) - 2)
    share = (place - i)[:, None, None]
    return smooth[i] * (1 - share) + smooth[i + 1] * share


def _groups(rng: np.random.Generator, at: np.ndarray, count: int) -> np.ndarray:
    """A smooth random value -1..1 that neighbours share."""
    knots = rng.random(count + 1) * 2 - 1
    return np.interp(at, np.linspace(0, 1, count + 1), knots)


def _hump(at: np.ndarray, middle: float, reach: float) -> np.ndarray:
    fall = np.maximum(1 - ((at - middle) / reach) ** 2, 0)
    return fall * fall


def grow_sheet(sheet: Sheet, rng: np.random.Generator, light_x: float) -> Strands:
    """The single hairs of a sheet."""
    n = sheet.count
    at = rng.random(n)
    # Neighbouring hairs run together towards their tips.
    locks = max(n // 14, 4)
    lean = (np.floor(at * locks) + 0.5) / locks
    t = np.linspace(0, 1, POINTS)
    pieces = _spread(sheet.guides, at)
    tips = _spread(sheet.guides, lean)
    together = (0.55 * t * t)[None, :, None]
    points = pieces * (1 - together) + tips * together
    if sheet.chop < 1:
        length = sheet.chop * (0.6 + 0.8 * rng.random(n))
        start = rng.random(n) * np.maximum(1.04 - length, 0.02) - 0.02
        place = np.clip(start[:, None] + length[:, None] * t[None, :], 0, 1.06) * (POINTS - 1)
        i = np.minimum(place.astype(int), POINTS - 2)
        share = (place - i)[..., None]
        rows = np.arange(n)[:, None]
        points = points[rows, i] * (1 - share) + points[rows, i + 1] * share
        along = place / (POINTS - 1)
    else:
        along = np.broadcast_to(t, (n, POINTS)) + (0.12 * (rng.random(n) - 0.5))[:, None]
        # No two hairs begin or end on one line.
        points = (
            points
            + (points[:, 1:2] - points[:, :1]) * (rng.random(n) * 1.4 - 0.35)[:, None, None] * (1 - t)[None, :, None]
        )
        points = (
            points + (points[:, -1:] - points[:, -2:-1]) * (rng.random(n) * 1.6 - 0.7)[:, None, None] * t[None, :, None]
        )
    step = np.gradient(points, axis=1)
    normal = np.stack([-step[..., 1], step[..., 0]], -1)
    normal /= np.sqrt((normal**2).sum(-1, keepdims=True)) + 1e-6
    drift = (rng.random(n) * 2 - 1)[:, None] * sheet.fray * (0.3 + along)
    if sheet.wave:
        phase = 6.283 * (_groups(rng, at, 9) * 0.35 + 0.06 * rng.random(n))[:, None]
        drift = drift + sheet.wave * np.sin(6.283 * sheet.swings * along + phase) * np.minimum(along * 3, 1)
    points = points + normal * drift[..., None]
    shape = 0.36 + 0.34 * _hump(along, 0.36, 0.34) + 0.10 * _hump(along, 0.80, 0.22)
    middle = points[..., 0].mean()
    width = max(float(np.ptp(points[..., 0])), 1.0)
    side = np.clip((points[..., 0] - middle) / width * 2, -1, 1) * light_x * 0.35
    own = 0.24 * _groups(rng, at, max(n // 22, 6)) + 0.12 * (rng.random(n) * 2 - 1)
    brightness = np.clip(shape + side + own[:, None], 0, 1) * sheet.dim
    ground: list[Path] = []
    if sheet.filled:
        rim = (
            _spread(sheet.guides, np.linspace(0, 1, 14))[:, 2:]
            if sheet.chop == 1
            else _spread(sheet.guides, np.linspace(0, 1, 14))
        )
        ground = [np.concatenate([a, b[::-1]]) for a, b in pairwise(rim)]
    return Strands(points, brightness, tuple(ground), sheet.behind)


def grow_curls(curls: Curls, rng: np.random.Generator, light_x: float) -> Strands:
    """Rings that are brighter where they look up and to the light."""
    n = len(curls.places)
    radius = curls.radius * (0.6 + 0.7 * rng.random(n))[:, None]
    turn = 6.283 * (rng.random(n)[:, None] + np.linspace(0, 0.72, POINTS)[None, :])
    squash = (0.65 + 0.35 * rng.random(n))[:, None]
    ring = np.stack([radius * np.sin(turn), radius * squash * np.cos(turn)], -1)
    points = curls.places[:, None, :] + ring
    top, bottom = curls.places[:, 1].min(), curls.places[:, 1].max()
    height = ((curls.places[:, 1] - top) / max(bottom - top, 1.0))[:, None]
    facing = -0.32 * np.cos(turn) * -1.0 - 0.25 * light_x * np.sin(turn)
    brightness = 0.52 - 0.26 * height - facing + 0.30 * (rng.random(n) * 2 - 1)[:, None]
    corner = 6.283 * np.linspace(0, 1, 10)[:-1]
    disc = np.stack([np.sin(corner), np.cos(corner)], -1) * curls.radius * 1.15
    ground = tuple(place + disc for place in curls.places)
    return Strands(points, np.clip(brightness, 0, 1) * curls.dim, ground, curls.behind)


def grow(parts: list[Sheet | Curls], rng: np.random.Generator, light_x: float) -> list[Strands]:
    """All hair of a person, in drawing order."""
    return [
        grow_sheet(part, rng, light_x) if isinstance(part, Sheet) else grow_curls(part, rng, light_x) for part in parts
    ]
