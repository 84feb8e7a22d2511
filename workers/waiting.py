"""Waiting in a request until a job is over, so that nobody has to ask again and again."""

import threading
import time
import uuid

from django.utils.translation import gettext as _

from workers.engine.errors import InputError
from workers.models import LIVE_STATES, Job

MOST_SECONDS = 20.0
# Of the threads of a web process, so many may wait; the others answer. Who comes later is answered at once and asks again.
MOST_WAITING = 4
_places = threading.BoundedSemaphore(MOST_WAITING)
_PAUSE, _LONG_PAUSE, _AFTER = 0.01, 0.05, 1.0  # seconds


def seconds_asked(text: str | None) -> float:
    """The request's `wait`, 0 when there is none; InputError for what is no number of 0 to MOST_SECONDS."""
    try:
        seconds = float(text or 0)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MOST_SECONDS:
        raise InputError(_("`wait` is a number of seconds from 0 to %(most)d.") % {"most": MOST_SECONDS})
    return seconds


def wait_until_over(job_id: uuid.UUID, seconds: float) -> None:
    """Return when the job is no longer queued or running, when the seconds are over, or when too many wait already."""
    if seconds <= 0 or not _places.acquire(blocking=False):
        return
    begin = time.monotonic()
    try:
        while Job.objects.filter(id=job_id, state__in=LIVE_STATES).exists():
            waited = time.monotonic() - begin
            if waited >= seconds:
                return
            time.sleep(min(_PAUSE if waited < _AFTER else _LONG_PAUSE, seconds - waited))
    finally:
        _places.release()
