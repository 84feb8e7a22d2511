"""Putting jobs in, taking them out, stopping them: every change of state is one conditional UPDATE.

"Exactly one row changed, or somebody else was first" needs no lock and holds on SQLite as on PostgreSQL.
"""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from workers import parts
from workers.models import LIVE_STATES, MAX_LOSSES, Job, JobPart, JobState, Worker, WorkerState

log = logging.getLogger(__name__)
BACK: dict[str, Any] = {"state": JobState.QUEUED, "worker": None, "pid": None, "lease_until": None}


def enqueue(
    *,
    kind: str,
    handler: str,
    queue: str,
    arguments: dict[str, Any] | None = None,
    owner: Any = None,
    title: str = "",
    link: str = "",
    public: bool = False,
    dedupe_key: str | None = None,
    alike: str = "",
    priority: int = 0,
    time_limit: int = 3600,
) -> tuple[Job, bool]:
    """Write the job's row and wake a worker once the transaction is committed; returns (job, whether it is new).

    With a dedupe_key an equal job that is still queued or running is returned instead. Call it in the transaction that writes the
    domain row, so that neither exists without the other. Jobs of one handler with the same `alike` may be done at once
    (see `workers.attempts.together`).
    """
    now = timezone.now()
    if dedupe_key is not None:
        existing = Job.objects.filter(dedupe_key=dedupe_key, state__in=LIVE_STATES).first()
        if existing is not None:
            return existing, False
    job = Job(
        kind=kind,
        handler=handler,
        queue=queue,
        arguments=arguments or {},
        owner=owner,
        title=title[:200],
        link=link,
        public=public,
        dedupe_key=dedupe_key,
        alike=alike,
        priority=priority,
        time_limit=time_limit,
        created=now,
        available=now,
        language=get_language() or settings.LANGUAGE_CODE,
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        # Another request wrote the same key between our look and our insert.
        existing = Job.objects.filter(dedupe_key=dedupe_key, state__in=LIVE_STATES).first()
        if existing is None:
            raise
        return existing, False
    transaction.on_commit(lambda: poke(queue))
    return job, True


def poke(queue: str) -> bool:
    """Tell the queue's workers that there is work; False when the broker cannot be reached (the sweeper pokes again)."""
    from workers.tasks import take

    try:
        take.apply_async(args=[queue], queue=queue, retry=False, ignore_result=True, expires=3600)
    except Exception as error:  # noqa: BLE001  (a broker that is down must never lose a job nor fail a request)
        log.warning("broker not reached, the sweeper will wake the %s queue: %s", queue, error)
        return False
    return True


def ready(queue: str) -> QuerySet[Job]:
    """The jobs that a worker of the queue may take now."""
    return Job.objects.filter(queue=queue, state=JobState.QUEUED, parts_left=0)


def claim(queue: str, worker: Worker, pid: int) -> Job | None:
    """Take the best queued job of the queue that waits for no parts, or None when there is none."""
    while True:
        job = ready(queue).order_by("-priority", "available", "id").first()
        if job is None:
            return None
        if _take(job, worker.id, pid):
            return job


def claim_alike(first: Job, most: int) -> list[Job]:
    """Take up to `most` waiting jobs that may be done at once with this running one, for the worker that runs it.

    One is left to every worker that is idle. A job that lost its worker before is done alone, so that one that kills
    workers does not take the same company along until all of them are given up.
    """
    if not first.alike or first.losses or most < 1 or first.worker_id is None:
        return []
    waiting = ready(first.queue).filter(alike=first.alike, handler=first.handler, priority=first.priority, losses=0)
    count = waiting.count()
    spare = count - idle_workers(first.queue).count() if count else 0
    found = waiting.order_by("available", "id")[: min(most, spare)] if spare > 0 else []
    taken = [job for job in found if _take(job, first.worker_id, first.pid)]
    if taken:
        first.together = len(taken) + 1
        Job.objects.filter(id__in=[first.id, *(job.id for job in taken)], worker_id=first.worker_id).update(
            together=first.together
        )
    return taken


def _take(job: Job, worker_id: Any, pid: int | None) -> bool:
    """Give a queued job to a worker, if nobody was first; `job` is then as its row."""
    now = timezone.now()
    changed = (
        ready(job.queue)
        .filter(id=job.id, attempt=job.attempt)
        .update(
            state=JobState.RUNNING,
            worker=worker_id,
            pid=pid,
            attempt=job.attempt + 1,
            together=1,
            lease_until=now + timedelta(seconds=settings.LEASE_SECONDS),
            started=now,
            finished=None,
            progress_before=F("progress"),
            step="",
            message="",
        )
    )
    if changed == 1:
        job.refresh_from_db()
    return changed == 1


def held(job_id: Any, worker_id: Any, attempt: int):
    """The running job as seen by the one attempt that may write to it; empty when that attempt is no longer in charge."""
    return Job.objects.filter(id=job_id, worker_id=worker_id, attempt=attempt, state=JobState.RUNNING)


def put_back(job: Job, *, lost: bool) -> bool:
    """Return a running attempt's job to the queue (its worker stopped or was lost); False when it had moved on.

    A job that lost its worker MAX_LOSSES times is failed instead: it probably is what kills them.
    """
    attempt = Job.objects.filter(id=job.id, attempt=job.attempt, state=JobState.RUNNING)
    losses = job.losses + (1 if lost else 0)
    if losses >= MAX_LOSSES:
        with override(job.language):
            text = _("The worker died %(count)d times while doing this job, so it was given up.") % {"count": losses}
        wanted: dict[str, Any] = {"state": JobState.FAILED, "losses": losses, "message": text, "lease_until": None}
        return _leave(attempt, job, wanted | {"finished": timezone.now()})
    # It keeps its place in the queue (`available`): it has waited its turn once.
    return _leave(attempt, job, BACK | {"losses": losses, "step": "", "progress": 0})


def put_behind(job: Job, *, progress: float, step: str) -> bool:
    """End a segment of a running attempt: its job goes on, with its progress, when the others have had their turn.

    False when the attempt is no longer in charge. A job that somebody cancelled meanwhile is cancelled.
    """
    now = timezone.now()
    seconds = job.seconds_before + (now - (job.started or now)).total_seconds()
    values = BACK | {"available": now, "progress": progress, "step": step, "seconds_before": seconds}
    attempt = held(job.id, job.worker_id, job.attempt)
    if not _leave(attempt, job, values):
        return False
    poke(job.queue)  # the message that led to this attempt is used up
    return True


def _leave(attempt: QuerySet[Job], job: Job, values: dict[str, Any]) -> bool:
    """Write the values to the attempt's row, or that it was cancelled, whichever was first; False when it had moved on."""
    with override(job.language):
        cancelled = {"state": JobState.CANCELLED, "message": _("Cancelled."), "lease_until": None}
    while True:
        with transaction.atomic():
            # The row is asked, not our copy of it: the request to cancel may have come a moment ago.
            if attempt.filter(cancel_requested=None).update(**values) == 1 or (
                attempt.exclude(cancel_requested=None).update(**cancelled, finished=timezone.now()) == 1
            ):
                parts.ended(job.id)
                return True
        if not attempt.exists():
            return False


def others_waiting(job: Job) -> bool:
    """Whether a job of the same queue and at least the same priority waits for which no worker is idle."""
    waiting = ready(job.queue).filter(priority__gte=job.priority).exclude(id=job.id).count()
    if not waiting:
        return False
    return waiting > idle_workers(job.queue).count()


def idle_workers(queue: str) -> QuerySet[Worker]:
    """Workers of a queue that beat within the last lease and run nothing."""
    fresh = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS)
    alive = Worker.objects.filter(queue=queue, state=WorkerState.ALIVE, last_seen__gte=fresh)
    return alive.exclude(jobs__state=JobState.RUNNING)


