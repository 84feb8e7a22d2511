"""Measuring many checkpoints of a run in one action."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from evaluation.models import Checkpoint, Evaluation, TrainingRun
from evaluation.services.evaluations import evaluation_submit, metrics_checked
from evaluation.sets import HELD_OUT, CheckpointSet, Contents, HeldOutSet, SetSpec, contents, made_by, parse, to_json
from workers.engine import catalogue
from workers.engine.errors import InputError

ALL = "all"
EVERY = re.compile(r"every ([1-9][0-9]{0,4})")
MOST = 500  # evaluations of one action
WAYS = '"all", "every 5", or a list of their numbers'

Submitted = list[tuple[Evaluation, bool]]


def checkpoints_evaluate(
    *,
    user: Any,
    run: TrainingRun,
    reference: SetSpec | None = None,
    dataset: str,
    split: str,
    source: str = "",
    extractors: Sequence[str],
    metrics: Sequence[str],
    checkpoints: Any = ALL,
    everything: bool = False,
) -> Submitted:
    """Queue an evaluation of each checkpoint with each extractor; each with whether it is new, in the order of training.

    `extractors` may be empty when no metric looks at features.

    Every checkpoint is applied to the same selection (`dataset`, `split`, `source`) and held against the same reference,
    the real pictures of that selection if none is given.
    Evaluations that exist are returned instead of new ones. All are queued or none: InputError for anything that
    `evaluation_submit` refuses, for unknown checkpoints, and for more than MOST at once.
    """
    chosen = checkpoints_chosen(run, checkpoints)
    parts = _parts(extractors, metrics_checked(metrics))
    if (count := len(chosen) * len(parts)) > MOST:
        words = _("%(count)s evaluations are too many for one action; at most %(most)s. Choose fewer checkpoints.")
        raise InputError(words % {"count": count, "most": MOST})
    real = contents(
        reference or reference_of(run, dataset, split, source), "reference", user=user, everything=everything
    )
    drawn = _drawn(chosen, dataset, split, source, user, everything)
    with transaction.atomic():
        return [
            evaluation_submit(
                user=user,
                reference=real,
                candidate=candidate,
                extractor=extractor,
                metrics=part,
                everything=everything,
            )
            for candidate in drawn
            for extractor, part in parts
        ]


def reference_of(run: TrainingRun, dataset: str, split: str, source: str = "") -> SetSpec:
    """The real pictures of a selection that the run's checkpoints try to draw."""
    if split == HELD_OUT:
        return HeldOutSet(str(run.pk), run.direction_to)
    value = {"dataset": dataset, "split": split, "modality": run.direction_to, "source": source}
    return parse(value, "reference")


def checkpoints_chosen(run: TrainingRun, wanted: Any) -> list[Checkpoint]:
    """The run's checkpoints in the order of training: all, every n-th counted back from the last, or those named."""
    known = list(run.checkpoints.filter(deleted=None).order_by("step"))
    if not known:
        raise InputError(_("This run has no checkpoints yet. The first is kept after its first epochs; wait for it."))
    if wanted == ALL:
        return known
    if isinstance(wanted, str) and (every := EVERY.fullmatch(wanted)):
        return known[::-1][:: int(every[1])][::-1]
    if isinstance(wanted, str) or not isinstance(wanted, Sequence) or not wanted:
        raise InputError(_("checkpoints: give %(ways)s.") % {"ways": WAYS})
    by_id = {checkpoint.pk: checkpoint for checkpoint in known}
    for name in wanted:
        if not isinstance(name, str) or name not in by_id:
            words = _("checkpoints: this run has no checkpoint %(name)s. Known: %(known)s.")
            raise InputError(words % {"name": repr(name)[:40], "known": ", ".join(list(by_id)[:20])})
    return [checkpoint for checkpoint in known if checkpoint.pk in set(wanted)]


def _drawn(
    chosen: Sequence[Checkpoint], dataset: str, split: str, source: str, user: Any, everything: bool
) -> list[Contents]:
    """What each checkpoint makes of the selection. The pictures are looked up once; hundreds of times would take a minute."""
    spec = parse(to_json(CheckpointSet(chosen[0].pk, dataset, split, source)), "candidate")
    first = contents(spec, "candidate", user=user, everything=everything)
    for checkpoint in chosen:
        if not checkpoint.folder.is_dir():
            raise InputError(_("The files of checkpoint %(id)s are gone; leave it out.") % {"id": checkpoint.pk})
    return [made_by(checkpoint, first) for checkpoint in chosen]


def _parts(extractors: Any, metrics: Sequence[str]) -> list[tuple[str, list[str]]]:
    """(extractor, metrics) of each evaluation of a checkpoint.

    Metrics that look at the pictures themselves are an evaluation of their own: they are the same beside every extractor.
    """
    needing = [name for name in metrics if catalogue.metric(name).needs_features]
    plain = [name for name in metrics if name not in needing]
    parts = [(name, needing) for name in _names(extractors)] if needing else []
    return parts + ([(catalogue.NO_EXTRACTOR, plain)] if plain else [])


def _names(extractors: Any) -> list[str]:
    """The extractors, each once."""
    if isinstance(extractors, str) or not isinstance(extractors, Sequence) or not extractors:
        raise InputError(
            _("extractors: give a list with at least one, e.g. %(example)s.") % {"example": '["inception.mixed6e"]'}
        )
    return list(dict.fromkeys(extractors))
