"""Answers that carry a stored picture. Whoever calls has checked that the person may see it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response

from .models import Image
from .selectors import image_path
from .storage import THUMBNAIL_SIZES, content_type, thumbnail_path

YEAR = 365 * 24 * 3600
TEN_MINUTES = 600


def image_response(request: HttpRequest, image: Image) -> HttpResponseBase:
    """The original bytes, as imported."""
    # An aligned picture keeps the key of the one it was made from, whose ending may be another.
    key = PurePosixPath(image.key)
    name = key.with_suffix(".png").name if image.format == "PNG" else key.name
    return _response(request, image, image_path(image), content_type(image.format), f'"{image.sha256}"', name)


def thumbnail_response(request: HttpRequest, image: Image, size: int) -> HttpResponseBase:
    """The WebP thumbnail whose longer side is at most `size` pixels."""
    if size not in THUMBNAIL_SIZES:
        raise Http404
    path = thumbnail_path(image.dataset.slug, image.sha256, size)
    name = f"{PurePosixPath(image.key).stem}-{size}.webp"
    return _response(request, image, path, "image/webp", f'"{image.sha256}-{size}"', name)


def _response(
    request: HttpRequest, image: Image, path: Path, media_type: str, etag: str, name: str
) -> HttpResponseBase:
    # The tag is the content's digest, so equal tags are equal bytes and the file need not even be opened.
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)  # type: ignore[assignment]
    if response is None or response.status_code == 412:
        try:
            stream = path.open("rb")
        except FileNotFoundError:
            raise Http404("The stored file is missing; import the dataset again to restore it.") from None
        response = FileResponse(stream, content_type=media_type, filename=name)
    response["ETag"] = etag
    # A withdrawn dataset must vanish for visitors, so what is not public stays out of shared caches and is short-lived.
    response["Cache-Control"] = (
        f"public, max-age={YEAR}, immutable" if image.dataset.public else f"private, max-age={TEN_MINUTES}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
