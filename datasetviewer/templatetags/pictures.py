"""Template tags that show a picture: a thumbnail with its place reserved, and landmarks drawn over it."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

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


@register.simple_tag
def thumbnail(image: Image, *, eager: bool = False, size: int = 160) -> SafeString:
    """An <img> of at most `size` (160 or 320) pixels, the small one sharp on dense screens, loaded when it comes into view.

    Written here, not in a template: a page of the grid has hundreds.
    """
    width, height = thumbnail_size(image.width, image.height, size)
    address = thumbnail_url(image, size)
    sharp = f' srcset="{address} 1x, {thumbnail_url(image, 320)} 2x"' if size == 160 else ""
    lazy = "" if eager else ' loading="lazy"'
    words = {"modality": image.get_modality_display(), "subject": image.subject.name}
    return format_html(
        '<img src="{}"{} width="{}" height="{}" alt="{}"{} decoding="async">',
        address,
        mark_safe(sharp),  # made of addresses alone
        str(width),
        str(height),
        _("%(modality)s of %(subject)s") % words,
        mark_safe(lazy),  # one of two constants
    )


@register.inclusion_tag("datasetviewer/landmarks.html")
def landmarks(image: Image) -> dict[str, Any]:
    """The image's landmarks as an SVG that covers it. Coordinates are written with a point in every language."""
    radius = max(image.width, image.height) / 110
    points = [
        {"number": number, "x": f"{x:.2f}", "y": f"{y:.2f}"}
        for number, (x, y) in enumerate(image.landmarks or [], start=1)
    ]
    return {"image": image, "points": points, "radius": f"{radius:.2f}", "stroke": f"{radius / 3:.2f}"}
