"""From one picture to the next, and from one person to the next, in the grid's order and within its filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from ..filters import GridFilter
from ..models import Image, Modality, Subject
from .counting import COUNTED, DatasetCounts, counted
from .filtering import grid_persons
from .grid import ordered_images


@dataclass(frozen=True)
class Neighbours:
    """Where a picture stands among the filtered ones.

    position  counts from 1; None when the filter leaves the picture out or nobody counted that far
    inside    whether the filter has the picture
    more      there are more than `total`
    """

    previous: Any
    next: Any
    position: int | None
    total: int
    inside: bool
    more: bool = False


def neighbours(image: Image, partners: list[Image], shown: GridFilter, counts: DatasetCounts) -> Neighbours:
    """The pictures before and after this one in the grid's order. Among pairs, a sketch stands where its photo is."""
    anchor = image
    if shown.shows_pairs and image.modality != Modality.PHOTO:
        anchor = next((partner for partner in partners if partner.modality == Modality.PHOTO), image)
    total, images = ordered_images(image.dataset, shown, counts)
    before = images.filter(_beyond(anchor, shown.order, forward=False))
    after = images.filter(_beyond(anchor, shown.order, forward=True))
    inside = images.filter(pk=anchor.pk).exists()
    passed = counted(before, COUNTED)
    position: int | None = passed.number + 1
    if passed.more:
        # Near the end it is quicker to count from there, when the end is known.
        left = counted(after, COUNTED)
        position = None if total.more or left.more else total.number - left.number
    return Neighbours(
        previous=before.reverse().first(),
        next=after.first(),
        position=position if inside else None,
        total=total.number,
        inside=inside,
        more=total.more,
    )


def person_neighbours(subject: Subject, shown: GridFilter) -> tuple[Subject | None, Subject | None]:
    """The persons before and after this one by name, within the filter."""
    persons = grid_persons(subject.dataset, shown)
    smaller, larger = persons.filter(name__lt=subject.name), persons.filter(name__gt=subject.name)
    before, after = (larger, smaller) if shown.sort == "-person" else (smaller, larger)
    return before.reverse().first(), after.first()


def _beyond(anchor: Image, order: tuple[str, ...], *, forward: bool) -> Q:
    """Rows that come after (or before) the anchor: the lexicographic comparison of the order's fields.

    The first field is also bounded by itself, so that the database can start at the anchor instead of at the beginning.
    """
    beyond, equal, bound = Q(), Q(), Q()
    for place, field in enumerate(order):
        name, descending = field.removeprefix("-"), field.startswith("-")
        value = anchor.subject.name if name == "subject__name" else getattr(anchor, name)
        side = "gt" if forward != descending else "lt"
        if place == 0 and len(order) > 1:
            bound = Q(**{f"{name}__{side}e": value})
        beyond |= equal & Q(**{f"{name}__{side}": value})
        equal &= Q(**{name: value})
    return bound & beyond
