"""Pictures that a person put together under a name."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from datasetviewer.models.datasets import SLUG_PATTERN, Dataset, Image


class ImageSet(models.Model):
    """A named, fixed list of pictures of one dataset; who may see the dataset may see the set.

    `digest` and `size` are those of the day it was made. Members go with their pictures: a set that holds fewer than
    `size` is incomplete and is not measured. `deleted` is when it was put away; it can be taken back until it is purged.
    """

    slug = models.CharField(
        _("short name"),
        max_length=64,
        unique=True,
        validators=[RegexValidator(SLUG_PATTERN, _("Use a-z, 0-9 and dashes, at most 64 characters."))],
    )
    name = models.CharField(_("name"), max_length=200)
    note = models.TextField(_("note"), blank=True)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="image_sets", verbose_name=_("dataset"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="image_sets",
    )
    digest = models.CharField(_("digest"), max_length=64)
    size = models.PositiveIntegerField(_("pictures"))
    created = models.DateTimeField(_("created"), auto_now_add=True)
    deleted = models.DateTimeField(_("deleted"), null=True, blank=True)
    images = models.ManyToManyField(Image, through="ImageSetMember", related_name="image_sets")

    class Meta:
        ordering = ["-created"]
        verbose_name = _("image set")
        verbose_name_plural = _("image sets")

    def __str__(self) -> str:
        return self.name


class ImageSetMember(models.Model):
    """A picture in a set."""

    image_set = models.ForeignKey(ImageSet, on_delete=models.CASCADE, related_name="members")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["image_set", "image"], name="image_once_in_a_set")]

    def __str__(self) -> str:
        return f"{self.image_set_id}: {self.image_id}"
