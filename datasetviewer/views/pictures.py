"""The picture files behind the pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ..files import image_response, thumbnail_response
from ..models import Image
from .visible import dataset_or_404


def _image(request: HttpRequest, slug: str, image_id: int) -> Image:
    """The image if this person may see it. For a public one the session is not read, so the answer can be shared."""
    image = get_object_or_404(Image.objects.select_related("dataset"), dataset__slug=slug, pk=image_id)
    if not image.dataset.public:
        dataset_or_404(request, slug)
    return image


@require_safe
def image_file(request: HttpRequest, slug: str, image_id: int) -> HttpResponseBase:
    return image_response(request, _image(request, slug, image_id))


@require_safe
def image_thumbnail(request: HttpRequest, slug: str, image_id: int, size: int) -> HttpResponseBase:
    return thumbnail_response(request, _image(request, slug, image_id), size)
