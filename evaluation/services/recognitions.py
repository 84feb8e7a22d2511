"""Writing recognition tests: submitting, keeping what came out, stopping, deleting."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluation.models import RecognitionCurves, RecognitionTest, RecognitionValue
from evaluation.recognition import Plan, Task, for_choosing, plan_of, task_to_json
from evaluation.recognition.plans import VERSION
from evaluation.recognition.seen import label_of_plan
from evaluation.services.uploads import uploads_renew
from evaluation.sets import checkpoints_usable_by
from workers.engine import catalogue, weights
from workers.engine.errors import InputError
from workers.models import Job, JobState, QueueName
from workers.queue import enqueue, request_cancel

if TYPE_CHECKING:
    from workers.engine.metrics.recognition_values import Outcome

TIME_LIMIT = 6 * 3600  # seconds
GOOD = (JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED)
MOST_TOGETHER = 40  # recognisers submitted at once


def recognition_submit(
    *, user: Any, task: Task, extractors: Sequence[str], everything: bool = False, plan: Plan | None = None
) -> tuple[RecognitionTest, bool]:
    """Queue a test; returns it and whether it is new.

    `extractors` is one recogniser, or one for each reported part in its order. An equal test that is queued, running or
    done is returned instead. Raises InputError for unknown names, sets that cannot be compared and missing weights. Who
    submits several tests of one task hands in its plan.
    """
    names = extractors_checked(extractors, user=user, everything=everything)
    digests = [found_weights(name).digest for name in names]
    plan = plan or plan_of(task, user, everything=everything)
    if len(names) not in (1, len(plan.reported)):
        text = _("extractors: give one recogniser, or one for each of the %(n)s parts; there are %(given)s.")
        raise InputError(text % {"n": len(plan.reported), "given": len(names)})
    uploads_renew(each.spec for each in plan.contents)
    digest = recognition_digest(plan, names, digests)
    existing = RecognitionTest.objects.filter(submission_digest=digest, job__state__in=GOOD).select_related("job")
    if (found := existing.first()) is not None:
        return found, False
    test = RecognitionTest(
        id=uuid.uuid4(),
        task=task_to_json(plan.task),
        kinds=list(plan.kinds),
        scheme=plan.scheme,
        extractors=names,
        extractor=names[0] if len(names) == 1 else _("%(n)s recognisers") % {"n": len(names)},
        weights_digest=digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest(),
        label=label_of_plan(plan, names),
        plan_digest=plan.digest,
        protocol_detail=protocol_detail(plan, names, digests),
        submission_digest=digest,
        n_pictures=plan.n,
        n_parts=len(plan.reported),
        probe_dataset=plan.contents[0].dataset,
        gallery_dataset=plan.contents[-1].dataset,
        shown_to_visitors=all(each.checkpoint is None or each.public for each in plan.contents),
        owner=user if user is not None and user.is_authenticated else None,
    )
    with transaction.atomic():
        job, created = enqueue(
            kind="recognise",
            handler="evaluation.jobs.recognition.recognise",
            arguments={"test": str(test.id)},
            queue=QueueName.BATCH,
            owner=test.owner,
            title=str(test),
            link=reverse("evaluation:recognition-detail", args=[test.id]),
            public=all(each.public for each in plan.contents),
            dedupe_key=f"recognise:{digest}",
            time_limit=TIME_LIMIT,
        )
        if not created:  # another request with the same submission came in between
            return RecognitionTest.objects.select_related("job").get(job=job), False
        test.job = job
        test.save(force_insert=True)
    return test, True


def extractors_checked(extractors: Any, *, user: Any, everything: bool) -> list[str]:
    """The names, known ones and of checkpoints that may be used. InputError otherwise."""
    names = [extractors] if isinstance(extractors, str) else extractors
    if not isinstance(names, Sequence) or not names or not all(isinstance(name, str) and name for name in names):
        known = ", ".join(catalogue.EXTRACTORS)
        raise InputError(_("extractors: give a list with at least one of %(known)s.") % {"known": known})
    for name in names:
        if name == "nlda":
            text = _("extractors: NLDA learns from pairs of pictures, so it is a metric: %(command)s.")
            command = "manage.py evaluate --reference SPEC --candidate SPEC --metrics nlda"
            raise InputError(text % {"command": command})
        entry = catalogue.extractor(name)
        if entry.name == catalogue.NO_EXTRACTOR:
            raise InputError(_("extractors: recognition looks through a network; none does not."))
        if entry.of_checkpoint and not everything:
            number = name.partition("@")[2]
            if not checkpoints_usable_by(user).filter(pk=number).exists():
                raise InputError(_("extractors: there is no checkpoint %(id)s.") % {"id": repr(number)[:40]})
    return list(names)


def found_weights(extractor: str) -> weights.ExtractorWeights:
    """InputError for missing ones, saying how to get them."""
    return weights.find(extractor, settings.WEIGHTS_DIR, Path(settings.DATA_DIR) / "checkpoints")


def recognition_digest(plan: Plan, extractors: Sequence[str], digests: Sequence[str]) -> str:
    """SHA-256 over everything the numbers depend on."""
    preparing = [asdict(catalogue.extractor(name).preprocessing) for name in extractors]
    depends = [plan.digest, list(extractors), list(digests), preparing]
    return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()


def protocol_detail(plan: Plan, extractors: Sequence[str], digests: Sequence[str]) -> dict[str, Any]:
    """What a reader needs to do it again."""
    return {
        "version": VERSION,
        "task": str(plan.task),
        "scheme": plan.scheme,
        "sets": [{"set": str(each.spec), "digest": each.digest, "n": each.n} for each in plan.contents],
        "parts": [{"part": part.name, "reported": part.reported, "pairs": part.pairs} for part in plan.parts],
        "entries": plan.entries,
        "served": plan.served,
        "distance": list(dict.fromkeys(catalogue.extractor(name).distance for name in extractors)),
        "extractors": [
            {"extractor": name, "weights_digest": digest, **asdict(catalogue.extractor(name).preprocessing)}
            for name, digest in zip(extractors, digests, strict=True)
        ],
    }


def recognition_cancel(*, job: Job) -> str:
    """Ask for the job of a test or a choice to stop; returns its state. A finished one stays as it is."""
    return request_cancel(job) if job.is_live else job.state


def recognition_delete(*, test: RecognitionTest) -> None:
    """Remove a test with its numbers. InputError while it is queued or running."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=test.job_id)
        if job.is_live:
            raise InputError(_("The test is queued or running; cancel it first."))
        RecognitionTest.objects.filter(pk=test.pk).delete()
        Job.objects.filter(pk=job.pk).update(link="")


