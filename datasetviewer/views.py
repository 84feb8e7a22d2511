"""Pages: datasets, the grid, a person, a picture; and the picture files behind them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from workers.engine.errors import InputError

from . import selectors, services
from .files import image_response, thumbnail_response
from .filters import PAGE_SIZES, SORTS, Choices, read_filter
from .forms import ImportForm
from .models import Dataset, Image, Subject

SAMPLES = 3  # pairs shown on a dataset's card
SUBJECT_PAGE = 96


def _dataset(request: HttpRequest, slug: str) -> Dataset:
    """The dataset if this person may see it, else 404, so that a visitor does not learn that it is there."""
    return get_object_or_404(selectors.dataset_visible_to(request.user), slug=slug)


def _choices(counts: selectors.DatasetCounts) -> Choices:
    return Choices(splits=counts.splits, modalities=counts.modalities, sources=counts.sources)


@require_safe
def dataset_list(request: HttpRequest) -> HttpResponse:
    datasets = list(selectors.with_counts(selectors.dataset_visible_to(request.user)).order_by("slug"))
    samples = selectors.sample_images(datasets, each=SAMPLES)
    cards = [{"dataset": dataset, "samples": samples.get(dataset.pk, [])} for dataset in datasets]
    return render(request, "datasetviewer/dataset_list.html", {"cards": cards})


@require_safe
def dataset_detail(request: HttpRequest, slug: str) -> HttpResponse:
    dataset = _dataset(request, slug)
    counts = selectors.dataset_counts(dataset)
    choices = _choices(counts)
    shown, ignored = read_filter(request.GET, choices)
    page, tiles = selectors.grid_page(dataset, shown, request.GET.get("page", 1))
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
            "tiles": tiles,
            "sorts": [(name, label) for name, (label, _order) in SORTS.items()],
            "page_sizes": PAGE_SIZES,
            "may_publish": selectors.dataset_may_publish(request.user, dataset),
            "last_import": selectors.last_import(dataset),
            "import_command": f"python manage.py import_dataset {dataset.layout} PATH --name {dataset.slug}",
        },
    )


@require_safe
def subject_detail(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    dataset = _dataset(request, slug)
    subject = get_object_or_404(Subject, dataset=dataset, name=name)
    page = Paginator(selectors.subject_images(subject), SUBJECT_PAGE).get_page(request.GET.get("page", 1))
    context = {"dataset": dataset, "subject": subject, "page": page}
    return render(request, "datasetviewer/subject_detail.html", context)


@require_safe
def image_detail(request: HttpRequest, slug: str, image_id: int) -> HttpResponse:
    dataset = _dataset(request, slug)
    image = get_object_or_404(Image.objects.select_related("dataset", "subject", "pair"), dataset=dataset, pk=image_id)
    shown, _ignored = read_filter(request.GET, _choices(selectors.dataset_counts(dataset)))
    partners = selectors.pair_partners(image)
    walk = selectors.neighbours(image, partners, shown)
    pictures = selectors.sorted_images([image, *partners])
    with_landmarks = request.GET.get("landmarks") == "1"
    carried = "&".join(part for part in (shown.query, "landmarks=1" if with_landmarks else "") if part)
    toggled = "&".join(part for part in (shown.query, "" if with_landmarks else "landmarks=1") if part)
    return render(
        request,
        "datasetviewer/image_detail.html",
        {
            "dataset": dataset,
            "image": image,
            "pictures": pictures,
            "walk": walk,
            "shown": shown,
            "carried": carried,
            "toggled": toggled,
            "with_landmarks": with_landmarks,
            "has_landmarks": any(picture.landmarks for picture in pictures),
            "grid_query": shown.page_query((walk.position - 1) // shown.size + 1) if walk.position else shown.query,
        },
    )


@require_POST
@login_required
def dataset_publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish (public=1) or withdraw (public=0)."""
    dataset = _dataset(request, slug)
    if not selectors.dataset_may_publish(request.user, dataset):
        raise PermissionDenied
    public = request.POST.get("public")
    if public in ("0", "1"):
        services.dataset_set_public(dataset=dataset, public=public == "1")
        text = _("The dataset is public now.") if public == "1" else _("The dataset is for signed-in users only now.")
        messages.success(request, text)
    else:
        messages.error(
            request, _("Nothing was changed: say public=1 to publish the dataset or public=0 to withdraw it.")
        )
    return redirect("datasetviewer:dataset-detail", slug=slug)


@login_required
def dataset_import(request: HttpRequest) -> HttpResponse:
    """Import a folder that lies on the server, below DATASETS_ROOT, as a job."""
    form = ImportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            submitted, created = services.dataset_import_submit(
                layout=form.cleaned_data["layout"],
                path=form.cleaned_data["path"],
                slug=form.cleaned_data["slug"],
                owner=request.user,
            )
        except InputError as error:
            form.add_error(None, str(error))
        else:
            text = _("The import was queued.") if created else _("This import is already queued or running.")
            messages.success(request, text)
            return redirect(reverse("datasetviewer:dataset-detail", args=[submitted.dataset.slug]))
    status = 400 if form.is_bound else 200
    context = {"form": form, "folders": selectors.incoming_folders()}
    return render(request, "datasetviewer/dataset_import.html", context, status=status)


def _image(request: HttpRequest, slug: str, image_id: int) -> Image:
    """The image if this person may see it. For a public one the session is not read, so the answer can be shared."""
    image = get_object_or_404(Image.objects.select_related("dataset"), dataset__slug=slug, pk=image_id)
    if not image.dataset.public:
        _dataset(request, slug)
    return image


@require_safe
def image_file(request: HttpRequest, slug: str, image_id: int) -> HttpResponseBase:
    return image_response(request, _image(request, slug, image_id))


@require_safe
def image_thumbnail(request: HttpRequest, slug: str, image_id: int, size: int) -> HttpResponseBase:
    return thumbnail_response(request, _image(request, slug, image_id), size)
