"""Counting a dataset after a change, so that pages and answers need not."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from ..models import Bookmarks, Dataset, DatasetSummary, Facet, Image, Pair, PersonNames, Subject
from ..selectors.counting import PROPERTIES, shares_now
from ..selectors.statistics import statistics_now
from .bookmarks import orders_now


def dataset_recount(*, dataset: Dataset) -> DatasetSummary:
    """Count the dataset anew. Writing pictures drops its counts (models/image_rows.py); this brings them back."""
    summary = _counts_write(dataset)
    # Read while others may write; what a change in between made old is not kept.
    names, bookmarks = orders_now(dataset)
    with transaction.atomic():
        if DatasetSummary.objects.filter(dataset=dataset, counted=summary.counted).exists():
            PersonNames.objects.update_or_create(dataset=dataset, defaults=names)
            Bookmarks.objects.filter(dataset=dataset).delete()
            Bookmarks.objects.bulk_create(bookmarks)
    return summary


@transaction.atomic
def _counts_write(dataset: Dataset) -> DatasetSummary:
    columns = (*PROPERTIES, "images")
    facets = [Facet(dataset=dataset, **dict(zip(columns, row, strict=True))) for row in shares_now(dataset)]
    Facet.objects.filter(dataset=dataset).delete()
    Facet.objects.bulk_create(facets)
    summary, _created = DatasetSummary.objects.update_or_create(
        dataset=dataset,
        defaults={
            "images": sum(facet.images for facet in facets),
            "pairs": Pair.objects.filter(dataset=dataset).count(),
            "subjects": Subject.objects.filter(dataset=dataset).count(),
            "statistics": statistics_now(dataset),
        },
    )
    return summary


def dataset_recount_changed() -> int:
    """A chore of the sweeper: count the datasets whose counts were dropped, but not those that are being filled."""
    missing = Q(summary=None) | Q(person_names=None) | ~Exists(Bookmarks.objects.filter(dataset=OuterRef("pk")))
    uncounted = Dataset.objects.filter(missing, Exists(Image.objects.filter(dataset=OuterRef("pk"))))
    busy = ("queued", "running")
    datasets = list(uncounted.exclude(imports__job__state__in=busy))
    for dataset in datasets:
        dataset_recount(dataset=dataset)
    return len(datasets)
