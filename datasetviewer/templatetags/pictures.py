"""Template tags that show a picture: a thumbnail with its place reserved, and landmarks drawn over it."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from ..models import Image
from ..pictures import thumbnail_size

register = template.Library()


@register.simple_tag
def thumbnail_url(image: Image, size: int) -> str:
    """Address of a thumbnail; it carries the digest's beginning, so that caches never show another picture."""
    address = reverse("datasetviewer:image-thumbnail", args=[image.dataset.slug, image.pk, size])
    return f"{address}?v={image.sha256[:12]}"


@register.simple_tag
def file_url(image: Image) -> str:
    """Address of the picture as imported."""
    return f"{reverse('datasetviewer:image-file', args=[image.dataset.slug, image.pk])}?v={image.sha256[:12]}"


@register.inclusion_tag("datasetviewer/thumbnail.html")
def thumbnail(image: Image, *, eager: bool = False) -> dict[str, Any]:
    """An <img> of at most 160 pixels, sharp on dense screens, loaded when it comes into view."""
    width, height = thumbnail_size(image.width, image.height, 160)
    return {"image": image, "width": width, "height": height, "eager": eager}


@register.inclusion_tag("datasetviewer/landmarks.html")
def landmarks(image: Image) -> dict[str, Any]:
    """The image's landmarks as an SVG that covers it. Coordinates are written with a point in every language."""
    radius = max(image.width, image.height) / 110
    points = [
        {"number": number, "x": f"{x:.2f}", "y": f"{y:.2f}"}
        for number, (x, y) in enumerate(image.landmarks or [], start=1)
    ]
    return {"image": image, "points": points, "radius": f"{radius:.2f}", "stroke": f"{radius / 3:.2f}"}
