"""Reading jobs and workers: who may see which, how many wait, how long it will take. Reads only."""

import statistics
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, Prefetch, Q, QuerySet, When
from django.utils import timezone

from workers.models import LIVE_STATES, Job, JobState, QueueName, Worker, WorkerState
from workers.queue import ready

DURATIONS = 20  # finished jobs of a kind that an estimate is made from
ESTIMATE_FROM = 0.05  # progress from which a running job's own pace says more than the history of its kind
WORKERS_SHOWN_FOR = timedelta(hours=1)  # how long a worker that ended stays on the page


def jobs_listed_for(user: Any) -> QuerySet[Job]:
    """Jobs that a list may show to this user.

    Visitors: public ones. Signed-in users: those and the ones with an owner. Staff: all, also what visitors submitted.
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


def workers_alive(queue: str) -> int:
    """Workers of a queue that beat within the last lease."""
    limit = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS)
    return Worker.objects.filter(queue=queue, state=WorkerState.ALIVE, last_seen__gte=limit).count()


def median_seconds(kind: str, *, each: bool = False) -> float | None:
    """Median run time of the last jobs of this kind that succeeded, in seconds; None when there is none.

    `each`: what one of them adds to the wait of others; jobs that were done at once share their time.
    """
    done = Job.objects.filter(kind=kind, state=JobState.SUCCEEDED, started__isnull=False, finished__isnull=False)
    times = done.order_by("-finished").values_list("started", "finished", "seconds_before", "together")[:DURATIONS]
    seconds = [
        ((end - start).total_seconds() + before) / (together if each else 1)
        for start, end, before, together in times
        if start and end
    ]
    return statistics.median(seconds) if seconds else None


@dataclass(frozen=True)
class Outlook:
    """What a job still has before it: position 1 is next, None unless it can be taken; seconds left, None when unknown."""

    position: int | None = None
    seconds: float | None = None


class Estimator:
    """Outlooks for the jobs of one page. What they share (durations, order and workers of a queue) is read once."""

    def __init__(self, page: list[Job] | None = None) -> None:
        self._medians: dict[tuple[str, bool], float | None] = {}
        self._alive: dict[str, int] = {}
        self._running_sums: dict[str, float] = {}
        self._ahead: dict[uuid.UUID, Counter[str]] = {}
        waiting = [job for job in page or [] if job.state == JobState.QUEUED and not job.parts_left]
        for queue in {job.queue for job in waiting}:
            self._walk(queue, {job.id for job in waiting if job.queue == queue})

    def outlook(self, job: Job) -> Outlook:
        """Where this job stands now."""
        if job.state == JobState.RUNNING:
            return Outlook(seconds=self._running(job))
        if job.state != JobState.QUEUED:
            return Outlook()
        if job.parts_left:
            return Outlook(seconds=self._with_parts(job))
        ahead = self._ahead[job.id] if job.id in self._ahead else kinds_before(job)
        return Outlook(position=ahead.total() + 1, seconds=self._queued(job, ahead))

    def _walk(self, queue: str, wanted: set[uuid.UUID]) -> None:
        ahead: Counter[str] = Counter()
        order = ready(queue).order_by("-priority", "available", "id")
        for job_id, kind in order.values_list("id", "kind"):
            if job_id in wanted:
                self._ahead[job_id] = ahead.copy()
            ahead[kind] += 1

    def _median(self, kind: str, *, each: bool = False) -> float | None:
        if (kind, each) not in self._medians:
            self._medians[kind, each] = median_seconds(kind, each=each)
        return self._medians[kind, each]

    def _workers(self, queue: str) -> int:
        if queue not in self._alive:
            self._alive[queue] = workers_alive(queue)
        return self._alive[queue]

    def _running(self, job: Job) -> float | None:
        elapsed = (timezone.now() - job.started).total_seconds() if job.started else 0.0
        gained = job.progress - job.progress_before
        median = None if gained > ESTIMATE_FROM else self._median(job.kind)
        # A job that has outlasted its kind (trainings are of any length) knows more of itself, however little.
        if gained > ESTIMATE_FROM or (gained > 0 and median is not None and elapsed > median):
            return max(elapsed * (1 - job.progress) / gained, 0.0)
        return None if median is None else max(median - elapsed, 0.0)

    def _running_sum(self, queue: str) -> float:
        if queue not in self._running_sums:
            running = Job.objects.filter(queue=queue, state=JobState.RUNNING).only(
                "kind", "progress", "progress_before", "started", "state", "worker_id"
            )
            left: dict[Any, float] = {}  # jobs that a worker does at once end together
            for job in running:
                left[job.worker_id] = max(left.get(job.worker_id, 0.0), self._running(job) or 0.0)
            self._running_sums[queue] = sum(left.values())
        return self._running_sums[queue]

    def _queued(self, job: Job, ahead: Counter[str]) -> float | None:
        own, alive = self._median(job.kind), self._workers(job.queue)
        if own is None or not alive:
            return None
        # A kind without history is taken to last as long as this job: the best guess there is.
        before = sum(count * (self._median(kind, each=True) or own) for kind, count in ahead.items())
        return (before + self._running_sum(job.queue)) / alive + own

    def _with_parts(self, job: Job) -> float | None:
        """Until the last part is done; what the job itself then does is short beside it."""
        live = job.parts.filter(state__in=LIVE_STATES)
        return max((self.outlook(part).seconds or 0.0 for part in live), default=0.0) or None


def kinds_before(job: Job) -> Counter[str]:
    """How many jobs of each kind will be taken before this queued one."""
    earlier = Q(available__lt=job.available) | Q(available=job.available, id__lt=job.id)
    first = Q(priority__gt=job.priority) | (Q(priority=job.priority) & earlier)
    rows = ready(job.queue).filter(first).order_by().values_list("kind")
    return Counter(dict(rows.annotate(count=Count("id"))))


def queue_position(job: Job) -> int | None:
    """1 for the job that is taken next; None when it does not wait for a worker."""
    return kinds_before(job).total() + 1 if job.state == JobState.QUEUED and not job.parts_left else None


def eta_seconds(job: Job) -> float | None:
    """Seconds until this job is done, at least 0; None when it is over or nothing is known (no history, no worker)."""
    return Estimator().outlook(job).seconds


def workers_listed() -> QuerySet[Worker]:
    """Workers that live, and those that ended not long ago; the job that each runs is in `current`."""
    live = [WorkerState.ALIVE, WorkerState.STOPPING]
    running = Job.objects.filter(state=JobState.RUNNING).order_by("started")
    shown = Q(state__in=live) | Q(last_seen__gte=timezone.now() - WORKERS_SHOWN_FOR)
    alive_first = Case(When(state__in=live, then=0), default=1)
    prefetch = Prefetch("jobs", queryset=running, to_attr="current")
    return Worker.objects.filter(shown).order_by(alive_first, "queue", "-started").prefetch_related(prefetch)


@dataclass(frozen=True)
class QueueSummary:
    """One queue at a glance."""

    name: str
    label: str
    queued: int
    running: int
    alive: int


def queue_summaries() -> list[QueueSummary]:
    """Every queue with its waiting and running jobs and its living workers; two queries."""
    limit = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS)
    counts = (
        Job.objects.filter(state__in=LIVE_STATES).order_by().values_list("queue", "state").annotate(count=Count("id"))
    )
    jobs = {(queue, state): count for queue, state, count in counts}
    fresh = Worker.objects.filter(state=WorkerState.ALIVE, last_seen__gte=limit).order_by()
    alive = dict(fresh.values_list("queue").annotate(count=Count("id")))
    return [
        QueueSummary(
            name=queue.value,
            label=str(queue.label),
            queued=jobs.get((queue.value, JobState.QUEUED.value), 0),
            running=jobs.get((queue.value, JobState.RUNNING.value), 0),
            alive=alive.get(queue.value, 0),
        )
        for queue in QueueName
    ]


def kinds_known(user: Any) -> list[str]:
    """Kinds of the jobs this user sees listed, for the filter."""
    return sorted(set(jobs_listed_for(user).order_by().values_list("kind", flat=True).distinct()))


def jobs_succeeded(*, kind: str) -> int:
    """How many jobs of a kind ever succeeded."""
    return Job.objects.filter(kind=kind, state=JobState.SUCCEEDED).count()
