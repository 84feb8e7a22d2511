"""What the statistics page shows of a dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum

from ..filters import COLOURS, POINTS, VERDICTS
from ..models import Dataset, DatasetSummary, Image, Modality
from .counting import DatasetCounts

SIZES_KEPT = 60


@dataclass(frozen=True)
class Bar:
    """One bar of a chart and row of its table. `percent` is of the longest; `query` the filter that shows the pictures."""

    label: str
    n: int
    percent: float
    query: str = ""


@dataclass(frozen=True)
class PersonHistogram:
    """How many persons have how many pictures of a modality ("" = of all)."""

    modality: str
    label: str
    persons: int
    smallest: int
    largest: int
    mean: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class DatasetStatistics:
    sizes: tuple[Bar, ...]
    other_sizes: int
    persons: tuple[PersonHistogram, ...]
    colours: tuple[Bar, ...]
    formats: tuple[Bar, ...]
    modes: tuple[Bar, ...]
    points: tuple[Bar, ...]
    verdicts: tuple[Bar, ...]
    alone: tuple[tuple[str, int, str], ...]  # modality's label, pictures without a pair, its name
    bytes: int
    without_points: int


def dataset_statistics(dataset: Dataset, counts: DatasetCounts) -> DatasetStatistics:
    """From the summary; from the pictures themselves when there is none."""
    summary = DatasetSummary.objects.filter(dataset=dataset).first()
    found: dict[str, Any] = summary.statistics if summary else statistics_now(dataset)
    labels = {"": "", **{modality.value: str(modality.label) for modality in Modality}}
    modalities = [modality for modality in ("", *Modality.values) if modality in found["persons"]]
    if len(modalities) == 2:  # one modality alone: "all together" would say the same
        modalities = modalities[1:]
    size_query = "by=image&width_min={0}&width_max={0}&height_min={1}&height_max={1}"
    return DatasetStatistics(
        sizes=_bars([(f"{w} × {h}", n, size_query.format(w, h)) for w, h, n in found["sizes"]]),
        other_sizes=found["other_sizes"],
        persons=tuple(_histogram(name, labels[name], found["persons"][name]) for name in modalities),
        colours=_named(counts.by_colour, COLOURS, "colour"),
        formats=_bars(sorted(((name, n, "") for name, n in found["formats"].items()), key=lambda row: -row[1])),
        modes=_bars(sorted(((name, n, "") for name, n in found["modes"].items()), key=lambda row: -row[1])),
        points=_named({name or "none": n for name, n in counts.by_points.items()}, POINTS, "points"),
        verdicts=_named(counts.by_verdict, VERDICTS, "verdict"),
        alone=tuple((labels[name], found["alone"].get(name, 0), name) for name in counts.modalities),
        bytes=found["bytes"],
        without_points=counts.by_points.get("", 0),
    )


def _named(counts: dict[str, int], labels: dict[str, Any], parameter: str) -> tuple[Bar, ...]:
    rows = [(str(labels[name]), counts[name], f"by=image&{parameter}={name}") for name in labels if name in counts]
    return _bars(rows)


def _bars(rows: list[tuple[str, int, str]]) -> tuple[Bar, ...]:
    longest = max((n for _label, n, _query in rows), default=1) or 1
    return tuple(Bar(label, n, round(100 * n / longest, 2), query) for label, n, query in rows)


def _histogram(modality: str, label: str, pairs: list[list[int]]) -> PersonHistogram:
    """At most 24 bars: beyond that several numbers of pictures share one."""
    smallest, largest = pairs[0][0], pairs[-1][0]
    width = -(-(largest - smallest + 1) // 24)
    bins: dict[int, int] = {}
    for n, persons in pairs:
        start = smallest + (n - smallest) // width * width
        bins[start] = bins.get(start, 0) + persons
    names = {start: str(start) if width == 1 else f"{start}–{min(start + width - 1, largest)}" for start in bins}
    persons = sum(number for _n, number in pairs)
    mean = sum(n * number for n, number in pairs) / persons
    return PersonHistogram(
        modality, label, persons, smallest, largest, mean, _bars([(names[start], n, "") for start, n in bins.items()])
    )


def statistics_now(dataset: Dataset) -> dict[str, Any]:
    """What the statistics page shows beside the facets; as slow as the dataset is large.

    sizes    [[width, height, pictures], ...] the most frequent first, at most SIZES_KEPT; other_sizes: pictures left out
    persons  {modality: [[pictures of one person, persons], ...]}; "" for all modalities together
    alone    {modality: pictures without a pair}
    modes, formats  {name: pictures};  bytes: of all files
    """
    images = Image.objects.filter(dataset=dataset).order_by()
    sizes = list(images.values_list("width", "height").annotate(n=Count("*")).order_by("-n", "width", "height"))
    each = list(images.values_list("subject", "modality").annotate(n=Count("*")))
    persons: dict[str, dict[int, int]] = {}
    together: dict[int, int] = {}
    for subject, modality, n in each:
        together[subject] = together.get(subject, 0) + n
        of_modality = persons.setdefault(modality, {})
        of_modality[n] = of_modality.get(n, 0) + 1
    persons[""] = {}
    for n in together.values():
        persons[""][n] = persons[""].get(n, 0) + 1
    return {
        "sizes": [list(size) for size in sizes[:SIZES_KEPT]],
        "other_sizes": sum(n for *_, n in sizes[SIZES_KEPT:]),
        "persons": {modality: [list(pair) for pair in sorted(found.items())] for modality, found in persons.items()},
        "alone": dict(images.filter(pair=None).values_list("modality").annotate(n=Count("*"))),
        "modes": dict(images.values_list("mode").annotate(n=Count("*"))),
        "formats": dict(images.values_list("format").annotate(n=Count("*"))),
        "bytes": images.aggregate(total=Sum("bytes"))["total"] or 0,
    }
