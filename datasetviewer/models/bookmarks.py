"""Places in the grid's orders, so that a page in the middle of a large dataset is reached without passing the others."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from datasetviewer.models.datasets import Dataset


class Bookmarks(models.Model):
    """Every so-many-th row of a dataset in one order, and how many pictures of each facet stand before it.

    walk    the name of an order in filters.SORTS, or "persons"
    rows    numbers of the rows, 8 bytes each, little end first, in the order; the first is the first of all
    facets  what the columns of `before` count: the values of selectors.counting.PROPERTIES; of persons nothing
    before  for each of the rows, and for the end: a count for each facet, 4 bytes, little end first; of persons one count
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="bookmarks", verbose_name=_("dataset"))
    walk = models.CharField(max_length=10)
    rows = models.BinaryField()
    facets = models.JSONField(default=list)
    before = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "walk"], name="bookmarks_once_for_a_walk")]
        verbose_name = _("bookmarks")
        verbose_name_plural = _("bookmarks")

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.walk}: {len(self.rows) // 8}"
