"""From one picture to the next, and from one person to the next, in the grid's order and within its filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..filters import GridFilter
from ..models import Image, Modality, Subject
from .bookmarks import place_of
from .counting import DatasetCounts, Total, counted
from .filtering import grid_persons
from .grid import grid_walk
from .ordering import beyond

# A place that is further from the beginning, and from the end, is left to the bookmarks.
COUNTED = 1_000


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
    walk = grid_walk(image.dataset, shown, counts)
    total, images = walk.total, walk.images
    before = images.filter(beyond(anchor, shown.order, forward=False))
    after = images.filter(beyond(anchor, shown.order, forward=True))
    inside = images.filter(pk=anchor.pk).exists()
    many = walk.found is not None and walk.found.more
    return Neighbours(
        previous=before.reverse().first(),
        next=after.first(),
        position=_position(anchor, shown, total, images, before, after) if inside and not many else None,
        total=total.number,
        inside=inside,
        more=total.more,
    )


def _position(anchor: Image, shown: GridFilter, total: Total, images: Any, before: Any, after: Any) -> int | None:
    """Counted from the beginning or from the end, when one of them is near, else told by the bookmarks."""
    passed = counted(before, COUNTED)
    if not passed.more:
        return passed.number + 1
    if (marked := place_of(anchor, images, shown)) is not None:
        return marked
    left = counted(after, COUNTED)
    return None if total.more or left.more else total.number - left.number


def person_neighbours(subject: Subject, shown: GridFilter) -> tuple[Subject | None, Subject | None]:
    """The persons before and after this one by name, within the filter."""
    persons = grid_persons(subject.dataset, shown)
    smaller, larger = persons.filter(name__lt=subject.name), persons.filter(name__gt=subject.name)
    before, after = (larger, smaller) if shown.sort == "-person" else (smaller, larger)
    return before.reverse().first(), after.first()
