"""What workers do for this app: find the face, bring it onto the template, draw it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from PIL import Image

from workers.context import JobContext
from workers.engine.catalogue import stylizer
from workers.engine.errors import InputError
from workers.engine.geometry import template
from workers.engine.images import read_photo, write_png

from .models import Stylization
from .selectors import TRAINED, checkpoint_offered

if TYPE_CHECKING:
    from workers.engine.faces import Face
    from workers.engine.families.use import Generator

TEMPLATE, SCALE = "cufs", 2  # 400x500 pixels
RIVAL = 0.5  # a second face of this part of the largest one's width makes the photo ambiguous; smaller ones are crowd
SMALLEST_FACE = 40  # pixels; below, the drawing would be of the interpolation


@dataclass(frozen=True, eq=False)
class Drawing:
    """What became of a photo; both pictures are 400x500."""

    face: Face
    aligned: Image.Image
    sketch: Image.Image


def stylize(context: JobContext) -> None:
    """Draw the sketch of the job's Stylization; pictures are in place before the row says done."""
    stylization = Stylization.objects.filter(id=context.arguments["stylization"], removed=None).first()
    if stylization is None or not stylization.file("photo").is_file():
        raise InputError(_("The photo was deleted before it could be drawn."))
    context.report(0.05, _("reading the photo"))
    drawing = draw(
        read_photo(stylization.file("photo")),
        model=stylization.model,
        seed=stylization.seed,
        strength=stylization.strength,
        report=context.report,
    )
    context.report(0.9, _("storing the sketch"))
    write_png(drawing.aligned, stylization.file("aligned"))
    write_png(drawing.sketch, stylization.file("sketch"))
    with context.finish(_("The sketch is ready.")):
        Stylization.objects.filter(id=stylization.id).update(
            face_box=[round(value, 1) for value in drawing.face.box],
            eyes=[[round(value, 1) for value in eye] for eye in drawing.face.eyes],
        )


def draw(
    photo: Image.Image,
    *,
    model: str,
    seed: int = 0,
    strength: float = 1.0,
    report: Callable[[float, str], None] = lambda progress, step: None,
) -> Drawing:
    """The sketch of the one face in an RGB photo; InputError when there is none, or more than one."""
    from workers.engine.faces import align, find_faces

    render = renderer(model)
    report(0.1, _("finding the face"))
    face = _one_face(find_faces(photo))
    report(0.4, _("aligning the face"))
    aligned = align(photo, face, template(TEMPLATE), SCALE, padding="fade").image
    report(0.5, _("drawing"))
    return Drawing(face, aligned, render(aligned, strength=strength, seed=seed))


def renderer(model: str) -> Callable[..., Image.Image]:
    """What draws: a function (picture, strength, seed) -> picture of the same size. A trained network knows neither
    strength nor seed. InputError for an unknown model and for one that is not offered any more."""
    if model.startswith(TRAINED):
        generator = _generator(checkpoint_offered(model).folder)
        return lambda picture, strength, seed: Image.fromarray(generator.apply([np.asarray(picture)])[0])
    chosen = stylizer(model)
    return getattr(import_module(chosen.module), chosen.name)  # a stylizer's module holds a function of its name


@functools.lru_cache(maxsize=2)
def _generator(folder: Path) -> Generator:
    """The generator of a checkpoint, kept for the next photo. A checkpoint's folder never changes."""
    from workers.engine.families.use import open_checkpoint

    return open_checkpoint(folder, settings.DEVICE)


def warm_up() -> None:
    """Load what the first sketch would otherwise wait for; called once in a new interactive worker."""
    from workers.engine.faces import find_faces, landmark_predictor
    from workers.engine.stylizers.pencil import pencil

    landmark_predictor(68)
    picture = Image.new("RGB", (64, 80), "grey")
    find_faces(picture)
    pencil(picture)


def _one_face(faces: list[Face]) -> Face:
    if not faces:
        raise InputError(
            _(
                "No face was found in the photo. Use one that shows the whole face from the front, with the eyes "
                "visible and in good light."
            )
        )
    rivals = [face for face in faces if face.width >= RIVAL * faces[0].width]
    if len(rivals) > 1:
        text = ngettext(
            "There is %(count)d face in the photo. Crop it to one face and try again.",
            "There are %(count)d faces in the photo. Crop it to one face and try again.",
            len(rivals),
        )
        raise InputError(text % {"count": len(rivals)})
    if faces[0].width < SMALLEST_FACE:
        text = _("The face is only %(width)d pixels wide; at least %(least)d are needed. Use a larger photo.")
        raise InputError(text % {"width": round(faces[0].width), "least": SMALLEST_FACE})
    return faces[0]
