"""What pictures exist: datasets, subjects, pairs, images."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from datasetviewer.models.image_rows import UNCOUNTED, ImageQuerySet, SubjectQuerySet, counts_drop

SLUG_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$"


# Pillow's modes without colour.
GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "F")


class Modality(models.TextChoices):
    PHOTO = "photo", _("photo")
    SKETCH = "sketch", _("sketch")
    CARICATURE = "caricature", _("caricature")


class Split(models.TextChoices):
    TRAIN = "train", _("train")
    TEST = "test", _("test")
    VALIDATION = "validation", _("validation")
    NONE = "", _("no split")


class LandmarkSource(models.TextChoices):
    NONE = "", _("no landmarks")
    READ = "read", _("read")
    DETECTED = "detected", _("detected")
    CORRECTED = "corrected", _("corrected by hand")


class Verdict(models.TextChoices):
    UNJUDGED = "", _("not judged")
    KEPT = "kept", _("kept")
    REJECTED = "rejected", _("rejected")


class VerdictReason(models.TextChoices):
    """Why a picture was rejected. The first three are the filter's (workers.engine.filtering)."""

    NONE = "", _("no reason")
    SIDE_FACE = "side_face", _("side face")
    OUTSIDE = "outside", _("point outside the crop")
    TOO_FAR = "too_far", _("point too far from its place")
    EXCLUDED = "excluded", _("excluded by hand")


class Dataset(models.Model):
    """A set of pictures under one name. Not public: signed-in users only, research terms forbid more."""

    slug = models.CharField(
        _("short name"),
        max_length=64,
        unique=True,
        validators=[RegexValidator(SLUG_PATTERN, _("Use a-z, 0-9 and dashes, at most 64 characters."))],
    )
    name = models.CharField(_("name"), max_length=200)
    layout = models.CharField(_("layout"), max_length=40)
    description = models.TextField(_("description"), blank=True)
    terms = models.TextField(_("terms"), blank=True)
    citation = models.TextField(_("citation"), blank=True)
    public = models.BooleanField(_("public"), default=False)
    # Pages and answers always say so: nobody may take these faces for people.
    drawn = models.BooleanField(_("drawn by code, not photographs"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="datasets",
    )
    # A derived dataset: the one it was made from, and how (services/alignment.py). It outlives its parent.
    parent = models.ForeignKey(
        "self", verbose_name=_("made from"), null=True, blank=True, on_delete=models.SET_NULL, related_name="derived"
    )
    recipe = models.JSONField(_("recipe"), default=dict, blank=True)
    # Which list the current split of the pictures is; null: none, or the one of the folder it was imported from.
    split_protocol = models.ForeignKey(
        "datasetviewer.Protocol",
        verbose_name=_("split protocol"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["slug"]
        verbose_name = _("dataset")
        verbose_name_plural = _("datasets")

    def __str__(self) -> str:
        return self.name


class Subject(models.Model):
    """A person (identity), known by a name that is unique in the dataset."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="subjects", verbose_name=_("dataset"))
    name = models.CharField(_("name"), max_length=200)

    objects = SubjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="subject_once_in_a_dataset")]
        verbose_name = _("subject")
        verbose_name_plural = _("subjects")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **more: Any) -> None:
        super().save(*args, **more)
        counts_drop([self.dataset_id])

    def delete(self, *args: Any, **more: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **more)
        counts_drop([self.dataset_id])
        return deleted


class Pair(models.Model):
    """One photo and the drawing or drawings made from it. Its images point here; exactly one of them is the photo."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="pairs", verbose_name=_("dataset"))
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="pairs", verbose_name=_("subject"))
    key = models.CharField(_("key"), max_length=300)
    split = models.CharField(_("split"), max_length=10, choices=Split.choices, default="", blank=True)

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["dataset", "key"], name="pair_once_in_a_dataset")]
        indexes = [models.Index(fields=["dataset", "split"], name="pair_by_split")]
        verbose_name = _("pair")
        verbose_name_plural = _("pairs")

    def __str__(self) -> str:
        return self.key


