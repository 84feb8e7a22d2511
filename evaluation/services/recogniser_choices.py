"""Choosing a recogniser by its rank-k on a validation part: the request, and what came of it."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluation.models import RecogniserChoice, RecognitionTest
from evaluation.recognition import IDENTIFICATION, MEASURES, VERIFICATION, Plan, Task, plan_of, task_to_json
from evaluation.recognition.plans import PlanPart
from evaluation.services.recognitions import (
    GOOD,
    MOST_TOGETHER,
    TIME_LIMIT,
    extractors_checked,
    found_weights,
    recognition_digest,
)
from workers.engine.errors import InputError
from workers.engine.weights import sha256_of
from workers.models import Job, QueueName
from workers.queue import enqueue

SHA256 = re.compile("[0-9a-f]{64}")
DEFAULT_MEASURES = {True: "rank1", False: "auc"}  # by whether the task identifies


def choice_submit(
    *,
    user: Any,
    validation: Task,
    task: Task,
    extractors: Sequence[str],
    measure: str = "",
    everything: bool = False,
) -> tuple[RecogniserChoice, bool]:
    """Queue a choice; returns it and whether it is new. An equal one that is queued, running or done is returned instead.

    `measure` is what they are ranked by on `validation`: rank1 where it identifies, else auc. InputError as for a test,
    for fewer than two recognisers, for a measure that the validation does not give, and when the validation has all pictures
    of the test.
    """
    names = list(dict.fromkeys(extractors_checked(extractors, user=user, everything=everything)))
    if not 2 <= len(names) <= MOST_TOGETHER:
        text = _("extractors: choosing needs 2 to %(most)s different recognisers; there are %(n)s.")
        raise InputError(text % {"most": MOST_TOGETHER, "n": len(names)})
    plans = [plan_of(each, user, everything=everything) for each in (validation, task)]
    _refuse_the_test(*plans)
    measure = measure or DEFAULT_MEASURES[IDENTIFICATION in plans[0].kinds]
    if measure not in measures_of(plans[0]):
        text = _("measure: %(measure)s is not known of the pictures chosen by. Known: %(known)s.")
        raise InputError(text % {"measure": repr(measure)[:40], "known": ", ".join(measures_of(plans[0]))})
    digests = [found_weights(name).digest for name in names]
    depends = [[recognition_digest(plan, names, digests) for plan in plans], measure]
    digest = hashlib.sha256(json.dumps(depends).encode()).hexdigest()
    existing = RecogniserChoice.objects.filter(submission_digest=digest, job__state__in=GOOD).select_related("job")
    if (found := existing.first()) is not None:
        return found, False
    choice = RecogniserChoice(
        id=uuid.uuid4(),
        validation=task_to_json(plans[0].task),
        task=task_to_json(plans[1].task),
        extractors=names,
        measure=measure,
        submission_digest=digest,
        facts=facts_of(plans),
        owner=user if user is not None and user.is_authenticated else None,
    )
    with transaction.atomic():
        job, created = enqueue(
            kind="choose",
            handler="evaluation.jobs.choosing.choose",
            arguments={"choice": str(choice.id)},
            queue=QueueName.BATCH,
            owner=choice.owner,
            title=str(choice),
            link=reverse("evaluation:recogniser-choice", args=[choice.id]),
            dedupe_key=f"choose:{digest}",
            time_limit=TIME_LIMIT,
        )
        if not created:
            return RecogniserChoice.objects.select_related("job").get(job=job), False
        choice.job = job
        choice.save(force_insert=True)
    return choice, True


def measures_of(plan: Plan) -> list[str]:
    """What a plan can be ranked by, before it is measured, in the order of tables."""
    beginnings: list[str] = []
    if IDENTIFICATION in plan.kinds:
        beginnings += ["rank", "dir@"] if _is_open(plan) else ["rank"]
    if VERIFICATION in plan.kinds:
        beginnings += ["vr@", "auc", "accuracy"] if _has_threshold(plan) else ["vr@", "auc"]
    return [name for name in MEASURES if name.startswith(tuple(beginnings))]


def _is_open(plan: Plan) -> bool:
    """Whether every reported part has a probe of nobody in its gallery; the rate of a whole needs that of all parts."""
    sides = ([{plan.persons[place] for place in side} for side in (part.first, part.second)] for part in plan.reported)
    return all(probes - gallery for probes, gallery in sides)


def _has_threshold(plan: Plan) -> bool:
    """Whether each reported part has others to choose the accuracy's threshold on."""
    return len(plan.reported) > 1 or any(_has_both(plan, part) for part in plan.parts if not part.reported)


