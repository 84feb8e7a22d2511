"""A table as a paper prints it: methods down, metrics across."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from datasetviewer.models import Split
from evaluation.models.evaluations import Evaluation
from evaluation.sets.specs import from_json, label


class PaperTable(models.Model):
    """What was chosen for a table; its numbers are those of `evaluations`.

    `reference` is a selection of real pictures (a set specification of `dataset`). `rows` is a list of {"set": a set
    specification, "label": what the row is called, "" for its usual name}, `columns` a list of {"metric", "extractor"}.
    `problems` says why something could not be measured when it was last tried: {"row", "extractor", "metrics", "text"}.
    Visitors see it while both the table and its dataset are public.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100)
    dataset = models.ForeignKey("datasetviewer.Dataset", on_delete=models.CASCADE, related_name="paper_tables")
    reference = models.JSONField(_("reference set"))
    rows = models.JSONField(_("rows"), default=list)
    columns = models.JSONField(_("columns"), default=list)
    problems = models.JSONField(_("problems"), default=list)
    evaluations = models.ManyToManyField(Evaluation, related_name="paper_tables", blank=True)
    public = models.BooleanField(_("public"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="paper_tables"
    )
    created = models.DateTimeField(_("created"), auto_now_add=True)
    changed = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ("-created",)
        verbose_name = _("paper table")
        verbose_name_plural = _("paper tables")

    def __str__(self) -> str:
        return self.name

    @property
    def reference_label(self) -> str:
        return label(from_json(self.reference))

    @property
    def for_choosing(self) -> bool:
        """Whether it holds validation pictures, which checkpoints are chosen by; no numbers to report."""
        return self.reference.get("split") == Split.VALIDATION
