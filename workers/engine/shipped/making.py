"""From a checkpoint of a training to the form in which a model ships: half precision, its own digest, a description."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from workers.engine.errors import InputError
from workers.engine.families.checkpoint_file import DESCRIPTION, GENERATOR, CheckpointMeta, checkpoint_meta, meta_text
from workers.engine.families.use import Picture, open_checkpoint
from workers.engine.shipped.table import CARD, MAX_BYTES
from workers.engine.weights import sha256_of
from workers.engine.whole_files import write_whole

LAST_CONVOLUTION = ("paint.2.weight", "paint.2.bias")  # of networks/modern.py


@dataclass(frozen=True)
class Made:
    """What lies in `folder` now. `largest_difference` is that of a pixel (of 255) between what full and half precision
    draw; `card` says whether the model card is there."""

    folder: Path
    meta: CheckpointMeta
    bytes: int
    largest_difference: int
    card: bool


def ship(checkpoint: Path, out: Path, *, grey: bool = False) -> Made:
    """Write the checkpoint into `out` as it ships; files of that name there are replaced, others (the card) stay.

    `grey` makes a network that draws in grey: pencil has no colour, and what colour a generator adds is noise.
    InputError for a damaged checkpoint, weights that half precision cannot hold, and a file of more than 16 MiB.
    """
    checkpoint, out = Path(checkpoint), Path(out)
    meta = checkpoint_meta(checkpoint)
    if sha256_of(checkpoint / GENERATOR) != meta.digest:
        raise InputError(f"The checkpoint {checkpoint.name} is damaged: {GENERATOR} is not the file that was written.")
    content = save(_halved(checkpoint, grey))
    if len(content) > MAX_BYTES:
        raise InputError(
            f"In half precision the weights take {len(content) / 2**20:.1f} MiB; a model that ships has at most "
            f"{MAX_BYTES / 2**20:g} MiB. Train a smaller preset, as pix2pix.modern."
        )
    if out.exists() and (not out.is_dir() or out.resolve() == checkpoint.resolve()):
        raise InputError(f"{out} must be another folder than the checkpoint's, or a new one.")
    out.mkdir(parents=True, exist_ok=True)
    # The weights first: a description without its weights counts as no model, never as another one.
    write_whole(out / GENERATOR, content)
    shipped = replace(meta, digest=sha256_of(out / GENERATOR))
    write_whole(out / DESCRIPTION, meta_text(shipped).encode())
    difference = _largest_difference(checkpoint, out, grey)
    return Made(out, shipped, len(content), difference, (out / CARD).is_file())


def _halved(checkpoint: Path, grey: bool) -> dict[str, torch.Tensor]:
    try:
        state = load_file(checkpoint / GENERATOR)
    except (OSError, SafetensorError) as error:
        raise InputError(f"The checkpoint {checkpoint.name} is damaged: {GENERATOR} cannot be read.") from error
    if grey:
        state = _greyed(state)
    halved = {name: one.half() if one.is_floating_point() else one for name, one in state.items()}
    for name, tensor in halved.items():
        if not torch.isfinite(tensor).all():
            raise InputError(f"The weights {name} are too large for half precision; this checkpoint cannot ship.")
    return halved


def _greyed(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The mean of the last convolution's three output channels, for all three."""
    missing = [name for name in LAST_CONVOLUTION if name not in state]
    if missing:
        raise InputError("Only a checkpoint of pix2pix.modern can be made grey.")
    means = {name: state[name].mean(dim=0, keepdim=True).expand_as(state[name]) for name in LAST_CONVOLUTION}
    return {**state, **{name: mean.contiguous() for name, mean in means.items()}}


def _largest_difference(checkpoint: Path, out: Path, grey: bool) -> int:
    """Between what both draw of a picture with soft slopes, edges and noise."""
    picture = _probe()
    generators = [open_checkpoint(folder, "cpu") for folder in (checkpoint, out)]
    if grey:
        generators[0].network.load_state_dict(_greyed(generators[0].network.state_dict()))
    (full,), (half,) = (generator.apply([picture]) for generator in generators)
    return int(np.abs(full.astype(int) - half.astype(int)).max())


def _probe() -> Picture:
    y, x = np.mgrid[:250, :200]
    slope = np.stack([x / 200, y / 250, (x + y) / 450], axis=2) * 200
    disc = (np.hypot(x - 100, (y - 140) * 0.8) < 60)[..., None] * 60
    noise = np.random.default_rng(0).normal(0, 12, slope.shape)
    return np.clip(slope + disc + noise, 0, 255).astype(np.uint8)
