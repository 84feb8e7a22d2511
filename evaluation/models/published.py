"""Result pictures that the authors of a method published, kept to be measured like any other set."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from datasetviewer.models import Modality
from datasetviewer.storage import FORMATS


class SizeRule(models.TextChoices):
    """What is done with a picture that is not as large as the real one. Nothing is ever stretched."""

    EXACT = "exact", _("take only pictures as large as the real ones")
    CENTRE = "centre", _("cut the centre out of larger ones")


class PublishedResults(models.Model):
    """Pictures of one method for the pairs of a selection (`dataset`, `split`, `source`), matched when they were taken in.

    `pictures` is a list of [key of the pair, name of the file, SHA-256, format]; each lies in `folder` under its digest.
    `report` says of every file that was looked at what became of it (services/published/report.py) and `missing` names
    the pairs without a picture. `digest` is that of the pictures, `fingerprint` also covers what they were matched with.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name of the method"), max_length=100)
    dataset = models.ForeignKey("datasetviewer.Dataset", on_delete=models.CASCADE, related_name="published_results")
    split = models.CharField(_("split"), max_length=20)
    source = models.CharField(_("source"), max_length=100, blank=True)
    modality = models.CharField(_("modality"), max_length=20, choices=Modality.choices)
    citation = models.TextField(_("citation"), blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    licence = models.CharField(_("licence"), max_length=300, blank=True)
    size_rule = models.CharField(_("other sizes"), max_length=10, choices=SizeRule.choices, default=SizeRule.EXACT)
    n = models.PositiveIntegerField(_("pictures"))
    n_pairs = models.PositiveIntegerField(_("pairs"))
    bytes = models.PositiveBigIntegerField(_("bytes"))
    digest = models.CharField(_("digest"), max_length=64)
    fingerprint = models.CharField(max_length=64, unique=True)
    pictures = models.JSONField(_("pictures"), default=list)
    report = models.JSONField(_("report"), default=list)
    missing = models.JSONField(_("pairs without a picture"), default=list)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="published_results"
    )
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ("-created",)
        verbose_name = _("published results")
        verbose_name_plural = _("published results")

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        return published_folder() / str(self.id)

    def path_of(self, sha256: str, image_format: str) -> Path:
        return self.folder / f"{sha256}.{FORMATS[image_format][0]}"

    @property
    def selection(self) -> str:
        return ":".join(filter(None, [self.dataset.slug, self.split, self.modality, self.source]))


def published_folder() -> Path:
    return Path(settings.DATA_DIR) / "published"
