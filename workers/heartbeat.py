"""The heartbeat of running attempts: a thread of its own, so a long step neither loses a lease nor delays a cancel request."""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import DatabaseError, connection

from workers.context import OUTAGE_SECONDS, JobContext, LeaseLost, WorkerStopping

log = logging.getLogger(__name__)
BEAT_SECONDS = 0.5  # how often the rows are looked at


@contextmanager
def heartbeat(contexts: Sequence[JobContext]) -> Iterator[None]:
    """Keep the leases while the body runs; ends the process when the body ignores a stop or the parent is gone.

    The body may add attempts; those that are over are left alone.
    """
    done = threading.Event()
    parent = os.getppid()

    def beat_until_done() -> None:
        last_written = time.monotonic()
        while not done.wait(BEAT_SECONDS):
            living = [context for context in list(contexts) if not context.over]
            try:
                if os.getppid() != parent:
                    os.kill(os.getpid(), signal.SIGKILL)
                if any(context.overdue for context in living):
                    give_up(living)
                for context in living:
                    context.beat()
                last_written = time.monotonic()
            except DatabaseError as error:
                log.warning("heartbeat of job %s: %s", ", ".join(str(context.job_id) for context in living), error)
                connection.close()
            if time.monotonic() - last_written > OUTAGE_SECONDS:
                for context in living:
                    context.ask_to_stop(LeaseLost)
        connection.close()

    thread = threading.Thread(target=beat_until_done, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def give_up(contexts: Sequence[JobContext]) -> None:
    """A handler does not stop by itself: end the process, the rows first.

    The others that it works on go back to the queue, and it counts as no loss for them.
    """
    try:
        for context in contexts:
            context.write_stop(context.stop or WorkerStopping)
    finally:
        os.kill(os.getpid(), signal.SIGKILL)
