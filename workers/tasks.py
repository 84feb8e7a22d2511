"""The only Celery task: take the best queued row and run its handler."""

import logging
import os
import traceback

from celery import shared_task
from django.db import close_old_connections
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from workers.context import JobContext, JobStopped, end, heartbeat, wait_for_database
from workers.engine.errors import InputError
from workers.models import Job, JobState, QueueName, Worker, WorkerState
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
    """Claim and run the best queued job of a queue in this process; returns it as it stands afterwards, or None."""
    job = claim(queue, worker, os.getpid())
    if job is None:
        return None
    context = JobContext(job)
    try:
        with override(job.language), heartbeat(context):
            import_string(job.handler)(context)
            if not context.finished:
                with context.finish():
                    pass
    except JobStopped as stop:
        log.info("job %s, attempt %s: %s", job.id, job.attempt, type(stop).__name__)
        wait_for_database()
        context.write_stop(type(stop))
    except InputError as error:
        wait_for_database()
        end(context, JobState.FAILED, str(error))
    except Exception:
        log.exception("job %s failed", job.id)
        with override(job.language):
            text = _("Internal error. It was recorded under job %(id)s; please report that number.") % {"id": job.id}
        trace = traceback.format_exc()
        wait_for_database()
        end(context, JobState.FAILED, text, detail=trace)
    finally:
        close_old_connections()
    job.refresh_from_db()
    return job
