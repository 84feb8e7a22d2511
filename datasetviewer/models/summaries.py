"""What was counted when a dataset last changed, so that a page need not count it again."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from datasetviewer.models.datasets import Dataset


class DatasetSummary(models.Model):
    """Totals and statistics of one dataset. Without a row everything is counted when it is asked for."""

    dataset = models.OneToOneField(
        Dataset, on_delete=models.CASCADE, related_name="summary", primary_key=True, verbose_name=_("dataset")
    )
    images = models.PositiveBigIntegerField(_("pictures"))
    pairs = models.PositiveBigIntegerField(_("pairs"))
    subjects = models.PositiveBigIntegerField(_("persons"))
    statistics = models.JSONField(_("statistics"), default=dict)
    counted = models.DateTimeField(_("counted"), auto_now=True)

    class Meta:
        verbose_name = _("dataset summary")
        verbose_name_plural = _("dataset summaries")

    def __str__(self) -> str:
        return f"{self.dataset_id}: {self.images}"


class Facet(models.Model):
    """How many pictures of a dataset share these properties. A filter by them is counted here in a few rows."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="facets", verbose_name=_("dataset"))
    source = models.CharField(max_length=40, default="", blank=True)
    split = models.CharField(max_length=10, default="", blank=True)
    modality = models.CharField(max_length=12)
    lead = models.BooleanField()
    grey = models.BooleanField()
    landmark_source = models.CharField(max_length=12, default="", blank=True)
    verdict = models.CharField(max_length=20, default="", blank=True)
    verdict_reason = models.CharField(max_length=60, default="", blank=True)
    images = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("facet")
        verbose_name_plural = _("facets")

    def __str__(self) -> str:
        return f"{self.source} {self.split} {self.modality}: {self.images}"


class PersonNames(models.Model):
    """The names of all persons of a dataset in one piece, in which a part of a name is found without reading a row each.

    names            casefolded, UTF-8, each ended by a zero byte; whose picture stands first in the grid of pairs, in
                     the order of the key, comes first
    subjects         the number of each one's row, 8 bytes, little end first, in the same order
    single_names     as names, in the order of the grid of single pictures; empty when it is the same
    single_subjects  as subjects, for single_names
    version          another one whenever this was written, so that a process may keep what it read
    """

    dataset = models.OneToOneField(
        Dataset, on_delete=models.CASCADE, related_name="person_names", primary_key=True, verbose_name=_("dataset")
    )
    names = models.BinaryField()
    subjects = models.BinaryField()
    single_names = models.BinaryField(default=b"")
    single_subjects = models.BinaryField(default=b"")
    version = models.UUIDField(default=uuid.uuid4)

    class Meta:
        verbose_name = _("names of persons")
        verbose_name_plural = _("names of persons")

    def __str__(self) -> str:
        return f"{self.dataset_id}: {len(self.subjects) // 8}"
