"""An evaluation that is being computed: the part of its page that polls itself, and submitting it once more."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from evaluation import selectors, sets
from evaluation.models import Evaluation
from evaluation.selectors.watching import watch
from evaluation.services import evaluation_submit
from workers.engine.errors import InputError
from workers.models import FINAL_STATES

STOP_POLLING = 286  # htmx swaps the answer in and polls no more


def visible_evaluation(request: HttpRequest, evaluation_id: uuid.UUID) -> Evaluation:
    evaluation = selectors.evaluation_get(user=request.user, evaluation_id=evaluation_id)
    if evaluation is None:
        raise Http404
    return evaluation


@never_cache
@require_GET
def evaluation_live(request: HttpRequest, evaluation_id: uuid.UUID) -> HttpResponse:
    """Progress, parts and log; reloads the page around it when the evaluation has ended."""
    evaluation = visible_evaluation(request, evaluation_id)
    over = evaluation.job.state in FINAL_STATES
    context = {"evaluation": evaluation, "watch": watch(evaluation)}
    response = render(request, "evaluation/evaluation_live.html", context, status=STOP_POLLING if over else 200)
    if over:
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_POST
def evaluation_resubmit(request: HttpRequest, evaluation_id: uuid.UUID) -> HttpResponse:
    """The same two sets, extractor and metrics once more; what is kept of the features is used."""
    evaluation = visible_evaluation(request, evaluation_id)
    try:
        again, created = evaluation_submit(
            user=request.user,
            reference=sets.from_json(evaluation.reference),
            candidate=sets.from_json(evaluation.candidate),
            extractor=evaluation.extractor,
            metrics=evaluation.metrics,
        )
    except InputError as error:
        messages.error(request, str(error))
        return redirect("evaluation:evaluation-detail", evaluation_id)
    if not created:
        messages.info(request, _("This comparison was submitted before; here it is."))
    return redirect("evaluation:evaluation-detail", again.id)
