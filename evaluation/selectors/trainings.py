"""Reading training runs and checkpoints: who may see which, and what their folders hold."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from evaluation.models import Checkpoint, TrainingPreflight, TrainingRun
from workers.selectors import job_managed_by

KEPT_DELETED = timedelta(days=7)  # how long a deleted checkpoint can be restored
CHECKPOINT_ID = re.compile("[0-9a-f]{12}")
LOG_LINES = 60
LOG_BYTES = 32_768


def trainings_visible_to(user: Any) -> QuerySet[TrainingRun]:
    """Runs with job, dataset and owner at hand, newest first. Visitors see those on public datasets."""
    runs = TrainingRun.objects.select_related("job", "dataset", "owner", "parent__run")
    if user is not None and user.is_authenticated:
        return runs
    return runs.filter(dataset__public=True)


def training_get(*, user: Any, run_id: uuid.UUID) -> TrainingRun | None:
    """The run, or None when there is none that this user may see."""
    return trainings_visible_to(user).filter(id=run_id).first()


def with_checkpoints(runs: QuerySet[TrainingRun]) -> QuerySet[Any]:
    """Each run with `checkpoint_count` and its checkpoints in `kept`, those put away left out."""
    kept = Prefetch("checkpoints", queryset=Checkpoint.objects.filter(deleted=None).order_by("step"), to_attr="kept")
    counted = runs.annotate(checkpoint_count=Count("checkpoints", filter=Q(checkpoints__deleted=None)))
    return counted.order_by("-created").prefetch_related(kept)  # grouping drops the model's order


def checkpoints_visible_to(user: Any, *, deleted: bool | None = False) -> QuerySet[Checkpoint]:
    """Checkpoints of the runs this user may see; `deleted` True: those put away, None: all."""
    checkpoints = Checkpoint.objects.select_related("run__job", "run__dataset", "run__owner").order_by("run", "step")
    if user is None or not user.is_authenticated:
        checkpoints = checkpoints.filter(run__dataset__public=True)
    return checkpoints if deleted is None else checkpoints.filter(deleted__isnull=not deleted)


def checkpoint_get(*, user: Any, checkpoint_id: str, deleted: bool | None = False) -> Checkpoint | None:
    """The checkpoint, or None when there is none that this user may see."""
    if not CHECKPOINT_ID.fullmatch(checkpoint_id):  # it comes out of addresses; not every text can be asked for
        return None
    return checkpoints_visible_to(user, deleted=deleted).filter(id=checkpoint_id).first()


def checkpoints_usable_by(user: Any) -> QuerySet[Checkpoint]:
    """What this user may draw with, newest first: what is offered to everybody, and what their own trainings made."""
    usable = Q(published=True)
    if user is not None and user.is_authenticated:
        usable |= Q(run__owner=user)
    found = Checkpoint.objects.filter(usable, deleted=None).select_related("run__dataset", "run__job")
    return found.order_by("-created", "-step")


def training_managed_by(*, run: TrainingRun, user: Any) -> bool:
    """Whether this user may stop the run, go on with it and change its checkpoints: its owner and staff."""
    return job_managed_by(job=run.job, user=user)


def preflight_get(*, user: Any, preflight_id: uuid.UUID) -> TrainingPreflight | None:
    """The trial, for who asked for it and staff."""
    found = TrainingPreflight.objects.select_related("job", "dataset").filter(id=preflight_id).first()
    return found if found is not None and job_managed_by(job=found.job, user=user) else None


def log_tail(run: TrainingRun, lines: int = LOG_LINES) -> str:
    """The last lines of the run's log; "" before there is one."""
    try:
        with (run.folder / "log.txt").open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - LOG_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def sample_names(checkpoint: Checkpoint) -> list[str]:
    """File names of the validation faces as this checkpoint draws them, in one order."""
    try:
        return sorted(path.name for path in (checkpoint.folder / "samples").iterdir() if path.suffix == ".png")
    except OSError:
        return []


def sample_path(checkpoint: Checkpoint, name: str) -> Path | None:
    """Path of a sample; None when there is none of this name. Names come from addresses and are not trusted."""
    return checkpoint.folder / "samples" / name if name in sample_names(checkpoint) else None


def validation_faces(run: TrainingRun) -> list[dict[str, Any]]:
    """The held-out pairs in the training's order, as its job wrote them: {"key", "source", "target"}, ids of images."""
    try:
        faces = json.loads((run.folder / "validation.json").read_text())
    except (OSError, ValueError):
        return []
    return faces if isinstance(faces, list) else []
