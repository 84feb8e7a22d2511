"""The best checkpoints by a rule: chosen on pictures kept for choosing, reported on the test pictures once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from datasetviewer.models import Split
from evaluation.models import Checkpoint, TrainingRun
from evaluation.selectors.study.points import (
    Measure,
    Point,
    Scale,
    UnknownScale,
    measures_of,
    on_scale,
    points_of,
    runs_of,
    scales_of,
    split_of,
)
from evaluation.sets import HELD_OUT
from workers.engine.errors import InputError
from workers.engine.study.choice import RULES, Placed, placed

FOR_CHOOSING = (Split.VALIDATION.value, HELD_OUT)
MOST = 10  # checkpoints to choose


@dataclass(frozen=True)
class Selection:
    """`n` pictures that checkpoints were applied to, and of how many checkpoints every wanted measure is known there."""

    on: str
    count: int
    n: int

    @property
    def split(self) -> str:
        return split_of(self.on)

    @property
    def for_choosing(self) -> bool:
        return self.split in FOR_CHOOSING


@dataclass(frozen=True)
class Candidate:
    """A checkpoint with its values on the pictures chosen by, where the rule puts it, and its values on the test.

    `test` is filled for chosen checkpoints of an honest choice alone: who sees all test values chooses by them.
    """

    checkpoint: Checkpoint
    points: tuple[Point, ...]
    placed: Placed
    test: tuple[Point | None, ...] = ()

    @property
    def ranked(self) -> list[tuple[Point, float]]:
        """Each value with its rank."""
        return list(zip(self.points, self.placed.ranks, strict=True))

    @property
    def tested(self) -> bool:
        return any(self.test)


@dataclass(frozen=True)
class Choice:
    """Candidates best first; the first `k` of them are chosen. `left_out` checkpoints lack a value on the same scale.

    `leak` says why this is no honest choice: "test" (the test pictures, or all, were chosen by), "trained" (a run was
    trained on them); "" when it is one.
    """

    runs: list[TrainingRun]
    measures: list[Measure]
    wanted: list[Measure]
    rule: str
    k: int
    selections: list[Selection] = field(default_factory=list)
    selection: Selection | None = None
    scales: list[Scale] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    left_out: int = 0
    leak: str = ""
    test_on: str = ""

    @property
    def chosen(self) -> list[Candidate]:
        return self.candidates[: self.k]

    @property
    def untested(self) -> list[Candidate]:
        """Chosen ones whose test values are not known yet."""
        return [] if self.leak else [candidate for candidate in self.chosen if None in candidate.test]


def choice(
    user: Any,
    *,
    runs: Sequence[str] = (),
    measures: Sequence[Measure] = (),
    on: str = "",
    rule: str = RULES[0],
    k: int = 1,
) -> Choice:
    """The checkpoints of these runs by these measures (the most frequent one if none is given) on the selection `on`.

    Without `on` one that is kept for choosing is taken, and none when there is none: the test pictures must be asked for
    by name, and are then labelled. InputError for unknown runs, rules and selections.
    """
    if rule not in RULES:
        text = _("rule: there is no %(rule)s. Known: %(known)s.")
        raise InputError(text % {"rule": repr(rule)[:40], "known": ", ".join(RULES)})
    if not 1 <= k <= MOST:
        raise InputError(_("k: %(k)s is not between 1 and %(most)s.") % {"k": k, "most": MOST})
    chosen = runs_of(user, runs)
    known = measures_of(user, chosen)
    wanted = list(dict.fromkeys(measures)) or known[:1]
    points = points_of(user, chosen, wanted)
    selections = _selections(points, wanted)
    selection = _selection(selections, on)
    made = Choice(chosen, known, wanted, rule, k, selections, selection)
    if selection is None:
        return made
    scales = [_fullest(points[measure], selection.on) for measure in wanted]
    by_checkpoint = [
        {point.checkpoint.pk: point for point in on_scale(points[m], s)} for m, s in zip(wanted, scales, strict=True)
    ]
    rows = [
        tuple(found[key] for found in by_checkpoint)
        for key in by_checkpoint[0]
        if all(key in found for found in by_checkpoint)
    ]
    order = placed([[point.value for point in row] for row in rows], [m.lower_is_better for m in wanted], rule=rule)
    leak = _leak(selection, [row[0].run for row in rows])
    candidates = [Candidate(rows[place.index][0].checkpoint, rows[place.index], place) for place in order]
    test_on = "" if leak else _test_of(selection.on)
    if test_on:
        candidates[:k] = [_tested(candidate, points, wanted, test_on) for candidate in candidates[:k]]
    seen = {point.checkpoint.pk for measure in wanted for point in points[measure]}
    return Choice(
        chosen, known, wanted, rule, k, selections, selection, [scale for scale in scales if scale], candidates,
        len(seen) - len(rows), leak, test_on,
    )  # fmt: skip


def _selections(points: dict[Measure, list[Point]], wanted: Sequence[Measure]) -> list[Selection]:
    """Where every measure is known: those for choosing first, then the fullest, then those of most pictures."""
    counts: Counter[str] = Counter()
    keys = [{(point.on, point.checkpoint.pk) for point in points[measure]} for measure in wanted]
    for on, _checkpoint in set.intersection(*keys) if keys else set():
        counts[on] += 1
    sizes = {point.on: point.result.n_candidate for found in points.values() for point in found}
    selections = [Selection(on, count, sizes[on]) for on, count in counts.items()]
    return sorted(selections, key=lambda each: (not each.for_choosing, -each.count, -each.n, each.on))


def _selection(selections: Sequence[Selection], wanted: str) -> Selection | None:
    if wanted:
        found = next((each for each in selections if each.on == wanted), None)
        if found is None:
            known = ", ".join(each.on for each in selections[:10]) or _("none")
            text = _("on: no checkpoint has these measures on %(wanted)s. Known: %(known)s.")
            raise UnknownScale(text % {"wanted": repr(wanted)[:80], "known": known})
        return found
    return next((each for each in selections if each.for_choosing), None)


def _fullest(points: Sequence[Point], on: str) -> Scale | None:
    return next((scale for scale in scales_of(points) if scale.on == on), None)


def _leak(selection: Selection, runs: Sequence[TrainingRun]) -> str:
    if not selection.for_choosing:
        return "trained" if selection.split == Split.TRAIN else "test"
    if selection.split == HELD_OUT:
        return ""
    slug = selection.on.split(":")[0]
    trained = any(run.dataset and run.dataset.slug == slug and run.split in ("all", selection.split) for run in runs)
    return "trained" if trained else ""


def _test_of(on: str) -> str:
    """The test pictures of the same dataset and source."""
    dataset, _split, *source = on.split(":")
    return ":".join([dataset, Split.TEST.value, *source])


def _tested(
    candidate: Candidate, points: dict[Measure, list[Point]], wanted: Sequence[Measure], test_on: str
) -> Candidate:
    found = []
    for measure in wanted:
        scale = _fullest(points[measure], test_on)
        here = (point for point in on_scale(points[measure], scale) if point.checkpoint.pk == candidate.checkpoint.pk)
        found.append(next(here, None))
    return Candidate(candidate.checkpoint, candidate.points, candidate.placed, tuple(found))
