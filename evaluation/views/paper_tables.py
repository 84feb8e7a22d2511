"""Pages of paper tables."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from evaluation.forms.paper import PaperForm
from evaluation.models import PaperTable
from evaluation.paper import texts
from evaluation.selectors import paper_tables as selectors
from evaluation.services import paper_tables as services
from evaluation.snippets import paper as snippets
from workers.engine.errors import InputError

TABLES_A_PAGE = 20
STOP_POLLING = 286  # htmx swaps the answer in and polls no more


@never_cache
@require_http_methods(["GET", "POST"])
def table_list(request: HttpRequest) -> HttpResponse:
    """The tables, and the form that makes one and measures it."""
    form = PaperForm(request.POST if request.method == "POST" else request.GET, request.user)
    error = ""
    if request.method == "POST":
        if not request.user.is_authenticated:
            return redirect_to_login(form.address)
        try:
            form.check()
            table = services.table_create(
                user=request.user, name=form.name, reference=form.reference, candidates=form.chosen_candidates,
                columns=form.chosen_columns,
            )  # fmt: skip
        except InputError as refused:
            error = str(refused)
        else:
            _measure(request, table)
            return redirect("evaluation:table-detail", table.pk)
    page = Paginator(selectors.tables_visible_to(request.user), TABLES_A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "error": error, "kind": "table"}
    return render(request, "evaluation/table_list.html", context, status=400 if error else 200)


@never_cache
@require_GET
def table_detail(request: HttpRequest, table_id: uuid.UUID) -> HttpResponse:
    """The table, filling itself while it is measured."""
    table = _visible(request, table_id)
    shown = selectors.table_shown(table, request.user)
    part = bool(request.headers.get("HX-Request"))
    context = {
        "table": table,
        "shown": shown,
        "caption": texts.caption(shown),
        "notes": texts.notes(shown),
        "may_manage": selectors.table_managed_by(table=table, user=request.user),
        "data_url": f"{reverse('evaluation_api:table-detail', args=[table.pk])}?format=",
        "kind": "table",
    }
    if not part:
        address = request.build_absolute_uri(reverse("evaluation_api:table-list"))
        context["snippets"] = snippets.of(table, address)
    template = "evaluation/table_numbers.html" if part else "evaluation/table_detail.html"
    return render(request, template, context, status=STOP_POLLING if part and not shown.live else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def table_edit(request: HttpRequest, table_id: uuid.UUID) -> HttpResponse:
    """Other rows and columns; numbers of those that stay are kept."""
    table = _own(request, table_id)
    form = PaperForm(request.POST if request.method == "POST" else request.GET, request.user, table)
    error = ""
    if request.method == "POST":
        try:
            form.check()
            services.table_change(
                user=request.user, table=table, name=form.name, candidates=form.chosen_candidates,
                columns=form.chosen_columns,
            )  # fmt: skip
        except InputError as refused:
            error = str(refused)
        else:
            _measure(request, table)
            return redirect("evaluation:table-detail", table.pk)
    context = {"form": form, "table": table, "error": error, "kind": "table"}
    return render(request, "evaluation/table_edit.html", context, status=400 if error else 200)


@require_POST
@login_required
def table_change(request: HttpRequest, table_id: uuid.UUID) -> HttpResponse:
    """Rename, publish, withdraw."""
    table = _own(request, table_id)
    public = {"1": True, "0": False}.get(request.POST.get("public", ""))
    try:
        services.table_change(user=request.user, table=table, name=request.POST.get("name"), public=public)
    except InputError as error:
        messages.error(request, str(error))
    return redirect("evaluation:table-detail", table.pk)


@require_POST
@login_required
def table_measure(request: HttpRequest, table_id: uuid.UUID) -> HttpResponse:
    table = _own(request, table_id)
    _measure(request, table)
    return redirect("evaluation:table-detail", table.pk)


@require_POST
@login_required
def table_cancel(request: HttpRequest, table_id: uuid.UUID) -> HttpResponse:
    table = _own(request, table_id)
    stopped, others = services.table_cancel(user=request.user, table=table)
    if not stopped and not others:
        messages.warning(request, _("There was nothing to cancel."))
    elif stopped:
        text = ngettext("%(n)s evaluation is cancelled.", "%(n)s evaluations are cancelled.", stopped)
        messages.success(request, text % {"n": stopped})
    if others:
        text = ngettext(
            "%(n)s evaluation was submitted by somebody else and goes on.",
            "%(n)s evaluations were submitted by somebody else and go on.",
            others,
        )
        messages.info(request, text % {"n": others})
    return redirect("evaluation:table-detail", table.pk)


@require_POST
@login_required
def table_duplicate(request: HttpRequest, table_id: uuid.UUID) -> HttpResponse:
    table = _visible(request, table_id)
    try:
        copy = services.table_duplicate(user=request.user, table=table)
    except InputError as error:
        messages.error(request, str(error))
        return redirect("evaluation:table-detail", table.pk)
    return redirect("evaluation:table-detail", copy.pk)


@require_POST
@login_required
def table_delete(request: HttpRequest, table_id: uuid.UUID) -> HttpResponse:
    table = _own(request, table_id)
    services.table_delete(table=table)
    messages.success(request, _("The table is deleted; its numbers stay among the results."))
    return redirect("evaluation:table-list")


def _measure(request: HttpRequest, table: PaperTable) -> None:
    """Measure what is missing, and say what came of it."""
    try:
        measured = services.table_measure(user=request.user, table=table)
    except InputError as error:
        messages.error(request, str(error))
        return
    new, old = len(measured.queued), len(measured.reused)
    text = ngettext("%(n)s evaluation queued.", "%(n)s evaluations queued.", new) % {"n": new}
    if old:
        text += " " + ngettext("%(n)s existed before.", "%(n)s existed before.", old) % {"n": old}
    messages.success(request, text)


def _visible(request: HttpRequest, table_id: uuid.UUID) -> PaperTable:
    table = selectors.table_get(user=request.user, table_id=table_id)
    if table is None:
        raise Http404
    return table


def _own(request: HttpRequest, table_id: uuid.UUID) -> PaperTable:
    table = _visible(request, table_id)
    if not selectors.table_managed_by(table=table, user=request.user):
        raise PermissionDenied(_("Only the owner of a table and staff may change it; duplicate it to have your own."))
    return table
