"""The photo: a softly painted portrait of a person before a studio ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from datasetviewer.drawing import anatomy
from datasetviewer.drawing.anatomy import MIDDLE, SIDES
from datasetviewer.drawing.beard import beard_cover, beard_hairs
from datasetviewer.drawing.canvas import (
    Canvas,
    Field,
    add_bump,
    blur,
    noise,
    paint,
    smoothstep,
    to_image,
)
from datasetviewer.drawing.features import paint_brows, paint_eyes, paint_mouth, paint_nostrils
from datasetviewer.drawing.hair import Strands, grow
from datasetviewer.drawing.hairstyles import style_hair
from datasetviewer.drawing.person import Person, Shape
from datasetviewer.drawing.relief import Relief, head_relief, lit
from datasetviewer.drawing.strokes import LEVELS, draw_strands, fill_shapes, hair_palette, soft_polygon
from datasetviewer.drawing.wear import paint_body, paint_glasses

EVERYWHERE = (slice(None), slice(None))
SHADOW = np.array([0.36, 0.235, 0.20], np.float32)


@dataclass(frozen=True)
class Painting:
    """A painted person at the canvas's own resolution, values 0..1.

    image  colours (h, w, 3);  cover  where the person is (h, w);  hair  where hair hides the face and dress (h, w)
    """

    image: Field
    cover: Field
    hair: Field


def shaded(albedo: Field, light: Field) -> Field:
    """Skin in a light of 0..1.2: shadows keep a warm red, as light scattered under skin does."""
    return albedo * (SHADOW + (1 - SHADOW) * light[..., None])


def _ground(canvas: Canvas, person: Person) -> Field:
    colour = np.array(person.colouring.ground, np.float32)
    dx, dy = (canvas.x - MIDDLE) / 150, (canvas.y - 105) / 190
    light = 1.03 - 0.16 * (dx * dx + dy * dy) + 0.03 * dx * np.float32(np.sign(person.light[0]))
    return (light[..., None] * colour).astype(np.float32)


def _albedo(canvas: Canvas, person: Person, shape: Shape) -> Field:
    """The skin's own colour: blush, darker lids, freckles, fine texture."""
    s, depth = shape, person.colouring.skin_depth
    rng = person.random(1)
    red, dark = canvas.empty(), canvas.empty()
    blush = (0.55 + 0.45 * float(rng.random())) * (1 - 0.5 * depth)
    for side in SIDES:
        add_bump(red, canvas, MIDDLE + side * 0.58 * s.cheek_width, anatomy.nose_base(s) - 8, 25, 20, 0.60 * blush)
        x, y = anatomy.eye_centre(s, side)
        add_bump(dark, canvas, x, y + 4, 15, 9, 0.11 + 0.10 * person.wrinkles)
        add_bump(dark, canvas, x - side * 2, y - 5, 17, 9, 0.10)
        ear_x, ear_y = anatomy.ear_centre(s, side)
        add_bump(red, canvas, ear_x, ear_y, 12, 24, 0.4)
    add_bump(red, canvas, anatomy.nose_middle(s), s.nose_tip_y, 15, 14, 0.55 * blush)
    add_bump(red, canvas, MIDDLE, s.chin_y - 10, 16, 12, 0.25 * blush)
    patches = noise(rng, canvas, 14) * 0.018 + noise(rng, canvas, 5) * 0.014 + noise(rng, canvas, 1.3) * 0.014
    skin = np.array(person.colouring.skin, np.float32)
    colour = skin * (1 + patches - dark)[..., None]
    colour *= 1 - red[..., None] * np.array([0.00, 0.17, 0.15], np.float32)
    for _ in range(person.freckles):
        x, y = MIDDLE + (float(rng.random()) - 0.5) * 84, s.eye_y + 6 + float(rng.random()) * 44
        radius = 0.45 + 0.75 * float(rng.random()) ** 2
        where = canvas.window(x - 3, y - 3, x + 3, y + 3)
        spot = np.sqrt((canvas.x[:, where[1]] - x) ** 2 + (canvas.y[where[0]] - y) ** 2)
        paint(
            colour,
            where,
            skin * np.array([0.66, 0.52, 0.46], np.float32),
            0.55 * (1 - smoothstep(radius * 0.5, radius + 0.6, spot)),
        )
    return colour


def _paint_ears(image: Field, canvas: Canvas, person: Person, shape: Shape, albedo: Field, body: Field) -> None:
    for side in SIDES:
        rim = anatomy.ear_outline(shape, side)
        where = canvas.around(rim, 6)
        part = canvas.cut(where)
        cover = soft_polygon(part, rim, 0.35)
        x, y = anatomy.ear_centre(shape, side)
        h, out = shape.ear_size, shape.ear_out
        z = 3.0 * blur(cover, 1.6, canvas.scale)
        add_bump(z, part, x + side * 1.0, y - 1.5, 0.62 * out + 3.0, 0.62 * h, -4.2)
        add_bump(z, part, x + side * 0.4, y - 0.30 * h, 0.25 * out + 2.0, 0.36 * h, 1.5)
        light, _ = lit(z, part, person.light)
        light = light * 0.86 - 0.20 * np.clip(blur(z, 2.0, canvas.scale) - z, 0, 1) - 0.02
        paint(image, where, shaded(albedo[where], light), cover)
        body[where] = np.maximum(body[where], cover)


