"""The faces that moved most between two checkpoints of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from datasetviewer.models import Image
from datasetviewer.selectors import dataset_visible_to
from evaluation import sets
from evaluation.models import Checkpoint, Result
from evaluation.selectors.study.points import selection_name
from evaluation.selectors.trainings import checkpoints_visible_to
from evaluation.sets import CheckpointSet, Contents
from evaluation.sets.checkpoints import generated_folder
from workers.engine.errors import InputError
from workers.engine.study.moved import feature_distances, pixel_distances

SHOWN = 12


@dataclass(frozen=True)
class MovedFace:
    """A source picture by name and SHA-256, and how far apart the two drawings of it are."""

    name: str
    sha256: str
    distance: float


@dataclass(frozen=True)
class Moved:
    """The faces that moved most, the furthest first. `extractor` is "" when pixels were compared."""

    before: Checkpoint
    after: Checkpoint
    on: str
    extractor: str
    faces: list[MovedFace]
    compared: int
    middle: float | None


def moved(user: Any, *, before: str, after: str, on: str, extractor: str = "") -> Moved | None:
    """The two checkpoints' pictures of the selection `on` (dataset:split[:source]), compared by the extractor's features.

    Where those are not in the store, or no extractor is named, pixels are compared. None when there is no such checkpoint
    that this user may see; InputError for a selection that cannot be used.
    """
    found = checkpoints_visible_to(user, deleted=None).in_bulk([before, after])
    if before not in found or after not in found:
        return None
    dataset, split, source = [*on.split(":"), "", ""][:3]
    if not dataset or not split:
        raise InputError(_("on: %(on)s is no selection; write dataset:split, e.g. cufs:test.") % {"on": repr(on)[:80]})
    made = [
        sets.contents(_checked(CheckpointSet(name, dataset, split, source)), "on", user=user)
        for name in (before, after)
    ]
    distances = _by_features(made, extractor) if extractor else None
    used = extractor if distances is not None else ""
    if distances is None:
        distances = pixel_distances(made[0].paths, made[1].paths)
    faces = [
        MovedFace(name, path.stem, distance)
        for name, path, distance in zip(made[0].names, made[0].paths, distances, strict=True)
        if distance is not None
    ]
    faces.sort(key=lambda face: -face.distance)
    middle = faces[len(faces) // 2].distance if faces else None
    return Moved(found[before], found[after], on, used, faces[:SHOWN], len(faces), middle)


def _checked(spec: CheckpointSet) -> CheckpointSet:
    parsed = sets.parse(sets.to_json(spec), "on")
    assert isinstance(parsed, CheckpointSet)
    return parsed


def _by_features(made: Sequence[Contents], extractor: str) -> list[float | None] | None:
    """With the weights that measured the later checkpoint here; None when it was not measured with this extractor."""
    digest = _weights_digest(made[1], extractor)
    if not digest:
        return None
    folder = Path(settings.DATA_DIR) / "features"
    return feature_distances(made[0].paths, made[1].paths, extractor, digest, folder)


def _weights_digest(each: Contents, extractor: str) -> str:
    results = Result.objects.filter(evaluation__candidate_checkpoint=each.checkpoint, extractor=extractor)
    on = selection_name(sets.to_json(each.spec))
    for result in results.select_related("evaluation").order_by("-created"):
        if selection_name(result.evaluation.candidate) == on:
            return str(result.protocol_detail.get("weights_digest", ""))
    return ""


def generated_path(user: Any, *, checkpoint_id: str, sha256: str) -> Path | None:
    """Where a checkpoint's drawing of a picture lies; None unless this user may see both checkpoint and picture."""
    checkpoint = checkpoints_visible_to(user, deleted=None).filter(pk=checkpoint_id).first()
    seen = Image.objects.filter(sha256=sha256, dataset__in=dataset_visible_to(user)).exists()
    return generated_folder(checkpoint) / f"{sha256}.png" if checkpoint is not None and seen else None
