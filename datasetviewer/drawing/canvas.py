"""A supersampled sheet in picture coordinates, and the soft shapes that are put on it.

Lengths and positions are in pixels of the finished picture (x to the right, y down); fields are float32 arrays
(h, w) of `scale` samples a pixel and side.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image

Field = np.ndarray
Path = np.ndarray  # (n, 2) float64, points x, y
Window = tuple[slice, slice]


@dataclass(frozen=True)
class Canvas:
    """The part of the plane that is drawn: `width` x `height` pixels from (left, top)."""

    width: int = 200
    height: int = 250
    scale: int = 3
    left: float = 0.0
    top: float = 0.0
    x: Field = field(init=False, repr=False)
    y: Field = field(init=False, repr=False)

    def __post_init__(self) -> None:
        columns, rows = np.arange(self.width * self.scale), np.arange(self.height * self.scale)
        object.__setattr__(self, "x", ((columns + 0.5) / self.scale + self.left).astype(np.float32)[None, :])
        object.__setattr__(self, "y", ((rows + 0.5) / self.scale + self.top).astype(np.float32)[:, None])

    @property
    def size(self) -> tuple[int, int]:
        """Samples, width then height, as Pillow counts."""
        return self.width * self.scale, self.height * self.scale

    def empty(self, value: float = 0.0) -> Field:
        return np.full(self.size[::-1], value, np.float32)

    def window(self, left: float, top: float, right: float, bottom: float) -> Window:
        """The samples of the whole pixels that touch a box; an empty window where the box lies outside."""
        k = self.scale
        columns = [min(max(int(v - self.left) * k, 0), self.size[0]) for v in (left, right + 1)]
        rows = [min(max(int(v - self.top) * k, 0), self.size[1]) for v in (top, bottom + 1)]
        return slice(*rows), slice(*columns)

    def cut(self, where: Window) -> Canvas:
        """The canvas of a window alone."""
        rows, columns = where
        k = self.scale
        width, height = (columns.stop - columns.start) // k, (rows.stop - rows.start) // k
        return Canvas(width, height, k, self.left + columns.start / k, self.top + rows.start / k)

    def around(self, path: Path, margin: float) -> Window:
        low, high = path.min(axis=0) - margin, path.max(axis=0) + margin
        return self.window(low[0], low[1], high[0], high[1])

    def samples(self, path: Path) -> list[tuple[float, float]]:
        """Points as Pillow draws them on a sheet of `size`."""
        moved = (np.asarray(path) - [self.left, self.top]) * self.scale
        return [(float(x), float(y)) for x, y in moved]

    def shrink(self, image: Image.Image) -> Image.Image:
        """The finished picture: `scale` x `scale` samples averaged to a pixel."""
        return image.reduce(self.scale)


def smoothstep(low: float | Field, high: float | Field, value: Field) -> Field:
    """0 below low, 1 above high, smooth between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def smooth_path(points: object, count: int = 40, *, closed: bool = False) -> Path:
    """Catmull-Rom curve through the points, `count` points long."""
    knots = np.asarray(points, dtype=np.float64)
    n = len(knots)
    if closed:
        padded = np.concatenate([knots[-1:], knots, knots[:2]])
        place = np.arange(count) * (n / count)
    else:
        padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
        place = np.arange(count) * ((n - 1) / (count - 1))
    i = np.minimum(place.astype(int), n - 1 if closed else n - 2)
    t = (place - i)[:, None]
    a, b, c, d = padded[i], padded[i + 1], padded[i + 2], padded[i + 3]
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * (b - c) + d - a) * t * t * t)


def curve(at: Field, places: list[float], values: list[float]) -> Field:
    """Piecewise cubic through (places, values) with flat ends, evaluated at `at`; places ascend."""
    p, v = np.asarray(places, np.float64), np.asarray(values, np.float64)
    slopes = np.zeros(len(p))
    slopes[1:-1] = (v[2:] - v[:-2]) / (p[2:] - p[:-2])
    inside = np.clip(at.astype(np.float64), p[0], p[-1])
    i = np.clip(np.searchsorted(p, inside, side="right") - 1, 0, len(p) - 2)
    h = p[i + 1] - p[i]
    t = (inside - p[i]) / h
    s = 1 - t
    value = (
        s * s * (1 + 2 * t) * v[i] + t * t * (3 - 2 * t) * v[i + 1] + t * s * h * (s * slopes[i] - t * slopes[i + 1])
    )
    return value.astype(np.float32)


def add_bump(
    target: Field, canvas: Canvas, x: float, y: float, rx: float, ry: float, amount: float, turn: float = 0.0
) -> None:
    """Add a soft hill (1 - r^2)^2 with radii rx, ry; `turn` is the slope (tangent) its long axis is turned by."""
    reach = max(rx, ry)
    where = canvas.window(x - reach, y - reach, x + reach, y + reach)
    dx, dy = canvas.x[:, where[1]] - np.float32(x), canvas.y[where[0]] - np.float32(y)
    norm = 1 / (1 + turn * turn) ** 0.5
    u, v = (dx + dy * turn) * np.float32(norm / rx), (dy - dx * turn) * np.float32(norm / ry)
    fall = np.maximum(1 - u * u - v * v, 0)
    target[where] += np.float32(amount) * fall * fall