class Image(models.Model):
    """One picture. The file lies content-addressed below DATA_DIR (see storage.py); the row has what was measured."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="images", verbose_name=_("dataset"))
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="images", verbose_name=_("subject"))
    pair = models.ForeignKey(
        Pair, on_delete=models.SET_NULL, null=True, blank=True, related_name="images", verbose_name=_("pair")
    )
    modality = models.CharField(_("modality"), max_length=12, choices=Modality.choices)
    split = models.CharField(_("split"), max_length=10, choices=Split.choices, default="", blank=True)
    source = models.CharField(_("source"), max_length=40, default="", blank=True)
    key = models.CharField(_("key"), max_length=300, help_text=_("Path below the dataset's folder."))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    width = models.PositiveIntegerField(_("width in pixels"))
    height = models.PositiveIntegerField(_("height in pixels"))
    mode = models.CharField(_("colour mode"), max_length=10, help_text=_("As Pillow names it: RGB, L, ..."))
    bytes = models.PositiveBigIntegerField(_("size in bytes"))
    format = models.CharField(_("file format"), max_length=10)
    attributes = models.JSONField(
        _("attributes"), default=dict, blank=True, help_text=_("What the dataset itself says of the picture.")
    )
    landmarks = models.JSONField(
        _("landmarks"), null=True, blank=True, help_text=_("List of [x, y] in pixels, origin at the top left.")
    )
    landmark_source = models.CharField(
        _("source of the landmarks"), max_length=10, choices=LandmarkSource.choices, default="", blank=True
    )
    # Always there when landmarks are; a correction by hand changes these and leaves `landmarks` as they came.
    five = models.JSONField(
        _("five points"),
        null=True,
        blank=True,
        help_text=_("[x, y] of left eye, right eye, nose, left and right mouth corner; the viewer's left first."),
    )
    yaw = models.FloatField(_("yaw in degrees"), null=True, blank=True, help_text=_("> 0: to the viewer's right."))
    pitch = models.FloatField(_("pitch in degrees"), null=True, blank=True, help_text=_("> 0: upwards."))
    roll = models.FloatField(_("roll in degrees"), null=True, blank=True, help_text=_("> 0: clockwise."))
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict.choices, default="", blank=True)
    verdict_reason = models.CharField(
        _("reason of the verdict"), max_length=20, choices=VerdictReason.choices, default="", blank=True
    )
    created = models.DateTimeField(_("created"), auto_now_add=True)
    # The database keeps these two, so that the grid can walk along an index whatever writes the rows.
    lead = models.GeneratedField(
        expression=Case(When(Q(pair__isnull=True) | Q(modality="photo"), then=Value(True)), default=Value(False)),
        output_field=models.BooleanField(_("stands for its pair")),
        db_persist=True,
    )
    grey = models.GeneratedField(
        expression=Case(When(mode__in=GREY_MODES, then=Value(True)), default=Value(False)),
        output_field=models.BooleanField(_("without colour")),
        db_persist=True,
    )

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "key"], name="image_once_in_a_dataset"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="image_has_a_size"),
        ]
        indexes = [
            # The grid and the sets that are measured: filter by these, walk in the order of the key.
            models.Index(fields=["dataset", "modality", "split", "source", "key"], name="image_grid"),
            models.Index(fields=["dataset", "split", "key"], name="image_by_split"),
            models.Index(fields=["dataset", "source", "key"], name="image_by_source"),
            models.Index(fields=["dataset", "subject", "key"], name="image_by_subject"),
            models.Index(fields=["dataset", "verdict", "verdict_reason", "key"], name="image_by_verdict"),
            models.Index(fields=["dataset", "landmark_source", "key"], name="image_by_landmarks"),
            models.Index(fields=["dataset", "yaw"], name="image_by_yaw"),
            models.Index(fields=["dataset", "lead", "key"], name="image_lead"),
            models.Index(fields=["dataset", "lead", "split", "key"], name="image_lead_by_split"),
            models.Index(fields=["dataset", "lead", "source", "key"], name="image_lead_by_source"),
            models.Index(fields=["dataset", "modality", "key"], name="image_by_modality"),
            models.Index(fields=["dataset", "grey", "key"], name="image_by_colour"),
            models.Index(fields=["dataset", "lead", "grey", "key"], name="image_lead_by_colour"),
            models.Index(fields=["dataset", "modality", "split", "key"], name="image_by_modality_split"),
        ]
        verbose_name = _("image")
        verbose_name_plural = _("images")

    def __str__(self) -> str:
        return self.key

    def save(self, *args: Any, **more: Any) -> None:
        super().save(*args, **more)
        if not UNCOUNTED.issuperset(more.get("update_fields") or {""}):
            counts_drop([self.dataset_id])

    def delete(self, *args: Any, **more: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **more)
        counts_drop([self.dataset_id])
        return deleted
