"""Corrected landmarks, faces that were not found, aligned pictures, and what the filter and people decided on them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from datasetviewer.models.datasets import Dataset, Image


def _job(related_name: str) -> models.OneToOneField:
    """The run's job; none when the command line ran it."""
    return models.OneToOneField(
        "workers.Job",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name=related_name,
        verbose_name=_("job"),
    )


class LandmarkEdit(models.Model):
    """One change of a picture's five points, by hand. The newest that is not reverted is what stands."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="landmark_edits", verbose_name=_("image"))
    before = models.JSONField(_("five points before"), null=True)
    source_before = models.CharField(_("source before"), max_length=10, blank=True)
    after = models.JSONField(_("five points after"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reverted = models.DateTimeField(_("reverted"), null=True, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("landmark correction")
        verbose_name_plural = _("landmark corrections")

    def __str__(self) -> str:
        return f"{self.image_id} {self.created:%Y-%m-%d %H:%M}"


class DetectionRun(models.Model):
    """One search for faces in the pictures of a dataset that have no landmarks."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="detections", verbose_name=_("dataset"))
    job = _job("landmark_detection")
    report = models.JSONField(_("report"), default=dict, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["-created", "-id"]
        verbose_name = _("landmark detection")
        verbose_name_plural = _("landmark detections")

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.created:%Y-%m-%d %H:%M}"


class DetectionFailure(models.Model):
    """A picture in which no face was found; gone as soon as it has landmarks."""

    image = models.OneToOneField(
        Image, on_delete=models.CASCADE, related_name="detection_failure", verbose_name=_("image")
    )
    reason = models.TextField(_("reason"))
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["image"]
        verbose_name = _("face not found")
        verbose_name_plural = _("faces not found")

    def __str__(self) -> str:
        return self.reason


class AlignmentRun(models.Model):
    """One run that filled an aligned dataset from its parent. `arguments`: r, or null for no filter."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="alignments", verbose_name=_("dataset"))
    job = _job("dataset_alignment")
    report = models.JSONField(_("report"), default=dict, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["-created", "-id"]
        verbose_name = _("dataset alignment")
        verbose_name_plural = _("dataset alignments")

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.created:%Y-%m-%d %H:%M}"


class AlignedImage(models.Model):
    """Where a picture of an aligned dataset comes from: the parent's picture, its digest, and the transform."""

    image = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="aligned", verbose_name=_("image"))
    origin = models.ForeignKey(
        Image, null=True, on_delete=models.SET_NULL, related_name="aligned_copies", verbose_name=_("made from")
    )
    origin_sha256 = models.CharField(_("SHA-256 of the picture it was made from"), max_length=64)
    transform = models.JSONField(
        _("transform"), help_text=_("[a, b, tx, ty]: x' = a x - b y + tx, y' = b x + a y + ty.")
    )

    class Meta:
        verbose_name = _("aligned picture")
        verbose_name_plural = _("aligned pictures")

    def __str__(self) -> str:
        return str(self.image_id)


class FilterRun(models.Model):
    """One run of the filter over a dataset: the template, r, and the table of what other values of r would keep."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="filters", verbose_name=_("dataset"))
    job = _job("dataset_filter")
    template = models.JSONField(_("template"))
    r = models.FloatField(_("r"))
    report = models.JSONField(_("report"), default=dict, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["-created", "-id"]
        verbose_name = _("filter run")
        verbose_name_plural = _("filter runs")

    def __str__(self) -> str:
        return f"{self.dataset_id} r={self.r}"


class ImageJudgement(models.Model):
    """What the last filter run found for a picture, whatever people decided; see workers.engine.filtering.Judgement."""

    image = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="judgement", verbose_name=_("image"))
    run = models.ForeignKey(FilterRun, on_delete=models.CASCADE, related_name="judgements", verbose_name=_("run"))
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    points = models.CharField(_("points that failed"), max_length=80, blank=True)
    deviation = models.FloatField(_("smallest r that keeps it"), null=True)

    class Meta:
        verbose_name = _("judgement")
        verbose_name_plural = _("judgements")

    def __str__(self) -> str:
        return f"{self.image_id} {self.reason or 'kept'}"


class Decision(models.TextChoices):
    EXCLUDE = "exclude", _("exclude")
    INCLUDE = "include", _("include")


class ImageDecision(models.Model):
    """Somebody excluded or included a picture, whatever the filter says. Undone ones stay as history."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="decisions", verbose_name=_("image"))
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    note = models.CharField(_("note"), max_length=300, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created = models.DateTimeField(_("created"), auto_now_add=True)
    undone = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["image"], condition=Q(undone=None), name="one_standing_decision_an_image")
        ]
        verbose_name = _("decision on a picture")
        verbose_name_plural = _("decisions on pictures")

    def __str__(self) -> str:
        return f"{self.decision} {self.image_id}"
