"""Reaching a place far into a dataset without passing what stands before it: from the bookmarks that the last count left.

They know of each facet how many pictures stand before them, so they serve every filter that facets can tell. A search or
a range has no bookmarks; it is counted, and paged, only so far (counting.py).
"""

from __future__ import annotations

import math
import sys
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.db.models import QuerySet

from ..filters import NO_SPLIT, SORTS, GridFilter
from ..models import Bookmarks, Dataset, Facet, Image, Subject
from .counting import PROPERTIES, Share
from .ordering import beyond

# Fewer rows than these are passed sooner than a bookmark is read.
NEAR = 500
PERSONS = "persons"
# The orders that are marked; the others are these backwards, and "split" is one split after the other, each by key.
WALKS = ("key", "person", "newest")


@dataclass(frozen=True)
class Marked:
    """The bookmarks of a walk under one filter."""

    rows: Sequence[int]
    before: Sequence[int]
    width: int
    columns: tuple[int, ...]

    def passed(self, place: int) -> int:
        """How many rows that pass the filter stand before this bookmark; of the place after the last one: all."""
        return sum(self.before[place * self.width + column] for column in self.columns)

    @property
    def total(self) -> int:
        return self.passed(len(self.rows))

    def last_before(self, number: int) -> tuple[int, int]:
        """The last bookmark with at most so many rows before it, and how many these are."""
        place = bisect_right(range(len(self.rows)), number, key=self.passed) - 1
        return place, self.passed(place)


def numbers(stored: bytes | memoryview, kind: str) -> array:
    """Whole numbers written little end first, of 4 bytes ("I") or 8 ("q")."""
    found = array(kind, bytes(stored))
    if sys.byteorder == "big":
        found.byteswap()
    return found


def marked_of(dataset: Dataset | int, shown: GridFilter) -> Marked | None:
    """The bookmarks for what is shown; one query. None for a search, a range, and a dataset that was not counted yet."""
    if shown.q or shown.ranges:
        return None
    stored = _stored(dataset, shown.sort.removeprefix("-"))
    if stored is None:
        return None
    rows, facets, before = stored
    columns = tuple(place for place, facet in enumerate(facets) if Share(*[*facet, 0]).passes(shown))
    return Marked(rows, before, len(facets), columns)


def _stored(dataset: Dataset | int, walk: str) -> tuple[array, list, array] | None:
    row = Bookmarks.objects.filter(dataset=dataset, walk=walk).values_list("rows", "facets", "before").first()
    return (numbers(row[0], "q"), row[1], numbers(row[2], "I")) if row and row[0] else None


def keys_between(
    images: QuerySet[Image], dataset: Dataset | int, shown: GridFilter, start: int, stop: int
) -> list[int]:
    """Numbers of the rows from `start` (counted from 0) to before `stop` of the grid's pictures.

    images  filtered and ordered as `shown` says
    """
    if start >= stop:
        return []
    if start >= NEAR:
        found = (_in_splits if shown.sort == "split" else _from_bookmark)(images, dataset, shown, start, stop)
        if found is not None:
            return found
    return list(images.values_list("pk", flat=True)[start:stop])


def _from_bookmark(
    images: QuerySet[Image], dataset: Dataset | int, shown: GridFilter, start: int, stop: int
) -> list[int] | None:
    marked = marked_of(dataset, shown)
    if marked is None:
        return None
    order, backwards = _forwards(shown)
    if backwards:
        start, stop = max(0, marked.total - stop), max(0, marked.total - start)
        images = images.reverse()
    place, passed = marked.last_before(start)
    at = _picture(marked.rows[place])
    if at is None:
        return None
    images = images.filter(beyond(at, order, forward=True, inclusive=True))
    keys = list(images.values_list("pk", flat=True)[start - passed : stop - passed])
    return keys[::-1] if backwards else keys


def _in_splits(
    images: QuerySet[Image], dataset: Dataset | int, shown: GridFilter, start: int, stop: int
) -> list[int] | None:
    """The splits stand one after the other, each in the order of the key: look within the one that has the place."""
    keys: list[int] = []
    for split, first, last in _splits(dataset, shown):
        if start < last and stop > first:
            inside = shown.with_changes(split=split or NO_SPLIT, sort="key")
            theirs = images.filter(split=split).order_by("key")
            keys += keys_between(theirs, dataset, inside, max(start - first, 0), min(stop, last) - first)
    return keys or None


