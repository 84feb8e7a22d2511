"""The imports that brought the pictures in, and what became of each file."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from datasetviewer.models.datasets import Dataset


class DatasetImport(models.Model):
    """One run of an importer. The state of a submitted one is its job's; the command line runs without a job.

    `path` is the folder that is read, or the archive that was sent in (`archive` says which); it is a place on the
    server and is shown to staff and to who named it only. `report` holds counts alone; what became of each file stands
    in ImportedFile rows, so that no page loads the verdicts of twelve thousand files to show a headline.
    """

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
    archive = models.CharField(
        _("uploaded file"), max_length=200, blank=True, default="", help_text=_("Name of the archive that was sent in.")
    )
    layout = models.CharField(_("layout"), max_length=40)
    report = models.JSONField(_("report"), default=dict, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["-created", "-id"]
        verbose_name = _("dataset import")
        verbose_name_plural = _("dataset imports")

    def __str__(self) -> str:
        return f"{self.layout} {self.archive or self.path}"

    @property
    def origin(self) -> str:
        """What was imported, for people: the name of the archive, or the folder."""
        return self.archive or self.path


class FileVerdict(models.TextChoices):
    ADDED = "added", _("added")
    PRESENT = "present", _("already there")
    UPDATED = "updated", _("brought up to date")
    RESTORED = "restored", _("file restored")
    LEFT_OUT = "left_out", _("left out")
    NOTE = "note", _("note")


class ImportedFile(models.Model):
    """What one import did with one file. An import that was killed and goes on writes each file once only."""

    run = models.ForeignKey(DatasetImport, on_delete=models.CASCADE, related_name="files", verbose_name=_("import"))
    path = models.CharField(_("file"), max_length=400, help_text=_("Path below the imported folder."))
    verdict = models.CharField(_("verdict"), max_length=10, choices=FileVerdict.choices)
    reason = models.TextField(_("reason"), blank=True, default="")

    class Meta:
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["run", "path"], name="file_once_in_an_import")]
        indexes = [models.Index(fields=["run", "verdict", "path"], name="file_by_verdict")]
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")

    def __str__(self) -> str:
        return f"{self.path}: {self.verdict}"
