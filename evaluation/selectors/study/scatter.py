"""One measure against another over the same checkpoints, and how well they agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from evaluation.models import Checkpoint, TrainingRun
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
from workers.engine.study.correlation import Agreement, agreement, differences


@dataclass(frozen=True)
class Axis:
    """A measure and the scale its values are taken from."""

    measure: Measure
    scales: list[Scale]
    scale: Scale | None


@dataclass(frozen=True)
class Both:
    """A checkpoint that has a value on either axis."""

    x: Point
    y: Point

    @property
    def checkpoint(self) -> Checkpoint:
        return self.x.checkpoint


@dataclass(frozen=True)
class Agreed:
    """How well the axes agree over the checkpoints of `run` (None: of all together), and over their first differences."""

    run: TrainingRun | None
    values: Agreement
    steps: Agreement


@dataclass(frozen=True)
class Scatter:
    """Points by run, in the order of training. `measures` are what can be chosen for an axis."""

    runs: list[TrainingRun]
    measures: list[Measure]
    x: Axis | None = None
    y: Axis | None = None
    groups: list[tuple[TrainingRun, list[Both]]] = field(default_factory=list)
    agreed: list[Agreed] = field(default_factory=list)

    @property
    def points(self) -> list[Both]:
        return [both for _run, group in self.groups for both in group]


def scatter(
    user: Any,
    *,
    runs: Sequence[str] = (),
    x: Measure | None = None,
    y: Measure | None = None,
    x_scale: str = "",
    y_scale: str = "",
) -> Scatter:
    """The measures x and y (the two most frequent ones if none are given) over the runs with these ids.

    InputError for unknown runs and protocols.
    """
    chosen = runs_of(user, runs)
    measures = measures_of(user, chosen)
    x = x or next(iter(measures), None)
    y = y or next((measure for measure in measures if measure != x), x)
    if x is None or y is None:
        return Scatter(chosen, measures)
    points = points_of(user, chosen, [x, y])
    axes = [_axis(measure, points[measure], scale) for measure, scale in ((x, x_scale), (y, y_scale))]
    xs, ys = ({point.checkpoint.pk: point for point in on_scale(points[axis.measure], axis.scale)} for axis in axes)
    groups = []
    for run in chosen:
        group = [Both(point, ys[key]) for key, point in xs.items() if point.run is run and key in ys]
        if group:
            groups.append((run, group))
    return Scatter(chosen, measures, axes[0], axes[1], groups, _agreed(groups))


def _axis(measure: Measure, points: Sequence[Point], wanted: str) -> Axis:
    scales = scales_of(points)
    return Axis(measure, scales, scale_chosen(scales, wanted))


def _agreed(groups: Sequence[tuple[TrainingRun, list[Both]]]) -> list[Agreed]:
    """Of all runs together, then of each run where there are several: a gap between runs can make or hide agreement."""
    if not groups:
        return []
    found = [_of(None, [group for _run, group in groups])]
    return found + ([_of(run, [group]) for run, group in groups] if len(groups) > 1 else [])


def _of(run: TrainingRun | None, groups: Sequence[list[Both]]) -> Agreed:
    def both(change: Callable[[list[float]], list[float]]) -> Agreement:
        series = [
            (change([point.x.value for point in group]), change([point.y.value for point in group])) for group in groups
        ]
        return agreement(series)

    return Agreed(run, both(list), both(differences))
