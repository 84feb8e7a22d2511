"""What a training is asked to do and what it tells, free of torch."""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class PairFile:
    """Two files of the same face. `key` names the pair; for sketch -> sketch both paths may be the same file."""

    key: str
    source: Path
    target: Path


@dataclass(frozen=True)
class TrainingPlan:
    """One training, complete: the same plan gives the same weights on the same device.

    `options` are those of the preset, complete and typed (see `options_checked`). `direction` is (from, to) as modalities.
    `folder` receives losses.jsonl, log.txt, samples/ and state/; checkpoints become folders of `checkpoints_dir`, named
    by their id. `weights_dir` holds trained networks that serve as a loss. `start_from` is a checkpoint's folder
    whose weights the generator begins with. `train_digest` names the pairs trained on.
    """

    run_id: str
    preset: str
    options: dict[str, Any]
    train: tuple[PairFile, ...]
    validation: tuple[PairFile, ...]
    direction: tuple[str, str]
    seed: int
    folder: Path
    checkpoints_dir: Path
    weights_dir: Path | None = None
    device: str = "auto"
    start_from: Path | None = None
    train_digest: str = ""
    code_version: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a training is. `step` of `steps` are optimiser steps; `losses` are means since the last line of
    losses.jsonl; `memory_bytes` is the peak on the device (None on the CPU)."""

    epoch: int
    epochs: int
    step: int
    steps: int
    images_per_second: float
    eta_seconds: float
    losses: dict[str, float] = field(default_factory=dict)
    memory_bytes: int | None = None
    message: str = ""


@dataclass(frozen=True)
class CheckpointMade:
    """A checkpoint whose folder is complete. `digest` is the SHA-256 of its weights, `bytes` their size."""

    id: str
    folder: Path
    epoch: int
    step: int
    digest: str
    bytes: int


@dataclass(frozen=True)
class Outcome:
    """How a call ended: finished, or its state saved to go on later. `epoch` counts the epochs done."""

    finished: bool
    epoch: int
    step: int


@dataclass(frozen=True)
class Preflight:
    """What two real steps showed. `seconds` is the expected time of the whole training; `memory_bytes` the peak of the
    device, or of the process on the CPU; `batch` what fits at once."""

    images_per_second: float
    seconds: float
    memory_bytes: int
    batch: int


def checkpoint_id(run_id: str, step: int) -> str:
    """Twelve hexadecimal digits, the same whenever this run reaches this step."""
    return sha256(f"{run_id}:{step}".encode()).hexdigest()[:12]
