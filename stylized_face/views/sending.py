"""The upload page."""

from __future__ import annotations

import math
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from workers.engine.errors import InputError

from ..forms import SketchForm
from ..selectors import stylizations_recent
from ..services import LimitReached, Submission, retention, stylization_create, stylizations_create
from ..uploads import MAX_PHOTOS, CappedUpload, max_bytes, max_bytes_together, photos_sent, refused_text
from ..visitors import Visitor, visitor_of, visitor_remember


@csrf_exempt
def sketch_new(request: HttpRequest) -> HttpResponse:
    """The upload page. The upload's cap must stand before the CSRF check, which reads the form, hence the two steps."""
    if request.method == "POST":
        CappedUpload.install(request)
    return _sketch_new(request)


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def _sketch_new(request: HttpRequest) -> HttpResponse:
    visitor = visitor_of(request)
    if request.method != "POST":
        return _upload_page(request, SketchForm(user=request.user, wanted=request.GET.get("model", "")), visitor)
    form = SketchForm(request.POST, user=request.user)
    if not form.is_valid():
        problem = " ".join(str(text) for texts in form.errors.values() for text in texts)
        return _upload_page(request, form, visitor, problem=problem, status=400)
    options = {
        "model": form.cleaned_data["model"],
        "seed": form.cleaned_data["seed"],
        "strength": form.cleaned_data["strength"],
        "owner": request.user if request.user.is_authenticated else None,
        "visitor": visitor.key,
    }
    try:
        files, refused = photos_sent(request)
        if len(files) + len(refused) > 1 or files[0].is_zip:
            made = stylizations_create(files=files, refused=refused, **options)
            return _together(request, made)
        stylization = stylization_create(photo=files[0].stream, name=files[0].name, **options)
    except InputError as error:
        return _upload_page(request, form, visitor, problem=str(error), status=400)
    except LimitReached as error:
        response = _upload_page(request, form, visitor, problem=str(error), status=429)
        response.headers["Retry-After"] = str(error.seconds)
        return response
    visitor_remember(request, stylization.id)
    return redirect(stylization)


def _together(request: HttpRequest, made: Submission) -> HttpResponse:
    """To the page of all of them, which also tells what was not used."""
    for one in made.stylizations:
        visitor_remember(request, one.id)
    if made.refused:
        text = ngettext(
            "%(count)d file could not be used.", "%(count)d files could not be used.", len(made.refused)
        ) % {"count": len(made.refused)}
        messages.warning(request, " ".join([text, *refused_text(made.refused)]))
    return redirect("stylized_face:sketch-together", made.together)


def _duration(time: timedelta) -> str:
    hours, minutes = round(time.total_seconds() / 3600), math.ceil(time.total_seconds() / 60)
    if minutes < 90:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}


def _upload_page(
    request: HttpRequest, form: SketchForm, visitor: Visitor, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "problem": problem,
        "max_bytes": max_bytes(),
        "max_mebibytes": f"{max_bytes() / 1024 / 1024:g}",
        "max_bytes_together": max_bytes_together(),
        "max_mebibytes_together": f"{max_bytes_together() / 1024 / 1024:g}",
        "max_photos": MAX_PHOTOS,
        "retention": _duration(retention()),
        "recent": stylizations_recent(user=visitor.user, mine=visitor.mine),
    }
    response = render(request, "stylized_face/new.html", context, status=status)
    patch_vary_headers(response, ["Cookie"])
    return response
