"""Pages for choosing a recogniser: the form, and a choice with its ranking and the one test."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from evaluation import sets
from evaluation.forms.recognition import RecognitionForm
from evaluation.models import RecogniserChoice, RecognitionTest
from evaluation.recognition import MEASURES, ProtocolTask, SetsTask, Task, measure_title
from evaluation.selectors import recognitions as found
from evaluation.services.recogniser_choices import choice_delete, choice_submit
from evaluation.services.recognitions import recognition_cancel
from workers.engine.errors import InputError
from workers.models import JobState
from workers.selectors import job_managed_by

TASKS = ("validation", "test")


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def choice_new(request: HttpRequest) -> HttpResponse:
    """Two tasks, each a protocol of the list or two sets written as on the command line, and the recognisers."""
    data = request.POST if request.method == "POST" else request.GET
    form = RecognitionForm(data, request.user, several=True)
    context: dict[str, Any] = {
        "form": form,
        "tasks": [_written(data, name) for name in TASKS],
        "measures": [(name, measure_title(name)) for name in MEASURES],
        "measure": data.get("measure", ""),
    }
    if request.method == "GET":
        return render(request, "evaluation/recogniser_choice_new.html", context)
    try:
        choice, created = choice_submit(
            user=request.user,
            validation=_task(data, "validation"),
            task=_task(data, "test"),
            extractors=form.names(),
            measure=data.get("measure", ""),
        )
    except InputError as error:
        return render(request, "evaluation/recogniser_choice_new.html", {**context, "error": str(error)}, status=400)
    if not created:
        messages.info(request, _("This choice was asked for before; here it is."))
    return redirect("evaluation:recogniser-choice", choice.id)


def _written(data: QueryDict, name: str) -> dict[str, str]:
    titles = {"validation": _("Chosen by"), "test": _("Tested on, once")}
    return {
        "name": name,
        "title": titles[name],
        "protocol": data.get(f"{name}_protocol", ""),
        "probe": data.get(f"{name}_probe", ""),
        "gallery": data.get(f"{name}_gallery", ""),
    }


def _task(data: QueryDict, name: str) -> Task:
    written = _written(data, name)
    if written["probe"] or written["gallery"]:
        specs = []
        for side in ("probe", "gallery"):
            spec = sets.parse_text(written[side], f"{name} {side}")
            if isinstance(spec, sets.FolderSet):
                raise InputError(_("%(name)s: name sets of datasets, checkpoints or uploads here.") % {"name": name})
            specs.append(spec)
        return SetsTask(*specs)
    dataset, _colon, protocol = written["protocol"].partition(":")
    if not protocol:
        raise InputError(_("%(title)s: choose a protocol, or write probes and gallery.") % {"title": written["title"]})
    return ProtocolTask(dataset, protocol)


@never_cache
@login_required
@require_GET
def choice_detail(request: HttpRequest, choice_id: uuid.UUID) -> HttpResponse:
    choice = _visible(request, choice_id)
    context = {
        "choice": choice,
        "ranking": _ranking(choice),
        "may_manage": job_managed_by(job=choice.job, user=request.user),
        "test": choice.test,
        "values": choice.test.summary if choice.test else [],
        "over": not choice.job.is_live,
    }
    return render(request, "evaluation/recogniser_choice_detail.html", context)


def _ranking(choice: RecogniserChoice) -> list[dict[str, Any]]:
    """The rows with what a reader has to know of the test behind each; one that was deleted since says nothing."""
    numbers = [row["test"] for row in choice.ranking]
    tests = {str(test.pk): test for test in RecognitionTest.objects.filter(pk__in=numbers).prefetch_related("values")}
    rows = []
    for row in choice.ranking:
        test = tests.get(row["test"])
        told = {
            "text": _text(choice.measure, row["value"]),
            "too_few": test is not None and choice.measure in test.too_few,
            "leaky": test is not None and test.leaky,
            "label_text": test.label_text if test is not None else "",
        }
        rows.append({**row, **told})
    return rows


def _text(measure: str, value: float) -> str:
    return f"{value:.4f}" if measure == "auc" else f"{100 * value:.2f} %"


@require_POST
def choice_stop(request: HttpRequest, choice_id: uuid.UUID) -> HttpResponse:
    choice = _managed(request, choice_id)
    if not choice.job.is_live:
        messages.warning(request, _("There was nothing to cancel: the choice is over."))
    elif recognition_cancel(job=choice.job) == JobState.CANCELLED:
        messages.success(request, _("The choice is cancelled."))
    else:
        messages.info(request, _("The choice will stop at its next step, usually within two seconds."))
    return redirect("evaluation:recogniser-choice", choice.id)


@require_POST
def choice_remove(request: HttpRequest, choice_id: uuid.UUID) -> HttpResponse:
    choice = _managed(request, choice_id)
    try:
        choice_delete(choice=choice)
    except InputError as error:
        messages.error(request, str(error))
        return redirect("evaluation:recogniser-choice", choice.id)
    messages.success(request, _("The choice is deleted; its tests stay."))
    return redirect("evaluation:recognition-list")


def _visible(request: HttpRequest, choice_id: uuid.UUID) -> RecogniserChoice:
    choice = found.choices_visible_to(request.user).filter(id=choice_id).first()
    if choice is None:
        raise Http404
    return choice


def _managed(request: HttpRequest, choice_id: uuid.UUID) -> RecogniserChoice:
    choice = _visible(request, choice_id)
    if not job_managed_by(job=choice.job, user=request.user):
        raise PermissionDenied(_("Only the owner of a choice and staff may do this."))
    return choice
