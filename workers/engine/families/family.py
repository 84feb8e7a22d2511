"""What the training loop and the use of a checkpoint ask of a family of networks."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

Losses = dict[str, Tensor]  # name -> a number on the device, without gradient


@dataclass(frozen=True)
class Batch:
    """Pairs as the networks take them: source and target (n, 3, size, size) float32 in [-1, 1], on the device.

    `share` is this part's share of the whole step, so that parts add up to the step's mean gradient.
    """

    source: Tensor
    target: Tensor
    share: float = 1.0


@dataclass(frozen=True)
class Surroundings:
    """What a learner is handed by the loop.

    `autocast()` surrounds every forward pass. `reduce(parameters)` averages gradients over processes. `tick()` is
    called between the parts of a step, since one step may take seconds on a CPU; it may raise to stop.
    """

    device: torch.device
    autocast: Callable[[], AbstractContextManager[Any]]
    reduce: Callable[[Sequence[nn.Parameter]], None]
    tick: Callable[[], None]
    weights_dir: Path | None = None
    direction: tuple[str, str] = ("photo", "sketch")


class Learner(ABC):
    """Networks that learn. All that a step changes lies in `networks` and `optimisers`, so their states are the state."""

    networks: dict[str, nn.Module]
    optimisers: dict[str, torch.optim.Optimizer]
    loss_networks: tuple[str, ...] = ()

    @abstractmethod
    def step(self, parts: Sequence[Batch], epoch: float) -> tuple[Losses, Tensor]:
        """One step of all optimisers over the parts; `epoch` is the position in the training, in epochs.

        Returns the losses and the last pictures drawn (detached). Gradients of several parts are added up, as if they
        were one batch (beyond what batch normalisation sees).
        """


class Family(ABC):
    """A preset with its options, from which networks are built."""

    def __init__(self, options: Mapping[str, Any]):
        self.options = dict(options)

    @abstractmethod
    def generator(self) -> nn.Module:
        """An untrained generator: (n, 3, size, size) in [-1, 1] -> the same shape."""

    def discriminator(self) -> nn.Module | None:
        """An untrained discriminator of source and picture together, (n, 6, size, size); None when the family has none."""
        return None

    @abstractmethod
    def learner(self, networks: dict[str, nn.Module], around: Surroundings) -> Learner:
        """Let these networks learn."""

    def networks(self) -> dict[str, nn.Module]:
        """All networks that are trained, the generator first."""
        found = {"generator": self.generator()}
        discriminator = self.discriminator()
        if discriminator is not None:
            found["discriminator"] = discriminator
        return found