def request_cancel(job: Job) -> str:
    """Cancel: a queued job at once, a running one at its next step. Returns the state after the call."""
    while True:
        now = timezone.now()
        queued = Job.objects.filter(id=job.id, state=JobState.QUEUED)
        with override(job.language):
            text = _("Cancelled.")
        with transaction.atomic():
            if queued.update(state=JobState.CANCELLED, finished=now, cancel_requested=now, message=text) == 1:
                parts.ended(job.id)
            else:
                running = Job.objects.filter(id=job.id, state=JobState.RUNNING, cancel_requested=None)
                running.update(cancel_requested=now)
        job.refresh_from_db()
        # Between the two updates a running job may have been put back; then neither changed it.
        if job.state != JobState.QUEUED and (job.state != JobState.RUNNING or job.cancel_requested):
            return job.state


def retry(job: Job) -> bool:
    """Queue a failed or cancelled job once more; False when it is in no such state or an equal one is live already."""
    now = timezone.now()
    try:
        with transaction.atomic():
            changed = Job.objects.filter(id=job.id, state__in=[JobState.FAILED, JobState.CANCELLED]).update(
                state=JobState.QUEUED, cancel_requested=None, finished=None, losses=0, available=now,
                message="", detail="", step="", progress=0, worker=None, pid=None, lease_until=None,
                parts_left=0, progress_before=0, seconds_before=0,
            )  # fmt: skip
            if changed:
                JobPart.objects.filter(whole=job).delete()  # it asks for its parts anew
    except IntegrityError:
        return False
    if changed:
        transaction.on_commit(lambda: poke(job.queue))
    return changed == 1
