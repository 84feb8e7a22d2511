"""The hair's two edges on a head, and the pieces that several hairstyles share."""

from __future__ import annotations

import numpy as np

from datasetviewer.drawing.anatomy import MIDDLE
from datasetviewer.drawing.canvas import Path
from datasetviewer.drawing.hair import Curls, Sheet
from datasetviewer.drawing.person import Person, Shape

Parts = list[Sheet | Curls]


class Scalp:
    """The two edges of the hair on a head seen from the front; `a` runs from -1 (left ear) over 0 to 1 (right ear)."""

    def __init__(self, shape: Shape, volume: float, receding: float = 0.0) -> None:
        self.shape, self.volume, self.receding = shape, volume, receding

    def outer(self, a: float, more: float = 0.0) -> tuple[float, float]:
        """The silhouette of the hair."""
        s, volume = self.shape, self.volume + more
        across, up = float(np.sin(a * 1.75)), float(np.cos(a * 1.75))
        # Fuller than an ellipse: a head is broad up to the crown.
        across, up = np.sign(across) * abs(across) ** 0.84, np.sign(up) * abs(up) ** 0.84
        middle = s.eye_y - 22
        return (
            float(MIDDLE + (s.temple_width + 0.8 * volume) * across),
            float(middle - (middle - s.crown_y + volume) * up),
        )

    def inner(self, a: float, lower: float = 0.0) -> tuple[float, float]:
        """The line where hair begins on the forehead and the temples."""
        s = self.shape
        across = float(np.interp(abs(a), [0, 0.4, 0.65, 0.85, 1], [0, 0.52, 0.80, 0.925, 0.975])) * s.temple_width
        back = self.receding * float(np.interp(abs(a), [0, 0.35, 0.65, 1], [0.15, 1.0, 0.75, 0.0]))
        height = (
            float(np.interp(abs(a), [0, 0.4, 0.65, 0.85, 1], [0, 3.0, 13.0, 30.0, 50.0]))
            * (s.eye_y - s.hairline_y)
            / 52
        )
        return MIDDLE + (across if a >= 0 else -across), s.hairline_y + height - back + lower

    def between(self, a: float, share: float) -> tuple[float, float]:
        (x, y), (u, v) = self.inner(a), self.outer(a)
        return x + (u - x) * share, y + (v - y) * share


def ring_places(p: Person, scalp: Scalp, count: int, span: float, inwards: float) -> Path:
    """Random places between hairline and silhouette."""
    rng = p.random(31)
    a, share = rng.random(count) * 2 * span - span, rng.random(count)
    inner = np.array([scalp.inner(v) for v in a])
    outer = np.array([scalp.outer(v) for v in a])
    return inner + (outer - inner) * (share[:, None] * (1 - inwards) + inwards)


def cap(scalp: Scalp) -> Sheet:
    """A dark ground under curls, so that no skin shows between them."""
    places = [float(a) for a in np.linspace(-0.9, 0.9, 9)]
    guides = [np.array([scalp.between(a, 0.12), scalp.between(a, 0.5), scalp.outer(a, -3.0)]) for a in places]
    return Sheet(tuple(guides), 40, dim=0.45)
