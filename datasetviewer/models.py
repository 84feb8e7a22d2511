"""What pictures exist: datasets, subjects, pairs, images, and the imports that brought them in."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

SLUG_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$"


class Modality(models.TextChoices):
    PHOTO = "photo", _("photo")
    SKETCH = "sketch", _("sketch")
    CARICATURE = "caricature", _("caricature")


class Split(models.TextChoices):
    TRAIN = "train", _("train")
    TEST = "test", _("test")
    VALIDATION = "validation", _("validation")
    NONE = "", _("no split")


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

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="subject_once_in_a_dataset")]
        verbose_name = _("subject")
        verbose_name_plural = _("subjects")

    def __str__(self) -> str:
        return self.name


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
    landmarks = models.JSONField(
        _("landmarks"), null=True, blank=True, help_text=_("List of [x, y] in pixels, origin at the top left.")
    )
    created = models.DateTimeField(_("created"), auto_now_add=True)

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
        ]
        verbose_name = _("image")
        verbose_name_plural = _("images")

    def __str__(self) -> str:
        return self.key


class DatasetImport(models.Model):
    """One run of an importer. The state of a submitted one is its job's; the command line runs without a job."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="imports", verbose_name=_("dataset"))
    job = models.OneToOneField(
        "workers.Job",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="dataset_import",
        verbose_name=_("job"),
    )
    path = models.TextField(_("folder"))
    layout = models.CharField(_("layout"), max_length=40)
    report = models.JSONField(_("report"), default=dict, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["-created"]
        verbose_name = _("dataset import")
        verbose_name_plural = _("dataset imports")

    def __str__(self) -> str:
        return f"{self.layout} {self.path}"
