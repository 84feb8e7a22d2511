"""Pages: filtering a dataset, what was rejected and why, and the decisions of people."""

from __future__ import annotations

import csv
import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workers.engine.errors import InputError

from ..alignment_forms import OWN, DecisionForm, FilterForm
from ..filter_chart import chart_of
from ..models import Dataset, FilterRun, ImageDecision, VerdictReason
from ..selectors import alignment as selectors
from ..selectors import dataset_may_publish
from ..services.filtering import filter_submit
from ..services.verdicts import decision_undo, images_decide
from .alignment import editable_dataset, visible_dataset

REJECTED_A_PAGE = 24
DECISIONS_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
def dataset_filter(request: HttpRequest, slug: str) -> HttpResponse:
    """The filter: run it, read its table, look at what it rejected."""
    dataset = editable_dataset(request, slug) if request.method == "POST" else visible_dataset(request, slug)
    newest, finished = selectors.filter_runs(dataset)
    form = FilterForm(request.POST if request.method == "POST" else None, initial=_as_before(finished))
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                _run, created = filter_submit(
                    dataset=dataset,
                    template=form.cleaned_data["chosen"],
                    r=form.cleaned_data["r"],
                    owner=request.user,
                )
            except InputError as error:
                form.add_error(None, str(error))
            else:
                text = _("The filter was queued.") if created else _("This filter is already queued or running.")
                messages.success(request, text)
                return redirect("datasetviewer:dataset-filter", slug=slug)
        status = 400
    return render(
        request, "datasetviewer/dataset_filter.html", _page(request, dataset, form, newest, finished), status=status
    )


def _as_before(run: FilterRun | None) -> dict[str, Any]:
    if run is None:
        return {"template": "satnet"}
    name = run.template["name"]
    known = name in FilterForm.offered
    return {"template": name if known else OWN, "own": "" if known else json.dumps(run.template), "r": run.r}


def _page(
    request: HttpRequest, dataset: Dataset, form: FilterForm, newest: FilterRun | None, finished: FilterRun | None
) -> dict[str, Any]:
    counts = selectors.verdict_counts(dataset)
    reason, ignored = request.GET.get("reason", "").strip(), ""
    try:
        rejected = selectors.rejected_images(dataset, reason)
    except InputError as error:
        ignored, reason = str(error), ""
        rejected = selectors.rejected_images(dataset)
    page = Paginator(rejected, REJECTED_A_PAGE).get_page(request.GET.get("page", 1))
    template = selectors.filter_template(finished) if finished else None
    tiles = [
        (image, selectors.drawing_of(image, template, finished.r) if template and finished else None) for image in page
    ]
    reasons = [
        (value, VerdictReason(value).label, counts.get(value, 0), value == reason)
        for value in VerdictReason.values
        if value and counts.get(value)
    ]
    decisions = selectors.decisions_of(dataset)
    return {
        "dataset": dataset,
        "form": form,
        "newest": newest,
        "run": finished,
        "counts": counts,
        "reasons": reasons,
        "reason": reason,
        "ignored": ignored,
        "total_rejected": sum(n for _value, _label, n, _on in reasons),
        "page": page,
        "tiles": tiles,
        "decided": {decision.image_id: decision for decision in decisions.filter(image__in=[i for i, _d in tiles])},
        "chart": chart_of(finished.report) if finished else None,
        "decisions": decisions[:DECISIONS_SHOWN],
        "decision_count": decisions.count(),
        "decision_form": DecisionForm(initial={"decision": "exclude"}),
        "may_edit": dataset_may_publish(request.user, dataset),
    }


@require_POST
@login_required
def dataset_decide(request: HttpRequest, slug: str) -> HttpResponse:
    """Exclude or include pictures by hand, with a note."""
    dataset = editable_dataset(request, slug)
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            count = images_decide(dataset=dataset, user=request.user, **form.cleaned_data)
        except InputError as error:
            messages.error(request, str(error))
        else:
            text = ngettext("Decided on %(count)d picture.", "Decided on %(count)d pictures.", count)
            messages.success(request, text % {"count": count})
    else:
        messages.error(request, " ".join(str(text) for errors in form.errors.values() for text in errors))
    return redirect(_back(request, dataset))


@require_POST
@login_required
def decision_take_back(request: HttpRequest, slug: str, decision_id: int) -> HttpResponse:
    """Undo a decision; the filter's verdict holds again."""
    dataset = editable_dataset(request, slug)
    decision = get_object_or_404(ImageDecision, pk=decision_id, image__dataset=dataset)
    decision_undo(decision=decision)
    messages.success(request, _("The decision was undone."))
    return redirect(_back(request, dataset))


def _back(request: HttpRequest, dataset: Dataset) -> str:
    """The page the form stood on, if it is one of ours."""
    wanted = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}) and wanted.startswith("/datasets/"):
        return wanted
    return reverse("datasetviewer:dataset-filter", args=[dataset.slug])


@require_safe
def decisions_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The standing decisions as a table."""
    dataset = visible_dataset(request, slug)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{dataset.slug}-decisions.csv"'
    table = csv.writer(response)
    table.writerow(["key", "decision", "note", "date"])
    for row in selectors.decisions_of(dataset).iterator():
        table.writerow([_plain(row.image.key), row.decision, _plain(row.note), row.created.date().isoformat()])
    return response


def _plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
