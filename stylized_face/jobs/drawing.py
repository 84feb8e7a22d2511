"""From a photo to its drawing, in steps that are timed: find the face, bring it onto the template, draw it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from PIL import Image

from workers.engine.geometry import Similarity

from ..choosing import Chosen, face_chosen
from .renderers import SCALE, TEMPLATE, Renderer, Style, renderer

if TYPE_CHECKING:
    from workers.engine.faces import Aligned, Face

Report = Callable[[float, str], None]
_beside = ThreadPoolExecutor(1, thread_name_prefix="aligned")


@dataclass(frozen=True, eq=False)
class Drawing:
    """What became of a photo; both pictures are 400x500. `transform` leads from the photo to the aligned one."""

    face: Face
    aligned: Image.Image
    transform: Similarity
    sketch: Image.Image


@dataclass
class Watch:
    """How long each step took, in seconds."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add the body's time to the step."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - begin, 4)


@dataclass(frozen=True, eq=False)
class Posed:
    """A photo whose face stands on the template: `picture` as the renderer takes it, `aligned` as it is shown.

    The second may still be in the making: a network is drawn meanwhile on another core.
    """

    chosen: Chosen
    picture: Image.Image
    shown: Future[Aligned]

    @property
    def face(self) -> Face:
        return self.chosen.face

    @property
    def aligned(self) -> Aligned:
        return self.shown.result()

    @property
    def transform(self) -> list[float]:
        """As it is stored: scale, angle in radians, x and y, from the photo to the aligned picture."""
        moved = self.aligned.transform
        return [moved.scale, math.radians(moved.angle), moved.tx, moved.ty]


def pose(
    photo: Image.Image,
    render: Renderer,
    *,
    points: Any = None,
    index: int | None = None,
    watch: Watch,
    report: Report,
    keep: Callable[[Image.Image], None] = lambda aligned: None,
) -> Posed:
    """Find the face that is meant and bring it onto the template. InputError when that is not clear.

    `keep` is called with the aligned picture, in a thread.
    """
    from workers.engine.faces import align

    report(0.1, _("finding the face"))
    with watch.step("detect"):
        chosen = face_chosen(photo, points=points, index=index)
    report(0.4, _("aligning the face"))

    def aligned_at(scale: int) -> Aligned:
        # Each straight from the photo: made smaller once is sharper than twice.
        return align(photo, chosen.face, TEMPLATE, scale, padding="fade")

    def kept(ready: Aligned | None) -> Aligned:
        aligned = ready or aligned_at(SCALE)
        keep(aligned.image)
        return aligned

    with watch.step("align"):
        taken = aligned_at(render.scale)
    shown = _beside.submit(kept, taken if render.scale == SCALE else None)
    return Posed(chosen, taken.image, shown)


def draw(
    photo: Image.Image, *, model: str, seed: int = 0, strength: float = 1.0, index: int | None = None, user: Any = None
) -> Drawing:
    """The drawing of the one face in an RGB photo, or of face number `index`; InputError when there is none, or several."""
    render = renderer(model, user)
    posed = pose(photo, render, index=index, watch=Watch(), report=lambda progress, step: None)
    (sketch,) = render.draw([posed.picture], [Style(strength, seed)])
    return Drawing(posed.face, posed.aligned.image, posed.aligned.transform, sketch)
