"""Writing evaluations and results; the only place that does."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from evaluation.models import Evaluation, Result
from evaluation.services.paired import extractor_checked, pairs_checked, weights_used
from evaluation.services.uploads import uploads_renew
from evaluation.sets import Contents, SetSpec, contents, to_json
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.models import JobState, QueueName
from workers.queue import enqueue, request_cancel

if TYPE_CHECKING:
    from workers.engine.metrics.compare import Measurement

TIME_LIMIT = 6 * 3600  # seconds; 12,000 pictures on two slow cores take about two hours


def evaluation_submit(
    *,
    user: Any,
    reference: SetSpec | Contents,
    candidate: SetSpec | Contents,
    extractor: str,
    metrics: Sequence[str],
    everything: bool = False,
) -> tuple[Evaluation, bool]:
    """Queue an evaluation; returns it and whether it is new.

    An evaluation of the same pictures, extractor, weights and metrics that is queued, running or done is returned
    instead. Raises InputError for unknown names, empty sets and missing weights. `everything` lets the command line use
    every dataset. Who submits many at once hands in the contents of the sets that they share.
    """
    metrics = metrics_checked(metrics)
    extractor = extractor_checked(extractor, metrics)
    _found, weights_digest = weights_used(extractor, metrics)
    sets = [
        each if isinstance(each, Contents) else contents(each, which, user=user, everything=everything)
        for which, each in (("reference", reference), ("candidate", candidate))
    ]
    for name in metrics:
        for side, each in zip(("reference", "candidate"), sets, strict=True):
            if problem := too_few_for(name, side, len(each.paths)):
                raise InputError(problem)
    pairs_checked(metrics, sets[0], sets[1])
    uploads_renew(each.spec for each in sets)
    digest = submission_digest(sets, extractor, metrics, weights_digest)
    good = [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]
    existing = Evaluation.objects.filter(submission_digest=digest, job__state__in=good).select_related("job").first()
    if existing is not None:
        return existing, False
    evaluation = Evaluation(
        id=uuid.uuid4(),
        reference=to_json(sets[0].spec),
        candidate=to_json(sets[1].spec),
        # Without a dataset it is not for visitors; a checkpoint of the reference has no column of its own to say so.
        reference_dataset=sets[0].dataset if sets[0].checkpoint is None or sets[0].public else None,
        candidate_dataset=sets[1].dataset,
        candidate_checkpoint=sets[1].checkpoint,
        n_reference=len(sets[0].paths),
        n_candidate=len(sets[1].paths),
        extractor=extractor,
        metrics=metrics,
        submission_digest=digest,
        owner=user if user is not None and user.is_authenticated else None,
    )
    with transaction.atomic():
        job, created = enqueue(
            kind="evaluate",
            handler="evaluation.jobs.evaluate",
            arguments={"evaluation": str(evaluation.id)},
            queue=QueueName.BATCH,
            owner=evaluation.owner,
            title=str(evaluation),
            link=reverse("evaluation:evaluation-detail", args=[evaluation.id]),
            public=all(each.public for each in sets),
            dedupe_key=f"evaluate:{digest}",
            time_limit=TIME_LIMIT,
        )
        if not created:  # another request with the same submission came in between
            return Evaluation.objects.select_related("job").get(job=job), False
        evaluation.job = job
        evaluation.save(force_insert=True)
    return evaluation, True


def evaluation_cancel(*, evaluation: Evaluation) -> str:
    """Ask for the evaluation to stop; returns the state of its job. A finished one stays as it is."""
    return request_cancel(evaluation.job) if evaluation.job.is_live else evaluation.job.state


def results_write(
    *, evaluation: Evaluation, measurements: Iterable[Measurement], background: Sequence[dict[str, Any]] = ()
) -> list[Result]:
    """The rows of a finished evaluation, in the catalogue's order; to be called inside `context.finish()`.

    `background`: warnings ({"code", "values"}) that hold for every number, because of where the sets come from.
    """
    order = list(catalogue.METRICS)
    now = timezone.now()
    return Result.objects.bulk_create(
        Result(
            evaluation=evaluation,
            metric=measured.metric,
            value=measured.value,
            low=measured.interval.low if measured.interval else None,
            high=measured.interval.high if measured.interval else None,
            floor=measured.floor.value if measured.floor else None,
            details=measured.all_details(),
            n_reference=measured.protocol.n_reference,
            n_candidate=measured.protocol.n_candidate,
            extractor=measured.protocol.extractor,
            protocol=measured.protocol.fingerprint(),
            protocol_detail=asdict(measured.protocol),
            reference_digest=measured.reference_digest,
            candidate_digest=measured.candidate_digest,
            warnings=[*(asdict(caution) for caution in measured.cautions), *background],
            created=now,
        )
        for measured in sorted(measurements, key=lambda measured: order.index(measured.metric))
    )


def metrics_checked(metrics: Any) -> list[str]:
    """The metrics, each once, in the given order. InputError for none or an unknown one."""
    if isinstance(metrics, str) or not isinstance(metrics, Sequence) or not metrics:
        known = ", ".join(sorted(catalogue.METRICS))
        raise InputError(_("metrics: give a list with at least one of %(known)s.") % {"known": known})
    return list(dict.fromkeys(catalogue.metric(name).name for name in metrics))


def too_few_for(metric: str, side: str, count: int) -> str:
    """Why a set of so many pictures cannot be measured by a metric; "" when it can."""
    minimum = catalogue.metric(metric).minimum
    if count >= minimum:
        return ""
    text = _("%(side)s: %(metric)s needs at least %(minimum)s pictures in each set; this one holds %(count)s.")
    return text % {"side": side, "metric": metric, "minimum": minimum, "count": count}


def submission_digest(sets: Sequence[Contents], extractor: str, metrics: Sequence[str], weights_digest: str) -> str:
    """SHA-256 over everything the numbers depend on, and the datasets' names, which decide who may see them."""
    depends = {
        "sets": [[each.dataset.slug if each.dataset else "", each.digest] for each in sets],
        "extractor": [extractor, weights_digest, asdict(catalogue.extractor(extractor).preprocessing)],
        "metrics": sorted([name, catalogue.metric(name).version] for name in metrics),
    }
    return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()
