"""Attempts at jobs from their first line to their last: however the work ends, the row is told.

A handler takes one context. One that is marked with `together` takes a list of them, because waiting jobs that are alike
may be done at once: every job of the list keeps its own row, lease, attempt, progress, cancel request and fenced finish.
"""

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import close_old_connections
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from workers.context import JobContext, JobStopped, end, wait_for_database
from workers.engine.errors import InputError
from workers.heartbeat import heartbeat
from workers.models import Job, JobState
from workers.queue import claim_alike

log = logging.getLogger(__name__)
Handler = TypeVar("Handler", bound=Callable[[list[JobContext]], Any])


def together(most: Callable[[], int]) -> Callable[[Handler], Handler]:
    """Mark a handler that takes a list of contexts; `most()` says in the worker how many jobs are worth doing at once.

    Such a handler does what concerns one job inside `with ending(context):`, so that whatever happens to it ends that job
    alone, and leaves out the contexts that are `over`.
    """

    def mark(handler: Handler) -> Handler:
        handler.most_together = most  # type: ignore[attr-defined]
        return handler

    return mark


def run(job: Job) -> None:
    """Run the handler of a claimed job in this process, with other waiting jobs that are alike if it takes several."""
    contexts = [JobContext(job)]
    try:
        with heartbeat(contexts), ending(contexts):
            handler = import_string(job.handler)
            most = getattr(handler, "most_together", None)
            if most is None:
                handler(contexts[0])
            else:
                contexts += map(JobContext, claim_alike(job, most() - 1) if job.alike else [])
                handler(list(contexts))
            for context in contexts:
                if not context.over:
                    with ending([context]), context.finish():
                        pass
    finally:
        close_old_connections()


@contextmanager
def ending(contexts: list[JobContext]) -> Iterator[None]:
    """The body is work on these attempts: what it raises is written to those that are not over, and goes no further."""
    try:
        with override(contexts[0].language):
            yield
    except JobStopped as stop:
        for context in _living(contexts):
            log.info("job %s, attempt %s: %s", context.job_id, context.attempt, type(stop).__name__)
            context.write_stop(type(stop))
    except InputError as error:
        for context in _living(contexts):
            end(context, JobState.FAILED, str(error))
    except Exception:
        log.exception("job %s failed", ", ".join(str(context.job_id) for context in contexts if not context.finished))
        trace = traceback.format_exc()
        for context in _living(contexts):
            with override(context.language):
                text = _("Internal error. It was recorded under job %(id)s; please report that number.")
            end(context, JobState.FAILED, text % {"id": context.job_id}, detail=trace)


def _living(contexts: list[JobContext]) -> list[JobContext]:
    """Those whose end has to be written; nobody is to think of them as living afterwards."""
    wait_for_database()
    living = [context for context in contexts if not context.over]
    for context in living:
        context.over = True
    return living
