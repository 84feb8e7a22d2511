"""Pages of protocols: the lists of a dataset and what it can serve of them, one list, own lists, validation parts."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workers.engine.errors import InputError

from .. import selectors, services
from ..entries import COLUMNS, columns_of, part_of
from ..forms import ProtocolForm, ValidationForm
from ..models import Dataset, Protocol, ProtocolKind, ProtocolUnit
from .visible import dataset_or_404

ENTRIES_PAGE = 60


@require_http_methods(["GET", "HEAD", "POST"])
def protocol_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The coverage table, and the form for an own list."""
    dataset = dataset_or_404(request, slug)
    may_manage = selectors.dataset_may_publish(request.user, dataset)
    form = ProtocolForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if not may_manage:
            raise PermissionDenied
        if form.is_valid():
            sent = form.cleaned_data["file"]
            try:
                protocol, created = services.protocol_from_csv(
                    dataset=dataset,
                    name=form.cleaned_data["name"],
                    kind=form.cleaned_data["kind"],
                    unit=form.cleaned_data["unit"],
                    content=form.content,
                    file_name=sent.name,
                    title=form.cleaned_data["title"],
                    owner=request.user,
                )
            except InputError as error:
                form.add_error(None, str(error))
            else:
                text = _("Stored as %(label)s.") if created else _("This list is here already: %(label)s.")
                messages.success(request, text % {"label": protocol.label})
                return _redirect(protocol)
    rows = [
        {"protocol": protocol, "coverage": selectors.stored_coverage(protocol)}
        for protocol in selectors.newest_protocols(dataset)
    ]
    context = {
        "dataset": dataset,
        "rows": rows,
        "form": form,
        "may_manage": may_manage,
        "columns": [
            (ProtocolKind(kind).label, ProtocolUnit(unit).label, ",".join(columns))
            for (kind, unit), columns in COLUMNS.items()
        ],
    }
    return render(request, "datasetviewer/protocol_list.html", context, status=400 if form.is_bound else 200)


def _redirect(protocol: Protocol) -> HttpResponse:
    answer = redirect("datasetviewer:protocol-detail", protocol.dataset.slug, protocol.name)
    answer["Location"] += f"?version={protocol.version}"
    return answer


def _protocol(dataset: Dataset, name: str, version: str | int | None) -> Protocol:
    wanted = (
        int(version)
        if version and str(version).isascii() and str(version).isdigit() and len(str(version)) < 9
        else None
    )
    found = selectors.protocol_get(dataset=dataset, name=name, version=wanted)
    if found is None or (version and wanted is None):
        raise Http404
    return found


@require_safe
def protocol_detail(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """One version of one list: where it comes from, its digest, coverage by part, its entries."""
    dataset = dataset_or_404(request, slug)
    protocol = _protocol(dataset, name, request.GET.get("version"))
    return _detail(request, protocol, ValidationForm(initial={"seed": 0}))


def _detail(request: HttpRequest, protocol: Protocol, form: ValidationForm, status: int = 200) -> HttpResponse:
    dataset = protocol.dataset
    coverage = selectors.stored_coverage(protocol)
    part = request.GET.get("part", "")
    part = part if part in protocol.counts else ""
    missing = request.GET.get("missing") == "1"
    counted = [entry for entry in coverage if not part or entry.part == part]
    total = sum(entry.missing if missing else entry.entries for entry in counted)
    page = Paginator(range(total), ENTRIES_PAGE).get_page(request.GET.get("page", 1))
    start = (page.number - 1) * ENTRIES_PAGE
    entries, _total = selectors.protocol_entries(
        protocol, part=part, missing_only=missing, start=start, limit=ENTRIES_PAGE
    )
    may_manage = selectors.dataset_may_publish(request.user, dataset)
    context = {
        "dataset": dataset,
        "protocol": protocol,
        "versions": selectors.protocols_of(dataset).filter(name=protocol.name),
        "coverage": coverage,
        "columns": columns_of(protocol.kind, protocol.unit),
        "entries": [{"cells": row, "served": served, "part": part_of(protocol.kind, row)} for row, served in entries],
        "page": page,
        "part": part,
        "missing": missing,
        "is_current": dataset.split_protocol_id == protocol.pk,
        "may_manage": may_manage,
        "is_split": protocol.kind == ProtocolKind.SPLIT,
        "can_cut": protocol.kind == ProtocolKind.SPLIT
        and "train" in protocol.counts
        and "validation" not in protocol.counts,
        "validation_form": form,
    }
    return render(request, "datasetviewer/protocol_detail.html", context, status=status)


@require_safe
def protocol_csv(request: HttpRequest, slug: str, name: str, version: int) -> HttpResponseBase:
    """The list as CSV. The digest is its tag: a version never changes."""
    dataset = dataset_or_404(request, slug)
    protocol = _protocol(dataset, name, version)
    return csv_answer(request, protocol)


def csv_answer(request: HttpRequest, protocol: Protocol) -> HttpResponseBase:
    tag = f'"{protocol.digest}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    name = f"{protocol.dataset.slug}-{protocol.name}-v{protocol.version}.csv"
    headers = {
        "ETag": tag,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-cache",
    }
    return HttpResponse(selectors.protocol_text(protocol), content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
@login_required
def protocol_apply(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Make this split the dataset's current one."""
    protocol = _managed(request, slug, name)
    try:
        count = services.protocol_apply(protocol=protocol)
    except InputError as error:
        messages.error(request, str(error))
    else:
        text = _("%(label)s is the current split; %(n)d pictures have one.")
        messages.success(request, text % {"label": protocol.label, "n": count})
    return _redirect(protocol)


@require_POST
@login_required
def protocol_validation(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Cut a validation part from train; gives the next version."""
    protocol = _managed(request, slug, name)
    form = ValidationForm(request.POST)
    if form.is_valid():
        try:
            cut, _created = services.protocol_cut_validation(
                protocol=protocol,
                amount=services.amount_of(form.cleaned_data["amount"]),
                seed=form.cleaned_data["seed"],
                owner=request.user,
            )
        except InputError as error:
            form.add_error("amount", str(error))
        else:
            messages.success(request, _("Stored as %(label)s.") % {"label": cut.label})
            return _redirect(cut)
    return _detail(request, protocol, form, status=400)


def _managed(request: HttpRequest, slug: str, name: str) -> Protocol:
    dataset = dataset_or_404(request, slug)
    protocol = _protocol(dataset, name, request.POST.get("version"))
    if not selectors.dataset_may_publish(request.user, dataset):
        raise PermissionDenied
    return protocol
