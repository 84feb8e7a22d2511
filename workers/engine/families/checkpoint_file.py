"""A checkpoint on disk, free of torch: its folder, its description, and where its sample faces lie.

<id>/generator.safetensors   weights of the generator (averaged ones when the training averages)
<id>/checkpoint.json         what made them
<id>/samples/00.png ...      the validation faces as it draws them, in the order of the plan's validation pairs
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from workers.engine.errors import InputError

GENERATOR = "generator.safetensors"
DESCRIPTION = "checkpoint.json"
SAMPLES = "samples"
FORMAT = 1
_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class CheckpointMeta:
    """What checkpoint.json says. `digest` is the SHA-256 of generator.safetensors; `geometry` how pictures come into the
    network's square; `loss_networks` the trained networks that served as a loss, which must not be the metric."""

    id: str
    run_id: str
    preset: str
    family: str
    options: dict[str, Any]
    direction: tuple[str, str]
    epoch: int
    step: int
    digest: str
    seed: int
    train_digest: str
    code_version: str
    geometry: dict[str, Any] = field(default_factory=dict)
    loss_networks: tuple[str, ...] = ()
    averaged: bool = False
    format: int = FORMAT


def checkpoint_meta(folder: Path) -> CheckpointMeta:
    """The description of the checkpoint in this folder. InputError when there is none or it is damaged."""
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"There is no checkpoint {folder.name}: its folder is missing.")
    try:
        found = json.loads((folder / DESCRIPTION).read_text())
        if found.get("format") != FORMAT:
            raise InputError(
                f"The checkpoint {folder.name} is of format {found.get('format')!r}; this version reads {FORMAT}."
            )
        found["direction"] = tuple(found["direction"])
        found["loss_networks"] = tuple(found["loss_networks"])
        return CheckpointMeta(**found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"The checkpoint {folder.name} is damaged: {DESCRIPTION} cannot be read. Make or import it anew."
        ) from error


def checkpoint_folder(checkpoint: str, checkpoints_dir: Path) -> Path:
    """The folder of the checkpoint with this id. InputError when the id is no id or there is no such folder."""
    if not _ID.fullmatch(str(checkpoint)):
        raise InputError(f"{str(checkpoint)[:40]!r} is no checkpoint; its id has 12 digits of 0-9 and a-f.")
    folder = Path(checkpoints_dir) / checkpoint
    if not folder.is_dir():
        raise InputError(f"There is no checkpoint {checkpoint}; it may have been deleted.")
    return folder


def write_meta(folder: Path, meta: CheckpointMeta) -> None:
    """Write checkpoint.json into a folder that is not yet in its place."""
    (folder / DESCRIPTION).write_text(meta_text(meta))


def meta_text(meta: CheckpointMeta) -> str:
    """What stands in checkpoint.json."""
    return json.dumps(asdict(meta), indent=1, ensure_ascii=False) + "\n"


def sample_files(folder: Path) -> Sequence[Path]:
    """The sample faces of a checkpoint in their order; none when the run had no validation pairs."""
    return sorted((Path(folder) / SAMPLES).glob("[0-9]*.png"))
