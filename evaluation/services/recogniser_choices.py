"""Choosing a recogniser by its rank-k on a validation part: the request, and what came of it."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluation.models import RecogniserChoice, RecognitionTest
from evaluation.recognition import IDENTIFICATION, MEASURES, Plan, Task, plan_of, task_to_json
from evaluation.services.recognitions import (
    GOOD,
    MOST_TOGETHER,
    TIME_LIMIT,
    extractors_checked,
    found_weights,
    recognition_digest,
)
from workers.engine.errors import InputError
from workers.models import Job, QueueName
from workers.queue import enqueue

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
    for fewer than two recognisers, for a measure that the validation does not give, and when both tasks are the same.
    """
    names = list(dict.fromkeys(extractors_checked(extractors, user=user, everything=everything)))
    if not 2 <= len(names) <= MOST_TOGETHER:
        text = _("extractors: choosing needs 2 to %(most)s different recognisers; there are %(n)s.")
        raise InputError(text % {"most": MOST_TOGETHER, "n": len(names)})
    plans = [plan_of(each, user, everything=everything) for each in (validation, task)]
    if plans[0].digest == plans[1].digest:
        raise InputError(_("validation: these are the pictures of the test; choose by others."))
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
    """What a plan can be ranked by, before it is measured."""
    identifies = IDENTIFICATION in plan.kinds
    verifies = "verification" in plan.kinds
    return [
        name
        for name in MEASURES
        if (identifies and name.startswith("rank")) or (verifies and (name == "auc" or name.startswith("vr@")))
    ]


def facts_of(plans: Sequence[Plan]) -> list[dict[str, Any]]:
    """What makes the choice less than honest: persons that are chosen by and tested on."""
    shared = plans[0].tested & plans[1].tested
    same = {each.dataset.pk for each in plans[0].contents if each.dataset} & {
        each.dataset.pk for each in plans[1].contents if each.dataset
    }
    return [{"code": "shared_persons", "values": {"count": len(shared)}}] if shared and same else []


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
