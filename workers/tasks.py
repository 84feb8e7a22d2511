"""The only Celery task: take the best queued row and run its handler."""

import logging
import os

from celery import shared_task

from workers import attempts
from workers.models import Job, QueueName, Worker, WorkerState
from workers.queue import claim

log = logging.getLogger(__name__)
WORKER_VARIABLE = "WORKBENCH_WORKER"  # the worker's row id, handed from the Celery parent to its spawned children


@shared_task(name="workers.take", ignore_result=True)
def take(queue: str) -> None:
    """Run one batch job, or all waiting interactive ones.

    A batch child ends after one job, because only the end of the process gives back all its memory; the interactive child stays
    warm, so it may as well empty the queue.
    """
    worker = Worker.objects.filter(id=os.environ[WORKER_VARIABLE], state=WorkerState.ALIVE).first()
    if worker is None:
        log.warning("this worker is not registered or is stopping; it takes no jobs")
        return
    while run_next(queue, worker) and queue == QueueName.INTERACTIVE:
        worker.refresh_from_db()
        if worker.state != WorkerState.ALIVE:
            break


def run_next(queue: str, worker: Worker) -> Job | None:
    """Claim and run the best queued job of a queue in this process, perhaps with others that are alike.

    Returns it as it stands afterwards, or None when there was none.
    """
    job = claim(queue, worker, os.getpid())
    if job is None:
        return None
    attempts.run(job)
    job.refresh_from_db()
    return job
