"""A batch worker inside the command that waits: for a machine on which none is running."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from workers.models import Job, QueueName, Worker, WorkerState
from workers.sweeper import Sweeper
from workers.tasks import run_next
from workers.version import code_version

BEAT_SECONDS = 1.0


@contextmanager
def working_here(job: Job, *, active: bool) -> Iterator[None]:
    """While the body runs, take jobs of the batch queue in threads of this process until `job` is over.

    Leaving the body early hands a job that is still running back to the queue. Does nothing unless `active`.
    """
    if not active:
        yield
        return
    now = timezone.now()
    worker = Worker.objects.create(
        host=socket.gethostname(), pid=os.getpid(), queue=QueueName.BATCH, started=now, last_seen=now,
        device=settings.DEVICE, code_version=code_version(),
    )  # fmt: skip
    done = threading.Event()
    beat = threading.Thread(target=_beat, args=(worker, done), name="worker-heartbeat", daemon=True)
    work = threading.Thread(target=_work, args=(worker, job, done), name="worker")
    beat.start()
    work.start()
    try:
        yield
    finally:
        done.set()
        # The running job's context sees this within half a second and stops.
        Worker.objects.filter(id=worker.id).update(state=WorkerState.STOPPING)
        work.join()
        beat.join()
        Worker.objects.filter(id=worker.id).update(state=WorkerState.STOPPED)


def _work(worker: Worker, job: Job, done: threading.Event) -> None:
    try:
        while not done.is_set() and Job.objects.get(id=job.id).is_live:
            if run_next(QueueName.BATCH, worker) is None:
                # It is running elsewhere, or was: nobody else may be there to notice that its worker died.
                Sweeper().expire_leases()
                done.wait(BEAT_SECONDS)
    finally:
        connection.close()


def _beat(worker: Worker, done: threading.Event) -> None:
    while not done.wait(BEAT_SECONDS):
        try:
            Worker.objects.filter(id=worker.id).update(last_seen=timezone.now())
        except DatabaseError:
            connection.close()
    connection.close()
