"""Using a checkpoint: the one way from a picture to what a generator draws, in training samples and everywhere else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from workers.engine.device import choose_device, full_precision
from workers.engine.errors import InputError
from workers.engine.families import build, canvas
from workers.engine.families.checkpoint_file import GENERATOR, CheckpointMeta, checkpoint_meta
from workers.engine.families.codes import Code, noise
from workers.engine.images import to_uint8
from workers.engine.weights import sha256_of

Picture = npt.NDArray[np.uint8]  # (h, w, 3)

CPU_BATCH, GPU_BATCH = 4, 32


class Generator:
    """A trained generator in eval mode: no dropout, no statistics of the batch, so a result depends on its picture alone,
    and on the code where one is chosen. `code` is how many numbers a code has, 0 for networks that draw one picture only.
    """

    def __init__(self, meta: CheckpointMeta, network: nn.Module, device: torch.device):
        self.meta = meta
        self.device = device
        self.size = int(meta.options["size"])
        self.code = int(getattr(network, "code", 0))
        self.network = network.to(device).to(memory_format=torch.channels_last).eval().requires_grad_(False)

    @property
    def bytes(self) -> int:
        """Memory that its weights take."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self.network.state_dict().values())

    def apply(
        self, pictures: Sequence[Picture], batch_size: int | None = None, codes: Sequence[Code] | None = None
    ) -> list[Picture]:
        """What the generator draws for each picture (h, w, 3), in the same size. `codes`, one a picture, choose among what
        it can draw; they change nothing where `code` is 0."""
        chosen = noise(codes, self.code) if codes is not None and self.code else None
        return draw(self.network, pictures, self.size, self.device, batch_size, chosen)

    def remark(self, pictures: Sequence[Picture]) -> str:
        """A sentence when pictures had to be made smaller for the network; else empty."""
        side = canvas.canvas_of(self.size)
        larger = sum(max(picture.shape[:2]) > side for picture in pictures)
        if not larger:
            return ""
        return (
            f"{larger} of {len(pictures)} pictures are larger than {side} pixels: they were drawn at that size and "
            "enlarged again."
        )

    def prepared(self, pictures: Sequence[Picture]) -> Tensor:
        """The pictures as the network takes them: (n, 3, size, size) float32 in [-1, 1] on the device."""
        return to_tensor([canvas.square(picture, self.size)[0] for picture in pictures], self.device)


def open_checkpoint(folder: Path, device: str = "auto") -> Generator:
    """The generator of the checkpoint in this folder, on this device.

    Raises InputError when the checkpoint is missing, damaged, or does not fit its own description.
    """
    folder = Path(folder)
    meta = checkpoint_meta(folder)
    family = build.family(meta.preset, meta.options)
    with torch.device("meta"):
        network = family.generator()
    network.to_empty(device="cpu")
    load_generator(network, folder, meta)
    return Generator(meta, network, choose_device(device))


def load_generator(network: nn.Module, folder: Path, meta: CheckpointMeta | None = None) -> None:
    """Put a checkpoint's weights into a generator of the same kind. InputError when they do not belong or do not fit."""
    meta = meta or checkpoint_meta(folder)
    file = folder / GENERATOR
    damaged = f"The checkpoint {folder.name} is damaged: {GENERATOR}"
    try:
        if sha256_of(file) != meta.digest:
            raise InputError(f"{damaged} is not the file that was written. Make or import it anew.")
        state = {
            name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in load_file(file).items()
        }
        network.load_state_dict(state)
    except OSError as error:
        raise InputError(f"{damaged} cannot be read: {error.strerror or error}.") from error
    except (SafetensorError, RuntimeError) as error:
        raise InputError(
            f"The weights of checkpoint {folder.name} ({meta.preset}) do not fit this network: other sizes or layers."
        ) from error


def draw(
    network: nn.Module,
    pictures: Sequence[Picture],
    size: int,
    device: torch.device,
    batch_size: int | None = None,
    noise: Tensor | None = None,
) -> list[Picture]:
    """What a generator in eval mode draws: pad, compute in float32, x * 0.5 + 0.5 clamped and rounded, cut back.

    `noise` (n, code) is handed to a network that has codes; without it the mean code is drawn.
    """
    if network.training:
        raise ValueError("a network in training mode would draw by chance and by the batch; call eval() first")
    at_once = batch_size or (CPU_BATCH if device.type == "cpu" else GPU_BATCH)
    drawn: list[Picture] = []
    with torch.inference_mode(), full_precision():
        for start in range(0, len(pictures), at_once):
            placed = [canvas.square(picture, size) for picture in pictures[start : start + at_once]]
            beside = () if noise is None else (noise[start : start + at_once].to(device),)
            drawing = network(to_tensor([square for square, _ in placed], device), *beside)
            result = drawing.permute(0, 2, 3, 1).float().cpu()
            if not torch.isfinite(result).all():
                raise InputError(
                    "The network draws no numbers (NaN): its weights are broken. Use an earlier checkpoint."
                )
            squares = to_uint8(result.numpy())
            drawn += [canvas.back(square, where) for square, (_, where) in zip(squares, placed, strict=True)]
    return drawn


def to_tensor(squares: Sequence[Picture], device: torch.device) -> Tensor:
    """uint8 (h, w, 3) each -> float32 (n, 3, h, w) in [-1, 1], channels last in memory."""
    stacked = torch.from_numpy(np.stack(squares)).to(device)
    return stacked.permute(0, 3, 1, 2).float().mul_(2 / 255).sub_(1)
