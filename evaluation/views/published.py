"""Pages of published results: which there are, and bringing some in."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datasetviewer.models import Modality, Split
from evaluation import selectors as all_selectors
from evaluation import sets
from evaluation.forms.published import DEFAULTS, PublishedRequest
from evaluation.models import SizeRule
from evaluation.selectors.paper_tables import published_visible_to
from evaluation.services import published as services
from evaluation.set_offers import SetOffers
from workers.engine.errors import InputError

PAGE_SIZE = 20
SHOWN_FILES = 500
FILES = ("upload", "folder", "dataset", "split", "modality", "source", "size")
FIELDS = (*FILES, "name", "citation", "source_url", "licence")


@never_cache
@require_GET
def published_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(published_visible_to(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    for each in page.object_list:
        each.may_delete = _may_delete(request, each)  # type: ignore[attr-defined]
    return render(request, "evaluation/published_list.html", {"page": page, "kind": "table"})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def published_new(request: HttpRequest) -> HttpResponse:
    """The choices stand in the address; once pictures are chosen, the report of each file, and the form that keeps them."""
    data = request.POST if request.method == "POST" else request.GET
    wish = PublishedRequest(data, request.user)
    error, report, status = "", None, 200
    try:
        if request.method == "POST":
            published, created = wish.create()
            text = (
                _("%(name)s: %(n)s of %(pairs)s pairs are kept.") if created else _("%(name)s was brought in before.")
            )
            messages.success(request, text % {"name": published.name, "n": published.n, "pairs": published.n_pairs})
            return redirect("evaluation:published-list")
        if data.get("upload") or data.get("folder"):
            report = wish.report()
    except InputError as refused:
        error, status = str(refused), 400
    if report is None and request.method == "POST":
        try:  # what the fields say of the files still stands, whatever is wrong with the name or the address
            report = wish.report()
        except InputError:
            report = None
    context = {
        "report": report,
        "files": report.left_out[:SHOWN_FILES] if report else [],
        "matched": report.matched[:SHOWN_FILES] if report else [],
        "error": error,
        "given": {name: data.get(name) or DEFAULTS.get(name, "") for name in FIELDS},
        "hidden": [(name, data.get(name) or DEFAULTS.get(name, "")) for name in FILES],
        "offers": SetOffers(request.user),
        "datasets": all_selectors.sources_by_dataset(request.user),
        "splits": [(name, dict(Split.choices).get(name, name)) for name in sets.SPLITS],
        "modalities": [choice for choice in Modality.choices if choice[0] != Modality.PHOTO],
        "size_rules": SizeRule.choices,
        "appended": services.APPENDED,
        "copied": services.COPIED,
        "kind": "table",
    }
    return render(request, "evaluation/published_new.html", context, status=status)


@require_POST
@login_required
def published_delete(request: HttpRequest, published_id: uuid.UUID) -> HttpResponse:
    published = published_visible_to(request.user).filter(pk=published_id).first()
    if published is None:
        raise Http404
    if not _may_delete(request, published):
        raise PermissionDenied(_("Only who brought results in and staff may delete them."))
    try:
        services.published_delete(published=published)
    except InputError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The pictures are deleted; numbers measured on them stay."))
    return redirect("evaluation:published-list")


def _may_delete(request: HttpRequest, published: object) -> bool:
    owner = getattr(published, "owner_id", None)
    return request.user.is_authenticated and (request.user.is_staff or (owner is not None and owner == request.user.pk))
