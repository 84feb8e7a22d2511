"""Watch the sketch being drawn, look at it, draw it again, stop it, delete it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from workers.engine.errors import InputError
from workers.models import JobState
from workers.waiting import wait_until_over

from ..downloads import photo_scale_size
from ..forms import STRENGTHS
from ..models import MAX_SEED, Stylization
from ..offered import Model, models_available
from ..quality_words import quality_words
from ..redraw_form import RedrawForm
from ..selectors import stylization_get, stylizations_of_photo, stylizations_together
from ..services import (
    LimitReached,
    stylization_cancel,
    stylization_delete,
    stylization_redraw,
    stylizations_all_models,
    stylizations_delete_photo,
    stylizations_variants,
)
from ..snippets import client_snippet, curl_snippet, python_snippet
from ..visitors import visitor_of, visitor_remember
from .asked import get_or_404, get_own, may_change

LIVE_WAIT_SECONDS = 0.7
STOP_POLLING = 286  # htmx swaps the part in and asks no more
VIEWS = ("slider", "side", "toggle")
WAYS = 9
QUALITY_FOLLOWS = timedelta(seconds=90)  # the report is written after the sketch is shown


def gone(request: HttpRequest) -> HttpResponse:
    """What stands at an address whose pictures were deleted, or that never was one."""
    return render(request, "stylized_face/gone.html", status=404)


@never_cache
@require_safe
def sketch_detail(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """Progress, then the sketch. Whoever knows the address may look."""
    stylization = stylization_get(id=id)
    if stylization is None:
        return gone(request)
    return render(request, "stylized_face/detail.html", _context(request, stylization))


@never_cache
@require_GET
def sketch_live(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The part of the page that changes, for polling. The answer waits for the sketch a little: most are there by then."""
    stylization = stylization_get(id=id)
    if stylization is not None and stylization.job.is_live:
        wait_until_over(stylization.job_id, LIVE_WAIT_SECONDS)
        stylization = stylization_get(id=id)
    if stylization is None:
        return HttpResponse(status=404, headers={"HX-Refresh": "true"})  # the whole page then says that it is gone
    status = 200 if stylization.job.is_live else STOP_POLLING
    return render(request, "stylized_face/_state.html", _context(request, stylization), status=status)


