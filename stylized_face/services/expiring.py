"""Stopping, deleting and expiring sketches."""

from __future__ import annotations

import shutil
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from workers.models import Job, JobState
from workers.queue import request_cancel

from ..models import Stylization, stylizations_folder
from ..selectors import stylizations_of_photo
from .limits import LIMIT_WINDOW


def retention() -> timedelta:
    """How long the pictures are kept."""
    return timedelta(hours=float(getattr(settings, "UPLOAD_RETENTION_HOURS", 24)))


def stylization_cancel(*, stylization: Stylization) -> str:
    """Stop the drawing; returns the job's state after the call."""
    return request_cancel(stylization.job)


def stylization_delete(*, stylization: Stylization) -> None:
    """Stop the drawing if it runs, delete the pictures, forget what was in them."""
    request_cancel(stylization.job)
    _remove(stylization)


def stylizations_delete_photo(*, stylization: Stylization) -> int:
    """Delete the photo with every sketch of it; returns how many sketches went."""
    rows = [stylization, *stylizations_of_photo(stylization)]
    for row in rows:
        stylization_delete(stylization=row)
    return len(rows)


def stylization_expire() -> int:
    """Remove what is over its time; returns how many pictures' folders went. The sweeper calls it."""
    now = timezone.now()
    count = 0
    for stylization in Stylization.objects.select_related("job").filter(removed=None, expires_at__lte=now)[:1000]:
        request_cancel(stylization.job)
        _remove(stylization)
        count += 1
    _forget_rows(now)
    return count + _sweep_folders(now)


def _remove(stylization: Stylization) -> None:
    # The row first: from then on nobody is shown a picture, even if deleting the files is cut short.
    Stylization.objects.filter(id=stylization.id).update(
        removed=timezone.now(),
        name="",
        face_box=None,
        eyes=None,
        together=None,
        source=None,
        points=None,
        face_index=None,
        found=None,
        transform=None,
        quality=None,
    )
    Job.objects.filter(id=stylization.job_id).update(link="")
    shutil.rmtree(stylization.folder, ignore_errors=True)


def _forget_rows(now) -> None:
    """Drop rows that neither show anything nor count for a limit any more. Their jobs stay: they time the queue."""
    old = Stylization.objects.filter(removed__isnull=False, created__lt=now - LIMIT_WINDOW)
    old.exclude(job__state__in=[JobState.QUEUED, JobState.RUNNING]).delete()


def _sweep_folders(now) -> int:
    """Delete folders that no live row speaks for: left by a crash, or written by a job that was stopped late."""
    root = stylizations_folder()
    if not root.is_dir():
        return 0
    kept = {str(id) for id in Stylization.objects.filter(removed=None).values_list("id", flat=True)}
    limit = (now - timedelta(minutes=10)).timestamp()  # a request that is just writing has no row yet
    count = 0
    for folder in root.iterdir():
        if folder.name not in kept and folder.is_dir() and folder.stat().st_mtime < limit:
            shutil.rmtree(folder, ignore_errors=True)
            count += 1
    return count