def _paint_skin(image: Field, canvas: Canvas, person: Person, shape: Shape, relief: Relief, albedo: Field) -> None:
    light = relief.light - 0.42 * relief.hollow
    colour = shaded(albedo, light)
    gloss = 0.11 + 0.10 * person.colouring.skin_depth
    colour += (gloss * relief.shine * (0.8 + 0.2 * albedo[..., 0]))[..., None] * np.array([1, 0.94, 0.88], np.float32)
    cover = relief.cover
    stubble = beard_cover(canvas, person, shape)
    if person.beard != "none":
        tone = np.array(person.colouring.hair, np.float32) * 0.8 + 0.04
        strength = 0.42 if person.beard == "stubble" else 0.80
        paint(colour, EVERYWHERE, colour * 0.25 + tone * 0.75, stubble * strength)
    elif person.softness < 0:
        colour *= 1 - (0.10 * stubble)[..., None] * np.array([1.0, 0.85, 0.6], np.float32)
    paint(image, EVERYWHERE, colour, cover)


def _hair_layers(canvas: Canvas, person: Person, locks: list[Strands]) -> tuple[Field, Field]:
    """Colour (h, w, 3) and cover (h, w) of some of the hair."""
    palette = hair_palette(person.colouring.hair)
    colour, cover = Image.new("RGB", canvas.size, palette[12]), Image.new("L", canvas.size)
    for strands in locks:
        shade = palette[min(int(float(strands.brightness.mean()) * LEVELS * 0.55), LEVELS - 1)]
        fill_shapes(canvas, strands.ground, colour, shade)
        fill_shapes(canvas, strands.ground, cover, 255)
        draw_strands(canvas, strands, palette, colour)
        draw_strands(canvas, strands, [255] * LEVELS, cover, every=7)
    soft = cover.filter(ImageFilter.GaussianBlur(0.35 * canvas.scale))
    return np.asarray(colour).astype(np.float32) / 255, np.asarray(soft).astype(np.float32) / 255


def _paint_hair(
    image: Field, canvas: Canvas, person: Person, locks: list[Strands], body: Field, *, behind: bool
) -> Field:
    """Hair behind or before the head; `body` is what is painted so far and takes the hair's shadow.

    Returns the hair's cover.
    """
    chosen = [strands for strands in locks if strands.behind == behind]
    if not chosen:
        return canvas.empty()
    colour, cover = _hair_layers(canvas, person, chosen)
    if not behind:
        # Hair keeps a little light from the skin beside and below it.
        cast = blur(cover, 2.6, canvas.scale)
        drop = 2 * canvas.scale
        cast[drop:] = cast[:-drop].copy()
        image *= 1 - (0.34 * cast * (1 - cover) * body)[..., None] * np.array([0.8, 1.0, 1.05], np.float32)
        volume, _ = lit(9 * blur(cover, 7.0, canvas.scale), canvas, person.light)
        colour = colour * (0.35 + 0.80 * volume)[..., None]
    paint(image, EVERYWHERE, colour, cover)
    np.maximum(body, cover, out=body)
    return cover


def paint_portrait(canvas: Canvas, person: Person, shape: Shape, *, grounded: bool = True) -> Painting:
    """The painted person; not `grounded`, the colours outside the person mean nothing."""
    image = _ground(canvas, person) if grounded else np.full((*canvas.size[::-1], 3), 0.8, np.float32)
    locks = grow(style_hair(person, shape), person.random(2), -person.light[0])
    relief = head_relief(canvas, person, shape)
    albedo = _albedo(canvas, person, shape)
    body = canvas.empty()
    _paint_hair(image, canvas, person, locks, body, behind=True)
    paint_body(image, canvas, person, shape, relief.cover, shaded, albedo, body)
    _paint_ears(image, canvas, person, shape, albedo, body)
    _paint_skin(image, canvas, person, shape, relief, albedo)
    np.maximum(body, relief.cover, out=body)
    paint_nostrils(image, canvas, person, shape)
    paint_mouth(image, canvas, person, shape, relief)
    paint_eyes(image, canvas, person, shape)
    beard_hairs(image, canvas, person, shape)
    paint_brows(image, canvas, person, shape)
    hair = _paint_hair(image, canvas, person, locks, body, behind=False)
    paint_glasses(image, canvas, person, shape)
    return Painting(image, body, hair)


def draw_photo(person: Person) -> Image.Image:
    """The portrait, RGB 200x250, eye centres at (75, 125) and (125, 125)."""
    canvas = Canvas()
    image = paint_portrait(canvas, person, person.shape).image
    picture = np.asarray(canvas.shrink(to_image(image))).astype(np.float64) / 255
    rng = person.random(3)
    grain = rng.random((canvas.height, canvas.width, 1)) + rng.random((canvas.height, canvas.width, 1)) - 1
    return to_image(picture + 0.010 * grain)
