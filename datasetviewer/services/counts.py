"""Counting a dataset after a change, so that pages and answers need not."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from ..models import Dataset, DatasetSummary, Facet, Image, Pair, PersonNames, Subject
from ..selectors.counting import PROPERTIES, shares_now
from ..selectors.names import packed
from ..selectors.statistics import statistics_now


@transaction.atomic
def dataset_recount(*, dataset: Dataset) -> DatasetSummary:
    """Count the dataset anew. Writing pictures drops its counts (models/image_rows.py); this brings them back."""
    columns = (*PROPERTIES, "images")
    facets = [Facet(dataset=dataset, **dict(zip(columns, row, strict=True))) for row in shares_now(dataset)]
    Facet.objects.filter(dataset=dataset).delete()
    Facet.objects.bulk_create(facets)
    persons = Subject.objects.filter(dataset=dataset).order_by("pk").values_list("pk", "name")
    names, subjects = packed(persons.iterator(chunk_size=5000))
    PersonNames.objects.update_or_create(dataset=dataset, defaults={"names": names, "subjects": subjects})
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
    missing = Q(summary=None) | Q(person_names=None)
    uncounted = Dataset.objects.filter(missing, Exists(Image.objects.filter(dataset=OuterRef("pk"))))
    busy = ("queued", "running")
    datasets = list(uncounted.exclude(imports__job__state__in=busy))
    for dataset in datasets:
        dataset_recount(dataset=dataset)
    return len(datasets)
