"""Reading paper tables: who may see which, and the numbers in their places, ranked only where they may be."""

from __future__ import annotations

import math
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from evaluation.models import Checkpoint, Evaluation, PaperTable, PublishedResults, Result
from evaluation.paper.columns import PaperColumn, column_problem, weights_text
from evaluation.paper.rows import Row, row_from, usual_name
from evaluation.selectors.evaluations import evaluations_visible_to
from evaluation.selectors.paper_marks import Mark, marks_of
from evaluation.sets import (
    CheckpointSet,
    DatasetSet,
    PublishedSet,
    SetSpec,
    StylizerSet,
    from_json,
    label,
    public_checkpoint,
)
from workers.models import LIVE_STATES, JobState
from workers.selectors import Estimator

DIGITS = 4  # of the largest number of a column that are shown
MOST_DECIMALS = 6


def tables_visible_to(user: Any) -> QuerySet[PaperTable]:
    """Signed-in users see all, visitors the public ones of public datasets; newest first."""
    tables = PaperTable.objects.select_related("dataset", "owner")
    if user is not None and user.is_authenticated:
        return tables
    return tables.filter(public=True, dataset__public=True)


def table_get(*, user: Any, table_id: uuid.UUID) -> PaperTable | None:
    """The table, or None when there is none that this user may see."""
    return tables_visible_to(user).filter(pk=table_id).first()


def table_managed_by(*, table: PaperTable, user: Any) -> bool:
    """Whether this user may change, measure or delete it: its owner and staff."""
    return bool(user.is_authenticated and (user.is_staff or (table.owner_id and table.owner_id == user.pk)))


def published_visible_to(user: Any) -> QuerySet[PublishedResults]:
    """Published results of the datasets that somebody may see, newest first."""
    found = PublishedResults.objects.select_related("dataset", "owner").defer("pictures")
    return found if user is not None and user.is_authenticated else found.filter(dataset__public=True)


@dataclass
class PaperCell:
    """A number or why there is none. `live` is the evaluation that will bring it, `failed` the one that did not.

    `letter` names the protocol where the numbers of the column have several; `problem` says why nothing was measured.
    """

    column: PaperColumn
    result: Result | None = None
    live: Evaluation | None = None
    failed: Evaluation | None = None
    problem: str = ""
    text: str = ""
    mark: Mark = Mark.NONE
    letter: str = ""

    @property
    def best(self) -> bool:
        return self.mark == Mark.BEST

    @property
    def second(self) -> bool:
        return self.mark == Mark.SECOND


@dataclass
class PaperRow:
    """A method with its numbers, in the order of the columns. `published` is where its pictures come from."""

    row: Row
    name: str
    cells: list[PaperCell]
    published: PublishedResults | None = None
    problem: str = ""

    @property
    def spec(self) -> SetSpec:
        return self.row.spec

    @property
    def set_label(self) -> str:
        return label(self.row.spec)


@dataclass
class ShownTable:
    """A table as somebody sees it. `evaluations` are those behind it, `notes` what its columns lack."""

    table: PaperTable
    columns: list[PaperColumn]
    rows: list[PaperRow]
    evaluations: list[Evaluation]
    missing: dict[str, str] = field(default_factory=dict)
    weights: dict[str, str] = field(default_factory=dict)
    letters: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def live(self) -> list[Evaluation]:
        return [each for each in self.evaluations if each.job.state in LIVE_STATES]

    @property
    def states(self) -> dict[str, int]:
        return dict(Counter(each.job.state for each in self.evaluations))

    @property
    def done(self) -> int:
        return len(self.evaluations) - len(self.live)

    @property
    def progress(self) -> float:
        """0..1: the mean over all evaluations."""
        if not self.evaluations:
            return 0.0
        return sum(each.job.progress if each in self.live else 1.0 for each in self.evaluations) / len(self.evaluations)

    @property
    def seconds_left(self) -> float | None:
        """Until the last of them is done; None when there is nothing to tell it by."""
        jobs = [each.job for each in self.live]
        estimator = Estimator(jobs)
        known = [seconds for job in jobs if (seconds := estimator.outlook(job).seconds) is not None]
        return max(known, default=None)

    @property
    def lacking(self) -> int:
        """Cells that a new measuring could fill."""
        return sum(
            cell.result is None and cell.live is None and str(cell.column) not in self.missing
            for row in self.rows
            for cell in row.cells
        )

    @property
    def counts(self) -> list[str]:
        """How many pictures the numbers were measured on, each once, the commonest first: "270" or "270 / 268"."""
        found = Counter(
            f"{result.n_reference}"
            if result.n_reference == result.n_candidate
            else f"{result.n_reference} / {result.n_candidate}"
            for row in self.rows
            for cell in row.cells
            if (result := cell.result)
        )
        return [text for text, _n in found.most_common()]

    @property
    def problems(self) -> list[str]:
        """Why rows or cells could not be measured, each sentence once."""
        of_rows = [row.problem for row in self.rows]
        of_cells = [cell.problem for row in self.rows for cell in row.cells]
        return list(dict.fromkeys(filter(None, [*of_rows, *of_cells])))


