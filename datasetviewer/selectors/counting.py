"""How many pictures there are, without counting them again: from the facets that the last change wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet

from ..filters import NO_SPLIT, UNJUDGED, GridFilter
from ..models import Dataset, Facet, Image, Modality, Split
from .names import FOUND, Found

# What no facet knows (a search, a range) is counted up to here and said to be "more than" beyond.
COUNTED = 10_000
PROPERTIES = ("source", "split", "modality", "lead", "grey", "landmark_source", "verdict", "verdict_reason")


@dataclass(frozen=True)
class Total:
    """A number of things; with `more` there are more than that, which nobody counted."""

    number: int
    more: bool = False


@dataclass(frozen=True)
class Share:
    """How many pictures have the same properties."""

    source: str
    split: str
    modality: str
    lead: bool
    grey: bool
    landmark_source: str
    verdict: str
    verdict_reason: str
    images: int

    def passes(self, shown: GridFilter) -> bool:
        split = "" if shown.split == NO_SPLIT else shown.split
        verdict = "" if shown.verdict == UNJUDGED else shown.verdict
        points = {"has": bool(self.landmark_source), "none": not self.landmark_source}
        return (
            (not shown.shows_pairs or self.lead)
            and (not shown.split or self.split == split)
            and (not shown.modality or self.modality == shown.modality)
            and (not shown.source or self.source == shown.source)
            and (not shown.colour or self.grey == (shown.colour == "grey"))
            and (not shown.points or points.get(shown.points, self.landmark_source == shown.points))
            and (not shown.verdict or self.verdict == verdict)
            and (not shown.reason or self.verdict_reason == shown.reason)
        )


@dataclass(frozen=True)
class CountRow:
    """Pictures of one source and split, by modality. `split` "" = none; widths are per cent of the largest row."""

    source: str
    split: str
    photos: int
    sketches: int
    caricatures: int
    total: int
    photo_percent: float = 0
    sketch_percent: float = 0
    caricature_percent: float = 0

    @property
    def sketch_start(self) -> float:
        return self.photo_percent

    @property
    def caricature_start(self) -> float:
        return self.photo_percent + self.sketch_percent

    @property
    def split_label(self) -> str:
        return str(Split(self.split).label)


@dataclass(frozen=True)
class DatasetCounts:
    """How many pictures, by source, split and modality; and the values that occur, for filters."""

    rows: tuple[CountRow, ...]
    total: int
    sources: tuple[str, ...]
    splits: tuple[str, ...]
    modalities: tuple[str, ...]
    by_modality: dict[str, int] = field(default_factory=dict)
    by_split: dict[str, int] = field(default_factory=dict)
    by_source: dict[str, int] = field(default_factory=dict)
    by_verdict: dict[str, int] = field(default_factory=dict)
    by_reason: dict[str, int] = field(default_factory=dict)
    by_points: dict[str, int] = field(default_factory=dict)
    by_colour: dict[str, int] = field(default_factory=dict)
    shares: tuple[Share, ...] = ()

    def matching(self, shown: GridFilter) -> int | None:
        """How many pictures the grid walks over; None when that cannot be told from the facets."""
        if shown.q or shown.ranges:
            return None
        return sum(share.images for share in self.shares if share.passes(shown))


def dataset_counts(dataset: Dataset) -> DatasetCounts:
    """One query over the dataset's facets; a second one over its pictures when they were never counted."""
    stored = Facet.objects.filter(dataset=dataset).values_list(*PROPERTIES, "images")
    return counts_of(Share(*row) for row in list(stored) or shares_now(dataset))


def shares_now(dataset: Dataset) -> QuerySet[Any, tuple]:
    """The facets counted from the pictures themselves: as slow as the dataset is large."""
    images = Image.objects.filter(dataset=dataset).order_by()
    return images.values_list(*PROPERTIES).annotate(n=Count("*"))


def counts_of(given: Iterable[Share]) -> DatasetCounts:
    shares = tuple(given)
    table: dict[tuple[str, str], dict[str, int]] = {}
    names = ("modality", "split", "source", "verdict", "verdict_reason", "landmark_source", "grey")
    sums: dict[str, dict[Any, int]] = {name: {} for name in names}
    for share in shares:
        row = table.setdefault((share.source, share.split), {})
        row[share.modality] = row.get(share.modality, 0) + share.images
        for name in names:
            value = getattr(share, name)
            sums[name][value] = sums[name].get(value, 0) + share.images
    largest = max((sum(row.values()) for row in table.values()), default=1)
    order = {split: position for position, split in enumerate(Split.values)}
    rows = []
    for (source, split), row in sorted(table.items(), key=lambda item: (item[0][0], order[item[0][1]])):
        photos, sketches, caricatures = (row.get(modality, 0) for modality in Modality.values)
        percents = (round(100 * n / largest, 2) for n in (photos, sketches, caricatures))
        rows.append(CountRow(source, split, photos, sketches, caricatures, sum(row.values()), *percents))
    return DatasetCounts(
        rows=tuple(rows),
        total=sum(share.images for share in shares),
        sources=tuple(sorted(source for source in sums["source"] if source)),
        splits=tuple(split for split in Split.values if split in sums["split"]),
        modalities=tuple(modality for modality in Modality.values if modality in sums["modality"]),
        by_modality=sums["modality"],
        by_split=sums["split"],
        by_source=sums["source"],
        by_verdict={verdict or UNJUDGED: n for verdict, n in sums["verdict"].items()},
        by_reason=sums["verdict_reason"],
        by_points=sums["landmark_source"],
        by_colour={"grey" if grey else "colour": n for grey, n in sums["grey"].items()},
        shares=shares,
    )


def counted(rows: QuerySet[Any], limit: int = COUNTED) -> Total:
    """The number of rows, counting no further than `limit`."""
    number = rows.order_by()[: limit + 1].count()
    return Total(min(number, limit), number > limit)


def counted_found(rows: QuerySet[Any], found: Found, field: str, named: QuerySet[Any]) -> Total:
    """The number of rows that a search for persons leaves: to the last one, or when it finds many, up to FOUND.

    rows   without the search
    field  which field of the rows says whose they are
    named  the rows with the search
    """
    if not found.more:
        return counted(named)
    # Those found first are enough, unless other filters leave little of them.
    first = counted((rows if found.exact else named).filter(**{f"{field}__in": found.numbers}), FOUND)
    return first if first.more else counted(named, FOUND)


def counted_over(datasets: Iterable[int], shown: GridFilter) -> int | None:
    """How many pictures of several datasets pass, from their facets; None when one of them was never counted."""
    if shown.q or shown.ranges:
        return None
    wanted = set(datasets)
    stored = list(Facet.objects.filter(dataset__in=wanted).values_list("dataset", *PROPERTIES, "images"))
    if (uncounted := wanted - {row[0] for row in stored}) and Image.objects.filter(dataset__in=uncounted).exists():
        return None
    return sum(share.images for _dataset, *row in stored if (share := Share(*row)).passes(shown))