def outcome_write(
    *,
    test: RecognitionTest,
    outcomes: Iterable[Outcome],
    pictures: Sequence[dict[str, Any]],
    facts: Sequence[dict[str, Any]],
) -> None:
    """Keep what came out; to be called inside `context.finish()`. `pictures` are all of the plan, with their persons."""
    outcomes = list(outcomes)
    RecognitionValue.objects.bulk_create(
        RecognitionValue(
            test=test, part=value.part, measure=value.measure, value=value.value, deviation=value.deviation,
            low=value.low, high=value.high, details=value.details,
        )
        for outcome in outcomes
        for value in outcome.values
    )  # fmt: skip
    roc = next((outcome.roc for outcome in outcomes if outcome.roc), None)
    ranked = next((outcome for outcome in outcomes if outcome.cmc), None)
    confused = {
        name: [asdict(each) for outcome in outcomes for each in getattr(outcome, name)]
        for name in ("false_accepts", "false_rejects", "mistakes")
    }
    sides = ("first", "second", "probe", "taken", "own")
    shown = {each[side] for rows in confused.values() for each in rows for side in sides if side in each}
    RecognitionCurves.objects.create(
        test=test,
        roc=asdict(roc) if roc else {},
        cmc={"rate": ranked.cmc, "deviation": ranked.cmc_deviation} if ranked else {},
        confused=confused,
        pictures={str(place): pictures[place] for place in sorted(shown)},
    )
    RecognitionTest.objects.filter(pk=test.pk).update(facts=list(facts))


def facts_before(plan: Plan) -> list[dict[str, Any]]:
    """What a reader should know of the task, before anything is measured."""
    found = [{"code": code, "values": values} for code, values in plan.facts.items()]
    if plan.served < plan.entries:
        found.append({"code": "not_served", "values": {"served": plan.served, "entries": plan.entries}})
    if for_choosing(plan.task):
        found.append({"code": "view1", "values": {}})
    return found
