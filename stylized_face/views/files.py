"""Pictures for showing and for downloading."""

from __future__ import annotations

import uuid

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from ..downloads import at_photo_scale, side_by_side, thumbnail
from ..selectors import stylization_has
from .asked import get_or_404

_MAKERS = {"large": at_photo_scale, "pair": side_by_side, "small": thumbnail}


@require_safe
def sketch_file(request: HttpRequest, id: uuid.UUID, name: str) -> HttpResponseBase:
    """One of the three pictures. Our own encoder wrote them, so the type is known and nothing is guessed."""
    stylization = get_or_404(id)
    if not stylization_has(stylization, name):
        raise Http404
    try:
        stream = stylization.file(name).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    download = "download" in request.GET
    response = FileResponse(stream, content_type="image/png", as_attachment=download, filename=f"{name}-{id}.png")
    return locked_down(response)


@require_safe
def sketch_made(request: HttpRequest, id: uuid.UUID, name: str) -> HttpResponseBase:
    """A picture made of them now: `large` is the sketch at the photo's scale, `pair` both side by side, `small` for lists."""
    stylization = get_or_404(id)
    if not stylization_has(stylization, "sketch"):
        raise Http404
    try:
        content = _MAKERS[name](stylization)
    except FileNotFoundError:
        raise Http404 from None
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="image/png")
    kind = "attachment" if "download" in request.GET else "inline"
    response.headers["Content-Disposition"] = f'{kind}; filename="sketch-{name}-{id}.png"'
    return locked_down(response)


def locked_down(response: HttpResponseBase) -> HttpResponseBase:
    """Nothing in what a stranger sent may ever act as a page of ours."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=300"
    return response
