"""Training runs and the checkpoints they leave."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from datasetviewer.models import Modality


class TrainingRun(models.Model):
    """A generator being trained on the pairs of a dataset. Its state is its job's.

    `options` are complete: what the user left out stands there with its default. Pairs are taken from `split` (and
    `source`, one of the databases inside the dataset, "" for all); `validation_share` of them, chosen by `seed`, are held
    out for the sample faces and for choosing a checkpoint. `train_digest` is the digest of the pairs trained on.
    Losses, log and the state to resume from lie in `folder`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100, blank=True)
    preset = models.CharField(_("preset"), max_length=60)
    options = models.JSONField(_("options"), default=dict)
    seed = models.PositiveIntegerField(_("seed"), default=0)
    dataset = models.ForeignKey(
        "datasetviewer.Dataset", null=True, blank=True, on_delete=models.SET_NULL, related_name="trainings"
    )
    split = models.CharField(_("split"), max_length=20)
    source = models.CharField(_("source"), max_length=100, blank=True)
    direction_from = models.CharField(_("from"), max_length=20, choices=Modality.choices)
    direction_to = models.CharField(_("to"), max_length=20, choices=Modality.choices)
    validation_share = models.FloatField(_("validation share"), default=0.1)
    n_train = models.PositiveIntegerField(_("training pairs"))
    n_validation = models.PositiveIntegerField(_("validation pairs"))
    train_digest = models.CharField(max_length=64)
    parent = models.ForeignKey(
        "evaluation.Checkpoint", null=True, blank=True, on_delete=models.SET_NULL, related_name="continued_by"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="trainings"
    )
    job = models.OneToOneField("workers.Job", on_delete=models.PROTECT, related_name="training")
    epochs_total = models.PositiveIntegerField(_("epochs"))
    epochs_done = models.PositiveIntegerField(_("epochs done"), default=0)
    steps_done = models.PositiveIntegerField(_("steps done"), default=0)
    images_per_second = models.FloatField(null=True, blank=True)
    peak_memory = models.BigIntegerField(null=True, blank=True, help_text=_("bytes on the device"))
    device = models.CharField(max_length=100, blank=True)
    code_version = models.CharField(max_length=40, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ("-created",)
        verbose_name = _("training run")
        verbose_name_plural = _("training runs")

    def __str__(self) -> str:
        return self.name or f"{self.preset} {self.created:%Y-%m-%d %H:%M}"

    @property
    def folder(self) -> Path:
        return Path(settings.DATA_DIR) / "trainings" / str(self.id)


class Checkpoint(models.Model):
    """A generator as it was after an epoch. The files are complete before the row is written.

    `id` (12 hex digits) is chosen by the training loop and is also the name of the folder, so `pix2pix.en7@<id>` names
    the same thing in the database, on disk and on the command line. `digest` is the SHA-256 of its weights.
    """

    id = models.CharField(primary_key=True, max_length=12, editable=False)
    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="checkpoints")
    epoch = models.PositiveIntegerField(_("epoch"))
    step = models.PositiveIntegerField(_("step"))
    digest = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField(_("bytes"))
    title = models.CharField(_("title"), max_length=100, blank=True)
    published = models.BooleanField(_("offered to visitors"), default=False)
    deleted = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ("run", "epoch")
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="checkpoint_once_a_step")]
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")

    def __str__(self) -> str:
        return self.title or f"{self.run} · {self.epoch}"

    @property
    def folder(self) -> Path:
        return Path(settings.DATA_DIR) / "checkpoints" / self.id

    @property
    def direction(self) -> tuple[str, str]:
        return self.run.direction_from, self.run.direction_to


class TrainingPreflight(models.Model):
    """A trial of a training before it is begun: two real steps of the same networks on the same pairs.

    The figures are empty until its job has succeeded: `seconds` for the whole training, `memory` in bytes on the device
    (null where the device does not tell), `batch` that fitted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    preset = models.CharField(_("preset"), max_length=60)
    options = models.JSONField(_("options"), default=dict)
    direction_from = models.CharField(_("from"), max_length=20, choices=Modality.choices)
    direction_to = models.CharField(_("to"), max_length=20, choices=Modality.choices)
    dataset = models.ForeignKey("datasetviewer.Dataset", null=True, on_delete=models.SET_NULL, related_name="+")
    split = models.CharField(_("split"), max_length=20)
    source = models.CharField(_("source"), max_length=100, blank=True)
    seed = models.PositiveIntegerField(_("seed"), default=0)
    validation_share = models.FloatField(_("validation share"), default=0.1)
    job = models.OneToOneField("workers.Job", on_delete=models.PROTECT, related_name="training_preflight")
    images_per_second = models.FloatField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    memory = models.BigIntegerField(null=True, blank=True)
    batch = models.PositiveIntegerField(null=True, blank=True)
    device = models.CharField(max_length=100, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created",)
        verbose_name = _("trial of a training")
        verbose_name_plural = _("trials of trainings")

    def __str__(self) -> str:
        return f"{self.preset} {self.created:%Y-%m-%d %H:%M}"
