"""Reading datasets: who may see which, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber

from ..models import Dataset, DatasetImport, Image, Modality, Pair, Split, Subject


def dataset_visible_to(user: Any) -> QuerySet[Dataset]:
    """The datasets a person may see: public ones, and all when signed in. Research terms forbid more."""
    if user is not None and user.is_authenticated:
        return Dataset.objects.all()
    return Dataset.objects.filter(public=True)


def dataset_may_publish(user: Any, dataset: Dataset) -> bool:
    """Whether this person may publish or withdraw the dataset: staff and its owner."""
    return bool(user.is_authenticated and (user.is_staff or (dataset.owner_id and dataset.owner_id == user.pk)))


def with_counts(datasets: QuerySet[Dataset]) -> QuerySet[Any]:
    """Each dataset with `image_count`, `pair_count` and `subject_count`, counted in the same query."""

    def count(model: Any) -> Any:
        rows = model.objects.filter(dataset=OuterRef("pk")).order_by().values("dataset")
        return Coalesce(Subquery(rows.annotate(n=Count("*")).values("n")), 0)

    return datasets.annotate(image_count=count(Image), pair_count=count(Pair), subject_count=count(Subject))


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


def dataset_counts(dataset: Dataset) -> DatasetCounts:
    """One query over the dataset's images."""
    cells = list(
        Image.objects.filter(dataset=dataset)
        .order_by()
        .values_list("source", "split", "modality")
        .annotate(n=Count("*"))
    )
    table: dict[tuple[str, str], dict[str, int]] = {}
    sums: dict[str, dict[str, int]] = {"modality": {}, "split": {}, "source": {}}
    for source, split, modality, n in cells:
        table.setdefault((source, split), {})[modality] = n
        for name, value in (("modality", modality), ("split", split), ("source", source)):
            sums[name][value] = sums[name].get(value, 0) + n
    largest = max((sum(row.values()) for row in table.values()), default=1)
    order = {split: position for position, split in enumerate(Split.values)}
    rows = []
    for (source, split), row in sorted(table.items(), key=lambda item: (item[0][0], order[item[0][1]])):
        photos, sketches, caricatures = (row.get(modality, 0) for modality in Modality.values)
        percents = (round(100 * n / largest, 2) for n in (photos, sketches, caricatures))
        rows.append(CountRow(source, split, photos, sketches, caricatures, sum(row.values()), *percents))
    return DatasetCounts(
        rows=tuple(rows),
        total=sum(n for *_, n in cells),
        sources=tuple(sorted(source for source in sums["source"] if source)),
        splits=tuple(split for split in Split.values if split in sums["split"]),
        modalities=tuple(modality for modality in Modality.values if modality in sums["modality"]),
        by_modality=sums["modality"],
        by_split=sums["split"],
        by_source=sums["source"],
    )


def sample_images(datasets: Iterable[Dataset], *, each: int) -> dict[int, list[Image]]:
    """The first pictures of each dataset, with their partners, by dataset id, in a fixed number of queries."""
    firsts = (
        Image.objects.filter(dataset__in=[dataset.pk for dataset in datasets])
        .filter(Q(pair=None) | Q(modality=Modality.PHOTO))
        .annotate(
            place=Window(
                RowNumber(), partition_by=F("dataset_id"), order_by=[F("pair_id").asc(nulls_last=True), F("key")]
            )
        )
        .filter(place__lte=each)
        .select_related("dataset", "subject")
        .prefetch_related("pair__images")
        .order_by("dataset_id", "place")
    )
    samples: dict[int, list[Image]] = {}
    for first in firsts:
        others = [image for image in first.pair.images.all() if image.pk != first.pk] if first.pair else []
        # The sketch if there is one: photo and sketch is what a dataset is known by.
        partners = sorted(others, key=lambda image: (image.modality != Modality.SKETCH, image.key))[:1]
        for partner in partners:
            partner.dataset, partner.subject = first.dataset, first.subject
        samples.setdefault(first.dataset_id, []).extend([first, *partners])
    return samples


def last_import(dataset: Dataset) -> DatasetImport | None:
    """The newest import of the dataset, with its job if it has one."""
    return dataset.imports.select_related("job").order_by("-created").first()


def incoming_folders() -> list[str]:
    """Names of the folders that lie ready for importing, below DATASETS_ROOT."""
    root = Path(settings.DATASETS_ROOT)
    try:
        return sorted(entry.name for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return []
