"""A metric over the epochs of training runs, with its odd jumps."""

from __future__ import annotations

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
from workers.engine.study.jumps import FEWEST, Jump, jumps


@dataclass(frozen=True)
class OddStep:
    """A step of a curve that stands out: between which checkpoints, and what the rule found."""

    before: Point
    after: Point
    jump: Jump

    @property
    def intervals_overlap(self) -> bool | None:
        """Whether the two 95 % intervals share values; None where one is missing."""
        one, other = self.before.result, self.after.result
        if one.low is None or one.high is None or other.low is None or other.high is None:
            return None
        return one.low <= other.high and other.low <= one.high


@dataclass(frozen=True)
class Line:
    """The points of one run, and its odd steps. `judged` is false when there are too few points to call a step odd."""

    run: TrainingRun
    points: list[Point]
    odd: list[OddStep]

    @property
    def judged(self) -> bool:
        return len(self.points) >= FEWEST

    @property
    def best(self) -> Point:
        key = min if self.points[0].result.lower_is_better else max
        return key(self.points, key=lambda point: point.value)

    @property
    def last(self) -> Point:
        return self.points[-1]

    def is_odd(self, point: Point) -> bool:
        return any(step.after is point for step in self.odd)


@dataclass(frozen=True)
class Curve:
    """Lines that may stand in one drawing. `scales` are the choices, `scale` the one drawn."""

    measure: Measure | None
    runs: list[TrainingRun]
    scales: list[Scale]
    scale: Scale | None
    lines: list[Line] = field(default_factory=list)

    @property
    def floor(self) -> float | None:
        """Real against real; the same for all points of a protocol, which fixes reference and counts."""
        floors = [point.result.floor for line in self.lines for point in line.points if point.result.floor is not None]
        return floors[-1] if floors else None

    @property
    def points(self) -> list[Point]:
        return [point for line in self.lines for point in line.points]

    @property
    def by_epoch(self) -> list[tuple[int, list[Point | None]]]:
        """A table: for each epoch the last point of each line there, or None."""
        places: dict[int, list[Point | None]] = {}
        for number, line in enumerate(self.lines):
            for point in line.points:
                places.setdefault(point.checkpoint.epoch, [None] * len(self.lines))[number] = point
        return sorted(places.items())

    @property
    def jumped(self) -> list[Point]:
        return [step.after for step in self.odd]

    @property
    def odd(self) -> list[OddStep]:
        return [step for line in self.lines for step in line.odd]


def curve(user: Any, *, runs: Sequence[str] = (), measure: Measure | None = None, scale: str = "") -> Curve:
    """The curve of a measure (the most frequent one if none is given) over the runs with these ids.

    InputError for unknown runs and protocols.
    """
    chosen = runs_of(user, runs, measure)
    if measure is None:
        measure = next(iter(measures_of(user, chosen)), None)
    if measure is None:
        return Curve(None, chosen, [], None)
    points = points_of(user, chosen, [measure])[measure]
    scales = scales_of(points)
    drawn = scale_chosen(scales, scale)
    lines = [_line(run, [point for point in on_scale(points, drawn) if point.run is run]) for run in chosen]
    return Curve(measure, chosen, scales, drawn, [line for line in lines if line.points])


def _line(run: TrainingRun, points: list[Point]) -> Line:
    found = jumps([point.value for point in points])
    return Line(run, points, [OddStep(points[jump.index - 1], points[jump.index], jump) for jump in found])
