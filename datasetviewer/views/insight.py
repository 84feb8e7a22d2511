"""Pages that tell about a dataset as a whole: its statistics, and its near duplicates."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from workers.engine.errors import InputError

from .. import selectors, services
from ..likeness import DEFAULT_DISTANCE, LARGEST_DISTANCE
from .visible import dataset_or_404

GROUPS_ON_A_PAGE = 20


@require_safe
def dataset_statistics(request: HttpRequest, slug: str) -> HttpResponse:
    dataset = dataset_or_404(request, slug)
    counts = selectors.dataset_counts(dataset)
    statistics = selectors.dataset_statistics(dataset, counts) if counts.total else None
    context = {"dataset": dataset, "counts": counts, "statistics": statistics}
    return render(request, "datasetviewer/statistics.html", context)


def read_distance(text: str | None) -> int:
    """Bits of 256, from 0 to LARGEST_DISTANCE; the default for anything else."""
    if text and text.isascii() and text.isdigit() and int(text[:9]) <= LARGEST_DISTANCE:
        return int(text)
    return DEFAULT_DISTANCE


@require_http_methods(["GET", "HEAD", "POST"])
def dataset_duplicates(request: HttpRequest, slug: str) -> HttpResponse:
    """Groups of pictures that look the same; POST, signed in, looks for them."""
    dataset = dataset_or_404(request, slug)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return redirect(f"{reverse('access:sign-in')}?next={request.path}")
        try:
            services.duplicate_search_submit(dataset=dataset, owner=request.user)
        except InputError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The search was queued."))
        return redirect("datasetviewer:dataset-duplicates", slug=slug)
    distance = read_distance(request.GET.get("distance"))
    search = selectors.last_duplicate_search(dataset)
    groups, cut = selectors.duplicate_groups(dataset, distance) if search else ([], False)
    if request.GET.get("across") == "1":
        groups = [group for group in groups if group.across_persons]
    context = {
        "dataset": dataset,
        "distance": distance,
        "largest": LARGEST_DISTANCE,
        "across": request.GET.get("across") == "1",
        "search": search,
        "cut": cut,
        "page": Paginator(groups, GROUPS_ON_A_PAGE).get_page(request.GET.get("page", 1)),
        "n_across": sum(group.across_persons for group in groups),
    }
    return render(request, "datasetviewer/duplicates.html", context)
