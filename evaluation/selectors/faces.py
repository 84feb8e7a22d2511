"""The same faces across candidate sets: everything that was measured for each pair, out of all evaluations of a set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from evaluation.models import Evaluation, PairValues
from evaluation.selectors.pair_values import pair_values_measured
from evaluation.set_titles import set_titles
from evaluation.sets import from_json
from workers.engine import catalogue
from workers.engine.errors import InputError

LOOKED_AT = 500  # the newest evaluations
ORDERINGS = ("worst", "best", "gap", "key")
RANK, SIMILARITY, DISTANCE = "rank", "similarity", "distance"
RANK1 = "rank1"


@dataclass(frozen=True)
class FaceMeasure:
    """Something each pair has a value of. `key` stands in addresses: `ssim`, `rank1:dlib.face128`, `rank:dlib.face128`."""

    key: str
    title: str
    lower_is_better: bool

    @property
    def extractor(self) -> str:
        return self.key.partition(":")[2]

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers."""
        return self.key.partition(":")[0].startswith(RANK)


@dataclass(frozen=True)
class FaceSet:
    """A candidate set with its reference; `evaluation` is the newest one, by which its pictures are addressed.

    index[key] is the pair's place there, values[measure][key] what was measured, None where no face was found.
    """

    evaluation: Evaluation
    title: str
    index: dict[str, int]
    values: dict[str, dict[str, float | None]]

    def value(self, measure: str, key: str) -> float | None:
        return self.values[measure].get(key)


@dataclass(frozen=True)
class Cell:
    """One set's picture of a face: the pair's place in the evaluation and its value."""

    evaluation: Evaluation
    title: str
    index: int
    value: float | None


@dataclass(frozen=True)
class Face:
    """One row of the page; the reference picture is that of the first set. `gap` is the widest between two sets."""

    key: str
    reference: Cell
    cells: list[Cell]
    gap: float | None


@dataclass(frozen=True)
class OfferedSet:
    """A set to choose; `id` is its newest evaluation."""

    id: str
    title: str
    reference: str
    n: int


def _same(evaluation: Evaluation) -> str:
    return json.dumps([evaluation.reference, evaluation.candidate], sort_keys=True)


def sets_grouped(user: Any, wanted: Iterable[str] = ()) -> list[list[Evaluation]]:
    """Evaluations with values of pairs, those of the same two sets together, the newest first.

    Of very many the newest, and those `wanted`.
    """
    measured = pair_values_measured(user).prefetch_related(None).select_related(None)
    found = list(measured[:LOOKED_AT])
    missing = set(wanted) - {str(evaluation.pk) for evaluation in found}
    groups: dict[str, list[Evaluation]] = {}
    for evaluation in (*found, *(measured.filter(pk__in=missing) if missing else ())):
        groups.setdefault(_same(evaluation), []).append(evaluation)
    return list(groups.values())


def offered_sets(groups: Sequence[Sequence[Evaluation]], most: int) -> list[OfferedSet]:
    """The sets that a page offers."""
    newest = [group[0] for group in groups[:most]]
    titles = set_titles(from_json(each.candidate) for each in newest)
    return [
        OfferedSet(str(each.pk), titles[from_json(each.candidate)], each.reference_label, each.n_candidate)
        for each in newest
    ]


def face_sets(groups: Iterable[Sequence[Evaluation]]) -> list[FaceSet]:
    """What was measured of each group's set. Values count where the pictures are those of the newest evaluation."""
    groups = list(groups)
    rows = {
        row.evaluation_id: row
        for row in PairValues.objects.filter(evaluation__in=[each.pk for group in groups for each in group])
    }
    titles = set_titles(from_json(group[0].candidate) for group in groups)
    return [_face_set(group, rows, titles[from_json(group[0].candidate)]) for group in groups]


def _face_set(group: Sequence[Evaluation], rows: dict[Any, PairValues], title: str) -> FaceSet:
    newest = rows[group[0].pk]
    index = {key: place for place, key in enumerate(newest.keys)}
    values: dict[str, dict[str, float | None]] = {}
    for evaluation in group:
        row = rows[evaluation.pk]
        same = [
            (key, place)
            for place, key in enumerate(row.keys)
            if key in index
            and row.reference[place] == newest.reference[index[key]]
            and row.candidate[place] == newest.candidate[index[key]]
        ]
        for name, listed in _listed(row, evaluation.extractor).items():
            values.setdefault(name, {key: listed[place] for key, place in same})
    return FaceSet(group[0], title, index, values)


