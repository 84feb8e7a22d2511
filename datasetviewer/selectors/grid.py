"""The grid of a dataset: a page of tiles, by pair, by person or by single picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from ..filters import PERSON, GridFilter
from ..models import Dataset, DatasetSummary, Image, Subject
from .bookmarks import keys_between, persons_between
from .counting import DatasetCounts, Total, counted, counted_found
from .filtering import grid_images, grid_persons, narrowed, of_persons, search, sorted_images
from .names import FOUND, Found

PICTURES_OF_A_PERSON = 4
# No tile shows them, and they are slow to read.
NOT_SHOWN = ("landmarks", "five", "attributes")


@dataclass(frozen=True)
class Tile:
    """One place of the grid: the picture it opens, and those shown in it (a pair's: photo, sketch, caricature).

    pick     what a tick selects: "image:7", "pair:3" or "subject:5"
    more     pictures of the pair or person that are not shown
    persons  the tile is a whole person and leads to the person's page
    """

    subject: Subject
    image: Image | None
    pictures: tuple[Image, ...]
    more: int
    pick: str
    whole_person: bool = False


class CountedPaginator(Paginator):
    """A paginator that was told the count. `more`: there are more than that, and they are not paged through."""

    def __init__(self, rows: Any, size: int, total: Total) -> None:
        super().__init__(rows, size)
        self.more = total.more
        self._total = total.number

    @property
    def count(self) -> int:  # type: ignore[override]
        return self._total


def grid_page(dataset: Dataset, shown: GridFilter, counts: DatasetCounts, number: str | int) -> tuple[Page, list[Tile]]:
    """A page of the grid and its tiles, in the same number of queries whatever the dataset's and the page's size.

    A number too large gives the last page.
    """
    if shown.by == PERSON:
        return _person_page(dataset, shown, number)
    walk = grid_walk(dataset, shown, counts)
    page = CountedPaginator(walk.images, shown.size, walk.total).get_page(number)
    start = (page.number - 1) * shown.size
    if walk.found is None:
        keys = keys_between(walk.images, dataset, shown, start, start + shown.size)
    else:
        unfiltered = shown == GridFilter(q=shown.q, by=shown.by, size=shown.size, density=shown.density)
        found = walk.found if unfiltered else None
        keys = keys_found(walk.images, walk.anyone, found, start, start + shown.size)
    rows = page_rows(keys)
    if shown.shows_pairs:
        _with_partners(rows)
    return page, [_tile(image, dataset, whole_pair=shown.shows_pairs) for image in rows]


@dataclass(frozen=True)
class Walk:
    """The pictures that pass a filter.

    images  in their order
    found   the persons that were found, if it is a search
    anyone  the pictures as if nobody had been searched for
    """

    total: Total
    images: QuerySet[Image]
    found: Found | None
    anyone: QuerySet[Image]


def grid_walk(dataset: Dataset, shown: GridFilter, counts: DatasetCounts) -> Walk:
    """What the grid walks over."""
    known = counts.matching(shown)
    anyone = grid_images(dataset, shown.with_changes(q=""))
    if known is not None:
        return Walk(Total(known), anyone, None, anyone)
    found = search(dataset, shown) if shown.q else None
    images = of_persons(anyone, found) if found else anyone
    total = counted_found(anyone, found, "subject", images) if found else counted(images)
    if total.more and shown.ranges:
        images = grid_images(dataset, shown, many=True, found=found)
    return Walk(total, images, found, anyone)


def keys_found(
    images: QuerySet[Image], anyone: QuerySet[Image], found: Found | None, start: int, stop: int
) -> list[int]:
    """Numbers of the rows from `start` to before `stop` of the pictures that a search left.

    found   whom it found, when nothing else was asked for and the pictures stand in the order of dataset and key
    anyone  the pictures as if nobody had been searched for
    """
    end = min(stop, FOUND)
    if found and found.more and found.first and start < end:
        # So many persons whose pictures come first have all the pictures up to there: nobody walks past the pictures of
        # those who were not found. A row too few: some of them were not found after all.
        theirs = (anyone if found.exact else images).filter(subject__in=found.numbers[:end])
        keys = list(theirs.values_list("pk", flat=True)[start:end])
        if len(keys) == end - start:
            return keys
    return list(images.values_list("pk", flat=True)[start:stop])


def page_rows(keys: list[int]) -> list[Image]:
    """The pictures with these numbers, in this order, with what tiles and answers show of them."""
    found = Image.objects.select_related("dataset", "subject", "pair").in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _with_partners(rows: list[Image]) -> None:
    """Put the members of each pair at hand, as `pair.members`; one query."""
    members: dict[int | None, list[Image]] = {}
    theirs = Image.objects.filter(pair__in=[image.pair_id for image in rows if image.pair_id]).defer(*NOT_SHOWN)
    for member in theirs:
        members.setdefault(member.pair_id, []).append(member)
    for image in rows:
        if image.pair is not None:
            image.pair.members = members.get(image.pair_id, [image])  # type: ignore[attr-defined]


def _tile(image: Image, dataset: Dataset, *, whole_pair: bool) -> Tile:
    whole_pair = whole_pair and image.pair is not None
    members = sorted_images(image.pair.members) if whole_pair else [image]  # type: ignore[union-attr]
    # One of each modality is enough to recognise a face; the image page has all.
    shown = list({member.modality: member for member in reversed(members)}.values())[::-1]
    for member in (image, *members):
        member.dataset = dataset  # its address needs the slug; no query for each
        member.subject = image.subject
    pick = f"pair:{image.pair_id}" if whole_pair else f"image:{image.pk}"
    return Tile(image.subject, image, tuple(shown), len(members) - len(shown), pick)


def _person_page(dataset: Dataset, shown: GridFilter, number: str | int) -> tuple[Page, list[Tile]]:
    found = search(dataset, shown) if shown.q else None
    persons = grid_persons(dataset, shown, found)
    summary = None if shown.is_narrowed else DatasetSummary.objects.filter(dataset=dataset).first()
    if summary:
        total = Total(summary.subjects)
    else:
        anyone = grid_persons(dataset, shown.with_changes(q=""))
        total = counted_found(anyone, found, "pk", persons) if found else counted(persons)
    page = CountedPaginator(persons, shown.size, total).get_page(number)
    start = (page.number - 1) * shown.size
    rows = persons_between(persons, dataset, shown, start, start + shown.size)
    theirs = narrowed(Image.objects.filter(dataset=dataset, subject__in=rows), shown.with_changes(q="")).order_by()
    numbers = dict(theirs.values_list("subject").annotate(n=Count("*")))
    # The first of each modality, then the second of each, and so on.
    place = Window(RowNumber(), partition_by=[F("subject_id"), F("modality")], order_by=F("key").asc())
    picked: Any = theirs.annotate(place=place).filter(place__lte=PICTURES_OF_A_PERSON).order_by("place")
    picked = picked.defer(*NOT_SHOWN)
    pictures: dict[int, list[Any]] = {}
    for image in picked:
        pictures.setdefault(image.subject_id, []).append(image)
    tiles = []
    for subject in rows:
        chosen = sorted_images(pictures.get(subject.pk, [])[:PICTURES_OF_A_PERSON])
        for image in chosen:
            image.dataset, image.subject = dataset, subject
        more = numbers.get(subject.pk, 0) - len(chosen)
        tiles.append(Tile(subject, None, tuple(chosen), more, f"subject:{subject.pk}", whole_person=True))
    return page, tiles


def pair_partners(image: Image) -> list[Image]:
    """The other pictures of the image's pair; one query, none without a pair."""
    if image.pair_id is None:
        return []
    partners = sorted_images(Image.objects.filter(pair=image.pair_id).exclude(pk=image.pk))
    for partner in partners:
        partner.dataset, partner.subject = image.dataset, image.subject
    return partners


def subject_images(subject: Subject) -> QuerySet[Image]:
    """All pictures of a person, by key, with what tiles need."""
    return (
        Image.objects.filter(subject=subject).select_related("dataset", "subject", "pair").order_by("modality", "key")
    )
