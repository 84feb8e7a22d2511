"""The networks of trained checkpoints as extractors: which there are to choose, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evaluation.models import Checkpoint, TrainingRun
from evaluation.sets import checkpoints_usable_by
from workers.engine import catalogue

OF_CHECKPOINT = "checkpoint"  # the value of the radio button that stands for all of them


@dataclass(frozen=True)
class Offered:
    """A run with the checkpoints whose networks can extract, the last first, and the layers of its family."""

    run: TrainingRun
    layers: tuple[str, ...]
    checkpoints: list[Checkpoint]


def layers_of(preset: str) -> tuple[str, ...]:
    """The layers that checkpoints of a preset's family offer, e.g. pix2pix.en1 to pix2pix.en8."""
    family = preset.partition(".")[0]
    return tuple(name for name in catalogue.CHECKPOINT_EXTRACTORS if name.partition(".")[0] == family)


def extractors_offered(user: Any) -> list[Offered]:
    """The runs of families that offer a layer, newest first. One query."""
    groups: dict[Any, Offered] = {}
    for checkpoint in checkpoints_usable_by(user):
        if layers := layers_of(checkpoint.run.preset):
            groups.setdefault(checkpoint.run_id, Offered(checkpoint.run, layers, [])).checkpoints.append(checkpoint)
    return list(groups.values())


def all_layers(offered: list[Offered]) -> list[str]:
    return list(dict.fromkeys(layer for each in offered for layer in each.layers))


def extractor_named(layer: str, checkpoint: str) -> str:
    """pix2pix.en7@0123456789ab; "" when one of the two is not chosen."""
    return f"{layer}@{checkpoint}" if layer and checkpoint else ""
