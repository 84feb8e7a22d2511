"""The caricature: an ink and wash drawing of a person whose unusual features are exaggerated."""

from __future__ import annotations

import numpy as np
from PIL import Image

from datasetviewer.drawing import anatomy
from datasetviewer.drawing.canvas import Canvas, blur, noise, smoothstep, to_image
from datasetviewer.drawing.contours import draw_contours
from datasetviewer.drawing.exaggeration import exaggerated
from datasetviewer.drawing.person import Person
from datasetviewer.drawing.photo import paint_portrait

Landmarks = tuple[tuple[float, float], ...]
WIDTH, HEIGHT = 240, 300
INK = np.array([0.16, 0.11, 0.10], np.float32)


def draw_caricature(person: Person) -> tuple[Image.Image, Landmarks]:
    """The caricature, RGB 240x300 with its own proportions, and its 17 landmarks in pixels (WebCaricature's order)."""
    shape = exaggerated(person.shape)
    top = float(round(0.5 * (shape.crown_y + shape.chin_y) - 0.47 * HEIGHT))
    canvas = Canvas(WIDTH, HEIGHT, 2, anatomy.MIDDLE - WIDTH / 2, top)
    painting = paint_portrait(canvas, person, shape, grounded=False)
    wash, person_cover = painting.image, painting.cover
    rng = person.random(70)
    grey = wash @ np.array([0.30, 0.59, 0.11], np.float32)
    colour = grey[..., None] + 1.16 * (wash - grey[..., None])
    # Washes: lights run to the paper, tones settle in a few steps with soft edges.
    step = colour * 5
    floor = np.floor(step)
    settled = (floor + smoothstep(0.25, 0.75, step - floor)) / 5
    colour = np.clip(0.62 * colour + 0.38 * settled, 0, 1) * 0.92 + 0.08
    pigment = 1 + 0.045 * noise(rng, canvas, 1.4) + 0.03 * noise(rng, canvas, 9)
    ground = np.array(person.colouring.ground, np.float32) * 0.55 + 0.43
    dx, dy = (canvas.x - anatomy.MIDDLE) / 112, (canvas.y - top - 0.46 * HEIGHT) / 142
    spread = np.sqrt(dx * dx + dy * dy) + 0.10 * noise(rng, canvas, 22) + 0.03 * noise(rng, canvas, 5)
    paper = np.array([0.985, 0.975, 0.955], np.float32)
    behind = paper + (ground - paper) * (1 - smoothstep(0.80, 1.0, spread))[..., None]
    image = behind + (colour - behind) * person_cover[..., None]
    image = 1 - (1 - image) * pigment[..., None]
    lines = np.asarray(draw_contours(canvas, person, shape, bold=1.25)).astype(np.float32) / 255
    edge = np.clip(np.abs(person_cover - blur(person_cover, 1.0, canvas.scale)) * 1.5, 0, 0.75)
    ink = np.maximum(lines * 0.9 * (1 - painting.hair), edge)
    image = image + (INK - image) * ink[..., None]
    points = tuple((x - canvas.left, y - canvas.top) for x, y in anatomy.landmarks(shape))
    return canvas.shrink(to_image(image)), points
