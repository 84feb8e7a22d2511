"""Whether a recogniser was trained on the persons that it is tested on: as far as this workbench trained it."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.models import Checkpoint, TrainingRun
from evaluation.recognition.plans import Plan
from evaluation.recognition.words import Label
from workers.engine import catalogue
from workers.engine.errors import InputError

LONGEST_LINE = 50  # runs that were continued one from another


def label_of_plan(plan: Plan, extractors: Sequence[str]) -> str:
    """Leaky when a recogniser was trained on persons of what it is tested on; per-fold when there is one for each part."""
    seen = [persons_trained_on(name, plan) for name in extractors]
    parts = plan.reported
    if len(extractors) > 1:
        leaks = any(plan.persons_of(part) & persons for part, persons in zip(parts, seen, strict=True))
        return Label.LEAKY if leaks else Label.PER_FOLD
    return Label.LEAKY if plan.tested & seen[0] else Label.UNSEEN


def persons_trained_on(extractor: str, plan: Plan) -> set[str]:
    """Names of the persons of the plan's datasets that the extractor's checkpoint was trained on; empty for others."""
    if not catalogue.extractor(extractor).of_checkpoint:
        return set()
    found = Checkpoint.objects.filter(pk=extractor.partition("@")[2]).select_related("run__dataset").first()
    originals = {each.dataset.parent_id or each.dataset.pk for each in plan.contents if each.dataset is not None}
    persons: set[str] = set()
    run = found.run if found else None
    for _step in range(LONGEST_LINE):
        if run is None:
            break
        if run.dataset is not None and (run.dataset.parent_id or run.dataset.pk) in originals:
            persons |= _persons_of(run)
        parent = run.parent
        run = parent.run if parent is not None else None
    return persons


def _persons_of(run: TrainingRun) -> set[str]:
    from evaluation.selectors.training_pairs import held_out, pairs_of

    assert run.dataset is not None
    direction = (run.direction_from, run.direction_to)
    try:
        pairs = pairs_of(run.dataset, split=run.split, source=run.source, direction=direction)
    except InputError:  # the split or source is gone since; nobody can tell
        return set()
    trained, _held = held_out(pairs, share=run.validation_share, seed=run.seed)
    return {pair.subject for pair in trained}
