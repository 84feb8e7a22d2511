"""Where faces stand: similarity transforms from points to points, the templates, and the crop they lead to.

Coordinates are pixel coordinates (x to the right, y down) with the centre of the top-left pixel at (0, 0), as dlib,
the data sets' landmark files and numpy indices have it. Pillow's own convention (that centre at (0.5, 0.5)) stays
inside `warp`.
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from workers.engine.errors import InputError

PADDINGS = ("edge", "fade", "white", "black")


@dataclass(frozen=True)
class Similarity:
    """Rotation, uniform scale and shift, no reflection: x' = a x - b y + tx, y' = b x + a y + ty."""

    a: float
    b: float
    tx: float
    ty: float

    @property
    def scale(self) -> float:
        """Length after over length before."""
        return math.hypot(self.a, self.b)

    @property
    def angle(self) -> float:
        """Rotation in degrees; positive turns the x axis towards the y axis (clockwise as seen on a screen)."""
        return math.degrees(math.atan2(self.b, self.a))

    def apply(self, points) -> np.ndarray:
        """(n, 2) points -> (n, 2) float64 points."""
        xy = _points(points)
        return np.stack(
            [self.a * xy[:, 0] - self.b * xy[:, 1] + self.tx, self.b * xy[:, 0] + self.a * xy[:, 1] + self.ty], axis=1
        )

    def inverse(self) -> "Similarity":
        """The transform that undoes this one."""
        square = self.a * self.a + self.b * self.b
        if square == 0.0:
            raise InputError("The transform shrinks everything to one point and cannot be inverted.")
        a, b = self.a / square, -self.b / square
        return Similarity(a, b, -(a * self.tx - b * self.ty), -(b * self.tx + a * self.ty))

    def then(self, after: "Similarity") -> "Similarity":
        """First this transform, then `after`."""
        tx, ty = after.apply([(self.tx, self.ty)])[0]
        a = after.a * self.a - after.b * self.b
        b = after.b * self.a + after.a * self.b
        return Similarity(a, b, float(tx), float(ty))


@dataclass(frozen=True)
class Template:
    """An aligned picture's size in pixels and where its named points stand in it."""

    name: str
    width: int
    height: int
    points: tuple[tuple[str, float, float], ...]

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def array(self, names: tuple[str, ...] | None = None) -> np.ndarray:
        """(n, 2) coordinates of the named points, of all when no names are given."""
        known = {name: (x, y) for name, x, y in self.points}
        wanted = tuple(known) if names is None else names
        missing = [name for name in wanted if name not in known]
        if missing:
            raise InputError(f"Template {self.name} has no point {missing[0]!r}; it has: {', '.join(known)}.")
        return np.array([known[name] for name in wanted], dtype=np.float64)

    def scaled(self, factor: float) -> "Template":
        """The same crop with `factor` times the pixels on each side.

        Pixel centres move by (x + 0.5) * factor - 0.5, so shrinking the scaled crop gives the unscaled one exactly.
        """
        if not (math.isfinite(factor) and factor > 0):
            raise InputError(f"A template cannot be scaled by {factor}; use a positive number.")
        width, height = round(self.width * factor), round(self.height * factor)
        if width < 1 or height < 1:
            raise InputError(f"Template {self.name} scaled by {factor} has no pixel left; use a larger factor.")
        points = tuple((n, (x + 0.5) * factor - 0.5, (y + 0.5) * factor - 0.5) for n, x, y in self.points)
        return Template(self.name, width, height, points)


FIVE = ("left_eye", "right_eye", "nose", "left_mouth", "right_mouth")  # "left" is the viewer's left, everywhere

# Where the five points of an average frontal face stand in a crop of 96x112, as published with SphereFace (Liu et al.,
# CVPR 2017) and used since by most face recognition code.
_SPHEREFACE = ((30.2946, 51.6963), (65.5318, 51.5014), (48.0252, 71.7366), (33.5493, 92.3655), (62.7299, 92.2041))


def _from_sphereface(name: str, width: int, height: int, dx: float, dy: float, scale: float) -> Template:
    """The SphereFace points moved by (dx, dy) and then multiplied, as the crops derived from them are published."""
    points = ((n, (x + dx) * scale, (y + dy) * scale) for n, (x, y) in zip(FIVE, _SPHEREFACE, strict=True))
    return Template(name, width, height, tuple(points))


TEMPLATES = {
    # Eye centres of CUFS (Wang and Tang 2009) as its aligned copies have them.
    "cufs": Template("cufs", 200, 250, (("left_eye", 75.0, 125.0), ("right_eye", 125.0, 125.0))),
    "sphereface": _from_sphereface("sphereface", 96, 112, 0, 0, 1),
    # SATNet's crop of WebCaricature: two pixels more on each side, then twice the size.
    "satnet": _from_sphereface("satnet", 200, 232, 2, 2, 2),
    # Its earlier crop, 128x128 with the face moved by (16, 8), at the sizes that generators take.
    "square256": _from_sphereface("square256", 256, 256, 16, 8, 2),
    "square512": _from_sphereface("square512", 512, 512, 16, 8, 4),
}


def template(name: str) -> Template:
    """The template of that name; InputError lists the known ones."""
    if name not in TEMPLATES:
        raise InputError(f"Unknown template {name!r}; known are: {', '.join(TEMPLATES)}.")
    return TEMPLATES[name]


