"""Named, hashed, versioned lists: splits, verification pairs, identification sets, plain lists.

A protocol is never changed. A list that differs becomes the next version of the same name, so that a score printed with
name, version and digest can be traced to the very entries it was computed on.
"""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from datasetviewer.models.datasets import Dataset


class ProtocolKind(models.TextChoices):
    SPLIT = "split", _("split")
    VERIFICATION = "verification", _("verification")
    IDENTIFICATION = "identification", _("identification")
    LIST = "list", _("list")


class ProtocolUnit(models.TextChoices):
    """What an entry names: a picture by its key, a pair by its key, or a person by name."""

    IMAGE = "image", _("picture")
    PAIR = "pair", _("pair")
    SUBJECT = "subject", _("person")


class ProtocolOrigin(models.TextChoices):
    IMPORTED = "imported", _("came with the dataset")
    UPLOADED = "uploaded", _("own list")
    DRAWN = "drawn", _("drawn at random")
    DERIVED = "derived", _("made from another version")


class ProtocolBody(models.Model):
    """The entries of a protocol as gzipped canonical CSV, known by the SHA-256 of the CSV. Never changed."""

    digest = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()

    class Meta:
        verbose_name = _("protocol entries")
        verbose_name_plural = _("protocol entries")

    def __str__(self) -> str:
        return self.digest[:12]


class Protocol(models.Model):
    """One version of one list of one dataset.

    official  part -> number of entries of the published list, where it is known: {"train": 268, "test": 338}
    counts    part -> number of entries of this list
    coverage  what the dataset can serve, refreshed after every import (see selectors.protocols)
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="protocols", verbose_name=_("dataset"))
    name = models.SlugField(_("name"), max_length=80)
    version = models.PositiveIntegerField(_("version"), validators=[MinValueValidator(1)])
    kind = models.CharField(_("kind"), max_length=20, choices=ProtocolKind.choices)
    unit = models.CharField(_("entries name"), max_length=10, choices=ProtocolUnit.choices)
    origin = models.CharField(_("origin"), max_length=10, choices=ProtocolOrigin.choices)
    body = models.ForeignKey(ProtocolBody, on_delete=models.PROTECT, related_name="protocols", verbose_name=_("digest"))
    title = models.CharField(_("title"), max_length=200, blank=True, default="")
    description = models.TextField(_("description"), blank=True, default="")
    source = models.TextField(_("source"), blank=True, default="")
    official = models.JSONField(_("official counts"), default=dict, blank=True)
    counts = models.JSONField(_("entries by part"), default=dict)
    coverage = models.JSONField(_("coverage"), default=dict, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name", "version"], name="protocol_version_once_in_a_dataset")
        ]
        verbose_name = _("protocol")
        verbose_name_plural = _("protocols")

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical CSV of the entries."""
        return self.body_id

    @property
    def label(self) -> str:
        """How a score cites it: name, version, the beginning of the digest."""
        return f"{self.name} v{self.version} ({self.body_id[:12]})"

    @property
    def entries(self) -> int:
        return sum(self.counts.values())