def _splits(dataset: Dataset | int, shown: GridFilter) -> list[tuple[str, int, int]]:
    """(split, how many stand before it, and before the next) in the order of the splits' names; [] for a search."""
    if shown.q or shown.ranges:
        return []
    sums: dict[str, int] = {}
    for row in Facet.objects.filter(dataset=dataset).values_list(*PROPERTIES, "images"):
        share = Share(*row)
        if share.passes(shown):
            sums[share.split] = sums.get(share.split, 0) + share.images
    names = sorted(sums)
    ends = list(accumulate(sums[name] for name in names))
    return [(name, end - sums[name], end) for name, end in zip(names, ends, strict=True)]


def keys_over(images: QuerySet[Image], datasets: Any, shown: GridFilter, start: int, stop: int) -> list[int]:
    """As `keys_between`, of several datasets one after the other by their numbers, each in the order of the key."""
    if start >= NEAR and not shown.q and not shown.ranges:
        sums: dict[int, int] = {}
        facets = Facet.objects.filter(dataset__in=datasets).values_list("dataset", *PROPERTIES, "images")
        for dataset, *row in facets:
            share = Share(*row)
            sums[dataset] = sums.get(dataset, 0) + share.images * share.passes(shown)
        first = 0
        for dataset in sorted(sums):
            if start < first + sums[dataset]:
                theirs = images.filter(dataset=dataset).order_by("key")
                keys = keys_between(theirs, dataset, shown, start - first, stop - first)
                rest = images.filter(dataset__gt=dataset).values_list("pk", flat=True)
                return keys + list(rest[: stop - start - len(keys)]) if len(keys) < stop - start else keys
            first += sums[dataset]
    return list(images.values_list("pk", flat=True)[start:stop])


def place_of(anchor: Image, images: QuerySet[Image], shown: GridFilter) -> int | None:
    """Which of the grid's pictures the anchor is, counted from 1; None without bookmarks.

    images  filtered and ordered as `shown` says; the anchor is one of them
    """
    if shown.sort == "split":
        first = next((first for split, first, _last in _splits(anchor.dataset, shown) if split == anchor.split), None)
        inside = shown.with_changes(split=anchor.split or NO_SPLIT, sort="key")
        place = place_of(anchor, images.filter(split=anchor.split).order_by("key"), inside)
        return None if place is None or first is None else first + place
    marked = marked_of(anchor.dataset, shown)
    if marked is None:
        return None
    order, backwards = _forwards(shown)
    at = _mark_before(anchor, order, marked.rows)
    if at is None:
        return None
    between = images.filter(
        beyond(at, order, forward=True, inclusive=True), beyond(anchor, order, forward=False)
    ).order_by()
    place = marked.passed(marked.rows.index(at.pk)) + between.count() + 1
    return marked.total + 1 - place if backwards else place


def persons_between(persons: QuerySet[Subject], dataset: Dataset, shown: GridFilter, start: int, stop: int) -> list:
    """The persons from `start` to before `stop`. Only all of them have bookmarks, not those that pass a filter."""
    stored = _stored(dataset, PERSONS) if start >= NEAR and not shown.is_narrowed else None
    if stored is None:
        return list(persons[start:stop])
    rows, _none, before = stored
    marked = Marked(rows, before, 1, (0,))
    backwards = shown.sort == "-person"
    if backwards:
        start, stop = max(0, marked.total - stop), max(0, marked.total - start)
        persons = persons.reverse()
    place, passed = marked.last_before(start)
    at = Subject.objects.filter(pk=marked.rows[place]).values_list("name", flat=True).first()
    if at is None:
        return list(persons[start:stop])
    found = list(persons.filter(name__gte=at)[start - passed : stop - passed])
    return found[::-1] if backwards else found


def _mark_before(anchor: Image, order: tuple[str, ...], rows: Sequence[int]) -> Image | None:
    """The last of the marked pictures up to the anchor: first among every so-many-th of them, then between two of these."""
    apart = max(1, math.isqrt(len(rows)))
    here = beyond(anchor, order, forward=False, inclusive=True)

    def last(numbers: Sequence[int]) -> Image | None:
        marks = Image.objects.filter(pk__in=numbers).filter(here).select_related("subject")
        return marks.only("key", "subject__name").order_by(*order).reverse().first()

    near = last(rows[::apart])
    if near is None:
        return None
    place = rows.index(near.pk)
    return last(rows[place : place + apart])


def _forwards(shown: GridFilter) -> tuple[tuple[str, ...], bool]:
    """The order that is marked, and whether the grid walks it from its end."""
    walk = shown.sort.removeprefix("-")
    return SORTS[walk][1], walk != shown.sort


def _picture(number: int) -> Image | None:
    return Image.objects.select_related("subject").only("key", "subject__name").filter(pk=number).first()
