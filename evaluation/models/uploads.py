"""Pictures that somebody sent in to be measured."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from datasetviewer.storage import FORMATS


class UploadedSet(models.Model):
    """A set of pictures that was sent in; its owner alone can use it, until it expires.

    `pictures` is a list of [key, SHA-256, format]; the key is the name it came with, and it lies in `folder` under its
    digest. `sizes` counts them by "WIDTHxHEIGHT". `refused` names the files that were left out and says why. `digest` is
    that of the pictures (workers.engine.protocol.set_digest), `fingerprint` also covers their names and the set's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploaded_sets")
    n = models.PositiveIntegerField(_("pictures"))
    bytes = models.PositiveBigIntegerField(_("bytes"))
    digest = models.CharField(_("digest"), max_length=64)
    fingerprint = models.CharField(max_length=64)
    pictures = models.JSONField(_("pictures"), default=list)
    sizes = models.JSONField(_("sizes"), default=dict)
    refused = models.JSONField(_("files left out"), default=list)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    expires = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        ordering = ("-created",)
        indexes = [models.Index(fields=["owner", "fingerprint"], name="uploaded_before")]
        verbose_name = _("uploaded set")
        verbose_name_plural = _("uploaded sets")

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        return uploads_folder() / str(self.id)

    def path_of(self, sha256: str, image_format: str) -> Path:
        return self.folder / f"{sha256}.{FORMATS[image_format][0]}"

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What its owner should know before measuring it, as stored warnings are written ({"code", "values"})."""
        found: list[dict[str, Any]] = []
        if len(self.sizes) > 1:
            examples = ", ".join(sorted(self.sizes, key=lambda size: -self.sizes[size])[:3])
            found.append({"code": "mixed_sizes", "values": {"count": len(self.sizes), "examples": examples}})
        if jpeg := sum(kind == "JPEG" for _key, _sha256, kind in self.pictures):
            found.append({"code": "jpeg", "values": {"count": jpeg}})
        if (again := self.n - len({sha256 for _key, sha256, _kind in self.pictures})) > 0:
            found.append({"code": "repeated", "values": {"count": again}})
        return found


def uploads_folder() -> Path:
    return Path(settings.DATA_DIR) / "uploads"
