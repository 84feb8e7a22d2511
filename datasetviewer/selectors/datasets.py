"""Reading datasets: who may see which, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ..models import Dataset, DatasetImport, Image, Pair, Subject
from .filtering import sorted_images


def dataset_visible_to(user: Any) -> QuerySet[Dataset]:
    """The datasets a person may see: public ones, and all when signed in. Research terms forbid more."""
    if user is not None and user.is_authenticated:
        return Dataset.objects.all()
    return Dataset.objects.filter(public=True)


def dataset_may_publish(user: Any, dataset: Dataset) -> bool:
    """Whether this person may publish or withdraw the dataset: staff and its owner."""
    return bool(user.is_authenticated and (user.is_staff or (dataset.owner_id and dataset.owner_id == user.pk)))


def with_counts(datasets: QuerySet[Dataset]) -> QuerySet[Any]:
    """Each dataset with `image_count`, `pair_count` and `subject_count`, in the same query.

    Taken from the summary; counted now in a dataset that has none, which is one that is being filled.
    """

    def count(model: Any, stored: str) -> Any:
        rows = model.objects.filter(dataset=OuterRef("pk")).order_by().values("dataset")
        return Coalesce(F(f"summary__{stored}"), Subquery(rows.annotate(n=Count("*")).values("n")), 0)

    return datasets.annotate(
        image_count=count(Image, "images"), pair_count=count(Pair, "pairs"), subject_count=count(Subject, "subjects")
    )


def sample_images(datasets: Iterable[Dataset], *, each: int) -> dict[int, list[Image]]:
    """The first pictures of each dataset, with their partners, by dataset id: two queries whatever is in them.

    Photo and drawing of the first pairs; in a dataset without pairs its first pictures.
    """
    pairs = Pair.objects.filter(dataset=OuterRef("pk")).order_by("key").values("pk")
    alone = Image.objects.filter(dataset=OuterRef("pk")).order_by("key").values("pk")
    columns = {f"pair_{n}": Subquery(pairs[n : n + 1]) for n in range(each)}
    columns |= {f"alone_{n}": Subquery(alone[n : n + 1]) for n in range(each)}
    found: Any = Dataset.objects.filter(pk__in=[dataset.pk for dataset in datasets]).order_by().values("pk", **columns)
    pair_keys, image_keys = [], []
    for row in found:
        theirs = [row[f"pair_{n}"] for n in range(each) if row[f"pair_{n}"]]
        pair_keys += theirs
        if not theirs:
            image_keys += [row[f"alone_{n}"] for n in range(each) if row[f"alone_{n}"]]
    images = Image.objects.filter(Q(pair__in=pair_keys) | Q(pk__in=image_keys)).select_related("dataset", "subject")
    groups: dict[tuple[int, Any], list[Image]] = {}
    for image in images.order_by("pair__key", "key"):
        groups.setdefault((image.dataset_id, image.pair_id or f"alone {image.pk}"), []).append(image)
    samples: dict[int, list[Image]] = {}
    for (dataset_id, _pair), members in groups.items():
        # Photo and sketch, if there is one: that is what a dataset is known by.
        samples.setdefault(dataset_id, []).extend(sorted_images(members)[:2])
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
