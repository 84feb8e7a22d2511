"""Writing checkpoints: registering what a training made, naming, offering, deleting and taking back."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from evaluation.models import Checkpoint, TrainingPreflight, TrainingRun
from evaluation.selectors.trainings import KEPT_DELETED
from workers.engine.errors import InputError

if TYPE_CHECKING:
    from workers.engine.training.plan import CheckpointMade

TITLE_LENGTH = 100
KEPT_TRIALS = timedelta(days=7)


def checkpoint_register(*, run: TrainingRun, made: CheckpointMade) -> Checkpoint:
    """The row of a checkpoint whose files are complete. Called again for the same one, it changes nothing but the digest.

    A resumed training repeats the steps since its last state and may write a checkpoint a second time.
    """
    figures = {"digest": made.digest, "bytes": made.bytes}
    try:
        with transaction.atomic():
            place = {"run": run, "epoch": made.epoch, "step": made.step}
            checkpoint, created = Checkpoint.objects.get_or_create(id=made.id, defaults=place | figures)
    except IntegrityError:  # another attempt wrote it between the look and the insert
        checkpoint, created = Checkpoint.objects.get(id=made.id), False
    if not created and checkpoint.digest != made.digest:
        Checkpoint.objects.filter(id=made.id).update(**figures)
        checkpoint.refresh_from_db()
    return checkpoint


def checkpoint_update(*, checkpoint: Checkpoint, title: Any = None, published: Any = None) -> None:
    """Change title or whether visitors may draw with it; None leaves it. InputError for values that are neither."""
    if title is not None:
        if not isinstance(title, str) or len(title.strip()) > TITLE_LENGTH or "\0" in title:
            raise InputError(_("title: give a text of at most %(n)s characters.") % {"n": TITLE_LENGTH})
        checkpoint.title = title.strip()
    if published is not None:
        if not isinstance(published, bool):
            raise InputError(_("published: give true or false."))
        checkpoint.published = published
    checkpoint.save(update_fields=["title", "published"])


def checkpoint_delete(*, checkpoint: Checkpoint) -> None:
    """Put the checkpoint away; it can be restored for a week, then its files go."""
    Checkpoint.objects.filter(id=checkpoint.id, deleted=None).update(deleted=timezone.now(), published=False)
    checkpoint.refresh_from_db()


def checkpoint_restore(*, checkpoint: Checkpoint) -> None:
    """Take a deleted checkpoint back. InputError when its files are gone already."""
    if not checkpoint.folder.is_dir():
        raise InputError(_("The files of this checkpoint are gone; it cannot be restored."))
    Checkpoint.objects.filter(id=checkpoint.id).update(deleted=None)
    checkpoint.refresh_from_db()


def checkpoints_expire() -> int:
    """Remove what was deleted a week ago, and old trials; returns how many checkpoints went. The sweeper calls it."""
    now = timezone.now()
    TrainingPreflight.objects.filter(created__lt=now - KEPT_TRIALS).delete()
    count = 0
    for checkpoint in Checkpoint.objects.filter(deleted__lt=now - KEPT_DELETED)[:1000]:
        with transaction.atomic():
            # Somebody may take it back in this moment: only what is still deleted goes, and the row first.
            if not Checkpoint.objects.filter(id=checkpoint.id, deleted=checkpoint.deleted).delete()[0]:
                continue
        shutil.rmtree(checkpoint.folder, ignore_errors=True)
        shutil.rmtree(Path(settings.DATA_DIR) / "generated" / checkpoint.digest, ignore_errors=True)
        count += 1
    return count
