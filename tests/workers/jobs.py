"""Job rows for tests of pages and addresses; times are given as seconds before now."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from workers.models import Job


def make_job(*, created: float = 0, started: float | None = None, finished: float | None = None, **fields: Any) -> Job:
    """A job, queued and batch unless told otherwise."""
    now = timezone.now()

    def ago(seconds: float | None) -> Any:
        return None if seconds is None else now - timedelta(seconds=seconds)

    values: dict[str, Any] = {"kind": "measure", "handler": "tests.workers.handlers.finish", "queue": "batch"} | fields
    return Job.objects.create(
        created=ago(created), available=ago(created), started=ago(started), finished=ago(finished), **values
    )
