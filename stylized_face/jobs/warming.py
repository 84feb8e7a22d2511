"""Loading what the first sketch would otherwise wait for."""

from __future__ import annotations

import numpy as np
from django.conf import settings
from PIL import Image

from ..offered import default_model
from .renderers import SIZE, Style, renderer

CORES_PART = 2  # the interactive worker takes one half of the cores: a training may be at work on all of them


def warm_up() -> None:
    """Load the detector, the default model and what judges its sketch, and use each once; for a new interactive worker."""
    from workers.engine.device import share_cores
    from workers.engine.faces import find_faces, landmark_predictor
    from workers.engine.quality import warm_quality

    share_cores(CORES_PART)
    landmark_predictor(68)
    find_faces(Image.new("RGB", (64, 80), "grey"))
    for model in {default_model(), "pencil"}:
        render = renderer(model)
        render.draw([_face(render.scale)], [Style()])
    warm_quality(settings.WEIGHTS_DIR)


def _face(scale: int) -> Image.Image:
    """A picture of the size that a renderer gets."""
    width, height = SIZE[0] * scale // 2, SIZE[1] * scale // 2
    return Image.fromarray(np.full((height, width, 3), 128, dtype=np.uint8))
