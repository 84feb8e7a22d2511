"""What an alignment would make of one picture, before anybody asks for the whole dataset."""

from __future__ import annotations

import io

from django.utils.translation import gettext as _

from workers.engine.alignment import fit_to_template
from workers.engine.errors import InputError
from workers.engine.geometry import Template

from ..models import Image
from .aligning import picture_warp


def alignment_preview(*, image: Image, template: Template, padding: str) -> bytes:
    """The pixels that aligning would store for the picture, as a PNG file: made by the same function.

    image  with its dataset
    InputError for one without landmarks, or whose landmarks allow no transform.
    """
    if not image.five:
        raise InputError(_("The picture %(key)s has no landmarks, so it cannot be aligned.") % {"key": image.key})
    transform = fit_to_template(image.five, template)
    stream = io.BytesIO()
    warped = picture_warp(slug=image.dataset.slug, image=image, transform=transform, template=template, padding=padding)
    warped.save(stream, format="PNG", compress_level=1)
    return stream.getvalue()
