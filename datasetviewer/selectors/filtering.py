"""The pictures that a filter of the grid means. Everything that lists, counts, walks or selects goes through here."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ..filters import NO_SPLIT, PERSON, UNJUDGED, GridFilter
from ..models import Dataset, Image, LandmarkSource, Modality, Subject
from .names import Found, find_persons


def grid_images(
    dataset: Dataset, shown: GridFilter, *, many: bool = False, found: Found | None = None
) -> QuerySet[Image]:
    """The pictures the grid walks over, in its order. Among pairs, the photo stands for its pair.

    many   they are known to be many: walk in order and pick, instead of finding all in range and sorting them
    found  the persons that the search finds, where that is known already
    """
    images = narrowed(Image.objects.filter(dataset=dataset), shown, plainly=not many)
    if shown.q:
        images = of_persons(images, found or search(dataset, shown))
    if shown.shows_pairs:
        images = images.filter(
            lead__in=(True,)
        )  # "lead" alone, as Django writes a truth value, uses no index in SQLite
    if "subject__name" in {field.removeprefix("-") for field in shown.order}:
        images = images.filter(subject__dataset=dataset)  # known already, but it lets the database walk along the names
    return images.order_by(*shown.order)


def narrowed(images: QuerySet[Image], shown: GridFilter, *, plainly: bool = True) -> QuerySet[Image]:
    """The pictures that have the properties asked for; the search by person is the caller's.

    plainly=False compares sums instead of columns in ranges, which no index serves.
    """
    if shown.modality:
        images = images.filter(modality=shown.modality)
    if shown.split:
        images = images.filter(split="" if shown.split == NO_SPLIT else shown.split)
    if shown.source:
        images = images.filter(source=shown.source)
    if shown.colour:
        images = images.filter(grey__in=(shown.colour == "grey",))
    if shown.points == "has":
        images = images.filter(landmark_source__in=[source.value for source in LandmarkSource if source.value])
    elif shown.points:
        images = images.filter(landmark_source="" if shown.points == "none" else shown.points)
    if shown.verdict:
        images = images.filter(verdict="" if shown.verdict == UNJUDGED else shown.verdict)
    if shown.reason:
        images = images.filter(verdict_reason=shown.reason)
    for name, value in shown.ranges:
        field, side = name[:-4], "gte" if name.endswith("_min") else "lte"
        if plainly:
            images = images.filter(**{f"{field}__{side}": value})
        else:
            images = images.alias(**{f"{field}_sum": F(field) + 0}).filter(**{f"{field}_sum__{side}": value})
    return images


def grid_persons(dataset: Dataset, shown: GridFilter, found: Found | None = None) -> QuerySet[Subject]:
    """The persons of whom a picture passes the filter, by name."""
    persons = Subject.objects.filter(dataset=dataset)
    if shown.q:
        found = found or search(dataset, shown)
        persons = persons.filter(name__icontains=shown.q) if found.more else persons.filter(pk__in=found.numbers)
    if shown.with_changes(q="").is_narrowed:
        theirs = narrowed(Image.objects.filter(dataset=dataset, subject=OuterRef("pk")), shown)
        persons = persons.filter(Exists(theirs))
    return persons.order_by("-name" if shown.sort == "-person" else "name")


def matching_images(dataset: Dataset, shown: GridFilter) -> QuerySet[Image]:
    """Every picture in what matches: of a pair all members, of a person the pictures that pass; by key."""
    if shown.by == PERSON:
        images = narrowed(Image.objects.filter(dataset=dataset), shown)
        return (of_persons(images, search(dataset, shown)) if shown.q else images).order_by("key")
    images = grid_images(dataset, shown)
    if shown.shows_pairs:
        members = Q(pair__in=images.filter(pair__isnull=False).order_by().values("pair"))
        images = Image.objects.filter(members | Q(pk__in=images.order_by().values("pk")), dataset=dataset)
    return images.order_by("key")


def search(dataset: Dataset, shown: GridFilter) -> Found:
    """The persons that the grid's search finds."""
    return find_persons(dataset, shown.q, single=not shown.shows_pairs)


def of_persons(images: QuerySet[Image], found: Found) -> QuerySet[Image]:
    """Those of the pictures whose person was found; of many persons each picture's is looked at, in the order asked for."""
    if not found.more:
        return images.filter(subject__in=found.numbers)
    named = Subject.objects.filter(pk=OuterRef("subject"), name__icontains=found.part)
    return images.filter(Exists(named))  # a join would have SQLite read all persons first


def sorted_images(images: Any) -> list[Image]:
    """Photo, then sketches, then caricatures, each by key."""
    return sorted(images, key=lambda image: (MODALITY_ORDER.get(image.modality, 9), image.key))


MODALITY_ORDER = {modality: place for place, modality in enumerate(Modality.values)}
