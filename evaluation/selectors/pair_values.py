"""The pairs behind the numbers of an evaluation: their values, worst first, and their pictures for who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from datasetviewer.models import Image
from datasetviewer.selectors import dataset_visible_to, image_path
from evaluation.models import Evaluation, PairValues, UploadedSet
from evaluation.selectors.evaluations import evaluations_visible_to
from evaluation.selectors.study.moved import generated_path
from evaluation.sets import CheckpointSet, DatasetSet, FolderSet, UploadSpec, from_json
from workers.engine import catalogue
from workers.engine.errors import InputError

SIDES = ("reference", "candidate")
ORDERINGS = ("worst", "best", "key")


@dataclass(frozen=True)
class PairRow:
    """A pair: its place in the lists, its key, the names of its pictures, and its value of each metric."""

    index: int
    key: str
    reference: str
    candidate: str
    values: dict[str, float]


def pair_values_of(evaluation: Evaluation) -> PairValues | None:
    """What every pair contributed; None when the evaluation has no metric between pairs, or is not done."""
    return PairValues.objects.filter(evaluation=evaluation).first()


def pair_values_measured(user: Any) -> QuerySet[Evaluation]:
    """Evaluations with values of pairs that this user may see, newest first."""
    return evaluations_visible_to(user).filter(pair_values__isnull=False)


def pair_rows(found: PairValues, metric: str = "", ordering: str = "worst") -> list[PairRow]:
    """All pairs, sorted by a metric (the first one if none is named) or by key; equal values by key.

    InputError for a metric that was not measured and an unknown ordering.
    """
    metric = metric or found.metrics[0]
    if metric not in found.values:
        text = _("metric: %(metric)s was not measured for each pair here. Known: %(known)s.")
        raise InputError(text % {"metric": repr(metric)[:80], "known": ", ".join(found.metrics)})
    if ordering not in ORDERINGS:
        text = _("ordering: there is no %(ordering)s. Known: %(known)s.")
        raise InputError(text % {"ordering": repr(ordering)[:80], "known": ", ".join(ORDERINGS)})
    rows = [
        PairRow(index, key, reference, candidate, {name: found.values[name][index] for name in found.metrics})
        for index, (key, reference, candidate) in enumerate(
            zip(found.keys, found.reference, found.candidate, strict=True)
        )
    ]
    if ordering == "key":
        return sorted(rows, key=lambda row: row.key)
    sign = 1 if worst_is_high(metric) == (ordering == "best") else -1
    return sorted(rows, key=lambda row: (sign * row.values[metric], row.key))


def worst_is_high(metric: str) -> bool:
    return catalogue.metric(metric).lower_is_better


def pair_picture(*, user: Any, evaluation: Evaluation, index: int, side: str) -> Path | None:
    """Where the picture of one side of a pair lies; None when there is none or this user may not see it.

    Pictures of a dataset are for whom the dataset is, drawings of a checkpoint also need the checkpoint; uploads and
    folders are for the evaluation's owner and for staff.
    """
    found = pair_values_of(evaluation)
    if found is None or side not in SIDES or not 0 <= index < len(found.keys):
        return None
    name = getattr(found, side)[index]
    spec = from_json(getattr(evaluation, side))
    if isinstance(spec, FolderSet | UploadSpec):
        private = user is not None and user.is_authenticated and (user.is_staff or evaluation.owner_id == user.pk)
        return _path_of_own(spec, name) if private else None
    datasets = dataset_visible_to(user)
    if isinstance(spec, DatasetSet | CheckpointSet):
        datasets = datasets.filter(slug=spec.dataset)
    else:
        datasets = datasets.filter(pk=getattr(evaluation, f"{side}_dataset_id"))
    image = Image.objects.filter(dataset__in=datasets, key=name).select_related("dataset").first()
    if image is None:
        return None
    if isinstance(spec, CheckpointSet):
        return generated_path(user, checkpoint_id=spec.checkpoint, sha256=image.sha256)
    return image_path(image)


def _path_of_own(spec: FolderSet | UploadSpec, name: str) -> Path | None:
    if isinstance(spec, FolderSet):
        return Path(spec.folder) / name
    uploaded = UploadedSet.objects.filter(pk=spec.upload).first()
    if uploaded is None:
        return None
    for key, sha256, kind in uploaded.pictures:
        if key == name:
            return uploaded.path_of(sha256, kind).absolute()
    return None
