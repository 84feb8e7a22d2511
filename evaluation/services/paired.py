"""What metrics between matched pairs need of a submission, and writing what every pair contributed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

from evaluation.models import Evaluation, PairValues
from evaluation.sets import Contents, matched
from workers.engine import catalogue, weights
from workers.engine.errors import InputError
from workers.engine.metrics import paired_weights

if TYPE_CHECKING:
    from workers.engine.metrics.pair_ranks import PairRanks
    from workers.engine.metrics.paired import PairedMeasurement
    from workers.engine.metrics.paired_features import Mistake

EXAMPLES = 3


def extractor_checked(extractor: Any, metrics: Iterable[str]) -> str:
    """The extractor that the metrics look through; `none` when all of them look at the pictures themselves.

    InputError for an unknown one, and for none where one is needed.
    """
    needing = [name for name in metrics if catalogue.metric(name).needs_features]
    if not needing:
        return catalogue.NO_EXTRACTOR
    if extractor in ("", None, catalogue.NO_EXTRACTOR):
        text = _("extractor: %(metrics)s look at features; choose one of %(known)s.")
        raise InputError(text % {"metrics": ", ".join(needing), "known": ", ".join(catalogue.EXTRACTORS)})
    return catalogue.extractor(extractor).name


def weights_used(extractor: str, metrics: Iterable[str]) -> tuple[weights.ExtractorWeights, str]:
    """The extractor's weights, and a digest for them and for the metrics' own. InputError for missing ones."""
    found = weights.find(extractor, settings.WEIGHTS_DIR, Path(settings.DATA_DIR) / "checkpoints")
    own = paired_weights.digests_of(metrics, settings.WEIGHTS_DIR)
    if not own:
        return found, found.digest
    text = " ".join([found.digest, *(f"{name} {digest}" for name, digest in sorted(own.items()))])
    return found, hashlib.sha256(text.encode()).hexdigest()


def pairs_checked(metrics: Iterable[str], reference: Contents, candidate: Contents) -> None:
    """InputError when a metric compares pictures two by two and too few of these belong together."""
    paired = [catalogue.metric(name) for name in metrics if catalogue.metric(name).paired]
    if not paired:
        return
    found = matched(reference, candidate)
    most = max(paired, key=lambda metric: metric.minimum)
    if len(found.keys) < most.minimum:
        text = _(
            "%(metric)s compares pictures of the same face and needs at least %(minimum)s pairs; %(n)s of the candidate's pictures "
            "belong to one of the reference's. They are matched by their pairs' keys (reference: %(reference)s; candidate: "
            "%(candidate)s): in a dataset import pairs, elsewhere name both files of a pair alike."
        )
        examples = {
            side: ", ".join(each.pair_keys[:EXAMPLES])
            for side, each in (("reference", reference), ("candidate", candidate))
        }
        raise InputError(text % {"metric": most.name, "minimum": most.minimum, "n": len(found.keys), **examples})


def pair_values_write(
    *,
    evaluation: Evaluation,
    keys: Sequence[str],
    names: tuple[Sequence[str], Sequence[str]],
    measurements: Iterable[PairedMeasurement],
    unmatched: Sequence[str],
    mistakes: Iterable[Mistake],
    recognition: PairRanks | None = None,
) -> PairValues | None:
    """Keep what every pair contributed; to be called inside `context.finish()`. None when nothing was measured so."""
    values = {}
    for measured in measurements:
        if measured.values:
            by_key = dict(zip(measured.keys, measured.values, strict=True))
            values[measured.metric] = [by_key[key] for key in keys]
    if not values:
        return None
    return PairValues.objects.create(
        evaluation=evaluation,
        keys=list(keys),
        reference=list(names[0]),
        candidate=list(names[1]),
        values=values,
        unmatched=list(unmatched),
        mistakes=[asdict(mistake) for mistake in mistakes],
        recognition=asdict(recognition) if recognition is not None else {},
    )
