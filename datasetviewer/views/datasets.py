"""Pages: the datasets, the grid of one, a person in it; publishing."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from workers.engine.errors import InputError

from .. import selectors, services
from ..citations import bibtex
from ..filters import COLOURS, DENSITIES, PAGE_SIZES, PERSON, POINTS, REASONS, SORTS, TILES, VERDICTS, read_filter
from ..models import Modality, Subject
from .tiles import tile_views
from .visible import choices_of, dataset_or_404

SAMPLES = 3  # pairs shown on a dataset's card
SUBJECT_PAGE = 96
# From this density on the small thumbnails are enough.
SMALL_TILES = 3


@require_safe
def dataset_list(request: HttpRequest) -> HttpResponse:
    datasets = list(selectors.with_counts(selectors.dataset_visible_to(request.user)).order_by("slug"))
    samples = selectors.sample_images(datasets, each=SAMPLES)
    cards = [{"dataset": dataset, "samples": samples.get(dataset.pk, [])} for dataset in datasets]
    return render(request, "datasetviewer/dataset_list.html", {"cards": cards})


@require_safe
def dataset_detail(request: HttpRequest, slug: str) -> HttpResponse:
    dataset = dataset_or_404(request, slug)
    counts = selectors.dataset_counts(dataset)
    choices = choices_of(counts)
    shown, ignored = read_filter(request.GET, choices)
    page, tiles = selectors.grid_page(dataset, shown, counts, request.GET.get("page", 1))
    thumbnail_size = 160 if shown.density >= SMALL_TILES else 320
    return render(
        request,
        "datasetviewer/dataset_detail.html",
        {
            "dataset": dataset,
            "counts": counts,
            "choices": choices,
            "shown": shown,
            "ignored": ignored,
            "page": page,
            "tiles": tile_views(tiles, dataset, shown, thumbnail_size),
            "by_person": shown.by == PERSON,
            "tile_kinds": TILES.items(),
            "sorts": [(name, label) for name, (label, _order) in SORTS.items()],
            "page_sizes": PAGE_SIZES,
            "densities": (DENSITIES[0], DENSITIES[-1]),
            "colours": COLOURS.items() if len(counts.by_colour) > 1 or shown.colour else (),
            "points": POINTS.items(),
            "verdicts": VERDICTS.items() if set(counts.by_verdict) > {"unjudged"} or shown.verdict else (),
            "reasons": REASONS.items() if any(counts.by_reason) or shown.reason else (),
            "modality_options": Modality.choices,
            "may_publish": selectors.dataset_may_publish(request.user, dataset),
            "last_import": selectors.last_import(dataset),
            "bibtex": bibtex(dataset),
            "import_command": f"python manage.py import_dataset {dataset.layout} PATH --name {dataset.slug}",
        },
    )


@require_safe
def subject_detail(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    dataset = dataset_or_404(request, slug)
    subject = get_object_or_404(Subject, dataset=dataset, name=name)
    subject.dataset = dataset
    shown, _ignored = read_filter(request.GET, choices_of(selectors.dataset_counts(dataset)))
    before, after = selectors.person_neighbours(subject, shown)
    page = Paginator(selectors.subject_images(subject), SUBJECT_PAGE).get_page(request.GET.get("page", 1))
    context = {"dataset": dataset, "subject": subject, "page": page, "shown": shown, "before": before, "after": after}
    return render(request, "datasetviewer/subject_detail.html", context)


@require_POST
@login_required
def dataset_publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish (public=1) or withdraw (public=0)."""
    dataset = dataset_or_404(request, slug)
    if not selectors.dataset_may_publish(request.user, dataset):
        raise PermissionDenied
    public = request.POST.get("public")
    if public in ("0", "1"):
        try:
            services.dataset_set_public(dataset=dataset, public=public == "1")
        except InputError as error:
            messages.error(request, str(error))
            return redirect("datasetviewer:dataset-detail", slug=slug)
        text = _("The dataset is public now.") if public == "1" else _("The dataset is for signed-in users only now.")
        messages.success(request, text)
    else:
        messages.error(
            request, _("Nothing was changed: say public=1 to publish the dataset or public=0 to withdraw it.")
        )
    return redirect("datasetviewer:dataset-detail", slug=slug)
