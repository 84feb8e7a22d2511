"""The numbers that came out, each with everything that decides what it may be compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from evaluation.models.evaluations import Evaluation
from workers.engine import catalogue


@dataclass(frozen=True)
class Caution:
    """Something to know before trusting a number, in the reader's language."""

    code: str
    text: str


# Details worth a line on the page, and what they are called there.
DETAIL_NAMES = {
    "subset_mean": gettext_noop("Mean over subsets"),
    "subset_std": gettext_noop("Standard deviation over subsets"),
    "subset_size": gettext_noop("Pictures in a subset"),
    "r_squared": gettext_noop("Fit of the line over 1/n (r squared)"),
    "standard_error": gettext_noop("Standard error of the fit"),
    "k": gettext_noop("Nearest neighbours"),
    "median": gettext_noop("Median over pairs"),
    "least": gettext_noop("Lowest of a pair"),
    "greatest": gettext_noop("Highest of a pair"),
    "persons": gettext_noop("Persons to be told apart"),
    "not_found": gettext_noop("Pictures without a face, counted as not recognised"),
    "nlda_deviation": gettext_noop("Standard deviation over draws"),
    "nlda_dimension": gettext_noop("Directions at the best"),
    "nlda_mean_of_best": gettext_noop("Mean of each draw's best"),
    "nlda_mean_of_best_deviation": gettext_noop("Its standard deviation over draws"),
    "nlda_training": gettext_noop("Persons trained on"),
    "nlda_testing": gettext_noop("Persons tested on"),
}


class Result(models.Model):
    """One number with everything that decides what it may be compared with.

    `low` and `high` are the ends of the bootstrap interval, `floor` is the metric between real pictures; null where they
    could not be computed. `details` holds what else belongs to the value (KID: the subsets). `protocol` is the
    fingerprint of `protocol_detail`; only values of one fingerprint may be ranked.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="results")
    metric = models.CharField(_("metric"), max_length=60)
    value = models.FloatField(_("value"))
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    floor = models.FloatField(null=True, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)
    n_reference = models.PositiveIntegerField(_("reference pictures"))
    n_candidate = models.PositiveIntegerField(_("candidate pictures"))
    extractor = models.CharField(_("extractor"), max_length=100)
    protocol = models.CharField(_("protocol"), max_length=16)
    protocol_detail = models.JSONField(_("protocol in full"))
    reference_digest = models.CharField(max_length=64)
    candidate_digest = models.CharField(max_length=64)
    warnings = models.JSONField(_("warnings"), default=list, blank=True)
    # One moment for all rows of an evaluation, so that "newest first" keeps them in the order they were written in.
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        ordering = ("-created", "id")
        indexes = [
            models.Index(fields=["protocol", "value"], name="result_ranking"),
            models.Index(fields=["metric", "extractor"], name="result_kind"),
        ]
        constraints = [models.UniqueConstraint(fields=["evaluation", "metric"], name="metric_once_in_an_evaluation")]
        verbose_name = _("result")
        verbose_name_plural = _("results")

    def __str__(self) -> str:
        return f"{self.metric} {self.value:.6g}"

    @property
    def metric_short(self) -> str:
        return catalogue.short_name(self.metric)

    @property
    def extractor_label(self) -> str:
        """The extractor, or what a metric looks at that needs none."""
        return self.extractor if self.extractor != catalogue.NO_EXTRACTOR else gettext("the pictures themselves")

    @property
    def lower_is_better(self) -> bool:
        return catalogue.metric(self.metric).lower_is_better

    @property
    def arrow(self) -> str:
        """Points to where the better values are."""
        return "↓" if self.lower_is_better else "↑"

    @property
    def value_text(self) -> str:
        """Six digits, as long as a reader can compare."""
        return f"{self.value:.6g}"

    @property
    def has_interval(self) -> bool:
        return self.low is not None and self.high is not None

    @property
    def interval_text(self) -> str:
        """The interval with as many digits as its ends need to differ; "" without one."""
        return f"{self.low:.4g} – {self.high:.4g}" if self.low is not None and self.high is not None else ""

    @property
    def deviation_text(self) -> str:
        """The standard deviation of a mean over draws (NLDA); "" for other metrics."""
        deviation = self.details.get("nlda_deviation")
        return f"± {deviation:.4f}" if deviation is not None else ""

    @property
    def other_variant_text(self) -> str:
        """NLDA as other papers report it, the mean of each draw's best; "" for other metrics."""
        mean = self.details.get("nlda_mean_of_best")
        return f"{mean:.4f} ± {self.details['nlda_mean_of_best_deviation']:.4f}" if mean is not None else ""

    @property
    def floor_text(self) -> str:
        return f"{self.floor:.4g}" if self.floor is not None else ""

    @property
    def train_floor_text(self) -> str:
        """The metric between the reference and the other part of its dataset; "" where there is none."""
        value = self.details.get("train_floor")
        return f"{value:.4g}" if value is not None else ""

    @property
    def detail_list(self) -> list[tuple[str, str]]:
        """What else the metric found out, ready to be read; the numbers behind interval and floor left out."""
        shown = {name: value for name, value in self.details.items() if name in DETAIL_NAMES}
        return [(gettext(DETAIL_NAMES[name]), f"{value:.4g}") for name, value in shown.items()]

    @property
    def protocol_colour(self) -> int:
        """0 to 35: a colour that a protocol keeps wherever it appears."""
        return int(self.protocol[:6], 16) % 36

    @property
    def caution_list(self) -> list[Caution]:
        """The warnings as sentences."""
        return [warning_text(entry) for entry in self.warnings]


def warning_text(entry: dict[str, Any]) -> Caution:
    """A stored warning ({"code", "values"}) as a sentence in the active language."""
    code = entry["code"]
    return Caution(code, gettext(catalogue.CAUTIONS[code]) % entry["values"])
