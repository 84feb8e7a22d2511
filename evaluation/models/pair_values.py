"""What every pair of an evaluation contributed to its numbers: behind a mean stand faces."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluation.models.evaluations import Evaluation
from workers.engine import catalogue


class PairValues(models.Model):
    """The values of each pair, in lists of one order: keys[i], reference[i], candidate[i] and values[metric][i].

    `reference` and `candidate` are the pictures' names in their sets. `unmatched` names pictures without a partner;
    `mistakes` are candidates that were taken for somebody else (workers.engine.metrics.paired_features.Mistake);
    `recognition` has lists of the same order beside them (workers.engine.metrics.pair_ranks.PairRanks), {} without rank-k.
    """

    evaluation = models.OneToOneField(Evaluation, on_delete=models.CASCADE, related_name="pair_values")
    keys = models.JSONField()
    reference = models.JSONField()
    candidate = models.JSONField()
    values = models.JSONField()
    unmatched = models.JSONField(default=list)
    mistakes = models.JSONField(default=list)
    recognition = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("values of pairs")
        verbose_name_plural = _("values of pairs")

    def __str__(self) -> str:
        return f"{self.evaluation_id}: {', '.join(self.metrics)}"

    @property
    def metrics(self) -> list[str]:
        """What was measured, in the catalogue's order: PostgreSQL keeps none for the entries of an object."""
        return [name for name in catalogue.METRICS if name in self.values]
