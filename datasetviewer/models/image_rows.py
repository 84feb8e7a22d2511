"""Writing rows of pictures or persons drops what was counted of their datasets, so that no page shows what is old."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models

# Fields that no count and no statistic looks at.
UNCOUNTED = frozenset({"landmarks", "five", "yaw", "pitch", "roll", "sha256", "attributes", "created"})


def counts_drop(datasets: Iterable[int]) -> None:
    """Forget the counts of these datasets, their bookmarks, and the names that searches look in; all is read from the
    rows until services.dataset_recount writes it anew."""
    for name in ("Facet", "DatasetSummary", "PersonNames", "Bookmarks"):
        rows = apps.get_model("datasetviewer", name)._default_manager.filter(dataset__in=set(datasets))
        if rows.exists():
            rows.delete()


class ImageQuerySet(models.QuerySet):
    """Pictures; every way of writing many of them at once drops the counts."""

    def _datasets(self) -> list[int]:
        rows = self.model._base_manager.filter(pk__in=self.order_by().values("pk")) if self.query.is_sliced else self
        return list(rows.order_by().values_list("dataset", flat=True).distinct())

    def update(self, **fields: Any) -> int:
        if UNCOUNTED.issuperset(fields):
            return super().update(**fields)
        datasets = self._datasets()
        changed = super().update(**fields)
        counts_drop(datasets)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Any, *args: Any, **more: Any) -> list[Any]:
        objs = list(objs)
        created = super().bulk_create(objs, *args, **more)
        counts_drop({image.dataset_id for image in objs})
        return created

    def delete(self) -> tuple[int, dict[str, int]]:
        datasets = self._datasets()
        deleted = super().delete()
        counts_drop(datasets)
        return deleted

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class SubjectQuerySet(models.QuerySet):
    """Persons; every way of writing many of them at once drops the counts."""

    def update(self, **fields: Any) -> int:
        datasets = list(self.order_by().values_list("dataset", flat=True).distinct())
        changed = super().update(**fields)
        counts_drop(datasets)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Any, *args: Any, **more: Any) -> list[Any]:
        objs = list(objs)
        created = super().bulk_create(objs, *args, **more)
        counts_drop({subject.dataset_id for subject in objs})
        return created

    def delete(self) -> tuple[int, dict[str, int]]:
        datasets = list(self.order_by().values_list("dataset", flat=True).distinct())
        deleted = super().delete()
        counts_drop(datasets)
        return deleted

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]
