"""Pages: send a photo, watch it being drawn, look at the sketch."""

from __future__ import annotations

import math
import uuid
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from workers.engine.errors import InputError

from .forms import SketchForm
from .models import Stylization
from .selectors import stylization_get, stylization_has, stylization_may_change, stylizations_recent
from .services import LimitReached, retention, stylization_cancel, stylization_create, stylization_delete
from .snippets import curl_snippet, python_snippet
from .uploads import CappedUpload, max_bytes, upload_refusal
from .visitors import Visitor, visitor_of, visitor_remember

STOP_POLLING = 286  # htmx swaps the part in and asks no more


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
        return _upload_page(request, SketchForm(), visitor)
    form = SketchForm(request.POST, request.FILES)
    if not form.is_valid():
        problem = " ".join(str(text) for texts in form.errors.values() for text in texts)
        return _upload_page(request, form, visitor, problem=problem, status=400)
    photo = form.cleaned_data["photo"]
    if not photo:
        return _upload_page(request, form, visitor, problem=_refusal(request), status=400)
    try:
        stylization = stylization_create(
            photo=photo,
            name=photo.name,
            model=form.cleaned_data["model"],
            seed=form.cleaned_data["seed"],
            strength=form.cleaned_data["strength"],
            owner=request.user if request.user.is_authenticated else None,
            visitor=visitor.key,
        )
    except InputError as error:
        return _upload_page(request, form, visitor, problem=str(error), status=400)
    except LimitReached as error:
        response = _upload_page(request, form, visitor, problem=str(error), status=429)
        response.headers["Retry-After"] = str(error.seconds)
        return response
    visitor_remember(request, stylization.id)
    return redirect(stylization)


@never_cache
@require_safe
def sketch_detail(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """Progress, then the sketch. Whoever knows the address may look."""
    stylization = _get(id)
    return render(request, "stylized_face/detail.html", _context(request, stylization))


@never_cache
@require_GET
def sketch_live(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The part of the page that changes, for polling."""
    stylization = _get(id)
    status = 200 if stylization.job.is_live else STOP_POLLING
    return render(request, "stylized_face/_state.html", _context(request, stylization), status=status)


@require_safe
def sketch_file(request: HttpRequest, id: uuid.UUID, name: str) -> HttpResponseBase:
    """One of the three pictures. Our own encoder wrote them, so the type is known and nothing is guessed."""
    stylization = _get(id)
    if not stylization_has(stylization, name):
        raise Http404
    try:
        stream = stylization.file(name).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    download = "download" in request.GET
    response = FileResponse(stream, content_type="image/png", as_attachment=download, filename=f"{name}-{id}.png")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


@require_POST
def sketch_cancel(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    stylization = _get_own(request, id)
    stylization_cancel(stylization=stylization)
    return redirect(stylization)


@require_POST
def sketch_delete(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    stylization_delete(stylization=_get_own(request, id))
    messages.success(request, _("The photo and the sketch were deleted."))
    return redirect("stylized_face:sketch-new")


def _get(id: uuid.UUID) -> Stylization:
    stylization = stylization_get(id=id)
    if stylization is None:
        raise Http404(_("There is no such sketch, or its time is over."))
    return stylization


def _may_change(request: HttpRequest, stylization: Stylization) -> bool:
    visitor = visitor_of(request)
    return stylization_may_change(stylization, user=visitor.user, visitor=visitor.key, mine=visitor.mine)


def _get_own(request: HttpRequest, id: uuid.UUID) -> Stylization:
    stylization = _get(id)
    if not _may_change(request, stylization):
        raise PermissionDenied
    return stylization


def _refusal(request: HttpRequest) -> str:
    if request.FILES.get("photo") is not None:
        return _("The file is empty; choose a JPEG, PNG or WebP picture.")
    return upload_refusal(request)


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
        "retention": _duration(retention()),
        "recent": stylizations_recent(user=visitor.user, mine=visitor.mine),
    }
    response = render(request, "stylized_face/new.html", context, status=status)
    patch_vary_headers(response, ["Cookie"])
    return response


def _context(request: HttpRequest, stylization: Stylization) -> dict:
    mine = _may_change(request, stylization)
    photo = (mine and stylization.name) or "photo.jpg"
    return {
        "stylization": stylization,
        "job": stylization.job,
        "mine": mine,
        "link": request.build_absolute_uri(stylization.get_absolute_url()),
        "curl": curl_snippet(request, stylization, photo),
        "python": python_snippet(request, stylization, photo),
    }
