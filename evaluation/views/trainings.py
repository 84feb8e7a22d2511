"""Pages of trainings: the list, the form with its trial, and one training as it runs."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datasetviewer.models import Dataset
from evaluation import selectors, services
from evaluation.forms.training import TrainingForm, again_address, changed_options, text_of
from evaluation.models import TrainingRun
from evaluation.snippets import training as snippets
from evaluation.training_filters import TrainingFilter
from evaluation.views.samples import samples_of
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.models import JobState

PAGE_SIZE = 20
TABLE_ROWS = 20  # of the losses, for who cannot see the drawing


@never_cache
@require_GET
def training_list(request: HttpRequest) -> HttpResponse:
    runs = selectors.with_checkpoints(selectors.trainings_visible_to(request.user))
    found = TrainingFilter(request.GET, queryset=runs, request=request)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    for run in page.object_list:
        last = run.kept[-1] if run.kept else None
        run.last_sample = _first_sample(last) if last else ""
    context = {
        "page": page,
        "states": JobState.choices,
        "presets": catalogue.PRESETS,
        "datasets": Dataset.objects.filter(trainings__in=selectors.trainings_visible_to(request.user)).distinct(),
        "filtered": any(request.GET.get(name) for name in TrainingFilter.base_filters),
    }
    return render(request, "evaluation/training_list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def training_new(request: HttpRequest) -> HttpResponse:
    """The form; its choices stand in the address, so a prepared training can be passed on as a link."""
    form = TrainingForm(request.GET if request.method == "GET" else request.POST, request.user)
    if request.method == "GET":
        response = render(request, "evaluation/training_new.html", {"form": form})
        if request.headers.get("HX-Request"):
            response["HX-Replace-Url"] = form.address
        return response
    if not request.user.is_authenticated:
        return redirect_to_login(form.address)
    try:
        run, created = services.training_submit(user=request.user, wish=form.wish())
    except InputError as error:
        return render(request, "evaluation/training_new.html", {"form": form, "error": str(error)}, status=400)
    if not created:
        messages.info(request, _("The same training is waiting or running; here it is."))
    return redirect("evaluation:training-detail", run.id)


@never_cache
@require_GET
def training_counts(request: HttpRequest) -> HttpResponse:
    """The part of the form that says how many pairs there are; the address of the page follows."""
    form = TrainingForm(request.GET, request.user)
    response = render(request, "evaluation/training_counts.html", {"form": form})
    response["HX-Replace-Url"] = form.address
    return response


@require_POST
@login_required
def preflight_new(request: HttpRequest) -> HttpResponse:
    """Begin a trial of what the form holds; the answer is the part that waits for it."""
    form = TrainingForm(request.POST, request.user)
    try:
        trial = services.preflight_submit(user=request.user, wish=form.wish())
    except InputError as error:
        return render(request, "evaluation/training_preflight.html", {"error": str(error)})
    return render(request, "evaluation/training_preflight.html", {"trial": trial})


@never_cache
@require_GET
def preflight_live(request: HttpRequest, preflight_id: uuid.UUID) -> HttpResponse:
    trial = selectors.preflight_get(user=request.user, preflight_id=preflight_id)
    if trial is None:
        raise Http404
    return render(request, "evaluation/training_preflight.html", {"trial": trial})


@never_cache
@require_GET
def training_detail(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    run = _visible(request, run_id)
    preset = catalogue.PRESETS.get(run.preset)
    context = {
        "run": run,
        "preset": preset,
        "options": _options(run, preset),
        "again_url": again_address(run) if preset else "",
        "snippets": snippets.of(run, request.build_absolute_uri(reverse("evaluation_api:training-list"))),
        "logarithmic": request.GET.get("scale") == "log",
        "losses_url": reverse("evaluation_api:training-losses", args=[run.id]),
        "table": _loss_table(run),
        **live_context(run),
        **samples_of(request, run),
    }
    return render(request, "evaluation/training_detail.html", context)


@never_cache
@require_GET
def training_live(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """Speed, memory and the log as they are now; says so when there are more checkpoints than the page has seen."""
    run = _visible(request, run_id)
    response = render(request, "evaluation/training_live.html", {"run": run, **live_context(run)})
    if request.GET.get("seen", "") != str(run.checkpoints.filter(deleted=None).count()):
        response["HX-Trigger"] = "checkpoint-made"
    return response


@require_POST
@login_required
def training_cancel(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    run = _managed(request, run_id)
    services.training_cancel(run=run)
    return redirect("evaluation:training-detail", run.id)


@require_POST
@login_required
def training_resume(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    run = _managed(request, run_id)
    try:
        services.training_resume(run=run)
    except InputError as error:
        messages.error(request, str(error))
    return redirect("evaluation:training-detail", run.id)


def live_context(run: TrainingRun) -> dict[str, Any]:
    return {"log": selectors.log_tail(run), "seen": run.checkpoints.filter(deleted=None).count()}


def _visible(request: HttpRequest, run_id: uuid.UUID) -> TrainingRun:
    run = selectors.training_get(user=request.user, run_id=run_id)
    if run is None:
        raise Http404
    return run


def _managed(request: HttpRequest, run_id: uuid.UUID) -> TrainingRun:
    run = _visible(request, run_id)
    if not selectors.training_managed_by(run=run, user=request.user):
        raise PermissionDenied
    return run


def _first_sample(checkpoint: Any) -> str:
    names = selectors.sample_names(checkpoint)
    return reverse("evaluation:checkpoint-sample", args=[checkpoint.id, names[0]]) if names else ""


def _options(run: TrainingRun, preset: catalogue.Preset | None) -> list[dict[str, Any]]:
    """Every option with its title and whether it was changed; those of an unknown preset by name alone."""
    by_name = {option.name: option for option in preset.options} if preset else {}
    changed = changed_options(run)
    return [
        {
            "name": name,
            "option": by_name.get(name),
            "value": value if isinstance(value, bool) else text_of(value),
            "changed": name in by_name and name in changed,
        }
        for name, value in run.options.items()
    ]


def _loss_table(run: TrainingRun) -> dict[str, Any]:
    found = selectors.losses_of(run, most=TABLE_ROWS)
    columns = list(found.losses.values())
    rows = [
        (step, epoch, [column[index] for column in columns])
        for index, (step, epoch) in enumerate(zip(found.step, found.epoch, strict=True))
    ]
    return {"names": list(found.losses), "rows": rows, "stride": found.stride}
