"""Jobs that wait for other jobs, counted in rows: the last part that succeeds lets its whole go on.

A whole is a queued job with `parts_left` > 0, which no worker takes. Whatever ends a job calls `ended` in the very
transaction that ends it, so a count is never behind; what a crash of the database leaves, `repair` mends.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Avg, Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from workers.engine.errors import InputError
from workers.models import LIVE_STATES, Job, JobPart, JobState

log = logging.getLogger(__name__)
SHARE = 0.9  # of a whole's progress that its parts make up; what it does with them is the rest


def waiting() -> QuerySet[Job]:
    """Jobs that wait for their parts."""
    return Job.objects.filter(state=JobState.QUEUED, parts_left__gt=0)


def wait_for(attempt: QuerySet[Job], jobs: Sequence[Job]) -> bool:
    """Let a running attempt's job wait for these jobs; False when all of them have succeeded already.

    True also when the attempt is no longer in charge. A cancelled job among them is queued again. Raises InputError with
    the message of one that failed.
    """
    from workers.queue import BACK, retry

    with transaction.atomic():
        # Locked, so that none of them ends between our count and the links that its end looks for.
        needed = _locked(Job.objects.filter(id__in=[job.id for job in jobs]))
        if failed := next((job for job in needed if job.state == JobState.FAILED), None):
            raise InputError(failed.message)
        Job.objects.filter(id__in=[job.id for job in needed]).exclude(cancel_requested=None).filter(
            state=JobState.RUNNING
        ).update(cancel_requested=None)
        for job in needed:
            if job.state == JobState.CANCELLED and not retry(job):
                raise InputError(_("A part of this work was cancelled. Submit it again."))
        left = sum(job.state != JobState.SUCCEEDED for job in needed)
        if left == 0:
            return False
        if (whole := attempt.first()) is not None:
            # Also when it is being cancelled: what it asked for ends with it.
            JobPart.objects.filter(whole=whole).delete()
            JobPart.objects.bulk_create(JobPart(whole=whole, part=job) for job in needed)
            attempt.filter(cancel_requested=None).update(**BACK, parts_left=left)
    return True


def ended(job_id: Any) -> None:
    """To be called in the transaction that writes how a job ended, or that it is queued again (then nothing happens)."""
    job = Job.objects.only("id", "state", "message", "owner").get(id=job_id)
    if job.state == JobState.SUCCEEDED:
        _count_down(job)
    elif job.state not in LIVE_STATES:
        for whole in _locked(waiting().filter(parts=job)):
            _fail(whole, job)
        _drop_parts(job)


def repair() -> int:
    """Count anew what waits for parts; returns how many jobs a lost count had held up."""
    mended = 0
    for whole in waiting()[:1000]:
        with transaction.atomic():
            ends = [JobState.FAILED, JobState.CANCELLED]
            if failed := whole.parts.filter(state__in=ends).first():
                mended += _fail(whole, failed)
                continue
            left = whole.parts.exclude(state=JobState.SUCCEEDED).count()
            # A part that ends between our two looks has changed parts_left; then this changes nothing.
            if left != whole.parts_left and _same(whole).update(parts_left=left) == 1:
                log.warning("job %s waited for %s parts, but %s are left", whole.id, whole.parts_left, left)
                mended += 1
                if left == 0:
                    _wake(whole.queue)
    return mended


def tell_progress(part_id: Any) -> None:
    """Show the mean progress of all parts in each job that waits for this one."""
    for whole in waiting().filter(parts=part_id).only("id", "parts_left", "language"):
        done = Count("id", filter=Q(state=JobState.SUCCEEDED))
        facts = whole.parts.aggregate(mean=Avg("progress"), done=done, all=Count("id"))
        with override(whole.language):
            step = _("%(done)s of %(all)s parts are done") % facts
        _same(whole).update(progress=SHARE * (facts["mean"] or 0.0), step=step)


def _count_down(part: Job) -> None:
    wholes = _locked(waiting().filter(parts=part))
    Job.objects.filter(id__in=[whole.id for whole in wholes]).update(parts_left=F("parts_left") - 1)
    for queue in sorted({whole.queue for whole in wholes if whole.parts_left == 1}):
        _wake(queue)


def _fail(whole: Job, part: Job) -> bool:
    """Fail a job because a part of it did not succeed; False when it had moved on."""
    with override(whole.language):
        cancelled = _("A part of this work was cancelled. Submit it again.")
    message = part.message if part.state == JobState.FAILED else cancelled
    values = {"message": message, "finished": timezone.now(), "parts_left": 0}
    if _same(whole).update(state=JobState.FAILED, **values) != 1:
        return False
    ended(whole.id)
    return True


def _drop_parts(whole: Job) -> None:
    """Cancel the parts of a job that ended which nobody else needs, nor has put in for themselves."""
    now = timezone.now()
    droppable = Q(owner=None) | Q(owner=whole.owner_id)
    for part in _locked(whole.parts.filter(droppable, state__in=LIVE_STATES)):
        if part.wholes.filter(state__in=LIVE_STATES).exclude(id=whole.id).exists():
            continue
        with override(part.language):
            text = _("Cancelled.")
        row = Job.objects.filter(id=part.id)
        end = {"state": JobState.CANCELLED, "finished": now, "cancel_requested": now, "message": text}
        if row.filter(state=JobState.QUEUED).update(**end) == 1:
            ended(part.id)
        else:
            row.filter(state=JobState.RUNNING, cancel_requested=None).update(cancel_requested=now)


def _same(whole: Job) -> QuerySet[Job]:
    """The waiting job's row if nothing was counted since we read it."""
    return waiting().filter(id=whole.id, parts_left=whole.parts_left)


def _locked(jobs: QuerySet[Job]) -> list[Job]:
    """The rows, held until the transaction ends, always taken in one order (a no-op on SQLite, where writers queue)."""
    return list(jobs.order_by("id").select_for_update(of=("self",)))


def _wake(queue: str) -> None:
    from workers.queue import poke

    transaction.on_commit(partial(poke, queue))
