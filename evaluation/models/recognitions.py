"""Tests of recognisers: what was asked, the numbers of every part, the curves with the pictures behind the errors."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from evaluation.models.results import Caution


class RecognitionTest(models.Model):
    """A recogniser tested by a protocol, or on probes against a gallery. Its state is its job's.

    `task` is what it is tested on (evaluation.recognition.tasks), `extractors` one recogniser or one for each part.
    `plan_digest` stands for every comparison, so that tests with the same one may be ranked; `protocol` is its beginning
    as people see it. `submission_digest` adds extractors and weights. The datasets and checkpoints stand beside them so
    that who may see it is one condition.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.JSONField(_("task"))
    kinds = models.JSONField(_("what is computed"), default=list)
    scheme = models.CharField(_("scheme"), max_length=20, blank=True)
    extractors = models.JSONField(_("recognisers"))
    extractor = models.CharField(_("recogniser"), max_length=200, db_index=True)
    weights_digest = models.CharField(max_length=64)
    label = models.CharField(_("persons"), max_length=20)
    plan_digest = models.CharField(max_length=64, db_index=True)
    protocol_detail = models.JSONField(_("protocol in full"), default=dict)
    submission_digest = models.CharField(max_length=64, db_index=True)
    n_pictures = models.PositiveIntegerField(_("pictures"))
    n_parts = models.PositiveIntegerField(_("parts"))
    probe_dataset = models.ForeignKey(
        "datasetviewer.Dataset", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    gallery_dataset = models.ForeignKey(
        "datasetviewer.Dataset", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    shown_to_visitors = models.BooleanField(
        default=False, help_text=_("whether everything beside the datasets, checkpoints say, is public")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="recognition_tests"
    )
    job = models.OneToOneField("workers.Job", on_delete=models.PROTECT, related_name="recognition_test")
    facts = models.JSONField(_("what to know"), default=list)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ("-created",)
        verbose_name = _("recognition test")
        verbose_name_plural = _("recognition tests")

    def __str__(self) -> str:
        return f"{self.extractor}: {self.task_label}"

    @property
    def protocol(self) -> str:
        return self.plan_digest[:12]

    @property
    def protocol_colour(self) -> int:
        """0 to 35: a colour that a protocol keeps wherever it appears."""
        return int(self.plan_digest[:6], 16) % 36

    @property
    def task_label(self) -> str:
        from evaluation.recognition import task_from_json

        return str(task_from_json(self.task))

    @property
    def for_choosing(self) -> bool:
        from evaluation.recognition import for_choosing, task_from_json

        return for_choosing(task_from_json(self.task))

    @property
    def label_text(self) -> str:
        from evaluation.recognition import Label

        return str(Label(self.label).label)

    @property
    def label_meaning(self) -> str:
        from evaluation.recognition import LABELS, Label

        return gettext(LABELS[Label(self.label)])

    @property
    def caution_list(self) -> list[Caution]:
        """What to know before trusting the numbers, as sentences."""
        from evaluation.recognition.words import caution_of

        return [caution_of(entry) for entry in self.facts]

    @property
    def leaky(self) -> bool:
        """Whether its numbers are too good, so that it is not ranked with tests on unseen persons."""
        from evaluation.recognition import Label

        return self.label == Label.LEAKY

    @property
    def too_few(self) -> set[str]:
        """Measures whose false accept rate a part has too few cases for; for a prefetched `values` no query.

        Asked of the parts: the whole does not say it in tests of before it did, nor the open set over several parts.
        """
        return {value.measure for value in self.values.all() if value.details.get("too_few")}

    @property
    def summary(self) -> list[RecognitionValue]:
        """The numbers of the whole, in the order of tables; for a prefetched `values` no query."""
        from evaluation.recognition import MEASURES

        order = list(MEASURES)
        return sorted(
            (value for value in self.values.all() if not value.part), key=lambda each: order.index(each.measure)
        )


class RecognitionValue(models.Model):
    """One number, 0 to 1, of a part, or with part "" of the whole: then the mean over parts with its deviation.

    `low` and `high`: the 95 % interval over probes, where there is one part alone.
    """

    test = models.ForeignKey(RecognitionTest, on_delete=models.CASCADE, related_name="values")
    part = models.CharField(_("part"), max_length=80, blank=True)
    measure = models.CharField(_("measure"), max_length=20)
    value = models.FloatField(_("value"))
    deviation = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["test", "part", "measure"], name="measure_once_in_a_part")]
        verbose_name = _("number of a recognition test")
        verbose_name_plural = _("numbers of recognition tests")

    def __str__(self) -> str:
        return f"{self.measure} {self.value:.4f}"

    @property
    def title(self) -> str:
        from evaluation.recognition import measure_title

        return measure_title(self.measure)

    @property
    def text(self) -> str:
        """As papers print it: per cent with two digits; the AUC as a share with four."""
        return f"{self.value:.4f}" if self.measure == "auc" else f"{100 * self.value:.2f} %"

    @property
    def deviation_text(self) -> str:
        if self.deviation is None:
            return ""
        return f"± {self.deviation:.4f}" if self.measure == "auc" else f"± {100 * self.deviation:.2f}"

    @property
    def interval_text(self) -> str:
        if self.low is None or self.high is None:
            return ""
        return f"{100 * self.low:.1f} – {100 * self.high:.1f}"

    @property
    def found_only_text(self) -> str:
        """The number over pairs of pictures with features alone; "" where it is the same."""
        value = self.details.get("found_only")
        if value is None:
            return ""
        return f"{value:.4f}" if self.measure == "auc" else f"{100 * value:.2f} %"


