"""What a training leaves behind: checkpoints to use, and the state to go on from. Each is complete or not there."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.families.canvas import geometry
from workers.engine.families.checkpoint_file import GENERATOR, SAMPLES, CheckpointMeta, write_meta
from workers.engine.families.use import CPU_BATCH, draw
from workers.engine.features.pictures import Picture
from workers.engine.images import write_png
from workers.engine.training.plan import CheckpointMade, TrainingPlan, checkpoint_id
from workers.engine.weights import sha256_of

STATE = Path("state") / "training.pt"
FORMAT = 1


@dataclass
class State:
    """Everything that the next step depends on, besides the plan. Chance is drawn from (seed, step), so no generator's
    state and no place in a sampler has to be kept."""

    plan: str
    step: int = 0
    micro: int = 1
    networks: dict[str, Any] = field(default_factory=dict)
    averaged: dict[str, Any] | None = None
    optimisers: dict[str, Any] = field(default_factory=dict)
    checkpoints: list[dict[str, Any]] = field(default_factory=list)
    format: int = FORMAT


def save_state(folder: Path, state: State) -> None:
    """Write the state in one go; the one before stays until this one is complete.

    Always over the same name first, so that a killed writer leaves one half file at most, however often it is killed.
    """
    file = folder / STATE
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".tmp")
    try:
        torch.save(dict(vars(state)), temporary)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def load_state(folder: Path) -> State | None:
    """The state to go on from, on the CPU; None when there is none. InputError when it is damaged."""
    file = folder / STATE
    if not file.is_file():
        return None
    try:
        found = torch.load(file, weights_only=True, map_location="cpu")
        if found.get("format") != FORMAT:
            raise ValueError("another format")
        return State(**found)
    except Exception as error:  # torch.load raises many kinds for a damaged file
        raise InputError(
            f"The saved state {file} cannot be read ({type(error).__name__}). Delete the folder {file.parent.name} to begin "
            "anew, or start a new training from the last checkpoint."
        ) from error


def finish(folder: Path, state: State) -> None:
    """Keep that the training is done and what it made; the large state goes, since nothing continues from it."""
    state.networks, state.optimisers, state.averaged = {}, {}, None
    save_state(folder, state)


def write_checkpoint(
    plan: TrainingPlan,
    generator: nn.Module,
    *,
    epoch: int,
    step: int,
    loss_networks: tuple[str, ...],
    averaged: bool,
    samples: Sequence[Picture],
    device: torch.device,
    tick: Callable[[], None],
) -> CheckpointMade:
    """Write a checkpoint's folder and draw the sample faces. `generator` is in eval mode."""
    name = checkpoint_id(plan.run_id, step)
    plan.checkpoints_dir.mkdir(parents=True, exist_ok=True)
    for left_over in plan.checkpoints_dir.glob(f".making-{name}-*"):  # by a process that was killed here
        shutil.rmtree(left_over, ignore_errors=True)
    making = Path(tempfile.mkdtemp(prefix=f".making-{name}-", dir=plan.checkpoints_dir))
    try:
        weights = making / GENERATOR
        state = {key: value.detach().cpu().contiguous() for key, value in generator.state_dict().items()}
        save_file(state, weights)
        digest = sha256_of(weights)
        tick()
        for start in range(0, len(samples), CPU_BATCH):
            drawn = draw(generator, samples[start : start + CPU_BATCH], plan.options["size"], device)
            for place, picture in enumerate(drawn, start):
                write_png(Image.fromarray(picture), making / SAMPLES / sample_name(place))
            tick()
        write_meta(
            making,
            CheckpointMeta(
                id=name,
                run_id=plan.run_id,
                preset=plan.preset,
                family=catalogue.preset(plan.preset).family,
                options=plan.options,
                direction=plan.direction,
                epoch=epoch,
                step=step,
                digest=digest,
                seed=plan.seed,
                train_digest=plan.train_digest,
                code_version=plan.code_version,
                geometry=geometry(plan.options["size"]),
                loss_networks=loss_networks,
                averaged=averaged,
            ),
        )
        making.chmod(0o755)  # mkdtemp makes it private; other users' processes must read it
        folder = plan.checkpoints_dir / name
        if folder.exists():  # of an attempt that died before its state was saved
            folder.rename(making / "before")
            shutil.rmtree(making / "before")
        size = weights.stat().st_size
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return CheckpointMade(name, folder, epoch, step, digest, size)


def made_before(state: State, checkpoints_dir: Path) -> list[CheckpointMade]:
    """The checkpoints that this run has made and nobody has deleted."""
    found = [CheckpointMade(folder=checkpoints_dir / made["id"], **made) for made in state.checkpoints]
    return [made for made in found if made.folder.is_dir()]


def remember(state: State, made: CheckpointMade) -> None:
    """Add a checkpoint to the state."""
    entry = asdict(made)
    del entry["folder"]
    state.checkpoints = [*(other for other in state.checkpoints if other["id"] != made.id), entry]


def sample_name(place: int) -> str:
    """File name of a sample face, alike in every checkpoint and in the run's folder."""
    return f"{place:02d}.png"


def write_samples(folder: Path, sources: Sequence[Picture], targets: Sequence[Picture]) -> None:
    """The sample faces' inputs and originals, once: samples/source/00.png ..., samples/target/00.png ..."""
    for kind, pictures in (("source", sources), ("target", targets)):
        for place, picture in enumerate(pictures):
            file = folder / SAMPLES / kind / sample_name(place)
            if not file.is_file():
                write_png(Image.fromarray(picture), file)
