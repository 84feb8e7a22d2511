"""Bringing a face onto a template by its landmarks, own templates, and telling that pictures are aligned already."""

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from workers.engine.errors import InputError
from workers.engine.geometry import FIVE, TEMPLATES, Similarity, Template, fit_similarity, warp
from workers.engine.landmarks import five_points

MAX_TEMPLATE_SIDE, MIN_TEMPLATE_SIDE = 2048, 16
# Of the eye distance. Detectors and people disagree by about 3 %, faces before alignment by far more than 10 %.
STANDING_TOLERANCE = 0.10
# Parts of a dataset's pictures that must stand on the template for it to count as aligned.
STANDING_SHARE = 0.8
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")


@dataclass(frozen=True, eq=False)
class AlignedFace:
    """A picture on the template, the transform that brought it there, and landmarks carried along: (n, 2), (5, 2)."""

    image: Image.Image
    transform: Similarity
    landmarks: np.ndarray
    five: np.ndarray


def fit_to_template(five, template: Template) -> Similarity:
    """The least-squares similarity from a picture's five points to those of them that the template fixes."""
    names = tuple(name for name, _x, _y in template.points)
    chosen = five_points(five)[[FIVE.index(name) for name in names]]
    return fit_similarity(chosen, template.array(names))


def align_face(image: Image.Image, landmarks, template: Template, *, five=None, padding: str = "edge") -> AlignedFace:
    """Bring a face onto the template by its landmarks (5, 17 or 68 points; `five` replaces those that follow from them)."""
    own = five_points(landmarks if five is None else five)
    transform = fit_to_template(own, template)
    moved = warp(image, transform, template.size, padding=padding)
    return AlignedFace(moved, transform, transform.apply(landmarks), transform.apply(own))


def template_by_crop(crop: str) -> Template:
    """The template whose crop is WIDTHxHEIGHT; InputError lists the known ones."""
    known = {f"{template.width}x{template.height}": template for template in TEMPLATES.values()}
    if crop not in known:
        listed = ", ".join(f"{size} ({template.name})" for size, template in known.items())
        raise InputError(f"There is no template for a crop of {crop!r}. Known: {listed}. Others need a template file.")
    return known[crop]


def template_data(template: Template) -> dict[str, Any]:
    """The template as JSON data, readable by template_from_data."""
    points = {name: [x, y] for name, x, y in template.points}
    return {"name": template.name, "width": template.width, "height": template.height, "points": points}


def template_from_text(text: str) -> Template:
    """A template from JSON text; see template_from_data."""
    try:
        return template_from_data(json.loads(text))
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"The template is not valid JSON: {error}.") from error


def template_from_data(data: Any) -> Template:
    """An own template: {"name": "mine", "width": 200, "height": 232, "points": {"left_eye": [x, y], ...}}.

    At least the two eyes; the other names are nose, left_mouth, right_mouth. Coordinates lie inside the crop.
    InputError says which part is wrong.
    """
    if not isinstance(data, dict) or set(data) != {"name", "width", "height", "points"}:
        raise InputError("A template is a JSON object with exactly name, width, height and points.")
    name, points = data["name"], data["points"]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InputError("A template's name has 1 to 31 characters, a-z, 0-9 and dashes.")
    for side in ("width", "height"):
        value = data[side]
        if type(value) is not int or not MIN_TEMPLATE_SIDE <= value <= MAX_TEMPLATE_SIDE:
            raise InputError(f"A template's {side} is a whole number from {MIN_TEMPLATE_SIDE} to {MAX_TEMPLATE_SIDE}.")
    if not isinstance(points, dict) or not {"left_eye", "right_eye"} <= set(points) <= set(FIVE):
        raise InputError(f"A template's points are left_eye, right_eye and any of {', '.join(FIVE[2:])}, each [x, y].")
    placed = []
    for point in (one for one in FIVE if one in points):
        place = points[point]
        numbers = isinstance(place, list) and len(place) == 2 and all(type(v) in (int, float) for v in place)
        if not numbers or not (0 <= place[0] <= data["width"] - 1 and 0 <= place[1] <= data["height"] - 1):
            raise InputError(f"The template's point {point} must be [x, y] inside the crop.")
        placed.append((point, float(place[0]), float(place[1])))
    if not placed[0][1] < placed[1][1]:
        raise InputError("The template's left_eye must lie to the left of its right_eye (the viewer's left).")
    template = Template(name, data["width"], data["height"], tuple(placed))
    if name in TEMPLATES and TEMPLATES[name] != template:
        raise InputError(f"There is a built-in template {name}; give your own another name.")
    return template


def stands_on(five, size: tuple[int, int], template: Template) -> bool:
    """Whether a picture of this size has its eyes where the template wants them: it was aligned before."""
    if size != template.size:
        return False
    eyes, wanted = five_points(five)[:2], template.array(FIVE[:2])
    distance = float(np.hypot(*(wanted[1] - wanted[0])))
    return bool((np.hypot(*(eyes - wanted).T) <= STANDING_TOLERANCE * distance).all())
