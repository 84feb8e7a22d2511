"""Measuring what a paper table lacks: numbers that exist are taken, the rest is queued, all in one action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from evaluation.models import Evaluation, PaperTable
from evaluation.paper.columns import column_problem
from evaluation.paper.rows import row_from
from evaluation.services.evaluations import evaluation_cancel, evaluation_submit, submission_digest, too_few_for
from evaluation.services.paired import pairs_checked, weights_used
from evaluation.services.paper_tables.candidates import WHICH
from evaluation.services.paper_tables.writing import columns_stored
from evaluation.sets import Contents, SetSpec, contents, from_json, to_json
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.models import JobState
from workers.selectors import job_managed_by

GOOD = [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]
LOOKED_AT = 50  # earlier evaluations of the same two sets by the same extractor


@dataclass
class Measured:
    """What came of measuring a table: evaluations that were queued, those that existed, and what cannot be measured."""

    queued: list[Evaluation] = field(default_factory=list)
    reused: list[Evaluation] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)

    @property
    def evaluations(self) -> list[Evaluation]:
        return [*self.reused, *self.queued]


def table_measure(*, user: Any, table: PaperTable, everything: bool = False) -> Measured:
    """Queue every number that the table lacks and take over those that exist, of the pictures and weights of today.

    What cannot be measured (a set that is gone, too few pairs) is no error: the rest is, and the table says why. Columns
    without weights are left out; columns whose weights and rows whose pictures are gone keep their old
    numbers. InputError when the reference cannot be used at all.
    """
    reference = contents(from_json(table.reference), "reference", user=user, everything=everything)
    parts = _parts(table)
    found = Measured()
    gone: set[SetSpec] = set()
    for stored in table.rows:
        row = row_from(stored)
        try:
            candidate = contents(row.spec, WHICH, user=user, everything=everything)
        except InputError as error:
            found.problems.append(_problem(str(row.spec), "", [], error))
            gone.add(row.spec)
            continue
        for extractor, metrics in parts.items():
            try:
                _measure_part(found, user, reference, candidate, extractor, metrics, everything)
            except InputError as error:
                # One metric may have a demand of its own (a number of pairs); the others are measured without it.
                _measure_singly(found, user, reference, candidate, extractor, metrics, everything, error)
    with transaction.atomic():
        earlier = table.evaluations.all()
        kept = [each for each in earlier if each.extractor not in parts or from_json(each.candidate) in gone]
        table.evaluations.set([*kept, *found.evaluations])
        table.problems = found.problems
        table.save(update_fields=["problems", "changed"])
    return found


def _parts(table: PaperTable) -> dict[str, list[str]]:
    """Extractor -> its metrics, of the columns that can be computed here."""
    parts: dict[str, list[str]] = {}
    for column in columns_stored(table):
        if not column_problem(column):
            parts.setdefault(column.used_extractor, []).append(column.metric)
    return parts


def _measure_part(
    found: Measured,
    user: Any,
    reference: Contents,
    candidate: Contents,
    extractor: str,
    metrics: Sequence[str],
    everything: bool,
) -> None:
    missing = list(metrics)
    for evaluation in _existing(reference, candidate, extractor):
        if set(missing) & set(evaluation.metrics):
            found.reused.append(evaluation)
            missing = [name for name in missing if name not in evaluation.metrics]
    if not missing:
        return
    evaluation, created = evaluation_submit(
        user=user, reference=reference, candidate=candidate, extractor=extractor, metrics=missing, everything=everything
    )
    (found.queued if created else found.reused).append(evaluation)


def _measure_singly(
    found: Measured,
    user: Any,
    reference: Contents,
    candidate: Contents,
    extractor: str,
    metrics: Sequence[str],
    everything: bool,
    error: InputError,
) -> None:
    row = str(candidate.spec)
    if len(metrics) == 1:
        found.problems.append(_problem(row, extractor, metrics, error))
        return
    possible = []
    for name in metrics:
        try:
            _check_alone(reference, candidate, name)
        except InputError as alone:
            found.problems.append(_problem(row, extractor, [name], alone))
        else:
            possible.append(name)
    if len(possible) == len(metrics) or not possible:  # it was something else, and concerns all of them
        if possible:
            found.problems.append(_problem(row, extractor, metrics, error))
        return
    try:
        _measure_part(found, user, reference, candidate, extractor, possible, everything)
    except InputError as again:
        found.problems.append(_problem(row, extractor, possible, again))


def _check_alone(reference: Contents, candidate: Contents, metric: str) -> None:
    for side, each in (("reference", reference), ("candidate", candidate)):
        if problem := too_few_for(metric, side, each.n):
            raise InputError(problem)
    pairs_checked([metric], reference, candidate)


def _existing(reference: Contents, candidate: Contents, extractor: str) -> list[Evaluation]:
    """Evaluations of exactly these pictures with the weights of today that are done or on their way, done ones first."""
    same = Evaluation.objects.filter(
        extractor=extractor,
        n_reference=reference.n,
        n_candidate=candidate.n,
        reference=to_json(reference.spec),
        candidate=to_json(candidate.spec),
        job__state__in=GOOD,
    ).select_related("job")
    found = [each for each in same.order_by("-created")[:LOOKED_AT] if _is_current(each, reference, candidate)]
    return sorted(found, key=lambda each: (each.job.state != JobState.SUCCEEDED, -len(each.metrics)))


def _is_current(evaluation: Evaluation, reference: Contents, candidate: Contents) -> bool:
    if any(name not in catalogue.METRICS for name in evaluation.metrics):
        return False
    try:
        _found, digest = weights_used(evaluation.extractor, evaluation.metrics)
    except InputError:
        return False
    now = submission_digest([reference, candidate], evaluation.extractor, evaluation.metrics, digest)
    return now == evaluation.submission_digest


def _problem(row: str, extractor: str, metrics: Sequence[str], error: InputError) -> dict[str, Any]:
    return {"row": row, "extractor": extractor, "metrics": list(metrics), "text": str(error)}


def table_cancel(*, user: Any, table: PaperTable) -> tuple[int, int]:
    """Stop the evaluations of the table that this user may stop; returns how many, and how many others go on."""
    live = [each for each in table.evaluations.select_related("job") if each.job.is_live]
    own = [each for each in live if user is None or job_managed_by(job=each.job, user=user)]
    for evaluation in own:
        evaluation_cancel(evaluation=evaluation)
    return len(own), len(live) - len(own)