@never_cache
@require_GET
def sketch_quality(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The quality report, asked for until it is there or will not come any more."""
    stylization = get_or_404(id)
    context = {"stylization": stylization, **_quality(stylization)}
    status = 200 if context["quality_follows"] else STOP_POLLING
    return render(request, "stylized_face/_quality.html", context, status=status)


@require_POST
def sketch_redraw(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The same photo by another model, with other strokes, in several versions, on the way to another seed, or by all models
    at once; what is not sent stays as it was."""
    stylization = get_own(request, id)
    visitor = visitor_of(request)
    form = RedrawForm(request.POST)
    if not form.is_valid():
        return _refused(request, stylization, " ".join(str(text) for texts in form.errors.values() for text in texts))
    try:
        asked, owner = form.cleaned_data, visitor.user if visitor.user.is_authenticated else None
        made: list[Stylization] = []
        if asked["all_models"]:
            group, made = stylizations_all_models(stylization=stylization, user=visitor.user, visitor=visitor.key)
        elif asked["variants"] or asked["to_seed"] is not None:
            group, made = stylizations_variants(
                stylization=stylization, to_seed=asked["to_seed"], owner=owner, visitor=visitor.key
            )
        if made or asked["all_models"]:
            for one in made:
                visitor_remember(request, one.id)
            return redirect("stylized_face:sketch-together", group)
        drawn = stylization_redraw(
            stylization,
            model=asked["model"] or None,
            seed=asked["seed"],
            strength=asked["strength"],
            owner=owner,
            visitor=visitor.key,
        )
    except InputError as error:
        return _refused(request, stylization, str(error))
    except LimitReached as error:
        return _refused(request, stylization, str(error), status=429, retry_after=error.seconds)
    visitor_remember(request, drawn.id)
    return redirect(drawn)


@require_POST
def sketch_cancel(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    stylization = get_own(request, id)
    stylization_cancel(stylization=stylization)
    return redirect(stylization)


@require_POST
def sketch_delete(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    stylization = get_own(request, id)
    if request.POST.get("whole") == "photo":
        count = stylizations_delete_photo(stylization=stylization)
        text = ngettext(
            "%(count)d sketch and its photo were deleted.", "%(count)d sketches and their photos were deleted.", count
        )
        messages.success(request, text % {"count": count})
        return redirect("stylized_face:sketch-new")
    others = len(stylizations_of_photo(stylization))
    stylization_delete(stylization=stylization)
    if others:
        text = ngettext(
            "The sketch was deleted. %(count)d other sketch of the photo is still there, and the photo with it.",
            "The sketch was deleted. %(count)d other sketches of the photo are still there, and the photo with them.",
            others,
        )
        messages.warning(request, text % {"count": others})
        return redirect("stylized_face:sketch-history")
    messages.success(request, _("The photo and the sketch were deleted."))
    return redirect("stylized_face:sketch-new")


def _refused(
    request: HttpRequest, stylization: Stylization, problem: str, *, status: int = 400, retry_after: int | None = None
) -> HttpResponse:
    context = _context(request, stylization) | {"problem": problem}
    response = render(request, "stylized_face/detail.html", context, status=status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _context(request: HttpRequest, stylization: Stylization) -> dict[str, Any]:
    mine = may_change(request, stylization)
    photo = (mine and stylization.name) or "photo.jpg"
    models = [model for model in models_available(request.user) if model.takes == "photo"]
    model = next((one for one in models if one.id == stylization.model), None)
    view = request.GET.get("view", "")
    return {
        "stylization": stylization,
        "job": stylization.job,
        "mine": mine,
        "of_photo": 1 + len(stylizations_of_photo(stylization)) if mine else 0,
        "model": model,
        "model_title": model.title if model else stylization.model,
        "view": view if view in VIEWS else VIEWS[0],
        "views": ((VIEWS[0], _("Slider")), (VIEWS[1], _("Side by side")), (VIEWS[2], _("Switch"))),
        "photo_scale": photo_scale_size(stylization),
        "question": stylization.question if mine else "",
        "link": request.build_absolute_uri(stylization.get_absolute_url()),
        "curl": curl_snippet(request, stylization, photo),
        "python": python_snippet(request, stylization, photo),
        "client": client_snippet(request, stylization, photo),
        **(_again(stylization, models, model) if mine else {}),
        **_quality(stylization),
    }


def _again(stylization: Stylization, models: list[Model], model: Model | None) -> dict[str, Any]:
    """What can be drawn of the same face in one click."""
    by_chance = model is not None and model.draws_by_chance
    # The mean of what a network can draw is the same however far the others may lie from it.
    pressed = by_chance and not (model and model.codes and not stylization.seed)
    return {
        "others": [one for one in models if one.id != stylization.model],
        "strengths": [one for one in STRENGTHS if pressed and float(one[0]) != stylization.strength],
        "next_seed": (stylization.seed + 1) % (MAX_SEED + 1) if by_chance else None,
        "ways": _ways(stylization) if model and model.codes else [],
    }


def _ways(stylization: Stylization) -> list[int]:
    """Seeds that a way may lead to: those of the sketches beside it, else the next ones."""
    beside = stylizations_together(together=stylization.together) if stylization.together else []
    seeds = {one.seed for one in beside if one.model == stylization.model} - {stylization.seed}
    return sorted(seeds)[:WAYS] or [(stylization.seed + step) % (MAX_SEED + 1) for step in range(1, 4)]


def _quality(stylization: Stylization) -> dict[str, Any]:
    job = stylization.job
    if job.state != JobState.SUCCEEDED:
        return {"quality": None, "quality_follows": False}
    if stylization.quality:
        return {"quality": quality_words(stylization.quality), "quality_follows": False}
    recent = job.finished is not None and timezone.now() - job.finished < QUALITY_FOLLOWS
    return {"quality": None, "quality_follows": recent}
