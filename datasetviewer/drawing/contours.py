"""The lines of a drawing: contours of head, ears, nose, mouth, dress and glasses, and the eyes."""

from __future__ import annotations

import numpy as np
from PIL import Image

from datasetviewer.drawing import anatomy
from datasetviewer.drawing.anatomy import MIDDLE, SIDES
from datasetviewer.drawing.canvas import Canvas, Field, Path, line_cover, moved, smooth_path, smoothstep
from datasetviewer.drawing.features import between, iris_centre, iris_radius
from datasetviewer.drawing.person import Person, Shape
from datasetviewer.drawing.strokes import pressed_line
from datasetviewer.drawing.wear import clothes_outline, collar_flap, glasses_paths, neckline


def _face_lines(person: Person, s: Shape) -> list[tuple[Path, float, float]]:
    """(path, weight in pixels, pressure 0..1) of the face itself."""
    jaw = anatomy.jaw_line(s)
    third = len(jaw) // 3
    lines: list[tuple[Path, float, float]] = [
        (jaw[: third + 6], 1.0, 0.62),
        (jaw[third - 4 : 2 * third + 5], 1.15, 0.78),
        (jaw[2 * third - 6 :], 1.0, 0.70),
    ]
    if person.hairstyle in ("bald", "receding", "buzz"):
        outline = anatomy.head_outline(s)
        top = outline[outline[:, 1] < s.eye_y - 16]
        lines.append((top[np.argsort(top[:, 0], kind="stable")], 1.0, 0.62))
    x, base = anatomy.nose_middle(s), anatomy.nose_base(s)
    dark = 1 if person.light[0] < 0 else -1
    bridge = smooth_path(
        [
            (x + dark * 1.5 * s.bridge_width, s.brow_y + 6),
            (x + dark * 0.95 * s.bridge_width, s.eye_y + 4),
            (x + dark * 1.05 * s.bridge_width, 0.5 * (s.eye_y + s.nose_tip_y) + 3),
        ],
        14,
    )
    tip = smooth_path(
        [
            (x - 0.42 * s.nose_width, base - 1.4),
            (x - 2.5, base + 0.2),
            (x + 2.5, base + 0.2),
            (x + 0.42 * s.nose_width, base - 1.4),
        ],
        14,
    )
    lines += [(bridge, 1.0, 0.34), (tip, 0.9, 0.50)]
    top, middle, bottom = anatomy.mouth_lines(s)
    lines += [(middle, 1.15, 0.88), (top, 0.8, 0.42), (bottom[6:-6], 0.8, 0.36)]
    under = moved(bottom[9:-9], 0, 2.6)
    lines.append((under, 1.4, 0.22))
    for side in SIDES:
        lines += [
            (anatomy.nose_wing(s, side), 1.0, 0.62 if side == dark else 0.48),
            (anatomy.nostril(s, side), 1.9, 0.88),
            (anatomy.nasolabial_fold(s, side), 0.9, 0.08 + 0.36 * person.wrinkles),
            (anatomy.lid_crease(s, side), 0.9, 0.50),
        ]
        rim = anatomy.ear_outline(s, side)
        inner = rim[3:22] * 0.72 + np.array(anatomy.ear_centre(s, side)) * 0.28
        lines += [(rim, 1.0, 0.62), (inner, 0.9, 0.40)]
    return lines


def _dress_lines(person: Person, s: Shape) -> list[tuple[Path, float, float]]:
    lines: list[tuple[Path, float, float]] = []
    edge = neckline(person, s)
    for side in SIDES:
        neck = anatomy.neck_outline(s, side)
        lines.append((neck[neck[:, 1] < edge[12, 1]][6:], 1.0, 0.55))
    cloth = clothes_outline(person, s)
    lines.append((cloth, 1.0, 0.70))
    if person.clothes in ("tee", "turtleneck", "v-neck"):
        lines.append((moved(edge[10:-10], 0, 3.4), 0.9, 0.45))
    if person.clothes in ("shirt", "jacket"):
        for side in SIDES:
            flap = collar_flap(person, s, side)
            lines.append((np.concatenate([flap, flap[:1]]), 1.0, 0.66))
    return [line for line in lines if len(line[0]) > 3]


