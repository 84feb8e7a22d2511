"""Life of a Celery worker process: its row, its heartbeat, its children.

Connected to Celery's signals. The parent process registers a Worker row and keeps it fresh from a thread; a pool child is spawned
with the row's id in its environment, dies with its parent, and is warmed up.
"""

import ctypes
import logging
import os
import signal
import socket
import sys
import threading
from datetime import timedelta

from celery import signals
from django.conf import settings
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)
BEAT_SECONDS = 1.0
QUEUE_VARIABLE = "WORKBENCH_QUEUE"
ENDING_SECONDS = 5  # what is left to do once the pool has ended
_stop = threading.Event()


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Ask Linux to send this process a signal when its parent ends; elsewhere the heartbeat thread looks at the parent's pid."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(1, number)


@signals.celeryd_init.connect
def register(sender=None, instance=None, **kwargs) -> None:
    """Write the Worker row before the pool starts, so that its children inherit the row's id."""
    from django.db import connection
    from django.utils import timezone

    from workers.models import Worker
    from workers.tasks import WORKER_VARIABLE
    from workers.version import code_version

    now = timezone.now()
    queue = os.environ.get(QUEUE_VARIABLE, "batch")
    worker = Worker.objects.create(
        host=socket.gethostname(), pid=os.getpid(), queue=queue, started=now, last_seen=now,
        device=settings.DEVICE, code_version=code_version(),
    )  # fmt: skip
    os.environ[WORKER_VARIABLE] = str(worker.id)
    connection.close()
    _stop.clear()
    threading.Thread(target=_beat, args=(worker.id,), name="worker-heartbeat", daemon=True).start()


def _beat(worker_id) -> None:
    from django.db import DatabaseError, connection
    from django.utils import timezone

    from workers.models import Worker, WorkerState

    while not _stop.wait(BEAT_SECONDS):
        try:
            rows = Worker.objects.filter(id=worker_id)
            if rows.exclude(state__in=[WorkerState.LOST, WorkerState.STOPPED]).update(last_seen=timezone.now()) == 0:
                # Declared lost (the machine slept, or the clock jumped). Its jobs were given away: begin again as a new worker.
                log.error("this worker was declared lost; it ends, so that its supervisor starts a fresh one")
                os.kill(os.getpid(), signal.SIGTERM)
                return
        except DatabaseError as error:
            log.warning("worker heartbeat: %s", error)
            connection.close()
    connection.close()


def _set_state(state: str) -> None:
    from django.db import DatabaseError

    from workers.models import Worker
    from workers.tasks import WORKER_VARIABLE

    try:
        Worker.objects.filter(id=os.environ[WORKER_VARIABLE]).update(state=state)
    except DatabaseError as error:
        log.warning("worker state: %s", error)


def _end_within(seconds: float) -> None:
    """Have the system end this process then, whatever holds it. On the way out a worker was seen to wait for ever for threads of
    its pool; a supervisor would end it, but that may be gone. Its children die with it."""
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)


@signals.worker_shutting_down.connect
def stopping(**kwargs) -> None:
    """The children see the state within a heartbeat and put their jobs back. A thread, because this runs in a signal handler."""
    _end_within(settings.CANCEL_GRACE_SECONDS + 2 * ENDING_SECONDS)
    threading.Thread(target=_set_state, args=("stopping",), daemon=True).start()


@signals.worker_shutdown.connect
def stopped(**kwargs) -> None:
    _end_within(ENDING_SECONDS)
    _stop.set()
    _set_state("stopped")


@signals.worker_process_init.connect
def child_started(**kwargs) -> None:
    die_with_parent()
    for path in settings.WORKER_WARM_UP.get(os.environ.get(QUEUE_VARIABLE, ""), []):
        try:
            import_string(path)()
        except Exception:
            log.exception("warm-up %s failed", path)


def worker_timeout() -> timedelta:
    """Age of the last heartbeat at which a worker counts as lost."""
    return timedelta(seconds=settings.LEASE_SECONDS)
