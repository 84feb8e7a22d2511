"""Pages of what was selected: as CSV, and as named image sets."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workers.engine.errors import InputError

from .. import selectors, services
from ..filters import GridFilter, read_filter
from ..models import Dataset, Image, ImageSet, Modality
from ..tables import csv_response
from .visible import choices_of, dataset_or_404

SETS_ON_A_PAGE = 40
IMAGES_ON_A_PAGE = 96


@require_safe
def dataset_images_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """All pictures that match the filter of the address; a pair's or a person's with all their pictures."""
    dataset = dataset_or_404(request, slug)
    shown, ignored = read_filter(request.GET, choices_of(selectors.dataset_counts(dataset)))
    if ignored:  # a script that misspells a filter must not get everything
        return HttpResponse(" ".join(ignored), status=400, content_type="text/plain; charset=utf-8")
    return csv_response(selectors.matching_images(dataset, shown), slug)


@require_POST
def dataset_select(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What the ticks of the grid are for: CSV for everybody who sees the dataset, a named set for who is signed in."""
    dataset = dataset_or_404(request, slug)
    address = QueryDict(request.POST.get("filter", ""))
    shown, _ignored = read_filter(address, choices_of(selectors.dataset_counts(dataset)))
    back = reverse("datasetviewer:dataset-detail", args=[slug]) + (f"?{shown.query}" if shown.query else "")
    try:
        images = _chosen(dataset, request.POST, shown)
        if request.POST.get("action") == "csv":
            if not images.exists():
                raise InputError(_("No picture is selected. Tick some, or take all that match the filter."))
            return csv_response(images, slug)
        if not request.user.is_authenticated:
            return redirect(f"{reverse('access:sign-in')}?next={back}")
        image_set = services.image_set_create(
            dataset=dataset,
            images=images,
            name=request.POST.get("name", ""),
            note=request.POST.get("note", ""),
            owner=request.user,
        )
    except InputError as error:
        messages.error(request, str(error))
        return redirect(back)
    text = ngettext("The set holds %(n)s picture.", "The set holds %(n)s pictures.", image_set.size)
    messages.success(request, text % {"n": image_set.size})
    return redirect("datasetviewer:image-set-detail", slug=image_set.slug)


def _chosen(dataset: Dataset, sent: QueryDict, shown: GridFilter) -> QuerySet[Image]:
    modality = sent.get("keep", "")
    if modality not in ("", *Modality.values):
        raise InputError(_("There is no modality %(name)s.") % {"name": repr(modality[:40])})
    if sent.get("everything") == "1":
        images = selectors.matching_images(dataset, shown)
        return images.filter(modality=modality) if modality else images
    picks = [pick for field in sent.getlist("pick") for pick in field.split(",") if pick]
    return selectors.picked_images(dataset, picks, modality)


@require_safe
def image_set_list(request: HttpRequest) -> HttpResponse:
    sets = selectors.image_set_visible_to(request.user)
    deleted: list[Any] = []
    if request.user.is_authenticated:
        gone = selectors.image_set_visible_to(request.user, deleted=True)
        deleted = [each for each in gone if selectors.image_set_may_change(request.user, each)]
    page = Paginator(sets, SETS_ON_A_PAGE).get_page(request.GET.get("page", 1))
    return render(request, "datasetviewer/image_set_list.html", {"page": page, "deleted": deleted})


@require_http_methods(["GET", "HEAD", "POST"])
def image_set_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The set and its pictures; POST changes name and note."""
    image_set = get_object_or_404(selectors.image_set_visible_to(request.user), slug=slug)
    may_change = selectors.image_set_may_change(request.user, image_set)
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        try:
            services.image_set_update(
                image_set=image_set, name=request.POST.get("name", ""), note=request.POST.get("note", "")
            )
        except InputError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Saved."))
        return redirect("datasetviewer:image-set-detail", slug=slug)
    images = selectors.image_set_images(image_set)
    page = Paginator(images, IMAGES_ON_A_PAGE).get_page(request.GET.get("page", 1))
    context = {
        "image_set": image_set,
        "dataset": image_set.dataset,
        "page": page,
        "missing": image_set.size - page.paginator.count,
        "by_modality": selectors.image_set_modalities(image_set),
        "may_change": may_change,
        "specification": f'{{"image_set": "{image_set.slug}"}}',
    }
    return render(request, "datasetviewer/image_set_detail.html", context)


@require_safe
def image_set_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    image_set = get_object_or_404(selectors.image_set_visible_to(request.user), slug=slug)
    return csv_response(selectors.image_set_images(image_set), image_set.slug)


def _own(request: HttpRequest, slug: str, *, deleted: bool) -> ImageSet:
    image_set = get_object_or_404(selectors.image_set_visible_to(request.user, deleted=deleted), slug=slug)
    if not selectors.image_set_may_change(request.user, image_set):
        raise PermissionDenied
    return image_set


@require_POST
@login_required
def image_set_delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Put the set away; the list offers to take it back."""
    image_set = _own(request, slug, deleted=False)
    services.image_set_delete(image_set=image_set)
    messages.success(request, _("%(name)s was deleted. It can be restored for a week.") % {"name": image_set.name})
    return redirect(reverse("datasetviewer:image-set-list") + "#deleted")


@require_POST
@login_required
def image_set_restore(request: HttpRequest, slug: str) -> HttpResponse:
    services.image_set_restore(image_set=_own(request, slug, deleted=True))
    messages.success(request, _("Restored."))
    return redirect("datasetviewer:image-set-detail", slug=slug)
