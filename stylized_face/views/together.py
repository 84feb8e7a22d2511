"""All sketches of one submission: several photos, several faces, several models."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from workers.selectors import Estimator

from ..downloads import sketches_zip
from ..models import Stylization
from ..offered import models_available
from ..selectors import by_face, stylization_has, stylizations_together
from ..services import stylizations_delete_photo
from .asked import may_change
from .files import locked_down
from .showing import STOP_POLLING, gone


@never_cache
@require_safe
def sketch_together(request: HttpRequest, together: uuid.UUID) -> HttpResponse:
    """Every sketch of the submission with how it is going. Whoever knows the address may look."""
    stylizations = stylizations_together(together=together)
    if not stylizations:
        return gone(request)
    return render(request, "stylized_face/together.html", _context(request, together, stylizations))


@never_cache
@require_GET
def sketch_together_live(request: HttpRequest, together: uuid.UUID) -> HttpResponse:
    """The grid alone, for polling."""
    stylizations = stylizations_together(together=together)
    if not stylizations:
        return HttpResponse(status=404, headers={"HX-Refresh": "true"})
    context = _context(request, together, stylizations)
    return render(request, "stylized_face/_together.html", context, status=200 if context["live"] else STOP_POLLING)


@require_safe
def sketch_together_zip(request: HttpRequest, together: uuid.UUID) -> HttpResponseBase:
    """All finished sketches in one zip."""
    stylizations = [one for one in stylizations_together(together=together) if stylization_has(one, "sketch")]
    if not stylizations:
        raise Http404
    mine = all(may_change(request, one) for one in stylizations)
    stream, _count = sketches_zip(stylizations, named=mine)
    return locked_down(
        FileResponse(stream, content_type="application/zip", as_attachment=True, filename=f"sketches-{together}.zip")
    )


@require_POST
def sketch_together_delete(request: HttpRequest, together: uuid.UUID) -> HttpResponse:
    """Delete all of them, photos and sketches."""
    stylizations = stylizations_together(together=together)
    if not stylizations:
        raise Http404
    if not all(may_change(request, one) for one in stylizations):
        raise PermissionDenied
    count = 0
    for one in {one.first: one for one in stylizations}.values():
        count += stylizations_delete_photo(stylization=one)
    text = ngettext(
        "%(count)d sketch and its photo were deleted.", "%(count)d sketches and their photos were deleted.", count
    )
    messages.success(request, text % {"count": count})
    return redirect("stylized_face:sketch-new")


def _context(request: HttpRequest, together: uuid.UUID, stylizations: list[Stylization]) -> dict[str, Any]:
    models = models_available(request.user)
    titles = {model.id: model.title for model in models}
    estimator = Estimator([one.job for one in stylizations])
    several = {one.model for one in stylizations if one.seed != stylizations[0].seed or one.to_seed is not None}
    for one in stylizations:
        one.way = _way(one) if one.model in several else ""  # type: ignore[attr-defined]
        one.title = titles.get(one.model, one.model)  # type: ignore[attr-defined]
        one.outlook = estimator.outlook(one.job)  # type: ignore[attr-defined]
    drawn = [one for one in stylizations if stylization_has(one, "sketch")]
    return {
        "together": together,
        "faces": by_face(stylizations, [model.id for model in models]),
        "count": len(stylizations),
        "drawn": len(drawn),
        "failed": sum(not one.job.is_live for one in stylizations) - len(drawn),
        "live": any(one.job.is_live for one in stylizations),
        "expires_at": min(one.expires_at for one in stylizations),
        "mine": all(may_change(request, one) for one in stylizations),
        "link": request.build_absolute_uri(request.path.removesuffix("live/")),
    }


def _way(one: Stylization) -> str:
    """What tells it from the others by its model: its seed, or how far it lies between two."""
    if one.to_seed is None:
        return _("seed %(seed)d") % {"seed": one.seed}
    text = _("seed %(seed)d → %(other)d, %(percent)d %%")
    told = text % {"seed": one.seed, "other": one.to_seed, "percent": round(100 * one.mix)}
    return told.replace(" %", "\N{NO-BREAK SPACE}%")
