"""Training runs side by side: the options that differ, where they come from, and their numbers over seeds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from evaluation.models import TrainingRun
from evaluation.selectors.study.points import (
    Measure,
    Point,
    Scale,
    measures_of,
    on_scale,
    points_of,
    runs_of,
    scale_chosen,
    scales_of,
)
from workers.engine.study.tables import Spread, spread

ORIGIN = ("dataset", "split", "direction", "train_digest", "code_version")


@dataclass(frozen=True)
class Compared:
    """The last and the best value of a measure in each run of a group, and their spread over the runs."""

    measure: Measure
    scale: Scale | None
    last: list[Point]
    best: list[Point]

    @property
    def last_spread(self) -> Spread | None:
        return spread([point.value for point in self.last])

    @property
    def best_spread(self) -> Spread | None:
        return spread([point.value for point in self.best])


@dataclass(frozen=True)
class Group:
    """Runs that are equal but for the seed (one run alone, where seeds are kept apart)."""

    runs: list[TrainingRun]
    facts: dict[str, str]
    compared: list[Compared] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.runs[0])

    @property
    def seeds(self) -> str:
        return ", ".join(str(run.seed) for run in self.runs)


@dataclass(frozen=True)
class Comparison:
    """Groups in the order of their runs. `differing` names the facts that are not the same in all, `shared` the others."""

    runs: list[TrainingRun]
    measures: list[Measure]
    wanted: list[Measure]
    groups: list[Group] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    shared: dict[str, str] = field(default_factory=dict)
    scales: dict[Measure, list[Scale]] = field(default_factory=dict)


def comparison(
    user: Any,
    *,
    runs: Sequence[str] = (),
    measures: Sequence[Measure] = (),
    scales: Sequence[str] = (),
    seeds_apart: bool = False,
) -> Comparison:
    """The runs with these ids by these measures (all that they have, at most four, if none are given).

    `scales` names the protocol of each measure, "" for the fullest. InputError for unknown runs and protocols.
    """
    chosen = runs_of(user, runs)
    known = measures_of(user, chosen)
    wanted = list(dict.fromkeys(measures)) or known[:4]
    points = points_of(user, chosen, wanted)
    choices = {measure: scales_of(points[measure]) for measure in wanted}
    named = dict(zip(wanted, [*scales, *([""] * len(wanted))], strict=False))
    used = {measure: scale_chosen(choices[measure], named[measure]) for measure in wanted}
    facts = {run.pk: facts_of(run) for run in chosen}
    names = list(dict.fromkeys(name for each in facts.values() for name in each))
    differing = [name for name in names if len({each.get(name, "") for each in facts.values()}) > 1]
    shared = {name: next(iter(facts.values()))[name] for name in names if name not in differing}
    groups = [
        Group(
            members,
            _facts_of_all([facts[run.pk] for run in members]),
            [_compared(measure, used[measure], members, points[measure]) for measure in wanted],
        )
        for members in _grouped(chosen, facts, seeds_apart)
    ]
    return Comparison(chosen, known, wanted, groups, differing, shared, choices)


def facts_of(run: TrainingRun) -> dict[str, str]:
    """Everything that decides what a run becomes, and where it comes from, as texts by name."""
    origin = {
        "dataset": run.dataset.slug if run.dataset else "",
        "split": ":".join(filter(None, [run.split, run.source])),
        "direction": f"{run.direction_from} → {run.direction_to}",
        "validation_share": f"{run.validation_share:g}",
        "train_digest": run.train_digest[:12],
        "code_version": run.code_version,
    }
    options = {name: _text(value) for name, value in sorted(run.options.items())}
    return {"preset": run.preset, **options, "seed": str(run.seed), "begun_from": run.parent_id or "", **origin}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _grouped(runs: Sequence[TrainingRun], facts: dict[Any, dict[str, str]], apart: bool) -> list[list[TrainingRun]]:
    """Runs that differ in the seed alone. The held-out pairs, and so the digest of the rest, follow from the seed."""
    groups: dict[Any, list[TrainingRun]] = {}
    for run in runs:
        same = frozenset((name, text) for name, text in facts[run.pk].items() if name not in ("seed", "train_digest"))
        groups.setdefault(run.pk if apart else same, []).append(run)
    return list(groups.values())


def _facts_of_all(members: Sequence[dict[str, str]]) -> dict[str, str]:
    """The facts of a group, those that differ inside it listed."""
    return {name: ", ".join(dict.fromkeys(each[name] for each in members)) for name in members[0]}


def _compared(measure: Measure, scale: Scale | None, runs: Sequence[TrainingRun], points: Sequence[Point]) -> Compared:
    last, best = [], []
    for run in runs:
        own = [point for point in on_scale(points, scale) if point.run is run]
        if own:
            last.append(own[-1])
            best.append((min if measure.lower_is_better else max)(own, key=lambda point: point.value))
    return Compared(measure, scale, last, best)
