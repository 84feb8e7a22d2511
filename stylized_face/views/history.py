"""What a signed-in user, or this browser's visitor, has had drawn and is still there."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ..offered import models_available
from ..selectors import stylizations_history
from ..services import stylization_delete
from ..visitors import visitor_of

PAGE = 24


@never_cache
@require_safe
def sketch_history(request: HttpRequest) -> HttpResponse:
    """Own sketches, newest first, in pages."""
    visitor = visitor_of(request)
    page = Paginator(stylizations_history(user=visitor.user, mine=visitor.mine), PAGE).get_page(request.GET.get("page"))
    titles = {model.id: model.title for model in models_available(request.user)}
    for one in page.object_list:
        one.title = titles.get(one.model, one.model)  # type: ignore[attr-defined]
    response = render(request, "stylized_face/history.html", {"page": page})
    patch_vary_headers(response, ["Cookie"])
    return response


@require_POST
def sketch_history_delete(request: HttpRequest) -> HttpResponse:
    """Delete the chosen ones (`id`, repeated), or with `all` everything; what belongs to others is left alone."""
    visitor = visitor_of(request)
    rows = stylizations_history(user=visitor.user, mine=visitor.mine)
    if "all" not in request.POST:
        chosen = {parsed for text in request.POST.getlist("id") if (parsed := _uuid(text)) is not None}
        rows = rows.filter(id__in=chosen)
    stylizations = list(rows)
    for one in stylizations:
        stylization_delete(stylization=one)
    count = len(stylizations)
    if count:
        text = ngettext(
            "%(count)d sketch and its photo were deleted.", "%(count)d sketches and their photos were deleted.", count
        )
        messages.success(request, text % {"count": count})
    else:
        messages.warning(request, _("Nothing was deleted. Choose sketches first."))
    return redirect("stylized_face:sketch-history")


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