def table_shown(table: PaperTable, user: Any) -> ShownTable:
    """The table with the newest number of each cell; a visitor sees only what visitors may know of."""
    columns = [PaperColumn(**column) for column in table.columns]
    behind = evaluations_visible_to(user).filter(paper_tables=table).order_by("created")
    evaluations = list(behind)
    by_row: dict[SetSpec, list[Evaluation]] = {}
    for evaluation in evaluations:
        by_row.setdefault(from_json(evaluation.candidate), []).append(evaluation)
    allowed = _allowed([row_from(row) for row in table.rows], user)
    titles = _titles(allowed)
    published = _published(allowed)
    shown = ShownTable(table, columns, [], evaluations)
    shown.missing = {str(column): problem for column in columns if (problem := column_problem(column))}
    shown.weights = {str(column): text for column in columns if (text := weights_text(column))}
    for row in allowed:
        name = row.label or usual_name(row.spec, titles)
        cells = [_cell(column, by_row.get(row.spec, []), table.problems, str(row.spec)) for column in columns]
        source = published.get(row.spec.published) if isinstance(row.spec, PublishedSet) else None
        problem = _problem_of(table.problems, str(row.spec), "", "")
        shown.rows.append(PaperRow(row, name, cells, source, problem))
    for place, column in enumerate(columns):
        shown.letters[str(column)] = _finish(column, [row.cells[place] for row in shown.rows])
    return shown


def _allowed(rows: Sequence[Row], user: Any) -> list[Row]:
    """The rows that somebody may see: visitors learn nothing of uploads, folders and private checkpoints."""
    if user is not None and user.is_authenticated:
        return list(rows)
    public = Checkpoint.objects.filter(public_checkpoint(), pk__in=_checkpoints(rows), deleted=None)
    known = set(public.values_list("pk", flat=True))

    def may_see(spec: SetSpec) -> bool:
        if isinstance(spec, CheckpointSet):
            return spec.checkpoint in known
        return isinstance(spec, DatasetSet | StylizerSet | PublishedSet)

    return [row for row in rows if may_see(row.spec)]


def _checkpoints(rows: Sequence[Row]) -> list[str]:
    return [row.spec.checkpoint for row in rows if isinstance(row.spec, CheckpointSet)]


def _titles(rows: Sequence[Row]) -> dict[str, str]:
    named = Checkpoint.objects.filter(pk__in=_checkpoints(rows)).select_related("run")
    return {each.pk: str(each) for each in named}


def _published(rows: Sequence[Row]) -> dict[str, PublishedResults]:
    ids = [row.spec.published for row in rows if isinstance(row.spec, PublishedSet)]
    return {str(each.pk): each for each in PublishedResults.objects.filter(pk__in=ids).defer("pictures", "report")}


def _cell(
    column: PaperColumn, evaluations: Sequence[Evaluation], problems: list[dict[str, Any]], row: str
) -> PaperCell:
    """The newest number of the column among the row's evaluations, and what is under way for it."""
    cell, why = PaperCell(column), ""
    for evaluation in evaluations:
        if evaluation.extractor != column.used_extractor or column.metric not in evaluation.metrics:
            continue
        found = [result for result in evaluation.results.all() if result.metric == column.metric]
        if found:
            cell.result, cell.failed = found[0], None
        elif evaluation.job.state in LIVE_STATES:
            cell.live = evaluation
        elif evaluation.job.state in (JobState.FAILED, JobState.CANCELLED):
            cell.failed = evaluation
        elif column.metric in evaluation.not_measured:
            why = evaluation.job.message
    if cell.result is None and cell.live is None:
        cell.problem = _problem_of(problems, row, column.used_extractor, column.metric) or why
    return cell


def _problem_of(problems: list[dict[str, Any]], row: str, extractor: str, metric: str) -> str:
    for each in problems:
        if each["row"] == row and each["extractor"] == extractor and (not metric or metric in each["metrics"]):
            return str(each["text"])
    return ""


def _finish(column: PaperColumn, cells: Sequence[PaperCell]) -> dict[str, str]:
    """Write the numbers of a column alike and mark the best; returns the letter of each protocol where there are several."""
    measured = [(cell, cell.result) for cell in cells if cell.result is not None]
    decimals = decimals_of([result.value for _cell, result in measured])
    for cell, result in measured:
        cell.text = f"{result.value:.{decimals}f}"
    marks = marks_of(
        [(cell.text, result.protocol) for cell, result in measured], lower_is_better=column.lower_is_better
    )
    protocols = [protocol for protocol, _n in Counter(result.protocol for _cell, result in measured).most_common()]
    letters = dict(zip(protocols, _names(), strict=False)) if len(protocols) > 1 else {}
    for (cell, result), mark in zip(measured, marks, strict=True):
        cell.mark, cell.letter = mark, letters.get(result.protocol, "")
    return letters


def _names() -> list[str]:
    return [chr(ord("a") + place) for place in range(26)]


def decimals_of(values: Sequence[float]) -> int:
    """Decimals that show four digits of the largest number, at most 6."""
    largest = max((abs(value) for value in values), default=0.0)
    if largest == 0 or not math.isfinite(largest):
        return DIGITS
    return min(max(DIGITS - 1 - math.floor(math.log10(largest)), 0), MOST_DECIMALS)
