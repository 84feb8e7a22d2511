"""Results of checkpoints as points of a study: which measures there are, and which of their values may stand together."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from evaluation.models import Checkpoint, Result, TrainingRun
from evaluation.selectors.evaluations import results_visible_to
from evaluation.selectors.trainings import trainings_visible_to
from workers.engine import catalogue
from workers.engine.errors import InputError

MOST_RUNS = 20  # of one study; more lines than that nobody tells apart
DEFAULT_RUNS = 6


class UnknownScale(InputError):
    """A protocol or a selection that the chosen checkpoints have no value of."""


@dataclass(frozen=True, order=True)
class Measure:
    """What is measured: a metric over an extractor ("" for a metric that needs none). Written fid:inception.pool3."""

    metric: str
    extractor: str = ""

    def __str__(self) -> str:
        return f"{self.metric}:{self.extractor}" if self.extractor else self.metric

    @property
    def title(self) -> str:
        """Short, as an axis or a column has room for it."""
        short = catalogue.short_name(self.metric)
        return f"{short} · {self.extractor}" if self.extractor else short

    @property
    def lower_is_better(self) -> bool:
        return catalogue.metric(self.metric).lower_is_better

    @property
    def arrow(self) -> str:
        return "↓" if self.lower_is_better else "↑"


def measure_of(text: str) -> Measure:
    """The measure written so; InputError for an unknown metric. Any extractor is taken: those of checkpoints come and go."""
    metric, _colon, extractor = str(text).partition(":")
    return measured(catalogue.metric(metric).name, extractor[:100])


def measured(metric: str, extractor: str) -> Measure:
    """As a result names the two; its extractor is `none` for a metric that looks at the pictures themselves."""
    return Measure(metric, "" if extractor == catalogue.NO_EXTRACTOR else extractor)


@dataclass(frozen=True)
class Point:
    """A checkpoint and one number of it. `on` says which pictures it was applied to, e.g. cufs:test."""

    checkpoint: Checkpoint
    result: Result
    on: str

    @property
    def run(self) -> TrainingRun:
        return self.checkpoint.run

    @property
    def value(self) -> float:
        return self.result.value

    @property
    def scale(self) -> str:
        return scale_name(self.result.protocol, self.on)


@dataclass(frozen=True)
class Scale:
    """Values that may be compared: one protocol, applied to one selection. `key` is how an address names it."""

    protocol: str
    on: str
    reference: str
    n_reference: int
    n_candidate: int
    count: int

    @property
    def key(self) -> str:
        return scale_name(self.protocol, self.on)

    @property
    def split(self) -> str:
        """The split of the selection: test, validation, train, all, held_out."""
        return split_of(self.on)

    @property
    def label(self) -> str:
        words = _("%(on)s against %(reference)s · n = %(n)s · %(protocol)s")
        return words % {
            "on": self.on, "reference": self.reference, "n": self.n_candidate, "protocol": self.protocol,
        }  # fmt: skip


def scale_name(protocol: str, on: str) -> str:
    return f"{protocol}@{on}"


def split_of(on: str) -> str:
    """The split in the name of a selection, dataset:split[:source]."""
    return [*on.split(":"), ""][1]


def selection_name(candidate: dict[str, str]) -> str:
    """Which pictures a checkpoint was applied to, from the specification of its set: cufs:test, cufs:test:CUHK."""
    return ":".join(filter(None, [candidate.get("dataset"), candidate.get("split"), candidate.get("source")]))


def runs_of(user: Any, wanted: Sequence[str], measure: Measure | None = None) -> list[TrainingRun]:
    """The runs with these ids, in the order given; without any, the newest that have a value of the measure.

    InputError for what is no run that this user may see.
    """
    runs = trainings_visible_to(user)
    if not wanted:
        results = results_visible_to(user).filter(evaluation__candidate_checkpoint__isnull=False)
        if measure is not None:
            results = results.filter(metric=measure.metric, extractor=measure.extractor or catalogue.NO_EXTRACTOR)
        measured = results.order_by().values("evaluation__candidate_checkpoint__run")
        return list(runs.filter(id__in=measured)[:DEFAULT_RUNS])
    ids = list(dict.fromkeys(_run_id(text) for text in wanted))
    if len(ids) > MOST_RUNS:
        raise InputError(_("At most %(most)s runs are compared at once; choose fewer.") % {"most": MOST_RUNS})
    found = {run.id: run for run in runs.filter(id__in=ids)}
    for run_id in ids:
        if run_id not in found:
            raise InputError(_("There is no training run %(id)s, or it is not visible to you.") % {"id": run_id})
    return [found[run_id] for run_id in ids]


def _run_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        words = _("run: %(text)s is no number of a training run; it stands in the address of its page.")
        raise InputError(words % {"text": repr(text)[:80]}) from None


def measured_runs(user: Any) -> list[TrainingRun]:
    """Every run that has a measured checkpoint, newest first: what a study can be made of."""
    results = results_visible_to(user).filter(evaluation__candidate_checkpoint__isnull=False)
    return list(
        trainings_visible_to(user).filter(id__in=results.order_by().values("evaluation__candidate_checkpoint__run"))
    )


def measures_of(user: Any, runs: Iterable[TrainingRun] | None = None) -> list[Measure]:
    """The measures that checkpoints of these runs (of any) have values of, the most frequent first."""
    results = results_visible_to(user).filter(evaluation__candidate_checkpoint__isnull=False)
    if runs is not None:
        results = results.filter(evaluation__candidate_checkpoint__run__in=[run.pk for run in runs])
    rows = results.order_by().values("metric", "extractor").annotate(count=Count("id"), newest=Max("created"))
    found = [row for row in rows if row["metric"] in catalogue.METRICS]
    found.sort(key=lambda row: (-row["count"], row["metric"], row["extractor"]))
    return [measured(row["metric"], row["extractor"]) for row in found]


def points_of(user: Any, runs: Sequence[TrainingRun], measures: Sequence[Measure]) -> dict[Measure, list[Point]]:
    """All values of the measures, each by run (in the order given) and step. Of a number measured twice in one way the
    newest stays. One query."""
    place = {run.pk: number for number, run in enumerate(runs)}
    by_pk = {run.pk: run for run in runs}
    results = results_visible_to(user).filter(
        evaluation__candidate_checkpoint__run__in=list(place), metric__in={measure.metric for measure in measures}
    )
    newest: dict[tuple[Measure, str, str], Point] = {}
    for result in results.select_related("evaluation__candidate_checkpoint").order_by("created", "id"):
        measure = measured(result.metric, result.extractor)
        checkpoint = result.evaluation.candidate_checkpoint
        assert checkpoint is not None  # filtered above
        if measure in measures:
            checkpoint.run = by_pk[checkpoint.run_id]
            point = Point(checkpoint, result, selection_name(result.evaluation.candidate))
            newest[measure, checkpoint.pk, point.scale] = point
    found: dict[Measure, list[Point]] = {measure: [] for measure in measures}
    for (measure, _checkpoint, _scale), point in newest.items():
        found[measure].append(point)
    for points in found.values():
        points.sort(key=lambda point: (place[point.run.pk], point.checkpoint.step))
    return found


def scales_of(points: Sequence[Point]) -> list[Scale]:
    """What of the points may be compared with what: the scale with most points first, of equals that of most pictures."""
    counts = Counter(point.scale for point in points)
    first: dict[str, Point] = {}
    for point in points:
        first.setdefault(point.scale, point)
    return [
        Scale(
            point.result.protocol,
            point.on,
            point.result.evaluation.reference_label,
            point.result.n_reference,
            point.result.n_candidate,
            counts[name],
        )
        for name, point in sorted(
            first.items(), key=lambda item: (-counts[item[0]], -item[1].result.n_candidate, item[0])
        )
    ]


def scale_chosen(scales: Sequence[Scale], wanted: str) -> Scale | None:
    """The scale of this key or protocol; without one the fullest. None when there is none; InputError for an unknown."""
    if not wanted:
        return scales[0] if scales else None
    for scale in scales:
        if wanted in (scale.key, scale.protocol):
            return scale
    known = ", ".join(scale.key for scale in scales[:10]) or _("none")
    text = _("protocol: no checkpoint of these runs was measured by %(wanted)s. Known: %(known)s.")
    raise UnknownScale(text % {"wanted": repr(wanted)[:80], "known": known})


def on_scale(points: Sequence[Point], scale: Scale | None) -> list[Point]:
    return [point for point in points if scale is not None and point.scale == scale.key]