def _listed(row: PairValues, extractor: str) -> dict[str, list[float | None]]:
    """The lists of a row by the key of their measure."""
    found: dict[str, list[float | None]] = {}
    for name in row.metrics:
        found[f"{name}:{extractor}" if catalogue.metric(name).needs_features else name] = row.values[name]
    if row.recognition:
        found[f"{RANK}:{extractor}"] = row.recognition["rank"]
        own = row.recognition["own"]
        if _is_cosine(extractor):
            found[f"{SIMILARITY}:{extractor}"] = [None if value is None else 1 - value for value in own]
        else:
            found[f"{DISTANCE}:{extractor}"] = own
    return found


def _is_cosine(extractor: str) -> bool:
    try:
        return catalogue.extractor(extractor).distance == "cosine"
    except InputError:  # one that is not in the catalogue any more
        return False


def measures_of(sets: Sequence[FaceSet]) -> list[FaceMeasure]:
    """What all of these sets were measured by, metrics in the catalogue's order, then what recognition adds."""
    if not sets:
        return []
    shared = [key for key in sets[0].values if all(key in other.values for other in sets)]
    order = [*catalogue.METRICS, RANK, SIMILARITY, DISTANCE]
    shared.sort(key=lambda key: (order.index(key.partition(":")[0]), key))
    return [_measure(key) for key in shared]


def _measure(key: str) -> FaceMeasure:
    name, _colon, extractor = key.partition(":")
    own = {
        RANK: (_("Rank of the own person"), True),
        SIMILARITY: (_("Similarity to the own person"), False),
        DISTANCE: (_("Distance to the own person"), True),
    }
    if name in own:
        return FaceMeasure(key, f"{own[name][0]} · {extractor}", own[name][1])
    metric = catalogue.metric(name)
    return FaceMeasure(
        key, f"{_(metric.title)} · {extractor}" if extractor else _(metric.title), metric.lower_is_better
    )


def measure_chosen(measures: Sequence[FaceMeasure], wanted: str) -> FaceMeasure | None:
    """The one of this key, or of this name by any extractor; else the first."""
    for measure in measures:
        if wanted and wanted in (measure.key, measure.key.partition(":")[0]):
            return measure
    return measures[0] if measures else None


def rank1_measure(measures: Sequence[FaceMeasure], chosen: FaceMeasure | None) -> FaceMeasure | None:
    """The one that says who was not recognised, by the chosen measure's extractor if it has one; None without any."""
    found = [measure for measure in measures if measure.key.startswith(f"{RANK1}:")]
    by_same = [measure for measure in found if chosen is not None and measure.extractor == chosen.extractor]
    return next(iter([*by_same, *found]), None)


def faces_sorted(
    sets: Sequence[FaceSet],
    measure: FaceMeasure,
    ordering: str = "worst",
    by: FaceSet | None = None,
    failed: FaceMeasure | None = None,
) -> list[Face]:
    """The faces that all sets have: by the value of the set `by`, or by their mean over the sets; equals by key.

    `gap`: the widest difference between two sets first. A face without a value is the worst. `failed` leaves only those
    that this measure counts as not recognised, in `by` or in any of the sets.
    """
    shared = [key for key in sets[0].index if all(key in other.index for other in sets[1:])]
    if failed is not None:
        judged = [by] if by is not None else list(sets)
        shared = [key for key in shared if any(not each.value(failed.key, key) for each in judged)]
    faces = [_face(sets, measure.key, key) for key in shared]
    if ordering == "key":
        return sorted(faces, key=lambda face: face.key)
    if ordering == "gap":
        return sorted(faces, key=lambda face: (-(face.gap if face.gap is not None else -1), face.key))
    place = sets.index(by) if by is not None else None
    sign = 1 if measure.lower_is_better == (ordering == "best") else -1
    worst = float("inf") if ordering == "best" else float("-inf")

    def order(face: Face) -> tuple[float, str]:
        values = [cell.value for cell in face.cells] if place is None else [face.cells[place].value]
        known = [value for value in values if value is not None]
        return (sign * sum(known) / len(known) if len(known) == len(values) else worst, face.key)

    return sorted(faces, key=order)


def _face(sets: Sequence[FaceSet], measure: str, key: str) -> Face:
    cells = [Cell(each.evaluation, each.title, each.index[key], each.value(measure, key)) for each in sets]
    known = [cell.value for cell in cells if cell.value is not None]
    gap = max(known) - min(known) if len(known) > 1 else None
    return Face(key, Cell(sets[0].evaluation, "", sets[0].index[key], None), cells, gap)
