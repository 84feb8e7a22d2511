"""Writing: making, cancelling, deleting and expiring sketches."""

from __future__ import annotations

import math
import shutil
import uuid
from datetime import timedelta
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workers.engine.errors import InputError
from workers.engine.images import write_png
from workers.models import Job, JobState
from workers.queue import enqueue, request_cancel

from .models import MAX_SEED, MAX_STRENGTH, MIN_STRENGTH, Stylization, stylizations_folder
from .selectors import model_get
from .uploads import upload_name, upload_photo

LIMIT_WINDOW = timedelta(hours=1)
TIME_LIMIT_SECONDS = 120


class LimitReached(Exception):
    """Too many sketches in the last hour; the text is for the visitor, `seconds` is how long to wait."""

    def __init__(self, text: str, seconds: int) -> None:
        super().__init__(text)
        self.seconds = seconds


def retention() -> timedelta:
    """How long the pictures are kept."""
    return timedelta(hours=float(getattr(settings, "UPLOAD_RETENTION_HOURS", 24)))


def stylization_create(
    *,
    photo: IO[bytes],
    name: str = "",
    model: str = "pencil",
    seed: int = 0,
    strength: float = 1.0,
    owner: Any = None,
    visitor: str = "",
) -> Stylization:
    """Check the sent photo, keep a clean copy of it, and queue the drawing.

    `owner` is a user or None; `visitor` is the digest that the hourly limit counts when there is no owner.
    Raises InputError for what the sender can mend and LimitReached for what only waiting mends.
    """
    model_get(model=model)
    if not 0 <= seed <= MAX_SEED:
        raise InputError(_("The seed is a whole number from 0 to %(limit)d.") % {"limit": MAX_SEED})
    if not MIN_STRENGTH <= strength <= MAX_STRENGTH:
        text = _("The strength is a number from %(low)g to %(high)g.")
        raise InputError(text % {"low": MIN_STRENGTH, "high": MAX_STRENGTH})
    _check_limit(owner=owner, visitor=visitor)
    picture = upload_photo(photo)
    now = timezone.now()
    stylization = Stylization(
        id=uuid.uuid4(),
        owner=owner,
        visitor="" if owner else visitor,
        model=model,
        seed=seed,
        strength=strength,
        name=upload_name(name),
        width=picture.width,
        height=picture.height,
        created=now,
        expires_at=now + retention(),
    )
    try:
        write_png(picture, stylization.file("photo"))
        with transaction.atomic():
            _check_limit(owner=owner, visitor=visitor)  # again, for what came in while this photo was decoded
            stylization.job, _new = enqueue(
                kind="stylize",
                handler="stylized_face.jobs.stylize",
                arguments={"stylization": str(stylization.id)},
                queue="interactive",
                owner=owner,
                title=_("Sketch by %(model)s") % {"model": model},
                link=reverse("stylized_face:sketch-detail", args=[stylization.id]),
                time_limit=TIME_LIMIT_SECONDS,
            )
            stylization.save(force_insert=True)
    except BaseException:
        shutil.rmtree(stylization.folder, ignore_errors=True)
        raise
    return stylization


def stylization_cancel(*, stylization: Stylization) -> str:
    """Stop the drawing; returns the job's state after the call."""
    return request_cancel(stylization.job)


def stylization_delete(*, stylization: Stylization) -> None:
    """Stop the drawing if it runs, delete the pictures, forget what was in them."""
    request_cancel(stylization.job)
    _remove(stylization)


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
    Stylization.objects.filter(id=stylization.id).update(removed=timezone.now(), name="", face_box=None, eyes=None)
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


def _check_limit(*, owner: Any, visitor: str) -> None:
    """Raise LimitReached when this user or visitor made too many sketches in the last hour; rows are counted."""
    visitors = int(getattr(settings, "VISITOR_SKETCHES_PER_HOUR", 20))
    limit = int(getattr(settings, "USER_SKETCHES_PER_HOUR", 20 * visitors)) if owner else visitors
    mine = Stylization.objects.filter(owner=owner) if owner else Stylization.objects.filter(owner=None, visitor=visitor)
    now = timezone.now()
    recent = list(
        mine.filter(created__gt=now - LIMIT_WINDOW).order_by("-created").values_list("created", flat=True)[:limit]
    )
    if len(recent) < limit:
        return
    seconds = max(1, math.ceil((recent[-1] + LIMIT_WINDOW - now).total_seconds()))
    minutes = math.ceil(seconds / 60)
    made = ngettext("%(count)d sketch an hour is allowed.", "%(count)d sketches an hour are allowed.", limit)
    wait = ngettext("Come back in %(count)d minute.", "Come back in %(count)d minutes.", minutes)
    text = f"{made % {'count': limit}} {wait % {'count': minutes}}"
    if not owner:
        text = f"{text} {_('Signed-in users may make more.')}"
    raise LimitReached(text, seconds)
