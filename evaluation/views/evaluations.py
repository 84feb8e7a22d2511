"""Pages of evaluations and results."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from evaluation import selectors
from evaluation.filters import EvaluationFilter, ResultFilter
from evaluation.forms.submission import SubmissionForm
from evaluation.models import Evaluation
from evaluation.selectors.watching import watch
from evaluation.services import evaluation_cancel, evaluation_submit
from evaluation.snippets import evaluation as snippets
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.models import JobState
from workers.selectors import job_managed_by

PAGE_SIZE = 25
GROUPS_A_PAGE = 20
ROWS_A_GROUP = 20  # of the best or newest; a page of its own shows a protocol in full
ROWS_ALONE = 500
ORDERINGS = ("value", "created")


@never_cache
@require_GET
def evaluation_list(request: HttpRequest) -> HttpResponse:
    evaluations = selectors.evaluations_visible_to(request.user)
    found = EvaluationFilter(request.GET, queryset=evaluations, request=request)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "states": JobState.choices,
        "extractors": catalogue.EXTRACTORS.values(),
        "filtered": any(request.GET.get(name) for name in EvaluationFilter.base_filters),
    }
    return render(request, "evaluation/evaluation_list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def evaluation_new(request: HttpRequest) -> HttpResponse:
    """The form; its choices stand in the address, so a prepared comparison can be passed on as a link."""
    if request.method == "GET":
        form = SubmissionForm(request.GET, request.user)
        return render(request, "evaluation/evaluation_new.html", {"form": form})
    form = SubmissionForm(request.POST, request.user)
    if not request.user.is_authenticated:
        return redirect_to_login(form.address)
    try:
        evaluation, created = evaluation_submit(
            user=request.user,
            reference=form.spec("reference"),
            candidate=form.spec("candidate"),
            extractor=form.extractor,
            metrics=form.metrics,
        )
    except InputError as error:
        return render(request, "evaluation/evaluation_new.html", {"form": form, "error": str(error)}, status=400)
    if not created:
        messages.info(request, _("This comparison was submitted before; here it is."))
    return redirect("evaluation:evaluation-detail", evaluation.id)


@never_cache
@require_GET
def evaluation_counts(request: HttpRequest) -> HttpResponse:
    """The part of the form that says how many pictures the chosen sets hold; the address of the page follows."""
    form = SubmissionForm(request.GET, request.user)
    response = render(request, "evaluation/counts.html", {"form": form})
    response["HX-Replace-Url"] = form.address
    return response


def _visible(request: HttpRequest, evaluation_id: uuid.UUID) -> Evaluation:
    evaluation = selectors.evaluation_get(user=request.user, evaluation_id=evaluation_id)
    if evaluation is None:
        raise Http404
    return evaluation


@never_cache
@require_GET
def evaluation_detail(request: HttpRequest, evaluation_id: uuid.UUID) -> HttpResponse:
    evaluation = _visible(request, evaluation_id)
    context = {
        "evaluation": evaluation,
        "results": evaluation.results.all(),
        "may_manage": job_managed_by(job=evaluation.job, user=request.user),
        "again_url": SubmissionForm.address_of(evaluation),
        "snippets": snippets.of(evaluation, request.build_absolute_uri(reverse("evaluation_api:evaluation-list"))),
        "may_resubmit": request.user.is_authenticated and evaluation.job.state in {JobState.FAILED, JobState.CANCELLED},
        "watch": watch(evaluation),
        "extractor": catalogue.EXTRACTORS.get(evaluation.extractor),
    }
    return render(request, "evaluation/evaluation_detail.html", context)


@require_POST
def evaluation_stop(request: HttpRequest, evaluation_id: uuid.UUID) -> HttpResponse:
    evaluation = _visible(request, evaluation_id)
    if not job_managed_by(job=evaluation.job, user=request.user):
        raise PermissionDenied(_("Only the owner of an evaluation and staff may cancel it."))
    if not evaluation.job.is_live:
        messages.warning(request, _("There was nothing to cancel: the evaluation is over."))
    elif evaluation_cancel(evaluation=evaluation) == JobState.CANCELLED:
        messages.success(request, _("The evaluation is cancelled."))
    else:
        messages.info(request, _("The evaluation will stop at its next step, usually within two seconds."))
    return redirect("evaluation:evaluation-detail", evaluation.id)


@never_cache
@require_GET
def result_list(request: HttpRequest) -> HttpResponse:
    """Results in groups of one protocol each; a ranking never reaches across two of them."""
    visible = selectors.results_visible_to(request.user)
    found = ResultFilter(request.GET, queryset=visible, request=request)
    ordering = request.GET.get("ordering", "value")
    if ordering.lstrip("-") not in ORDERINGS:
        ordering = "value"
    alone = bool(request.GET.get("protocol"))
    page = Paginator(selectors.protocols_of(found.qs), GROUPS_A_PAGE).get_page(request.GET.get("page"))
    groups = selectors.protocol_groups(
        found.qs, list(page.object_list), ordering, each=ROWS_ALONE if alone else ROWS_A_GROUP
    )
    context = {
        "page": page,
        "groups": groups,
        "ordering": ordering,
        "metrics": catalogue.METRICS.values(),
        "extractors": catalogue.EXTRACTORS.values(),
        "datasets": [dataset for dataset, _sources in selectors.sources_by_dataset(request.user)],
        "filtered": any(request.GET.get(name) for name in ResultFilter.base_filters),
        "csv_url": _csv_address(request),
    }
    return render(request, "evaluation/result_list.html", context)


def _csv_address(request: HttpRequest) -> str:
    """The REST address that gives the shown rows as CSV."""
    query = request.GET.copy()
    query.pop("page", None)
    if query.get("ordering", "").lstrip("-") not in ORDERINGS:
        query["ordering"] = "value"
    query["format"] = "csv"
    return f"{reverse('evaluation_api:result-list')}?{query.urlencode()}"
