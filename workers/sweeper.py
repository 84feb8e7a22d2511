"""The sweeper repairs what a crash leaves behind: expired leases, silent workers, lost wake-ups, parts never counted.

All its writes are conditional updates, so several sweepers do no harm.
"""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from workers import parts
from workers.celery_process import worker_timeout
from workers.models import Job, JobState, QueueName, Worker, WorkerState
from workers.queue import poke, put_back, ready

log = logging.getLogger(__name__)
INTERVAL_SECONDS = 1.0
POKE_AFTER_SECONDS = 1.0  # a job that waits longer beside an idle worker has lost its wake-up
POKE_EVERY_SECONDS = 2.0
REPAIR_EVERY_SECONDS = 5.0  # how often jobs that wait for parts are counted anew
KEEP_WORKERS = timedelta(days=1)


class Sweeper:
    """Call `sweep` about once a second."""

    def __init__(self) -> None:
        # After a start or an outage every lease looks expired although the workers are fine: wait one lease first.
        self.quiet_until = time.monotonic() + settings.LEASE_SECONDS
        self._repair_at = 0.0
        self._poked: dict[str, float] = {}
        self._chores: dict[str, float] = {}

    def sweep(self) -> None:
        if time.monotonic() >= self.quiet_until:
            self.expire_leases()
        self.expire_workers()
        if time.monotonic() >= self._repair_at:
            self._repair_at = time.monotonic() + REPAIR_EVERY_SECONDS
            parts.repair()
        for queue in QueueName.values:
            self.wake(queue)

    def expire_leases(self) -> int:
        """Give jobs of attempts that stopped beating back to the queue; returns how many."""
        expired = Job.objects.filter(state=JobState.RUNNING, lease_until__lt=timezone.now())
        count = 0
        for job in expired[:1000]:
            if put_back(job, lost=True):
                log.warning("job %s lost its worker in attempt %s", job.id, job.attempt)
                count += 1
        return count

    def expire_workers(self) -> None:
        limit = timezone.now() - worker_timeout()
        live = [WorkerState.ALIVE, WorkerState.STOPPING]
        Worker.objects.filter(state__in=live, last_seen__lt=limit).update(state=WorkerState.LOST)
        Worker.objects.filter(last_seen__lt=timezone.now() - KEEP_WORKERS, jobs=None).delete()

    def wake(self, queue: str) -> None:
        """Poke a queue in which a job waits although a worker is idle."""
        now = time.monotonic()
        if now - self._poked.get(queue, -POKE_EVERY_SECONDS) < POKE_EVERY_SECONDS:
            return
        waiting_since = timezone.now() - timedelta(seconds=POKE_AFTER_SECONDS)
        if not ready(queue).filter(available__lt=waiting_since).exists():
            return
        alive = Worker.objects.filter(queue=queue, state=WorkerState.ALIVE)
        idle = alive.exclude(jobs__state=JobState.RUNNING)
        for _worker in idle[:16]:
            self._poked[queue] = now
            if not poke(queue):
                return

    def chores(self) -> None:
        """Run the periodic chores that are due (settings.SWEEP_CHORES)."""
        for path, seconds in settings.SWEEP_CHORES.items():
            now = time.monotonic()
            if now - self._chores.get(path, -float("inf")) < seconds:
                continue
            self._chores[path] = now
            try:
                import_string(path)()
            except Exception:
                log.exception("chore %s failed", path)

    def run(self, should_stop) -> None:
        """Sweep until should_stop() is true."""
        while not should_stop():
            try:
                self.sweep()
                self.chores()
            except DatabaseError as error:
                log.warning("database not reached: %s", error)
                connection.close()
                self.quiet_until = time.monotonic() + settings.LEASE_SECONDS
            time.sleep(INTERVAL_SECONDS)
