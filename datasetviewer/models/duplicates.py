"""Pictures that look the same."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from datasetviewer.models.datasets import Dataset, Image


class ImageHash(models.Model):
    """The perceptual hash of a picture (likeness.py), as 64 hex digits."""

    image = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="likeness", primary_key=True)
    bits = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("picture hash")
        verbose_name_plural = _("picture hashes")

    def __str__(self) -> str:
        return self.bits


class NearDuplicate(models.Model):
    """Two pictures whose hashes differ in `distance` of 256 bits."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="near_duplicates")
    first = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    distance = models.PositiveSmallIntegerField(_("distance in bits"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="near_duplicate_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="near_duplicate_in_order"),
        ]
        indexes = [models.Index(fields=["dataset", "distance"], name="near_duplicate_distance")]
        verbose_name = _("near duplicate")
        verbose_name_plural = _("near duplicates")

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}: {self.distance}"


class DuplicateSearch(models.Model):
    """The last search for near duplicates in a dataset; its state is its job's."""

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="duplicate_search")
    job = models.OneToOneField("workers.Job", on_delete=models.PROTECT, related_name="duplicate_search")
    images = models.PositiveIntegerField(_("pictures compared"), null=True)
    found = models.PositiveIntegerField(_("pairs of pictures found"), null=True)

    class Meta:
        verbose_name = _("search for duplicates")
        verbose_name_plural = _("searches for duplicates")

    def __str__(self) -> str:
        return f"{self.dataset_id}: {self.found}"
