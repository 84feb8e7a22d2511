"""A request to measure a candidate set against a reference set."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from datasetviewer.models import Split
from evaluation.sets.specs import from_json, label
from workers.engine import catalogue
from workers.models import JobState


class Evaluation(models.Model):
    """A request to measure a candidate set against a reference set. Its state is its job's.

    `reference` and `candidate` are set specifications (sets.py); the two datasets stand beside them so that who may see
    the evaluation is one condition. `submission_digest` stands for everything the numbers depend on.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.JSONField(_("reference set"))
    candidate = models.JSONField(_("candidate set"))
    reference_dataset = models.ForeignKey(
        "datasetviewer.Dataset", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    candidate_dataset = models.ForeignKey(
        "datasetviewer.Dataset", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    n_reference = models.PositiveIntegerField(_("pictures in the reference set"))
    n_candidate = models.PositiveIntegerField(_("pictures in the candidate set"))
    extractor = models.CharField(_("extractor"), max_length=100)
    metrics = models.JSONField(_("metrics"))
    submission_digest = models.CharField(max_length=64, db_index=True)
    candidate_checkpoint = models.ForeignKey(
        "evaluation.Checkpoint", null=True, blank=True, on_delete=models.SET_NULL, related_name="evaluations"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="evaluations"
    )
    job = models.OneToOneField("workers.Job", on_delete=models.PROTECT, related_name="evaluation")
    images_per_second = models.FloatField(_("pictures a second"), null=True, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ("-created",)
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")

    def __str__(self) -> str:
        by = "" if self.extractor == catalogue.NO_EXTRACTOR else f" {self.extractor}"
        return f"{', '.join(self.metrics)}{by}: {self.candidate_label} ↔ {self.reference_label}"

    @property
    def for_choosing(self) -> bool:
        """Whether it measures validation pictures, which checkpoints are chosen by; no number to report."""
        return Split.VALIDATION in (self.reference.get("split"), self.candidate.get("split"))

    @property
    def not_measured(self) -> list[str]:
        """Metrics that a finished evaluation was asked for and could not measure; its job's message says why."""
        if self.job.state != JobState.SUCCEEDED:
            return []
        found = {result.metric for result in self.results.all()}  # type: ignore[attr-defined]
        return [name for name in self.metrics if name not in found]

    @property
    def extractor_label(self) -> str:
        """The extractor as people are told it, also where there is none."""
        return self.extractor if self.extractor != catalogue.NO_EXTRACTOR else gettext("the pictures themselves")

    @property
    def reference_label(self) -> str:
        return label(from_json(self.reference))

    @property
    def candidate_label(self) -> str:
        return label(from_json(self.candidate))