def fit_similarity(source, target) -> Similarity:
    """The similarity that brings (n, 2) source points closest, in least squares, to (n, 2) target points; n >= 2.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 1991, with the
    reflection ruled out. In the plane that is one complex division: with centred points as complex numbers,
    (a + ib) = sum(conj(s) t) / sum(|s|^2).
    """
    s, t = _points(source), _points(target)
    if len(s) != len(t):
        raise InputError(f"Points do not match: {len(s)} source points but {len(t)} target points.")
    if len(s) < 2:
        raise InputError(f"A similarity needs at least 2 points, {len(s)} given.")
    s_mean, t_mean = s.mean(axis=0), t.mean(axis=0)
    sc, tc = (s - s_mean) @ [1, 1j], (t - t_mean) @ [1, 1j]
    spread = float(np.sum(np.abs(sc) ** 2))
    # Far from the origin equal points can differ by rounding, so the test is relative to the coordinates.
    if spread <= (1e-9 * (1.0 + float(np.abs(s).max()))) ** 2:
        raise InputError("The source points coincide, so they fix neither scale nor rotation; mark distinct points.")
    turn = complex(np.sum(np.conj(sc) * tc)) / spread
    if abs(turn) <= 1e-12:
        raise InputError("The target points do not follow the source points; check their order.")
    centre = complex(t_mean @ [1, 1j]) - turn * complex(s_mean @ [1, 1j])
    return Similarity(turn.real, turn.imag, centre.real, centre.imag)


def warp(image: Image.Image, transform: Similarity, size: tuple[int, int], *, padding: str = "edge") -> Image.Image:
    """The picture moved by `transform` onto a canvas of `size` (width, height); mode RGB or L is kept.

    `padding` fills what lies outside the photo: "edge" repeats its border pixels, "white" and "black" are flat,
    "fade" lets the border pixels run out into white within a twelfth of the canvas (for looking at: repeated pixels
    make ugly streaks).
    When the transform shrinks, the picture is first resampled with an antialiasing filter to the final scale.
    """
    if padding not in PADDINGS:
        raise InputError(f"Unknown padding {padding!r}; known are: {', '.join(PADDINGS)}.")
    if image.mode not in ("RGB", "L"):
        raise InputError(f"Only RGB and L pictures are aligned, not mode {image.mode}.")
    width, height = size
    # Corners of the canvas, seen in the photo, with a margin for the resampling filters.
    corners = [(-0.5, -0.5), (width - 0.5, -0.5), (-0.5, height - 0.5), (width - 0.5, height - 0.5)]
    seen = transform.inverse().apply(corners)
    margin = 4.0 * max(1.0, 1.0 / transform.scale)
    left, top = (math.floor(v) for v in seen.min(axis=0) - margin)
    right, bottom = (math.ceil(v) + 1 for v in seen.max(axis=0) + margin)
    inside = (max(left, 0), max(top, 0), min(right, image.width), min(bottom, image.height))
    if inside[0] >= inside[2] or inside[1] >= inside[3]:
        raise InputError("The crop lies wholly outside the picture; check the points it was made from.")
    part = image.crop(inside)
    reduced = part
    if transform.scale < 1.0:
        columns, rows = (max(1, math.ceil(side * transform.scale)) for side in part.size)
        reduced = part.resize((columns, rows), Image.Resampling.LANCZOS, reducing_gap=3.0)
    sx, sy = reduced.width / part.width, reduced.height / part.height
    before = (max(0, math.ceil((inside[0] - left) * sx)), max(0, math.ceil((inside[1] - top) * sy)))
    after = (max(0, math.ceil((right - inside[2]) * sx)), max(0, math.ceil((bottom - inside[3]) * sy)))
    # One pixel of `reduced` is this many canvas pixels: 1 when it was shrunk, more when the transform enlarges.
    reach = 0.08 * min(size) / max(1.0, transform.scale)
    padded = _pad(reduced, before, after, padding, reach)
    # Pillow asks for the map from canvas to source, both with pixel centres at +0.5.
    back = transform.inverse()
    ox, oy = inside[0], inside[1]
    cx = back.tx - 0.5 * back.a + 0.5 * back.b + 0.5 - ox
    cy = back.ty - 0.5 * back.b - 0.5 * back.a + 0.5 - oy
    data = (sx * back.a, -sx * back.b, sx * cx + before[0], sy * back.b, sy * back.a, sy * cy + before[1])
    return padded.transform(size, Image.Transform.AFFINE, data, Image.Resampling.BICUBIC)


def _pad(
    image: Image.Image, before: tuple[int, int], after: tuple[int, int], padding: str, reach: float
) -> Image.Image:
    """The picture with (x, y) pixels added before and after it; `reach` is the length of the fade in pixels."""
    if not any((*before, *after)):
        return image
    pixels = np.asarray(image)
    widths = [(before[1], after[1]), (before[0], after[0])] + [(0, 0)] * (pixels.ndim - 2)
    if padding in ("white", "black"):
        return Image.fromarray(np.pad(pixels, widths, constant_values=255 if padding == "white" else 0))
    padded = np.pad(pixels, widths, mode="edge")
    if padding == "edge":
        return Image.fromarray(padded)
    outside = []
    for length, first, added in ((pixels.shape[0], *widths[0]), (pixels.shape[1], *widths[1])):
        places = np.arange(-first, length + added, dtype=np.float32)
        outside.append(np.maximum(0.0, np.maximum(-places, places - (length - 1))))
    away = np.clip(np.hypot(outside[0][:, None], outside[1][None, :]) / max(reach, 1.0), 0.0, 1.0)
    white = away * away * (3.0 - 2.0 * away)
    white = white.reshape(white.shape + (1,) * (pixels.ndim - 2))
    return Image.fromarray(np.rint(padded * (1.0 - white) + 255.0 * white).astype(np.uint8))


def _points(points) -> np.ndarray:
    xy = np.asarray(points, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2:
        raise InputError(f"Points must be a list of x y pairs, not an array of shape {xy.shape}.")
    if not np.isfinite(xy).all():
        raise InputError("A point has a coordinate that is not a finite number.")
    return xy
