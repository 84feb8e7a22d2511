"""Asking for the samples of models that have none yet."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from workers.models import Job, JobState
from workers.queue import enqueue

from ..offered import Model, models_available
from ..samples import sample_path

SAMPLE_PRIORITY = -10  # nobody waits for it
TRY_AGAIN = timedelta(days=1)


def samples_request() -> int:
    """Queue the samples of all offered models that lack one; returns how many. The sweeper calls it."""
    return sum(sample_request(model) for model in models_available())


def sample_request(model: Model) -> bool:
    """Queue the model's sample unless it is there, on its way, or failed not long ago."""
    if not model.digest or sample_path(model).is_file():
        return False
    key = f"sample {model.digest[:24]}"
    if (
        Job.objects.filter(dedupe_key=key, created__gt=timezone.now() - TRY_AGAIN)
        .exclude(state=JobState.SUCCEEDED)
        .exists()
    ):
        return False
    _job, new = enqueue(
        kind="sample",
        handler="stylized_face.jobs.draw_sample",
        arguments={"model": model.id},
        queue="interactive",
        priority=SAMPLE_PRIORITY,
        title=_("Sample of %(model)s") % {"model": model.title},
        dedupe_key=key,
        time_limit=120,
    )
    return new
