"""Features that are being computed or kept: whole sets, the shards of large ones, and how long they took."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FeatureSet(models.Model):
    """Features of a set of distinct pictures by one extractor with one set of weights; the files lie in DATA_DIR/features.

    `key` follows from all they depend on (workers.engine.features.store.set_key), so two evaluations that need the same
    features share one row. A small set is computed by the one job in `holder`; a large one has shards.
    """

    key = models.CharField(max_length=64, primary_key=True)
    extractor = models.CharField(_("extractor"), max_length=100)
    weights_digest = models.CharField(max_length=64)
    n = models.PositiveIntegerField(_("distinct pictures"))
    holder = models.ForeignKey("workers.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created = models.DateTimeField(_("created"), auto_now_add=True)
    done = models.DateTimeField(_("complete since"), null=True, blank=True)
    used = models.DateTimeField(_("last used"), db_index=True)

    class Meta:
        verbose_name = _("feature set")
        verbose_name_plural = _("feature sets")

    def __str__(self) -> str:
        return f"{self.extractor} {self.key[:12]} ({self.n})"


class FeatureShard(models.Model):
    """Pictures `start` to `stop` of a feature set, in the order of their digests: the work of one job.

    `key` names its file. `images_per_second` is the pace of the running job, then that of the whole shard.
    """

    feature_set = models.ForeignKey(FeatureSet, on_delete=models.CASCADE, related_name="shards")
    index = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    stop = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    job = models.OneToOneField("workers.Job", null=True, on_delete=models.SET_NULL, related_name="feature_shard")
    images_per_second = models.FloatField(null=True, blank=True)
    done = models.DateTimeField(_("complete since"), null=True, blank=True)

    class Meta:
        ordering = ("feature_set", "index")
        constraints = [models.UniqueConstraint(fields=["feature_set", "index"], name="one_shard_per_index")]
        verbose_name = _("feature shard")
        verbose_name_plural = _("feature shards")

    def __str__(self) -> str:
        return f"{self.feature_set_id[:12]} {self.index}"

    @property
    def n(self) -> int:
        return self.stop - self.start


class Timing(models.Model):
    """How long a piece of work took on a device: `count` pictures in `seconds`; what estimates are made from.

    `what` is the name of an extractor, or of a metric and the extractor whose features it compares ("fid inception.pool3").
    """

    what = models.CharField(max_length=200)
    device = models.CharField(max_length=20)
    count = models.PositiveIntegerField()
    seconds = models.FloatField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created",)
        indexes = [models.Index(fields=["what", "device", "-created"], name="timing_latest")]
        constraints = [models.CheckConstraint(condition=Q(seconds__gt=0), name="timing_took_some_time")]

    def __str__(self) -> str:
        return f"{self.what} {self.device}: {self.count} in {self.seconds:.1f} s"


class LogLine(models.Model):
    """One line of an evaluation's log: what was done, and how long it took."""

    evaluation = models.ForeignKey("evaluation.Evaluation", on_delete=models.CASCADE, related_name="log_lines")
    at = models.DateTimeField(auto_now_add=True)
    text = models.CharField(max_length=500)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.text
