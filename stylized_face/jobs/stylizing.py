"""The handler that draws what visitors sent; waiting jobs of one trained network go through it at once."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image

from workers.attempts import ending, together
from workers.context import JobContext
from workers.engine.errors import InputError
from workers.engine.images import read_photo, write_png
from workers.engine.png_files import write_png_stored

from ..choosing import FaceUnclear
from ..models import Stylization
from .drawing import Posed, Watch, pose
from .judging import look_at_waiting, look_later, pack_later
from .renderers import Renderer, Style, renderer

log = logging.getLogger(__name__)


def most_at_once() -> int:
    """How many jobs of one model are worth doing at once.

    Measured with the 5.3 million parameters of pix2pix.modern at 256 pixels, one thread: 77 ms a picture alone as well
    as in pairs, 104 ms in fours, so on a CPU more than a pair would only let the first ones wait. A GPU is hardly busy
    with a single picture.
    """
    from workers.engine.device import choose_device

    return 2 if choose_device(settings.DEVICE).type == "cpu" else 16


@dataclass(eq=False)
class Underway:
    """One job on its way."""

    context: JobContext
    stylization: Stylization
    photo: Image.Image
    render: Renderer
    posed: Posed
    watch: Watch
    sketch: Image.Image | None = field(default=None)


@together(most_at_once)
def stylize(contexts: list[JobContext]) -> None:
    """Draw the sketches of the jobs' Stylizations, all of one model; pictures are in place before a row says done."""
    underway: list[Underway] = []
    for context in contexts:
        with ending([context]):
            underway.append(_prepare(context))
    _draw([one for one in underway if not one.context.over])
    for one in underway:
        if not one.context.over:
            with ending([one.context]):
                _store(one)
    for one in underway:
        if one.context.finished and one.sketch is not None:
            look_later(one.stylization, one.photo, one.posed, one.sketch)
    look_at_waiting()


def _prepare(context: JobContext) -> Underway:
    row = Stylization.objects.select_related("owner").filter(id=context.arguments["stylization"], removed=None).first()
    if row is None or not row.file("photo").is_file():
        raise InputError(_("The photo was deleted before it could be drawn."))
    watch = Watch()
    render = renderer(row.model, row.owner)
    context.report(0.05, _("reading the photo"))
    with watch.step("read"):
        photo = read_photo(row.file("photo"))
    try:
        posed = pose(
            photo, render, points=row.points, index=row.face_index, watch=watch, report=context.report,
            keep=partial(write_png, path=row.file("aligned"), level=1),
        )  # fmt: skip
    except FaceUnclear as unclear:
        Stylization.objects.filter(id=row.id).update(found=unclear.found)
        pack_later(row)
        raise
    context.report(0.5, _("drawing"))
    return Underway(context, row, photo, render, posed, watch)


def _draw(underway: list[Underway]) -> None:
    """Draw all at once; where that fails although each alone might not, one after the other."""
    if not underway:
        return
    if len(underway) > 1:
        try:
            _draw_these(underway)
            return
        except InputError:  # about the model, so it holds for all
            pass
        except Exception:
            log.exception("drawing %d at once failed; trying one by one", len(underway))
    for one in underway:
        with ending([one.context]):
            _draw_these([one])


def _draw_these(underway: list[Underway]) -> None:
    watch = Watch()
    with watch.step("network"):
        sketches = underway[0].render.draw(
            [one.posed.picture for one in underway],
            [style_of(one.stylization) for one in underway],
        )
    for one, sketch in zip(underway, sketches, strict=True):
        one.sketch = _plain(sketch)
        one.watch.seconds |= watch.seconds


def style_of(row: Stylization) -> Style:
    """What was chosen besides the model."""
    return Style(row.strength, row.seed, row.to_seed, row.mix)


def _plain(sketch: Image.Image) -> Image.Image:
    """Without colour channels that say the same three times: a third of the file."""
    red, *others = sketch.split()
    return red if all(channel.tobytes() == red.tobytes() for channel in others) else sketch


def _store(one: Underway) -> None:
    assert one.sketch is not None, "a job without a drawing is over"
    context, row, face = one.context, one.stylization, one.posed.face
    context.report(0.9, _("storing the sketch"))
    with one.watch.step("store"):
        assert one.posed.aligned, "its file is in place when this is there"
        write_png_stored(one.sketch, row.file("sketch"))  # packed when nobody waits
    with context.finish(_("The sketch is ready.")):
        Stylization.objects.filter(id=row.id).update(
            face_box=[round(value, 1) for value in face.box],
            eyes=[[round(value, 1) for value in eye] for eye in face.eyes],
            found=one.posed.chosen.found or row.found,  # with points set by a person nothing was looked for
            transform=one.posed.transform,
            seconds=one.watch.seconds,
        )
