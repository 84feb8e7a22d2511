"""Reading jobs and workers: who may see which, how many wait, how long it will take. Reads only."""

import statistics
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from workers.models import Job, JobState, QueueName, Worker, WorkerState

DURATIONS = 20  # finished jobs of a kind that an estimate is made from
ESTIMATE_FROM = 0.05  # progress from which a running job's own pace says more than the history of its kind
WORKERS_SHOWN_FOR = timedelta(hours=1)  # how long a worker that ended stays on the page


def jobs_listed_for(user: Any) -> QuerySet[Job]:
    """Jobs that a list may show to this user.

    Visitors: public ones. Signed-in users: public ones and those with an owner. Staff: all, which adds what visitors submitted.
    """
    jobs = Job.objects.select_related("owner", "worker")
    if not user.is_authenticated:
        return jobs.filter(public=True)
    if not user.is_staff:
        return jobs.filter(Q(public=True) | Q(owner__isnull=False))
    return jobs


def job_get(*, job_id: uuid.UUID) -> Job | None:
    """The job with this id. Ids cannot be guessed, so whoever has one may ask how the job is doing."""
    return Job.objects.select_related("owner", "worker").filter(id=job_id).first()


def job_link_for(*, job: Job, user: Any) -> str:
    """Address of the job's result, or nothing when this user has no business there."""
    return job.link if job.public or job_managed_by(job=job, user=user) else ""


def job_managed_by(*, job: Job, user: Any) -> bool:
    """Whether this user may cancel the job or queue it again: its owner and staff."""
    return bool(user.is_authenticated and (user.is_staff or (job.owner_id is not None and job.owner_id == user.pk)))


def jobs_before(job: Job) -> QuerySet[Job]:
    """Queued jobs that will be taken before this queued one."""
    earlier = Q(created__lt=job.created) | Q(created=job.created, id__lt=job.id)
    return Job.objects.filter(queue=job.queue, state=JobState.QUEUED).filter(
        Q(priority__gt=job.priority) | Q(priority=job.priority) & earlier
    )


def queue_position(job: Job) -> int | None:
    """1 for the job that is taken next; None when the job does not wait."""
    return jobs_before(job).count() + 1 if job.state == JobState.QUEUED else None


def queue_positions(jobs: list[Job]) -> dict[uuid.UUID, int]:
    """Position of each queued job in a list, with one query a queue instead of one a job."""
    wanted = {job.queue for job in jobs if job.state == JobState.QUEUED}
    positions: dict[uuid.UUID, int] = {}
    for queue in wanted:
        order = Job.objects.filter(queue=queue, state=JobState.QUEUED).order_by("-priority", "created", "id")
        positions |= {job_id: place for place, job_id in enumerate(order.values_list("id", flat=True), start=1)}
    return positions


def workers_alive(queue: str) -> int:
    """Workers of a queue that beat within the last lease."""
    limit = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS)
    return Worker.objects.filter(queue=queue, state=WorkerState.ALIVE, last_seen__gte=limit).count()


def median_seconds(kind: str) -> float | None:
    """Median run time of the last jobs of this kind that succeeded, in seconds; None when there is none."""
    done = Job.objects.filter(kind=kind, state=JobState.SUCCEEDED, started__isnull=False, finished__isnull=False)
    times = done.order_by("-finished").values_list("started", "finished")[:DURATIONS]
    seconds = [(finished - started).total_seconds() for started, finished in times]
    return statistics.median(seconds) if seconds else None


class Estimator:
    """Estimates for many jobs of one page: what they share (durations by kind, workers by queue) is read once."""

    def __init__(self) -> None:
        self._medians: dict[str, float | None] = {}
        self._alive: dict[str, int] = {}

    def median(self, kind: str) -> float | None:
        if kind not in self._medians:
            self._medians[kind] = median_seconds(kind)
        return self._medians[kind]

    def alive(self, queue: str) -> int:
        if queue not in self._alive:
            self._alive[queue] = workers_alive(queue)
        return self._alive[queue]

    def seconds_left(self, job: Job, position: int | None = None) -> float | None:
        """Seconds until the job is done, at least 0; None when nothing is known (no history, or no worker is alive)."""
        if job.state == JobState.RUNNING:
            return self._running(job)
        if job.state == JobState.QUEUED:
            return self._queued(job)
        return None

    def _running(self, job: Job) -> float | None:
        elapsed = (timezone.now() - job.started).total_seconds() if job.started else 0.0
        if job.progress > ESTIMATE_FROM:
            return max(elapsed * (1 - job.progress) / job.progress, 0.0)
        median = self.median(job.kind)
        return None if median is None else max(median - elapsed, 0.0)

    def _queued(self, job: Job) -> float | None:
        own = self.median(job.kind)
        alive = self.alive(job.queue)
        if own is None or not alive:
            return None
        ahead = 0.0
        kinds = jobs_before(job).order_by().values_list("kind").annotate(count=Count("id"))
        for kind, count in kinds:
            ahead += count * (self.median(kind) or own)
        running = Job.objects.filter(queue=job.queue, state=JobState.RUNNING).only("kind", "progress", "started", "state")
        ahead += sum(self._running(other) or 0.0 for other in running)
        return ahead / alive + own


def eta_seconds(job: Job) -> float | None:
    """Seconds until this job is done, at least 0; None when it is over or nothing is known."""
    return Estimator().seconds_left(job)
