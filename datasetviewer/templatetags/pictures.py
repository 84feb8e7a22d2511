"""Template tags that show a picture: a thumbnail with its place reserved, and landmarks drawn over it."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from ..models import Image
from ..thumbnails import Thumbnails

register = template.Library()


@register.simple_tag
def thumbnail_url(image: Image, size: int) -> str:
    """Address of a thumbnail."""
    return Thumbnails(image.dataset.slug, size).address(image)


@register.simple_tag
def file_url(image: Image) -> str:
    """Address of the picture as imported."""
    return f"{reverse('datasetviewer:image-file', args=[image.dataset.slug, image.pk])}?v={image.sha256[:12]}"


@register.simple_tag
def thumbnail(image: Image, *, eager: bool = False, size: int = 160) -> SafeString:
    """The <img> of a thumbnail of at most `size` (160 or 320) pixels. Touches image.dataset and image.subject."""
    return Thumbnails(image.dataset.slug, size).markup(image, image.subject.name, eager=eager)


@register.inclusion_tag("datasetviewer/landmarks.html")
def landmarks(image: Image) -> dict[str, Any]:
    """The image's landmarks as an SVG that covers it. Coordinates are written with a point in every language."""
    radius = max(image.width, image.height) / 110
    points = [
        {"number": number, "x": f"{x:.2f}", "y": f"{y:.2f}"}
        for number, (x, y) in enumerate(image.landmarks or [], start=1)
    ]
    return {"image": image, "points": points, "radius": f"{radius:.2f}", "stroke": f"{radius / 3:.2f}"}