def _has_both(plan: Plan, part: PlanPart) -> bool:
    """Whether a part has pairs of the same person and of different persons."""
    if part.same is not None:
        return len(set(part.same)) == 2
    first, second = ({plan.persons[place] for place in side} for side in (part.first, part.second))
    return bool(first & second) and len(first | second) > 1


def _refuse_the_test(validation: Plan, test: Plan) -> None:
    """InputError when every picture of the test is among those chosen by: whoever chooses by it has seen the test."""
    tested = set(_pictures_of(test))
    if tested <= set(_pictures_of(validation)):
        text = _("validation: all %(n)s pictures of the test are among those chosen by; choose by others.")
        raise InputError(text % {"n": len(tested)})


def _pictures_of(plan: Plan) -> dict[str, str]:
    """The pictures that the reported parts compare, by what is in the file, with who is in each.

    So a picture is the same in another set or dataset, and on the other side. Drawn ones, which need not be there yet, go
    by their place: what they are drawn by and from.
    """
    wanted = {place for part in plan.reported for place in (*part.first, *part.second)}
    found: dict[str, str] = {}
    place = 0
    for each in plan.contents:
        for path in each.paths:
            if place in wanted:
                found[str(path) if each.sources else _digest_of(path)] = plan.persons[place]
            place += 1
    return found


def _digest_of(path: Path) -> str:
    """SHA-256 of a file: its very name where the workbench keeps it."""
    return path.stem if SHA256.fullmatch(path.stem) else sha256_of(path)


def facts_of(plans: Sequence[Plan]) -> list[dict[str, Any]]:
    """What makes the choice less than honest: persons that are chosen by and tested on.

    Names stand for persons within a dataset and what was made from it; elsewhere only a picture that is in both tells.
    """
    chosen_by, tested = (_pictures_of(plan) for plan in plans)
    shared = {person for picture, person in tested.items() if picture in chosen_by}
    if _originals(plans[0]) & _originals(plans[1]):
        shared |= plans[0].tested & plans[1].tested
    return [{"code": "shared_persons", "values": {"count": len(shared)}}] if shared else []


def _originals(plan: Plan) -> set[int]:
    """The datasets of a plan, an aligned one as that which it was made from."""
    return {each.dataset.parent_id or each.dataset.pk for each in plan.contents if each.dataset is not None}


def ranking_write(*, choice: RecogniserChoice, ranking: Sequence[dict[str, Any]]) -> None:
    """Keep what the validation said."""
    RecogniserChoice.objects.filter(pk=choice.pk).update(ranking=list(ranking))


def chosen_write(*, choice: RecogniserChoice, test: RecognitionTest) -> None:
    """Keep the test of the chosen one; to be called inside `context.finish()`."""
    RecogniserChoice.objects.filter(pk=choice.pk).update(test=test)


def choice_delete(*, choice: RecogniserChoice) -> None:
    """Remove a choice; the tests it asked for stay. InputError while it is queued or running."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=choice.job_id)
        if job.is_live:
            raise InputError(_("The choice is queued or running; cancel it first."))
        RecogniserChoice.objects.filter(pk=choice.pk).delete()
        Job.objects.filter(pk=job.pk).update(link="")
