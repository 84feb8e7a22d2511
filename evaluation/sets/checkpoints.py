"""What a checkpoint makes of a selection: which checkpoints may be used, and where its pictures lie."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from evaluation.models.trainings import Checkpoint
from evaluation.sets.parsing import refuse
from evaluation.sets.specs import CheckpointSet, DatasetSet
from workers.engine.errors import InputError

NAMED_AT_MOST = 20  # in a message


def public_checkpoint() -> Q:
    """Checkpoints that visitors may know of: published ones, and those trained on a public dataset."""
    return Q(published=True) | Q(run__dataset__public=True)


def checkpoints_usable_by(user: Any) -> QuerySet[Checkpoint]:
    """The checkpoints somebody may measure, the newest run first; what it learned from is not shown to others."""
    usable = Checkpoint.objects.filter(deleted=None).select_related("run", "run__dataset")
    if user is None or not user.is_authenticated:
        usable = usable.filter(public_checkpoint())
    return usable.order_by("-run__created", "-epoch", "id")


def checkpoint_of(spec: CheckpointSet, which: str, user: Any, *, everything: bool) -> Checkpoint:
    """The checkpoint of a set. InputError when there is none that may be used, or when its files are gone."""
    usable = Checkpoint.objects.filter(deleted=None) if everything else checkpoints_usable_by(user)
    found = usable.select_related("run", "run__dataset").filter(pk=spec.checkpoint).first()
    if found is None:
        refuse(which, _("checkpoint"), spec.checkpoint, tuple(usable.values_list("pk", flat=True)[:NAMED_AT_MOST]))
    if not found.folder.is_dir():
        text = _("%(which)s: the files of checkpoint %(id)s are gone. Train it again, or choose another one.")
        raise InputError(text % {"which": which, "id": found.pk})
    return found


def is_public(checkpoint: Checkpoint) -> bool:
    """Whether visitors may know of it; the same as `public_checkpoint`, of one row."""
    dataset = checkpoint.run.dataset
    return checkpoint.published or (dataset is not None and dataset.public)


def selection_of(spec: CheckpointSet, checkpoint: Checkpoint) -> DatasetSet:
    """The pictures that the generator starts from."""
    return DatasetSet(spec.dataset, spec.split, checkpoint.direction[0], spec.source)


def generated_folder(checkpoint: Checkpoint) -> Path:
    """Where its pictures are kept, by the digest of the picture each was made from."""
    return (Path(settings.DATA_DIR) / "generated" / checkpoint.digest).absolute()


def generated_digest(checkpoint: Checkpoint, sources_digest: str) -> str:
    """Stands for pictures that need not exist yet: equal weights and equal sources give equal pictures."""
    return hashlib.sha256(f"generated {checkpoint.digest} {sources_digest}".encode()).hexdigest()
