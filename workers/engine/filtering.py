"""Which faces fit a crop: the filter of SATNet's WebCaricature set, on landmarks brought onto the template.

Three tests, in this order; the first that fails gives the reason:

side_face    the points are not in the order of a face seen from the front (see ORDER)
outside      one of the five points lies outside the crop
too_far      pi d^2 > r W H for one of the five points: d is its distance in pixels to the template's point,
             W x H the crop. r is thus the area of the circle a point may stand in, as a part of the crop's area.

With 17 points all of ORDER is tested; 68 points have no hairline; five points leave the order of eyes, nose and mouth.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from workers.engine.errors import InputError
from workers.engine.geometry import FIVE, Similarity, Template, fit_similarity
from workers.engine.landmarks import five_points, named_points

SIDE_FACE, OUTSIDE, TOO_FAR = "side_face", "outside", "too_far"
REASONS = (SIDE_FACE, OUTSIDE, TOO_FAR)
DEFAULT_R = 0.10
SENSITIVITY = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40)

_BROWS = ("left_brow_left", "left_brow_right", "right_brow_left", "right_brow_right")
_EYE_CORNERS = ("left_eye_left", "left_eye_right", "right_eye_left", "right_eye_right")
_MOUTH = ("upper_lip", "left_mouth", "lower_lip", "right_mouth")
_INNER = (*_BROWS, *_EYE_CORNERS, "nose", *_MOUTH)


@dataclass(frozen=True)
class Order:
    """Each point of `before` must have a smaller coordinate than each of `after`: x (to the left) or y (above)."""

    axis: int
    before: tuple[str, ...]
    after: tuple[str, ...]


def _row(names: tuple[str, ...]) -> tuple[Order, ...]:
    return tuple(Order(0, (left,), (right,)) for left, right in pairwise(names))


_LEFT_EYE, _RIGHT_EYE = (
    ("left_eye", "left_eye_left", "left_eye_right"),
    ("right_eye", "right_eye_left", "right_eye_right"),
)
# Points a set does not have are passed over.
ORDER = (
    Order(1, ("hairline",), ("left_ear", "right_ear", *_INNER, "chin")),
    Order(1, ("left_ear", "right_ear", *_INNER), ("chin",)),
    Order(0, ("left_ear",), ("hairline", "chin", "right_ear", *_INNER)),
    Order(0, ("left_ear", "hairline", "chin", *_INNER), ("right_ear",)),
    *_row(_BROWS),
    *_row(_EYE_CORNERS),
    Order(0, ("left_eye",), ("right_eye",)),
    Order(0, ("left_mouth",), ("nose", "upper_lip", "lower_lip", "right_mouth")),
    Order(0, ("nose", "upper_lip", "lower_lip"), ("right_mouth",)),
    Order(1, ("nose",), _MOUTH),
    Order(1, _BROWS, _EYE_CORNERS),
    Order(1, (*_LEFT_EYE, *_RIGHT_EYE), ("nose", *_MOUTH)),
)


@dataclass(frozen=True)
class Judgement:
    """What the filter found for one face.

    structure  "side_face" or "outside" when one of these tests fails, whatever r is; else ""
    detail     names of the points that failed: two out of order, or one outside
    deviation  the smallest r at which the third test passes: max(pi d^2) / (W H)
    farthest   name of the point that stands farthest from its place
    transform  from the picture to the crop
    """

    structure: str
    detail: tuple[str, ...]
    deviation: float
    farthest: str
    transform: Similarity

    def reason(self, r: float) -> str:
        """Why the face is rejected at this r; "" when it is kept."""
        return self.structure or (TOO_FAR if self.deviation > r else "")


def radius(template: Template, r: float) -> float:
    """The distance in pixels that a point may have from its place: sqrt(r W H / pi)."""
    return math.sqrt(r * template.width * template.height / math.pi)


def check_r(r: float) -> float:
    """r itself; InputError unless 0 < r <= 1."""
    if not (math.isfinite(r) and 0 < r <= 1):
        raise InputError(f"r must be a number above 0 and at most 1, as in 0.10; {r} was given.")
    return r


def require_five(template: Template) -> Template:
    """The template itself; InputError when it lacks one of the five points, since then distances say nothing."""
    names = {name for name, _x, _y in template.points}
    if not names.issuperset(FIVE):
        raise InputError(
            f"The template {template.name} fixes only {', '.join(sorted(names))}, so a face cannot stand far from it. "
            "Filter with a template of five points: sphereface, satnet, square256, square512 or your own."
        )
    return template


def judge(points, template: Template, five=None) -> Judgement:
    """Test one face. `points` are its landmarks (5, 17 or 68); `five` replaces the five points that follow from them.

    InputError when the points coincide, so that no transform exists.
    """
    require_five(template)
    own = five_points(points if five is None else five)
    targets = template.array(FIVE)
    transform = fit_similarity(own, targets)
    placed = transform.apply(own)
    away = np.hypot(*(placed - targets).T)
    farthest = int(away.argmax())
    named = named_points(points)
    corrected = {name: (float(x), float(y)) for name, (x, y) in zip(FIVE, own, strict=True)}
    if len(points) == 5:
        named = corrected
    else:
        # Single points that were corrected replace those of the full set.
        named |= {name: corrected[name] for name in ("nose", "left_mouth", "right_mouth")}
    xy = transform.apply(list(named.values()))
    structure, detail = _structure(dict(zip(named, xy, strict=True)), placed, template)
    deviation = float(math.pi * away[farthest] ** 2 / (template.width * template.height))
    return Judgement(structure, detail, deviation, FIVE[farthest], transform)


def _structure(named: dict[str, np.ndarray], placed: np.ndarray, template: Template) -> tuple[str, tuple[str, ...]]:
    for rule in ORDER:
        before = [name for name in rule.before if name in named]
        after = [name for name in rule.after if name in named]
        if not before or not after:
            continue
        last = max(before, key=lambda name: named[name][rule.axis])
        first = min(after, key=lambda name: named[name][rule.axis])
        if not named[last][rule.axis] < named[first][rule.axis]:
            return SIDE_FACE, (last, first)
    for name, (x, y) in zip(FIVE, placed, strict=True):
        # A pixel reaches half a pixel around its centre.
        if not (-0.5 <= x <= template.width - 0.5 and -0.5 <= y <= template.height - 0.5):
            return OUTSIDE, (name,)
    return "", ()
