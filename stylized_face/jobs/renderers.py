"""What draws a model: from aligned faces to drawings of 400x500 pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from PIL import Image

from workers.engine.catalogue import SHIPPED, stylizer
from workers.engine.errors import InputError
from workers.engine.geometry import template
from workers.engine.shipped.shelf import meta_on_shelf

from ..offered import TRAINED, checkpoint_offered
from .kept import Kept

if TYPE_CHECKING:
    from workers.engine.families.use import Generator

TEMPLATE, SCALE = template("cufs"), 2  # what is shown: 400x500 pixels
SIZE = TEMPLATE.scaled(SCALE).size
KEPT_MODELS, KEPT_BYTES = 8, 1024**3

_kept: Kept[Generator] = Kept(KEPT_MODELS, KEPT_BYTES)


@dataclass(frozen=True)
class Style:
    """What a person chose besides the model. Of the trained networks only those with codes know any of it: there `strength`
    is how far codes lie from the mean, and `mix` leads from `seed` to `to_seed`."""

    strength: float = 1.0
    seed: int = 0
    to_seed: int | None = None
    mix: float = 0.0


@dataclass(frozen=True)
class Renderer:
    """`draw` takes faces at `scale` times the template's 200x250 and returns a drawing of SIZE for each."""

    scale: int
    draw: Callable[[Sequence[Image.Image], Sequence[Style]], list[Image.Image]]


def renderer(model: str, user: Any = None) -> Renderer:
    """What draws the model of this id. InputError for an unknown one, and for one that is not offered (any more)."""
    if model.startswith(TRAINED):
        checkpoint = checkpoint_offered(model, user)
        return _network(checkpoint.folder, checkpoint.digest)
    if model in SHIPPED and (meta := meta_on_shelf(SHIPPED[model])) is not None:
        return _network(SHIPPED[model].folder, meta.digest)
    chosen = stylizer(model)
    method = getattr(import_module(chosen.module), chosen.name)  # a stylizer's module holds a function of its name

    def draw(pictures: Sequence[Image.Image], styles: Sequence[Style]) -> list[Image.Image]:
        return [
            method(picture, strength=style.strength, seed=style.seed)
            for picture, style in zip(pictures, styles, strict=True)
        ]

    return Renderer(SCALE, draw)


def _network(folder: Path, digest: str) -> Renderer:
    """Trained networks learnt faces at the template's own size, so they get them so, and their drawing is enlarged."""
    try:
        generator = _kept.get((digest, settings.DEVICE), lambda: _opened(folder), lambda one: one.bytes)
    except OSError as error:
        raise InputError(f"The files of the model cannot be read: {error.strerror}.") from error

    def draw(pictures: Sequence[Image.Image], styles: Sequence[Style]) -> list[Image.Image]:
        from workers.engine.families.codes import Code

        codes = [Code(style.seed, style.to_seed, style.mix, style.strength) for style in styles]
        drawn = generator.apply([np.asarray(picture) for picture in pictures], codes=codes)
        return [Image.fromarray(one).resize(SIZE, Image.Resampling.LANCZOS) for one in drawn]

    return Renderer(1, draw)


def _opened(folder: Path) -> Generator:
    from workers.engine.families.use import open_checkpoint

    return open_checkpoint(folder, settings.DEVICE)