class RecognitionCurves(models.Model):
    """The curves of a test, and the pictures that were confused.

    `roc` {"far", "rate", "deviation"}; `cmc` {"rate", "deviation"}, rank 1 first. `confused` holds false_accepts,
    false_rejects and mistakes (workers.engine.metrics.recognition_values); the places in them are rows of `pictures`:
    {"set": 0 or 1 ..., "name", "image": number of the dataset's picture or null, "person"}; only those shown are kept.
    """

    test = models.OneToOneField(RecognitionTest, on_delete=models.CASCADE, related_name="curves")
    roc = models.JSONField(default=dict)
    cmc = models.JSONField(default=dict)
    confused = models.JSONField(default=dict)
    pictures = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"curves of {self.test_id}"


class RecogniserChoice(models.Model):
    """Several recognisers ranked on pictures to choose by; the best is tested once on the test.

    `ranking` is empty until its job has come so far: {"extractor", "test": id, "value"}, best first.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    validation = models.JSONField(_("chosen by"))
    task = models.JSONField(_("tested on"))
    extractors = models.JSONField(_("recognisers"))
    measure = models.CharField(_("measure"), max_length=20)
    submission_digest = models.CharField(max_length=64, db_index=True)
    ranking = models.JSONField(default=list)
    facts = models.JSONField(default=list)
    test = models.ForeignKey(RecognitionTest, null=True, blank=True, on_delete=models.SET_NULL, related_name="choices")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="recogniser_choices"
    )
    job = models.OneToOneField("workers.Job", on_delete=models.PROTECT, related_name="recogniser_choice")
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ("-created",)
        verbose_name = _("choice of a recogniser")
        verbose_name_plural = _("choices of recognisers")

    def __str__(self) -> str:
        words = {"measure": self.measure, "validation": self.validation_label, "task": self.task_label}
        return gettext("%(measure)s: %(validation)s; tested on %(task)s") % words

    @property
    def validation_label(self) -> str:
        return _task_label(self.validation)

    @property
    def task_label(self) -> str:
        return _task_label(self.task)

    @property
    def measure_title(self) -> str:
        from evaluation.recognition import measure_title

        return measure_title(self.measure)

    @property
    def caution_list(self) -> list[Caution]:
        from evaluation.recognition.words import caution_of

        return [caution_of(entry) for entry in self.facts]


def _task_label(value: dict[str, Any]) -> str:
    from evaluation.recognition import task_from_json

    return str(task_from_json(value))
