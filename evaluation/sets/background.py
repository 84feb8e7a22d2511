"""What follows from where two sets come from, known before a picture is read: crops, alignments, splits, trainings.

The texts stand in the catalogue (CAUTIONS), the values to fill them with are found here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datasetviewer.models import Dataset, Split
from evaluation.sets.contents import Contents, Outline
from evaluation.sets.specs import ALL, HELD_OUT, CheckpointSet, DatasetSet, StylizerSet, label
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.families.checkpoint_file import checkpoint_meta

Side = Outline | Contents
Warnings = list[dict[str, Any]]  # {"code", "values"}, as results keep them


def background_cautions(reference: Side, candidate: Side, extractor: str, metrics: Sequence[str] = ()) -> Warnings:
    """What a reader of any number between these two should know; each once."""
    found: Warnings = []
    for side in (reference, candidate):
        found += _aligned_twice(side, extractor) + _of_checkpoint(side) + _pleased(side, [extractor, *metrics])
    if _both_known(reference, candidate) and crop_of(reference.dataset) != crop_of(candidate.dataset):
        values = {"reference": _crop_words(reference.dataset), "candidate": _crop_words(candidate.dataset)}
        found.append({"code": "other_crop", "values": values})
    if any(split_of(side) in (Split.VALIDATION, HELD_OUT) for side in (reference, candidate)):
        found.append({"code": "validation_split", "values": {}})
    return [caution for place, caution in enumerate(found) if caution not in found[:place]]


def split_of(side: Side) -> str:
    """The split that a set is taken from; "" for sets that are no selection by split."""
    return side.spec.split if isinstance(side.spec, DatasetSet | CheckpointSet | StylizerSet) else ""


def crop_of(dataset: Dataset | None) -> tuple[str, str]:
    """What tells two crops apart: template and padding of an aligned dataset, ("", "") of one as it came."""
    recipe = dataset.recipe if dataset is not None else {}
    return (repr(recipe.get("template", "")), recipe.get("padding", "")) if recipe else ("", "")


def _both_known(reference: Side, candidate: Side) -> bool:
    return reference.dataset is not None and candidate.dataset is not None


def _crop_words(dataset: Dataset | None) -> str:
    if dataset is None:
        return "?"
    template = (dataset.recipe or {}).get("template", {})
    if not template:
        return dataset.slug
    name = template.get("name") or "?"
    return f"{dataset.slug} ({name}, {template.get('width', '?')}x{template.get('height', '?')})"


def _aligned_twice(side: Side, extractor: str) -> Warnings:
    if side.dataset is None or not side.dataset.recipe or not catalogue.extractor(extractor).needs_face:
        return []
    parent = side.dataset.recipe.get("parent", "?")
    values = {"set": label(side.spec), "extractor": extractor, "parent": parent}
    return [{"code": "double_alignment", "values": values}]


def _of_checkpoint(side: Side) -> Warnings:
    """What the checkpoint of a set learned from: other crops, or these very faces."""
    if side.checkpoint is None or side.dataset is None or side.checkpoint.run.dataset is None:
        return []
    found: Warnings = []
    run, learned_from = side.checkpoint.run, side.checkpoint.run.dataset
    if crop_of(learned_from) != crop_of(side.dataset):
        values = {"trained": _crop_words(learned_from), "used": _crop_words(side.dataset)}
        found.append({"code": "trained_on_other_crop", "values": values})
    source = side.spec.source if isinstance(side.spec, CheckpointSet) else ""
    same_faces = (learned_from.parent_id or learned_from.pk) == (side.dataset.parent_id or side.dataset.pk)
    if split_of(side) != HELD_OUT and same_faces and _meet(run.split, split_of(side)) and _meet(run.source, source):
        found.append({"code": "seen_in_training", "values": {"set": label(side.spec)}})
    return found


def _pleased(side: Side, judges: Sequence[str]) -> Warnings:
    """Whether one of the extractor and metrics is of a network that was a loss in the checkpoint's training."""
    shipped = catalogue.SHIPPED.get(side.spec.stylizer) if isinstance(side.spec, StylizerSet) else None
    folder = side.checkpoint.folder if side.checkpoint is not None else shipped.folder if shipped else None
    if folder is None:
        return []
    try:
        losses = checkpoint_meta(folder).loss_networks
    except InputError:  # told when it is to draw
        return []
    families = {judge.partition(".")[0]: judge for judge in judges}
    pairs = [(network, families.get(network.partition(".")[0])) for network in losses]
    return [{"code": "loss_as_metric", "values": {"network": network, "name": name}} for network, name in pairs if name]


def _meet(first: str, second: str) -> bool:
    """Whether two choices of a split (or a source) have pictures in common; "" and "all" are every one."""
    return first == second or any(one in ("", ALL) for one in (first, second))
