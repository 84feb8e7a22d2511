"""How the measuring of a run's checkpoints is doing, over all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.models import Checkpoint, Evaluation, Result, TrainingRun
from evaluation.selectors.evaluations import evaluations_visible_to
from evaluation.selectors.study.points import Measure, measured, selection_name
from workers.engine import catalogue
from workers.models import LIVE_STATES, JobState

FILTERS = ("on", "reference", "extractor")


@dataclass(frozen=True)
class Column:
    """Values that may be compared: a measure on one selection by one protocol ("" while there is no value of it)."""

    measure: Measure
    on: str
    protocol: str


@dataclass(frozen=True)
class Row:
    """A checkpoint with its evaluations, and its values in the order of the batch's columns (None: not measured)."""

    checkpoint: Checkpoint
    evaluations: list[Evaluation]
    values: list[Result | None]

    @property
    def complete(self) -> bool:
        return bool(self.values) and None not in self.values

    @property
    def live(self) -> list[Evaluation]:
        return [evaluation for evaluation in self.evaluations if evaluation.job.state in LIVE_STATES]

    @property
    def failed(self) -> list[Evaluation]:
        """Those that failed, and of whose metrics one has no value from another evaluation either."""
        return self._lacking(JobState.FAILED)

    @property
    def partial(self) -> list[Evaluation]:
        """Those that succeeded without one of their metrics, which has no value from another evaluation either."""
        return self._lacking(JobState.SUCCEEDED)

    def _lacking(self, state: JobState) -> list[Evaluation]:
        given = {wish for evaluation in self.evaluations for wish in _given(evaluation)}
        ended = [evaluation for evaluation in self.evaluations if evaluation.job.state == state]
        return [evaluation for evaluation in ended if not _asked(evaluation) <= given]


@dataclass(frozen=True)
class Batch:
    """The evaluations of a run's checkpoints that pass the filters. `choices`: filter -> what it can be."""

    run: TrainingRun
    evaluations: list[Evaluation]
    columns: list[Column]
    rows: list[Row]
    choices: dict[str, list[str]]

    @property
    def states(self) -> dict[str, int]:
        return dict(Counter(evaluation.job.state for evaluation in self.evaluations))

    @property
    def state_labels(self) -> list[tuple[str, str, int]]:
        """(state, what a reader calls it, how many)."""
        return [(state, str(JobState(state).label), count) for state, count in self.states.items()]

    @property
    def live(self) -> bool:
        return any(evaluation.job.state in LIVE_STATES for evaluation in self.evaluations)

    @property
    def done(self) -> int:
        return sum(evaluation.job.state not in LIVE_STATES for evaluation in self.evaluations)

    @property
    def progress(self) -> float:
        """0..1: the mean over all evaluations."""
        if not self.evaluations:
            return 0.0
        parts = [
            evaluation.job.progress if evaluation.job.state in LIVE_STATES else 1.0 for evaluation in self.evaluations
        ]
        return sum(parts) / len(parts)


def batch(user: Any, run: TrainingRun, wanted: Mapping[str, str]) -> Batch:
    """The evaluations of the run's checkpoints; `wanted` may name a selection (`on`), a reference, an extractor."""
    found = evaluations_visible_to(user).filter(candidate_checkpoint__run=run).select_related("candidate_checkpoint")
    everything = list(found.order_by("created"))
    facts = [(evaluation, _facts(evaluation)) for evaluation in everything]
    choices = {name: sorted({fact[name] for _evaluation, fact in facts}) for name in FILTERS}
    evaluations = [
        evaluation
        for evaluation, fact in facts
        if all(not wanted.get(name) or fact[name] == wanted[name] for name in FILTERS)
    ]
    columns = _columns(evaluations)
    by_checkpoint: dict[str, list[Evaluation]] = {}
    checkpoints: dict[str, Checkpoint] = {}
    for evaluation in evaluations:
        checkpoint = evaluation.candidate_checkpoint
        assert checkpoint is not None  # filtered above
        checkpoints[checkpoint.pk] = checkpoint
        by_checkpoint.setdefault(checkpoint.pk, []).append(evaluation)
    order = sorted(checkpoints.values(), key=lambda checkpoint: checkpoint.step)
    rows = [Row(each, by_checkpoint[each.pk], _values(by_checkpoint[each.pk], columns)) for each in order]
    return Batch(run, evaluations, columns, rows, choices)


@dataclass(frozen=True)
class _Wish:
    """One number that an evaluation is to find."""

    measure: Measure
    on: str
    reference: str


def _asked(evaluation: Evaluation) -> set[_Wish]:
    """What it was submitted for, as far as the catalogue still knows the metrics."""
    metrics = [catalogue.metric(name) for name in evaluation.metrics if name in catalogue.METRICS]
    return {
        _wish(evaluation, metric.name, evaluation.extractor if metric.needs_features else catalogue.NO_EXTRACTOR)
        for metric in metrics
    }


def _given(evaluation: Evaluation) -> set[_Wish]:
    """What it found."""
    return {_wish(evaluation, result.metric, result.extractor) for result in evaluation.results.all()}


def _wish(evaluation: Evaluation, metric: str, extractor: str) -> _Wish:
    return _Wish(measured(metric, extractor), selection_name(evaluation.candidate), evaluation.reference_label)


def _columns(evaluations: Sequence[Evaluation]) -> list[Column]:
    """One for each protocol that values were measured by, and one for what was asked for and has no value anywhere."""
    found = {_column(evaluation, result) for evaluation in evaluations for result in evaluation.results.all()}
    known = {(column.measure, column.on) for column in found}
    asked = {(wish.measure, wish.on) for evaluation in evaluations for wish in _asked(evaluation)}
    found |= {Column(measure, on, "") for measure, on in asked - known}
    return sorted(found, key=lambda column: (column.measure, column.on, column.protocol))


def _facts(evaluation: Evaluation) -> dict[str, str]:
    return {
        "on": selection_name(evaluation.candidate),
        "reference": evaluation.reference_label,
        "extractor": evaluation.extractor,
    }


def _column(evaluation: Evaluation, result: Result) -> Column:
    return Column(measured(result.metric, result.extractor), selection_name(evaluation.candidate), result.protocol)


def _values(evaluations: Sequence[Evaluation], columns: Sequence[Column]) -> list[Result | None]:
    """The newest value of each column."""
    newest = {_column(each, result): result for each in evaluations for result in each.results.all()}
    return [newest.get(column) for column in columns]