def path_distance(canvas: Canvas, path: Path, reach: float) -> tuple[Window, Field, Field]:
    """Distance to a polyline in a window around it, and the place (0..1) of the nearest point along it."""
    where = canvas.around(path, reach)
    x, y = canvas.x[:, where[1]], canvas.y[where[0]]
    best = np.full((y.shape[0], x.shape[1]), 1e9, np.float32)
    along = np.zeros_like(best)
    pieces = len(path) - 1
    for k in range(pieces):
        (ax, ay), (bx, by) = path[k], path[k + 1]
        dx, dy = float(bx - ax), float(by - ay)
        length = max(dx * dx + dy * dy, 1e-9)
        px, py = x - np.float32(ax), y - np.float32(ay)
        t = np.clip((px * np.float32(dx) + py * np.float32(dy)) / np.float32(length), 0, 1)
        ex, ey = px - t * np.float32(dx), py - t * np.float32(dy)
        square = ex * ex + ey * ey
        nearer = square < best
        best = np.where(nearer, square, best)
        along = np.where(nearer, (t + k) / np.float32(pieces), along)
    return where, np.sqrt(best), along


def line_cover(
    canvas: Canvas, path: Path, width: float, *, soft: float = 0.35, taper: tuple[float, float] = (0.0, 0.0)
) -> tuple[Window, Field]:
    """How much a line of `width` covers each sample; `taper` is the length (share) over which it thins at each end."""
    where, distance, along = path_distance(canvas, path, width / 2 + soft)
    half = np.full_like(distance, width / 2)
    if taper[0] > 0:
        half *= smoothstep(0.0, taper[0], along) * 0.85 + 0.15
    if taper[1] > 0:
        half *= smoothstep(0.0, taper[1], 1 - along) * 0.85 + 0.15
    return where, smoothstep(-soft, soft, half - distance)


def add_groove(target: Field, canvas: Canvas, path: Path, width: float, amount: float) -> None:
    """Add a ridge (amount > 0) or groove (< 0) along a path, fading at both ends; width is its half width."""
    where, distance, along = path_distance(canvas, path, width)
    fall = np.maximum(1 - (distance / np.float32(width)) ** 2, 0)
    target[where] += np.float32(amount) * fall * fall * np.minimum(4 * along * (1 - along) * 1.5, 1)


def _grow(coarse: Field, scale: int) -> Field:
    """Each pixel becomes scale x scale samples, straight lines between pixel centres."""
    out = coarse
    for axis in (0, 1):
        n = coarse.shape[axis]
        place = np.clip((np.arange(n * scale) + 0.5) / scale - 0.5, 0, n - 1)
        low = np.minimum(place.astype(int), n - 2)
        share = (place - low).astype(np.float32)
        share = share[:, None] if axis == 0 else share[None, :]
        first = np.take(out, low, axis=axis)
        first += (np.take(out, low + 1, axis=axis) - first) * share
        out = first
    return out


def blur(target: Field, radius: float, scale: int) -> Field:
    """Three box averages, close to a Gaussian; radius in pixels (1 or more), edges repeated.

    It works on whole pixels and grows back: nine times faster, and nothing that fine is left after a blur.
    """
    out = np.zeros((target.shape[0] // scale, target.shape[1] // scale), np.float32)
    for row in range(scale):
        for column in range(scale):
            out += target[row::scale, column::scale]
    out /= np.float32(scale * scale)
    r = max(round(radius / 1.4), 1)
    for _ in range(3):
        for axis in (0, 1):
            ends: list[tuple[int, int]] = [(0, 0), (0, 0)]
            ends[axis] = (r + 1, r)
            total = np.cumsum(np.pad(out, ends, mode="edge"), axis=axis, dtype=np.float64)
            n = out.shape[axis]
            high = total[2 * r + 1 :] if axis == 0 else total[:, 2 * r + 1 :]
            low = total[:n] if axis == 0 else total[:, :n]
            out = ((high - low) / (2 * r + 1)).astype(np.float32)
    return _grow(out, scale)


def noise(rng: np.random.Generator, canvas: Canvas, cell: float) -> Field:
    """Smooth noise in -1..1 with features of about `cell` pixels."""
    columns, rows = int(canvas.width / cell) + 3, int(canvas.height / cell) + 3
    grid = np.floor(rng.random((rows, columns)) * 256).astype(np.uint8)
    grown = Image.fromarray(grid).resize((canvas.size[0], canvas.size[1]), Image.Resampling.BICUBIC)
    return np.asarray(grown).astype(np.float32) / 127.5 - 1


def paint(image: Field, where: Window, colour: object, cover: Field) -> None:
    """Lay a colour (3 numbers or a field (h, w, 3)) over image (h, w, 3) with the given cover (0..1)."""
    part = image[where]
    part += (np.asarray(colour, np.float32) - part) * cover[..., None]


def moved(path: Path, dx: float, dy: float) -> Path:
    """The path elsewhere."""
    return np.add(path, (dx, dy))


def to_image(field_: Field) -> Image.Image:
    """A picture of values 0..1: (h, w) becomes grey, (h, w, 3) becomes RGB."""
    return Image.fromarray((np.clip(field_, 0, 1) * 255 + 0.5).astype(np.uint8))
