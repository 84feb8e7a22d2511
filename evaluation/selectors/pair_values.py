"""The pairs behind the numbers of an evaluation: their values, worst first, and their pictures for who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from datasetviewer.models import Dataset, Image
from datasetviewer.selectors import dataset_visible_to, image_path
from evaluation.models import Evaluation, PairValues, PublishedResults, UploadedSet
from evaluation.selectors.evaluations import evaluations_visible_to
from evaluation.selectors.study.moved import generated_path
from evaluation.sets import CheckpointSet, DatasetSet, FolderSet, PublishedSet, StylizerSet, UploadSpec, from_json
from evaluation.sets.contents import name_of
from evaluation.sets.stylizers import generated_folder
from workers.engine import catalogue
from workers.engine.errors import InputError

SIDES = ("reference", "candidate")
SOURCE = "source"
ALONE = "reference: "  # begins the key of a gallery picture that is nobody's partner
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

    The side `source` is the picture that a checkpoint or a stylizer made the candidate from.
    """
    found = pair_values_of(evaluation)
    if found is None or side not in (*SIDES, SOURCE) or not 0 <= index < len(found.keys):
        return None
    if side == SOURCE:
        return set_picture(user=user, evaluation=evaluation, side="candidate", name=found.candidate[index], source=True)
    return set_picture(user=user, evaluation=evaluation, side=side, name=getattr(found, side)[index])


def nearest_picture(*, user: Any, evaluation: Evaluation, index: int) -> Path | None:
    """The reference picture of the person that a pair's candidate was taken for; None as in `pair_picture`."""
    found = pair_values_of(evaluation)
    key = nearest_key(found, index) if found is not None else None
    if found is None or key is None:
        return None
    if key in found.keys:
        return set_picture(
            user=user, evaluation=evaluation, side="reference", name=found.reference[found.keys.index(key)]
        )
    name = key.removeprefix(ALONE)
    return set_picture(user=user, evaluation=evaluation, side="reference", name=name) if name != key else None


def nearest_key(found: PairValues, index: int) -> str | None:
    """Of the somebody else who is nearest to a pair's candidate; older rows know it for the surest mistakes alone."""
    if not 0 <= index < len(found.keys):
        return None
    if found.recognition:
        return found.recognition["nearest"][index]
    taken = (mistake["taken_for"] for mistake in found.mistakes if mistake["key"] == found.keys[index])
    return next(taken, None)


def set_picture(*, user: Any, evaluation: Evaluation, side: str, name: str, source: bool = False) -> Path | None:
    """Where a picture of one side lies, by its name in the set; with `source`, what it was made from.

    Pictures of a dataset are for whom the dataset is, drawings of a checkpoint also need the checkpoint; uploads and
    folders are for the evaluation's owner and for staff.
    """
    spec = from_json(getattr(evaluation, side))
    drawn = isinstance(spec, CheckpointSet | StylizerSet)
    if source and not drawn:
        return None
    if isinstance(spec, FolderSet | UploadSpec):
        private = user is not None and user.is_authenticated and (user.is_staff or evaluation.owner_id == user.pk)
        return _path_of_own(spec, name) if private else None
    datasets = dataset_visible_to(user)
    if isinstance(spec, PublishedSet):
        return _path_of_published(spec, name, datasets)
    if isinstance(spec, DatasetSet | CheckpointSet | StylizerSet):
        datasets = datasets.filter(slug=spec.dataset)
    else:
        datasets = datasets.filter(pk=getattr(evaluation, f"{side}_dataset_id"))
    # A name has the ending of the file that is measured, which need not be that of the picture's key.
    alike = Q(key=name) | Q(key__startswith=f"{PurePosixPath(name).with_suffix('')}.")
    images = Image.objects.filter(alike, dataset__in=datasets).select_related("dataset")
    image = next((image for image in images if name_of(image, drawn=drawn) == name), None)
    if image is None:
        return None
    if isinstance(spec, CheckpointSet):
        drawing = generated_path(user, checkpoint_id=spec.checkpoint, sha256=image.sha256)
        return image_path(image) if source and drawing is not None else drawing
    if isinstance(spec, StylizerSet) and not source:
        return generated_folder(spec) / f"{image.sha256}.png"
    return image_path(image)


def _path_of_published(spec: PublishedSet, name: str, datasets: QuerySet[Dataset]) -> Path | None:
    published = PublishedResults.objects.filter(pk=spec.published, dataset__in=datasets).first()
    if published is None:
        return None
    for _key, file, sha256, kind in published.pictures:
        if file == name:
            return published.path_of(sha256, kind).absolute()
    return None


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
