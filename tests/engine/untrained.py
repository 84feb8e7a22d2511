"""Checkpoint folders with untrained weights: everything about them is right but what they draw."""

from pathlib import Path

import torch
from safetensors.torch import save_file

from workers.engine import catalogue
from workers.engine.families import build
from workers.engine.families.canvas import geometry
from workers.engine.families.checkpoint_file import GENERATOR, CheckpointMeta, write_meta
from workers.engine.weights import sha256_of


def untrained_checkpoint(folder: Path, preset: str = "pix2pix.tiny", *, seed: int = 0, scale: float = 1.0) -> Path:
    """A checkpoint of the preset; every weight is multiplied by `scale`."""
    options = catalogue.options_checked(preset, {})
    torch.manual_seed(seed)
    state = build.family(preset, options).generator().state_dict()
    state = {name: (one * scale if one.is_floating_point() else one).contiguous() for name, one in state.items()}
    folder.mkdir(parents=True)
    save_file(state, folder / GENERATOR)
    write_meta(
        folder,
        CheckpointMeta(
            id=f"{seed:012x}", run_id="run", preset=preset, family=preset.split(".")[0], options=options,
            direction=("photo", "sketch"), epoch=3, step=9, digest=sha256_of(folder / GENERATOR), seed=seed,
            train_digest="0" * 64, code_version="abc1234", geometry=geometry(options["size"]),
        ),
    )  # fmt: skip
    return folder
