"""Which face of a photo is meant: the only one, the one that clearly leads, the one that was chosen, or the one whose
points a person set."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workers.engine.errors import InputError

if TYPE_CHECKING:
    from PIL import Image

    from workers.engine.faces import Face

RIVAL = 0.5  # a second face of this part of the largest one's width makes the photo ambiguous; smaller ones are crowd
SMALLEST_FACE = 40  # pixels; below, the drawing would be of the interpolation
SMALLEST_EYES = 18  # pixels between the eyes of a face that is just wide enough
_LONGEST_TEXT = 500
MOST_FACES = 40  # of one photo are offered, the largest ones
# Where the five points of a face stand on the drawing's 400x500 (workers.engine.quality has them from CUFS), rounded.
_USUAL, _CROP = ((150, 250), (250, 250), (200, 303), (160, 361), (240, 361)), (400, 500)
_VIEW = 1.6  # a face is shown with this part of its box's side around it


@dataclass(frozen=True, eq=False)
class Chosen:
    """The face to draw, and all that were found as `Stylization.found` holds them, the largest first.

    Where a person set the points nothing was looked for, and `found` is empty: what the row knows stays true. Where one face
    clearly leads, smaller ones may be missing: `all_found` has them, and there is time for it once the sketch is there.
    """

    face: Face
    found: list[dict[str, Any]]
    complete: bool = True


class FaceUnclear(InputError):
    """No face, or not clear which; `found` belongs on the row, so that the person can be asked."""

    def __init__(self, text: str, found: list[dict[str, Any]]) -> None:
        super().__init__(text)
        self.found = found


def face_chosen(photo: Image.Image, *, points: Any = None, index: int | None = None) -> Chosen:
    """The face to draw of an RGB photo.

    points  five [x, y] that a person set, in the photo's pixels: the face is where they say, and nothing is looked for.
            Only the two eyes bring it onto the template, as with found faces: the template of CUFS has no other points,
            so a sketch of marked points lies like those the models learnt from. Nose and mouth serve the quality report.
    index   which of the faces found, the largest is 0
    Without both, the largest face is taken when it clearly leads; FaceUnclear when there is none or when it does not.
    """
    from workers.engine.faces import find_leading_faces, marked_face

    if points is not None:
        return Chosen(marked_face(points_checked(points, photo.size)), [])
    if index is None:
        leading = find_leading_faces(photo, RIVAL)
        told = [_told(face) for face in leading]
        if leading and leading[0].width >= SMALLEST_FACE and rivals(told) == 1:
            return Chosen(leading[0], told, complete=False)
    faces = _all_faces(photo)
    found = [_told(face) for face in faces]
    if not faces:
        text = _(
            "No face was found in the photo. Use one that shows the whole face from the front, with the eyes visible "
            "and in good light; or mark the eyes, the nose and the mouth yourself."
        )
        raise FaceUnclear(text, found)
    if index is not None and not 0 <= index < len(faces):
        raise FaceUnclear(no_such_face(index, len(faces)), found)
    face = faces[index or 0]
    if face.width < SMALLEST_FACE:
        text = _("The face is only %(width)d pixels wide; at least %(least)d are needed. Use a larger photo.")
        raise FaceUnclear(text % {"width": round(face.width), "least": SMALLEST_FACE}, found)
    if index is None and rivals(found) > 1:
        text = ngettext(
            "There is %(count)d face in the photo. Choose the one to draw.",
            "There are %(count)d faces in the photo. Choose the one to draw.",
            len(found),
        )
        raise FaceUnclear(text % {"count": len(found)}, found)
    return Chosen(face, found)


def all_found(photo: Image.Image) -> list[dict[str, Any]]:
    """Every face of an RGB photo as `Stylization.found` holds them, the largest first."""
    return [_told(face) for face in _all_faces(photo)]


def _all_faces(photo: Image.Image) -> list[Face]:
    from workers.engine.faces import find_every_face, find_turned_faces

    return (find_every_face(photo, SMALLEST_FACE) or find_turned_faces(photo))[:MOST_FACES]


def rivals(found: Sequence[dict[str, Any]]) -> int:
    """How many of the faces may be the one that is meant: all that are not much smaller than the largest."""
    return sum(width(one) >= RIVAL * width(found[0]) for one in found)


def question(found: Sequence[dict[str, Any]] | None) -> str:
    """What only the person can answer, when nothing was chosen: "where" the face is, "which" is meant; "" for nothing."""
    if found is None:
        return ""
    if not found:
        return "where"
    return "which" if width(found[0]) >= SMALLEST_FACE and rivals(found) > 1 else ""


def no_such_face(index: int, count: int) -> str:
    text = ngettext(
        "There is no face %(index)d; %(count)d face was found, counted from 0.",
        "There is no face %(index)d; %(count)d faces were found, counted from 0.",
        count,
    )
    return text % {"index": index, "count": count}


def points_read(text: str) -> Any:
    """What stands in a JSON text; whether it can be points is for `points_checked`. InputError when it is no JSON."""
    try:
        if len(text) > _LONGEST_TEXT:  # a deep nest of brackets would end the parser
            raise ValueError
        return json.loads(text)
    except ValueError as error:
        raise InputError(_five_needed()) from error


def points_checked(points: Any, size: tuple[int, int]) -> list[list[float]]:
    """Five [x, y] inside a picture of that size (width, height) that can be a face; InputError says what is wrong."""
    try:
        five = [[float(value) for value in point] for point in points]
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(_five_needed()) from error
    if len(five) != 5 or any(len(point) != 2 for point in five):
        raise InputError(_five_needed())
    for x, y in five:
        if not (math.isfinite(x) and math.isfinite(y) and -0.5 <= x <= size[0] - 0.5 and -0.5 <= y <= size[1] - 0.5):
            text = _("A point lies outside the photo, which is %(width)d pixels wide and %(height)d high.")
            raise InputError(text % {"width": size[0], "height": size[1]})
    (left, right), mouth = five[:2], [(a + b) / 2 for a, b in zip(five[3], five[4], strict=True)]
    across = (right[0] - left[0], right[1] - left[1])
    distance = math.hypot(*across)
    if distance < SMALLEST_EYES:
        text = _("The eyes are only %(distance)d pixels apart; at least %(least)d are needed. Use a larger photo.")
        raise InputError(text % {"distance": int(distance), "least": SMALLEST_EYES})
    down = (mouth[0] - (left[0] + right[0]) / 2, mouth[1] - (left[1] + right[1]) / 2)
    if across[0] * down[1] - across[1] * down[0] <= 0:
        raise InputError(
            _("Left and right eye seem to be exchanged: the mouth lies above them. Left is the left one as you see it.")
        )
    return [[round(x, 1), round(y, 1)] for x, y in five]


def points_usual(size: tuple[int, int]) -> list[list[float]]:
    """Where the five points of a face stand that fills the middle of a photo of that size: something to start from."""
    scale = min(size[0] / _CROP[0], size[1] / _CROP[1])
    return [
        [round((x - _CROP[0] / 2) * scale + size[0] / 2, 1), round((y - _CROP[1] / 2) * scale + size[1] / 2, 1)]
        for x, y in _USUAL
    ]


def faces_shown(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Found faces for a page: `index`, `number`, the box, and `view`, the part of the photo around it for an SVG.

    Numbers are texts, so that no language puts commas into them.
    """
    shown = []
    for index, one in enumerate(found):
        left, top, right, bottom = one["box"]
        side = max(right - left, bottom - top)
        x, y = (left + right - _VIEW * side) / 2, (top + bottom - _VIEW * side) / 2 - 0.1 * side
        shown.append(
            {
                "index": index,
                "number": index + 1,
                "left": f"{left:.1f}",
                "top": f"{top:.1f}",
                "width": f"{right - left:.1f}",
                "height": f"{bottom - top:.1f}",
                "view": f"{x:.1f} {y:.1f} {_VIEW * side:.1f} {_VIEW * side:.1f}",
            }
        )
    return shown


def _five_needed() -> str:
    return _(
        "The points are five pairs of numbers [x, y]: left eye, right eye, nose tip, left and right corner of the mouth, "
        "as you see them."
    )


def _told(face: Face) -> dict[str, Any]:
    from workers.engine.landmarks import five_points

    five = five_points(face.landmarks68)
    five[:2] = face.eyes  # the eyes that the alignment uses
    return {
        "box": [round(value, 1) for value in face.box],
        "points": [[round(float(x), 1), round(float(y), 1)] for x, y in five],
    }


def width(one: dict[str, Any]) -> float:
    """Of a face as `found` holds it, in pixels."""
    return one["box"][2] - one["box"][0]
