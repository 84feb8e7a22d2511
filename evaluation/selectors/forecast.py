"""What an evaluation will do and about how long it will take, said before it is submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from evaluation.models import Caution, FeatureSet, Timing, warning_text
from evaluation.sets import Outline, background_cautions
from evaluation.sets.digests import known_digests, other_digests
from workers.engine import catalogue, weights
from workers.engine.errors import InputError
from workers.models import QueueName
from workers.selectors import workers_alive

START_SECONDS = 4.0  # a fresh process that imports torch, a first guess for two CPU cores
DRAWING_PER_SECOND = 4.0  # pictures that a checkpoint draws, a first guess (pix2pix.unet256 on two CPU cores)
TIMINGS = 20  # of the latest, that an estimate is made from
METRIC_SECONDS = 2.0  # for one with its interval, until one was measured

# Pictures a second until there is a measurement of this machine: rounded guesses after single runs of
# `python -m workers.engine extract` on two busy CPU cores. By family; the slowest stands for all others.
FIRST_GUESS = {"inception": 20.0, "dlib": 5.0, "edgeface": 15.0, "squeezenet": 40.0}


@dataclass(frozen=True)
class SideForecast:
    """One set: `stored` says whether its features are kept; None when that is known only once its files are read."""

    side: str
    n: int
    stored: bool | None
    to_draw: int = 0


@dataclass(frozen=True)
class Forecast:
    """`to_extract` pictures go through the network, in `parts` (1: one job); `seconds` of all, None when unknown.

    `measured`: the pace comes from earlier work here, not from a first guess. `other` are real pictures of the reference's
    dataset beside the two sets, for the floor.
    """

    sides: tuple[SideForecast, ...]
    other: int
    to_extract: int
    images_per_second: float
    measured: bool
    parts: int
    workers: int
    seconds: float


def forecast(
    outlines: Sequence[tuple[str, Outline]],
    extractor: str,
    metrics: Sequence[str],
    *,
    user: Any,
    everything: bool = False,
) -> Forecast | None:
    """What measuring these two sets means; None while the extractor's weights are missing."""
    try:
        digest = weights.find(extractor, settings.WEIGHTS_DIR, settings.DATA_DIR / "checkpoints").digest
    except InputError:
        return None
    sides, todo = [], []
    looking = extractor != catalogue.NO_EXTRACTOR
    for name, outline in outlines:
        stored: bool | None = None
        digests = known_digests(outline.spec, name, user=user, everything=everything)
        if digests is not None:
            stored = _stored(digests, extractor, digest)
        sides.append(SideForecast(name, outline.n, stored, outline.n if outline.drawn else 0))
        todo.append(0 if stored or not looking else outline.n)
    of_sets = any(not catalogue.metric(name).paired for name in metrics)
    wanted = outlines and of_sets
    other = other_digests(outlines[0][1].spec, user=user, everything=everything) if wanted else []
    todo.append(0 if not other or _stored(other, extractor, digest) else len(other))
    alive = max(workers_alive(QueueName.BATCH), 1)
    parts = sum(-(-count // int(settings.SHARD_PICTURES)) for count in todo if count > settings.SHARD_PICTURES)
    pace, measured = pace_of(extractor)
    seconds = START_SECONDS + sum(side.to_draw for side in sides) / DRAWING_PER_SECOND
    for count in todo:
        pieces = -(-count // int(settings.SHARD_PICTURES))
        seconds += count / pace / max(min(alive, pieces), 1)
    seconds += sum(metric_seconds(metric, extractor) for metric in metrics)
    return Forecast(tuple(sides), len(other), sum(todo), pace, measured, max(parts, 1), alive, seconds)


def cautions_before(reference: Outline, candidate: Outline, extractor: str, metrics: Sequence[str]) -> list[Caution]:
    """What the numbers will have to be read with, known before any work is done."""
    entry, chosen = catalogue.extractor(extractor), [catalogue.metric(name) for name in metrics]
    if not (reference.n and candidate.n):
        return []
    found: list[dict[str, Any]] = []
    smaller = min(reference.n, candidate.n)
    if smaller <= entry.dimension and any(metric.gaussian for metric in chosen):
        found.append({"code": "rank_deficient", "values": {"n": smaller, "dimension": entry.dimension}})
    if reference.n != candidate.n and not all(metric.unbiased or metric.paired for metric in chosen):
        found.append({"code": "different_n", "values": {"n_reference": reference.n, "n_candidate": candidate.n}})
    found += background_cautions(reference, candidate, extractor, metrics)
    return [warning_text(caution) for caution in found]


def pace_of(extractor: str) -> tuple[float, bool]:
    """Pictures a second of an extractor on the device that last ran it, and whether that was measured here."""
    found = _latest(extractor)
    if found:
        return sum(timing.count for timing in found) / sum(timing.seconds for timing in found), True
    family = extractor.partition(".")[0]
    return FIRST_GUESS.get(family, min(FIRST_GUESS.values())), False


def metric_seconds(metric: str, extractor: str) -> float:
    """How long the metric with its interval took the last times; a guess before the first."""
    found = _latest(f"{catalogue.metric(metric).name} {extractor}")
    return sum(timing.seconds for timing in found) / len(found) if found else METRIC_SECONDS


def _latest(what: str) -> list[Timing]:
    last = Timing.objects.filter(what=what).order_by("-created").first()
    if last is None:
        return []
    return list(Timing.objects.filter(what=what, device=last.device).order_by("-created")[:TIMINGS])


def _stored(digests: list[str], extractor: str, weights_digest: str) -> bool:
    from workers.engine.features.store import set_key

    return FeatureSet.objects.filter(key=set_key(digests, extractor, weights_digest), done__isnull=False).exists()
