"""The pairs that a run kept from its training: pictures to choose one of its checkpoints by, where a dataset has no
validation split of its own."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from datasetviewer.models import Dataset, Image
from evaluation.models.trainings import Checkpoint, TrainingRun
from evaluation.sets.specs import CheckpointSet, HeldOutSet
from workers.engine.errors import InputError


def held_out_of(spec: HeldOutSet, which: str, datasets: QuerySet[Dataset]) -> tuple[Dataset, QuerySet[Image]]:
    """The dataset of the run and the held-out pictures of the modality, as the training listed them when it began.

    InputError when there is no such run on one of `datasets`, and when the list or pictures of it are gone.
    """
    from evaluation.selectors.trainings import validation_faces  # which reads rows whose specifications are named here

    run = (
        TrainingRun.objects.filter(pk=uuid.UUID(spec.held_out), dataset__in=datasets).select_related("dataset").first()
    )
    if run is None or run.dataset is None:
        raise InputError(_("%(which)s: there is no training run %(run)s.") % {"which": which, "run": spec.held_out})
    sides = [
        side for side, name in (("source", run.direction_from), ("target", run.direction_to)) if name == spec.modality
    ]
    ids = {face[side] for face in validation_faces(run) for side in sides[:1]}
    images = run.dataset.images.filter(pk__in=ids)
    if not ids or images.count() != len(ids):
        text = _(
            "%(which)s: the run %(run)s has held out no pictures (%(modality)s), or they are gone. Take another split."
        )
        raise InputError(text % {"which": which, "run": run, "modality": spec.modality})
    return run.dataset, images.order_by("key")


def sources_held_out(spec: CheckpointSet, checkpoint: Checkpoint, which: str) -> HeldOutSet:
    """What a checkpoint starts from when it is applied to the pairs its own run held out."""
    dataset = checkpoint.run.dataset
    if dataset is None or spec.dataset != dataset.slug or spec.source:
        name = dataset.slug if dataset else "?"
        text = _(
            "%(which)s: the held-out pairs are those of %(dataset)s, without a source; name that dataset, or another split."
        )
        raise InputError(text % {"which": which, "dataset": name})
    return HeldOutSet(str(checkpoint.run_id), checkpoint.direction[0])