def _wrinkle_lines(person: Person, s: Shape) -> list[tuple[Path, float, float]]:
    depth = person.wrinkles
    if depth < 0.15:
        return []
    lines: list[tuple[Path, float, float]] = []
    span = s.brow_y - s.hairline_y
    for k in range(1 + int(3 * depth)):
        y = s.brow_y - span * (0.30 + 0.17 * k)
        lines.append(
            (
                smooth_path(
                    [(MIDDLE - 31, y), (MIDDLE - 10, y - 1.0), (MIDDLE + 12, y - 0.6), (MIDDLE + 31, y + 0.4)], 16
                ),
                0.8,
                0.34 * depth,
            )
        )
    for side in SIDES:
        x, y = anatomy.eye_centre(s, side)
        bag = smooth_path([(x - side * 9.5, y + 6.2), (x, y + 9.6), (x + side * 8.5, y + 7.0)], 12)
        lines.append((bag, 0.8, 0.20 + 0.30 * depth))
    return lines


def draw_contours(canvas: Canvas, person: Person, shape: Shape, *, bold: float = 1.0) -> Image.Image:
    """All lines as a sheet of darkness, `bold` times as wide as a pencil's.

    Long contours are drawn twice, as a searching hand does.
    """
    sheet = Image.new("L", canvas.size)
    rng = person.random(65)
    lines = [*_face_lines(person, shape), *_dress_lines(person, shape), *_wrinkle_lines(person, shape)]
    for path, weight, pressure in lines:
        pressed_line(sheet, canvas, path, weight=1.45 * bold * weight, pressure=min(1.2 * pressure, 1), rng=rng)
        if len(path) > 18:
            pressed_line(sheet, canvas, path, weight=0.7 * weight, pressure=0.6 * pressure, rng=rng, wobble=0.75)
    for path in glasses_paths(person, shape):
        pressed_line(sheet, canvas, path, weight=1.2 if person.glasses == "round" else 1.6, pressure=0.88, rng=rng)
    return sheet


def draw_eyes(canvas: Canvas, person: Person, shape: Shape, dark: Field) -> Field:
    """The eyes last and sharpest: paper left for white and light, black only in pupil and lashes."""
    out = dark.copy()
    luma = float(np.dot(person.colouring.iris, [0.3, 0.59, 0.11]))
    for side in SIDES:
        upper, lower = anatomy.eye_lids(shape, side)
        where, opening = between(canvas, upper, lower)
        x, y = canvas.x[:, where[1]], canvas.y[where[0]]
        cx, cy = iris_centre(shape, side)
        radius = iris_radius(shape)
        r = np.sqrt((x - cx) ** 2 + (y - cy) ** 2)
        order = np.argsort(upper[:, 0], kind="stable")
        below_lid = smoothstep(-0.5, 4.0, y - np.interp(x[0], upper[order, 0], upper[order, 1])[None, :])
        ball = 0.34 - 0.26 * below_lid
        tint = 0.92 - 0.85 * luma - 0.24 * smoothstep(-1, radius, y - cy) + 0.3 * smoothstep(radius - 1.3, radius, r)
        ball += (np.clip(tint, 0.2, 0.92) - ball) * (1 - smoothstep(radius - 0.5, radius + 0.5, r))
        ball += (0.97 - ball) * (1 - smoothstep(0.40 * radius - 0.4, 0.40 * radius + 0.4, r))
        lx = cx + 1.7 * (1 if person.light[0] > 0 else -1)
        glint = np.sqrt((x - lx) ** 2 + (y - cy + 1.6) ** 2)
        ball *= smoothstep(0.5, 1.3, glint)
        # Glasses are drawn over the eye: what is darker stays.
        out[where] += (ball - out[where]) * opening
        tail = (upper[-1] + [side * 1.2, -0.4])[None]
        for path, weight, pressure in (
            (np.concatenate([upper, tail]) - [0, 0.3], 1.5 + 0.4 * max(person.softness, 0), 0.93),
            (moved(lower[3:], 0, 0.6), 0.8, 0.55),
        ):
            at, cover = line_cover(canvas, path, weight, soft=0.4, taper=(0.4, 0.15))
            out[at] = np.maximum(out[at], pressure * cover)
    return out
