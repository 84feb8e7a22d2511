"""What the batch worker does for an evaluation."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from evaluation.jobs.computing import tell_measured
from evaluation.jobs.extracting import Extraction, Named
from evaluation.jobs.generating import generate_missing, to_draw
from evaluation.jobs.loading import load
from evaluation.jobs.paired import PairedWork
from evaluation.models import Evaluation
from evaluation.services import results_write, submission_digest, weights_used
from evaluation.services.shards import log_write
from evaluation.sets import background_cautions, contents, from_json, other_part
from workers.context import JobContext
from workers.engine import catalogue
from workers.engine.errors import InputError

if TYPE_CHECKING:
    from evaluation.jobs.extracting import _Side
    from workers.engine.features import store
    from workers.engine.features.extract import FeatureSet
    from workers.engine.metrics.compare import Measurement

GENERATING_SHARE = 0.5  # of the progress bar, when a checkpoint has to draw first
FEATURES_SHARE = 0.9  # of the progress bar; the metrics with their intervals take the rest
PAIRS_SHARE = 0.5  # of that, for the extraction when the pictures of each pair are compared as well


class AnyNumber(Extraction):
    """Features of sets of which hardly a picture may be usable: rank-k counts such pictures, the metrics look for themselves."""

    def _assembled(self, side: _Side, known: store.Known) -> FeatureSet:
        from workers.engine.features.extract import assemble

        return assemble(side.contents.names, side.digests, known, self.extractor, self.found.digest, least=0)


def evaluate(context: JobContext) -> None:
    """Extract the features of both sets, compute the metrics, write one Result each.

    A metric for which too few pictures of a set have features is left out, and the job's message and the log say
    why. Raises InputError when that leaves nothing, or when no picture of the reference has features.
    """
    evaluation = Evaluation.objects.get(id=context.arguments["evaluation"])
    sets = [
        contents(from_json(evaluation.reference), "reference", everything=True),
        contents(from_json(evaluation.candidate), "candidate", everything=True),
    ]
    found, digest = weights_used(evaluation.extractor, evaluation.metrics)
    if submission_digest(sets, evaluation.extractor, evaluation.metrics, digest) != evaluation.submission_digest:
        raise InputError(
            _("The pictures or the weights have changed since this evaluation was submitted. Submit it again.")
        )
    begin = GENERATING_SHARE if any(to_draw(each) for each in sets) else 0.0
    generate_missing(context, sets, begin)
    paired = PairedWork(context, evaluation, sets[0], sets[1])
    of_sets = [name for name in evaluation.metrics if not catalogue.metric(name).paired]
    other = other_part(sets[0]) if of_sets else None
    named = [Named(_("reference set"), sets[0]), Named(_("candidate set"), sets[1])]
    named += [Named(_("other real pictures"), other)] if other else []
    middle = begin + (FEATURES_SHARE - begin) * (PAIRS_SHARE if paired.looks_at_pictures else 1.0)
    features = []
    if evaluation.extractor != catalogue.NO_EXTRACTOR:
        features = AnyNumber(context, evaluation, found, begin, middle).features_of(named)
    else:
        middle = begin
    impossible = _impossible(of_sets, evaluation.metrics, features[:2])
    of_sets = [name for name in of_sets if name not in impossible]
    paired.by_features(features[:2])
    paired.by_pictures(middle, FEATURES_SHARE)
    context.report(FEATURES_SHARE, _("loading the metrics"))
    load(context, "workers.engine.metrics.compare")
    from workers.engine.metrics.compare import compare
    from workers.engine.sources import sizes_of

    sizes = context.beside(lambda: [sizes_of(each.paths) for each in sets])
    measurements = []
    for done, metric in enumerate(of_sets):
        progress = FEATURES_SHARE + (1 - FEATURES_SHARE) * done / len(of_sets)
        context.report(progress, _("computing %(metric)s and its interval") % {"metric": metric})
        began = time.monotonic()
        measure = partial(compare, metric, *features[:2], other_real=features[2] if other else None)
        measurements.append(context.beside(partial(measure, sizes=(sizes[0], sizes[1]), tell=context.check)))
        tell_measured(evaluation, metric, time.monotonic() - began)
    measurements += paired.measurements
    for metric, reason in impossible.items():
        log_write(evaluation=evaluation, text=_not_measured([metric], reason))
    with context.finish(_told(measurements, impossible)):
        background = background_cautions(sets[0], sets[1], evaluation.extractor, evaluation.metrics)
        results_write(evaluation=evaluation, measurements=measurements, background=background)
        paired.write()


def _impossible(of_sets: Iterable[str], asked: Sequence[str], features: Sequence[FeatureSet]) -> dict[str, str]:
    """Metric between sets -> why too few pictures have features for it.

    InputError when nothing is left of what was asked, and when no picture of the reference has features.
    """
    if not features:
        return {}
    from workers.engine.features.extract import too_few

    if problem := too_few(features[0], 1):
        raise InputError(problem)
    reasons = {name: _first(too_few(each, catalogue.metric(name).minimum) for each in features) for name in of_sets}
    found = {name: reason for name, reason in reasons.items() if reason}
    if len(found) == len(asked):
        raise InputError(next(iter(found.values())))
    return found


def _first(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")


def _told(measurements: Iterable[Measurement], impossible: Mapping[str, str]) -> str:
    """The numbers in one line, and one sentence for each reason why others are missing."""
    numbers = ", ".join(f"{measured.metric} {measured.value:.6g}" for measured in measurements)
    reasons = dict.fromkeys(impossible.values())
    missing = [
        _not_measured([name for name, other in impossible.items() if other == reason], reason) for reason in reasons
    ]
    return ". ".join([numbers, *missing])


def _not_measured(metrics: Sequence[str], reason: str) -> str:
    return _("Not measured: %(metrics)s. %(reason)s") % {"metrics": ", ".join(metrics), "reason": reason}
