"""The grid of a dataset: a page of tiles, and walking from one picture to the next in the same order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from ..filters import NO_SPLIT, GridFilter
from ..models import Dataset, Image, Modality, Subject

MODALITY_ORDER = {modality: place for place, modality in enumerate(Modality.values)}


@dataclass(frozen=True)
class Tile:
    """One place of the grid: the picture it opens, and those shown in it (a pair's: photo, sketch, caricature)."""

    image: Image
    pictures: tuple[Image, ...]
    more: int  # pictures of the pair that are not shown


@dataclass(frozen=True)
class Neighbours:
    """Where a picture stands among the filtered ones. `position` counts from 1; None when the filter leaves it out."""

    previous: Image | None
    next: Image | None
    position: int | None
    total: int


def grid_images(dataset: Dataset, shown: GridFilter) -> QuerySet[Image]:
    """The pictures the grid walks over: without a modality, each pair's photo (for the pair) and pictures alone."""
    images = Image.objects.filter(dataset=dataset)
    if shown.modality:
        images = images.filter(modality=shown.modality)
    else:
        images = images.filter(Q(pair=None) | Q(modality=Modality.PHOTO))
    if shown.split:
        images = images.filter(split="" if shown.split == NO_SPLIT else shown.split)
    if shown.source:
        images = images.filter(source=shown.source)
    if shown.q:
        images = images.filter(subject__name__icontains=shown.q)
    return images.order_by(*shown.order)


def grid_page(dataset: Dataset, shown: GridFilter, number: str | int) -> tuple[Page, list[Tile]]:
    """A page of the grid and its tiles, in three queries whatever its size. A number too large gives the last page."""
    images = grid_images(dataset, shown).select_related("subject", "pair")
    if not shown.modality:
        images = images.prefetch_related("pair__images")
    page = Paginator(images, shown.size).get_page(number)
    return page, [_tile(image, dataset, whole_pair=not shown.modality) for image in page.object_list]


def _tile(image: Image, dataset: Dataset, *, whole_pair: bool) -> Tile:
    members = sorted_images(image.pair.images.all()) if whole_pair and image.pair else [image]
    # One of each modality is enough to recognise a face; the image page has all.
    shown = list({member.modality: member for member in reversed(members)}.values())[::-1]
    for member in (image, *members):
        member.dataset = dataset  # its address needs the slug; no query for each
        member.subject = image.subject
    return Tile(image, tuple(shown), len(members) - len(shown))


def sorted_images(images: Any) -> list[Image]:
    """Photo, then sketches, then caricatures, each by key."""
    return sorted(images, key=lambda image: (MODALITY_ORDER.get(image.modality, 9), image.key))


def pair_partners(image: Image) -> list[Image]:
    """The other pictures of the image's pair; one query, none without a pair."""
    if image.pair_id is None:
        return []
    partners = sorted_images(Image.objects.filter(pair=image.pair_id).exclude(pk=image.pk))
    for partner in partners:
        partner.dataset, partner.subject = image.dataset, image.subject
    return partners


def neighbours(image: Image, partners: list[Image], shown: GridFilter) -> Neighbours:
    """The pictures before and after this one in the grid's order. Among pairs, a sketch stands where its photo is."""
    anchor = image
    if not shown.modality and image.modality != Modality.PHOTO:
        anchor = next((partner for partner in partners if partner.modality == Modality.PHOTO), image)
    images = grid_images(image.dataset, shown)
    before = images.filter(_beyond(anchor, shown.order, forward=False))
    after = images.filter(_beyond(anchor, shown.order, forward=True))
    count_before, count_after, total = before.count(), after.count(), images.count()
    return Neighbours(
        previous=before.reverse().first(),
        next=after.first(),
        position=count_before + 1 if total > count_before + count_after else None,
        total=total,
    )


def _beyond(anchor: Image, order: tuple[str, ...], *, forward: bool) -> Q:
    """Rows that come after (or before) the anchor: the lexicographic comparison of the order's fields."""
    beyond, equal = Q(), Q()
    for field in order:
        name, descending = field.removeprefix("-"), field.startswith("-")
        value = anchor.subject.name if name == "subject__name" else getattr(anchor, name)
        side = "gt" if forward != descending else "lt"
        beyond |= equal & Q(**{f"{name}__{side}": value})
        equal &= Q(**{name: value})
    return beyond


def subject_images(subject: Subject) -> QuerySet[Image]:
    """All pictures of a person, by key, with what tiles need."""
    return (
        Image.objects.filter(subject=subject).select_related("dataset", "subject", "pair").order_by("modality", "key")
    )
