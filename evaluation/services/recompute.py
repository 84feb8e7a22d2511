"""A new candidate under the protocol of an old number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from evaluation.models import Evaluation, Result
from evaluation.services.evaluations import evaluation_submit
from evaluation.sets import SetSpec, contents, from_json
from workers.engine import catalogue, weights
from workers.engine.errors import InputError
from workers.engine.metrics import paired_weights


def result_recompute(*, user: Any, result: Result, candidate: SetSpec) -> tuple[Evaluation, bool]:
    """Queue the measuring of `candidate` as `result` was measured: its reference, extractor and metric.

    Returns the evaluation and whether it is new. InputError, beside those of submitting, when the protocol cannot be
    met any more. A candidate of another size gets a number of another protocol, as everywhere.
    """
    reference = from_json(result.evaluation.reference)
    if problem := protocol_lost(user=user, result=result):
        raise InputError(problem)
    return evaluation_submit(
        user=user, reference=reference, candidate=candidate, extractor=result.extractor, metrics=[result.metric]
    )


def protocol_lost(*, user: Any, result: Result) -> str:
    """Why no new number can be of the result's protocol; "" while one can."""
    again = _("Measure the older candidates anew, then all of them can be ranked.")
    if catalogue.metric(result.metric).version != result.protocol_detail.get("metric_version"):
        return _("%(metric)s is computed in another way since.") % {"metric": result.metric} + " " + again
    if catalogue.metric(result.metric).needs_features:
        found = weights.find(result.extractor, settings.WEIGHTS_DIR, Path(settings.DATA_DIR) / "checkpoints")
        used, digest = result.extractor, found.digest
    else:
        used, digest = result.metric, paired_weights.metric_digest(result.metric, settings.WEIGHTS_DIR)
    if digest != result.protocol_detail.get("weights_digest"):
        return _("%(extractor)s has other weights since.") % {"extractor": used} + " " + again
    reference = contents(from_json(result.evaluation.reference), "reference", user=user)
    # Where pictures were skipped, the number was measured on fewer than the set has; then the digests say nothing.
    whole = result.n_reference == result.evaluation.n_reference and not reference.sources
    if reference.n != result.evaluation.n_reference or (whole and reference.digest != result.reference_digest):
        return _("The reference pictures have changed since.") + " " + again
    return ""
