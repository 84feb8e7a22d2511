"""The page of a picture and its pair: side by side, over each other, in turn, and their difference."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from .. import selectors
from ..citations import bibtex
from ..filters import read_filter
from ..models import Image, Modality
from .visible import choices_of, dataset_or_404

SIDE = "side"
# Name in the address -> (label, key of the keyboard).
VIEWS = {
    SIDE: (_("Side by side"), "s"),
    "overlay": (_("Overlay"), "o"),
    "flicker": (_("Flicker"), "f"),
    "difference": (_("Difference"), "d"),
}


@require_safe
def image_detail(request: HttpRequest, slug: str, image_id: int) -> HttpResponse:
    dataset = dataset_or_404(request, slug)
    image = get_object_or_404(Image.objects.select_related("subject", "pair"), dataset=dataset, pk=image_id)
    image.dataset = dataset
    counts = selectors.dataset_counts(dataset)
    shown, _ignored = read_filter(request.GET, choices_of(counts))
    partners = selectors.pair_partners(image)
    walk = selectors.neighbours(image, partners, shown, counts)
    pictures = selectors.sorted_images([image, *partners])
    photo, drawing = _two(image, pictures)
    with_landmarks = request.GET.get("landmarks") == "1"
    view = request.GET.get("view", SIDE)
    if view not in VIEWS or drawing is None:
        view = SIDE

    def carried(**changes: str) -> str:
        """The address part that keeps filter, view and landmarks."""
        own = {"view": "" if view == SIDE else view, "landmarks": "1" if with_landmarks else ""} | changes
        return "&".join(filter(None, [shown.query, urlencode({name: value for name, value in own.items() if value})]))

    return render(
        request,
        "datasetviewer/image_detail.html",
        {
            "dataset": dataset,
            "image": image,
            "pictures": pictures,
            "photo": photo,
            "drawing": drawing,
            "walk": walk,
            "shown": shown,
            "carried": carried(),
            "toggled": carried(landmarks="" if with_landmarks else "1"),
            "view": view,
            "views": [
                {"name": name, "label": label, "key": key, "query": carried(view="" if name == SIDE else name)}
                for name, (label, key) in VIEWS.items()
            ],
            "with_landmarks": with_landmarks,
            "has_landmarks": any(picture.landmarks for picture in pictures),
            "grid_query": shown.page_query((walk.position - 1) // shown.size + 1) if walk.position else shown.query,
            "bibtex": bibtex(dataset),
        },
    )


def _two(image: Image, pictures: list[Image]) -> tuple[Image | None, Image | None]:
    """The photo and the drawing that are compared: the picture itself, or the first drawing of its photo."""
    photo = next((picture for picture in pictures if picture.modality == Modality.PHOTO), None)
    drawings = [picture for picture in pictures if picture.modality != Modality.PHOTO]
    drawing = image if image in drawings else next(iter(drawings), None)
    return (photo, drawing) if photo and drawing else (None, None)
