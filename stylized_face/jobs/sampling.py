"""The handler that draws a model's sample: the same drawn face by every model."""

from __future__ import annotations

from django.utils.translation import gettext as _
from PIL import Image

from datasetviewer.drawing.person import person_parameters
from datasetviewer.drawing.photo import draw_photo
from datasetviewer.drawing.sketch import draw_sketch
from workers.context import JobContext
from workers.engine.images import write_png

from ..offered import model_get
from ..samples import PERSON, SEED, sample_path, source_path
from .renderers import SIZE, Style, renderer


def draw_sample(context: JobContext) -> None:
    """Draw the face with the job's model. It stands on the template already, so nothing is looked for."""
    name = context.arguments["model"]
    model, render = model_get(model=name), renderer(name)
    context.report(0.2, _("drawing the face"))
    person = person_parameters(PERSON, SEED)
    face = (draw_photo if model.takes == "photo" else draw_sketch)(person).convert("RGB")
    context.report(0.6, _("drawing"))
    picture = face.resize((SIZE[0] * render.scale // 2, SIZE[1] * render.scale // 2), Image.Resampling.LANCZOS)
    (drawn,) = render.draw([picture], [Style()])
    context.check()
    write_png(face.resize(SIZE, Image.Resampling.LANCZOS), source_path(model.takes))
    write_png(drawn, sample_path(model))
    with context.finish(_("The sample is ready.")):
        pass
