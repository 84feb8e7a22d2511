"""What the batch worker does for a recognition test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _

from evaluation.jobs.extracting import Named, SetsExtraction
from evaluation.jobs.generating import generate_missing, to_draw
from evaluation.jobs.loading import load
from evaluation.models import RecognitionTest
from evaluation.recognition import IDENTIFICATION, VERIFICATION, Plan, SetsTask, plan_of, task_from_json
from evaluation.services import recognitions as rows
from evaluation.sets import background_cautions, label
from workers.context import JobContext
from workers.engine import catalogue
from workers.engine.errors import InputError

if TYPE_CHECKING:
    from workers.engine.features.extract import FeatureSet
    from workers.engine.metrics.pair_scoring import Pictures
    from workers.engine.metrics.recognition_values import Outcome

GENERATING_SHARE = 0.4  # of the progress bar, when a checkpoint has to draw first
FEATURES_SHARE = 0.9
EXAMPLES = 3


def recognise(context: JobContext) -> None:
    """Embed every picture once with each recogniser, compare, keep the numbers, curves and confusions."""
    test = RecognitionTest.objects.get(id=context.arguments["test"])
    context.report(0.0, _("looking for the pictures"))
    plan = plan_of(task_from_json(test.task), everything=True)
    found = [rows.found_weights(name) for name in test.extractors]
    if rows.recognition_digest(plan, test.extractors, [each.digest for each in found]) != test.submission_digest:
        raise InputError(_("The pictures or the weights have changed since this test was submitted. Submit it again."))
    begin = GENERATING_SHARE if any(to_draw(each) for each in plan.contents) else 0.0
    generate_missing(context, plan.contents, begin)
    named = [Named(label(each.spec), each) for each in plan.contents]
    sets: list[list[FeatureSet]] = []
    for number, name in enumerate(test.extractors):
        step = (FEATURES_SHARE - begin) / len(test.extractors)
        extraction = SetsExtraction(context, name, found[number], begin + step * number, begin + step * (number + 1))
        sets.append(extraction.features_of(named))
    context.report(FEATURES_SHARE, _("loading the metrics"))
    load(context, "workers.engine.metrics.verification_outcome")
    load(context, "workers.engine.metrics.identification_outcome")
    context.report(FEATURES_SHARE, _("comparing"))
    outcomes = context.beside(lambda: _outcomes(context, plan, test.extractors, sets))
    pictures = [{**each, "person": person} for each, person in zip(plan.pictures(), plan.persons, strict=True)]
    facts = _facts(plan, test.extractors, sets, outcomes)
    first = outcomes[0].values
    text = ", ".join(f"{value.measure} {value.value:.4f}" for value in first if not value.part)
    with context.finish(text):
        rows.outcome_write(test=test, outcomes=outcomes, pictures=pictures, facts=facts)


def _outcomes(
    context: JobContext, plan: Plan, extractors: Sequence[str], sets: Sequence[Sequence[FeatureSet]]
) -> list[Outcome]:
    from workers.engine.metrics.identification_outcome import identification_outcome
    from workers.engine.metrics.verification_outcome import verification_outcome

    networks = [_pictures(plan, each) for each in sets]
    parts = [part.as_part() for part in plan.parts]
    distances = [catalogue.extractor(name).distance for name in extractors]
    measured = {VERIFICATION: verification_outcome, IDENTIFICATION: identification_outcome}
    return [measured[kind](networks, parts, distances, context.check) for kind in plan.kinds]


def _pictures(plan: Plan, each: Sequence[FeatureSet]) -> Pictures:
    """The features of all sets as one array, in the order of the plan."""
    from workers.engine.metrics.pair_scoring import Pictures

    dimension = each[0].features.shape[1]
    features = np.zeros((plan.n, dimension), dtype=np.float32)
    found = np.zeros(plan.n, dtype=bool)
    start = 0
    for contents, embedded in zip(plan.contents, each, strict=True):
        place = {name: start + number for number, name in enumerate(contents.names)}
        at = [place[name] for name in embedded.keys]
        features[at] = embedded.features
        found[at] = True
        start += contents.n
    return Pictures(features, found, np.array(plan.persons, dtype=np.str_))


def _facts(
    plan: Plan, extractors: Sequence[str], sets: Sequence[Sequence[FeatureSet]], outcomes: Sequence[Outcome]
) -> list[dict[str, Any]]:
    """What a reader should know before trusting the numbers."""
    facts = rows.facts_before(plan)
    if isinstance(plan.task, SetsTask):
        facts += background_cautions(plan.contents[1], plan.contents[0], extractors[0])
    skipped = {skip.key: skip.reason for each in sets for one in each for skip in one.skipped}
    for reason in dict.fromkeys(skipped.values()):
        names = [name for name, other in skipped.items() if other == reason]
        values = {"count": len(names), "n": plan.n, "examples": ", ".join(names[:EXAMPLES]), "reason": reason}
        facts.append({"code": "not_found", "values": values})
    return facts + [fact for outcome in outcomes for fact in _few(outcome, len(plan.reported))]


def _few(outcome: Outcome, parts: int) -> list[dict[str, Any]]:
    """The measures whose false accept rate so few cases cannot show."""
    by_measure: dict[str, list[int]] = {}
    for value in outcome.values:
        if value.part and value.details.get("too_few"):
            n = value.details.get("negatives", value.details.get("unknown")) or 0
            by_measure.setdefault(value.measure, []).append(int(n))
    return [
        {"code": "few_negatives", "values": {"measure": measure, "parts": len(counts), "of": parts, "n": min(counts)}}
        for measure, counts in by_measure.items()
    ]
