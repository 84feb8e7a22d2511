"""What templates ask about jobs: `{% load jobs %}`. Any app's page with a live job may use it."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workers import selectors
from workers.models import Job, JobState

register = template.Library()


@register.simple_tag
def job_position(job: Job) -> int | None:
    """Place in the queue, 1 is next; None unless the job waits."""
    return selectors.queue_position(job)


@register.simple_tag
def job_workers(job: Job) -> int:
    """How many workers of the job's queue are alive."""
    return selectors.workers_alive(job.queue)


@register.simple_tag
def job_eta(job: Job) -> float | None:
    """Seconds until the job is done, None when not known."""
    return selectors.eta_seconds(job)


@register.filter
def percent(fraction: float) -> int:
    """0.426 -> 43; shows 100 only when it is complete."""
    return 100 if fraction >= 1 else min(round(fraction * 100), 99)


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds in words of one or two units: 7 s, 4 min 5 s, 2 h 10 min, 3 days."""
    if seconds is None:
        return ""
    whole = max(round(seconds), 0)
    if whole < 60:
        return _("%(seconds)d s") % {"seconds": whole}
    if whole < 3600:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": whole // 60, "seconds": whole % 60}
    if whole < 86400:
        return _("%(hours)d h %(minutes)d min") % {"hours": whole // 3600, "minutes": whole % 3600 // 60}
    return ngettext("%(days)d day", "%(days)d days", whole // 86400) % {"days": whole // 86400}


@register.filter
def told(text: str) -> str:
    """A stored text (a job's title, step or message, a dataset's terms) in the reader's language, where it is translated.

    Rows keep the words they were written with, usually English; what has numbers or names in it stays as it is.
    """
    return _(text) if text else ""


@register.filter
def age(moment: datetime | None) -> float | None:
    """Seconds since a moment; None stays None."""
    return None if moment is None else (timezone.now() - moment).total_seconds()


@register.simple_tag
def job_took(job: Job) -> float | None:
    """Seconds of the last attempt: until now while it runs, None before it began."""
    if job.started is None or job.state == JobState.QUEUED:
        return None
    return ((job.finished or timezone.now()) - job.started).total_seconds()
