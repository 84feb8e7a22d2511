"""Several GPUs of one host, one process each, as torchrun starts them; alone, everything here does nothing.

Every process computes its share of each batch and gradients are averaged before the optimisers step, which is what
DistributedDataParallel does. It is done here by hand because two networks take turns in a step: each is reduced once, when
its own gradients are complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as distributed
from torch import nn

from workers.engine.device import choose_device
from workers.engine.errors import InputError

PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class Processes:
    """This process's place: `rank` of `world`, and its device. `rank` 0 writes the files and reports."""

    rank: int
    world: int
    device: torch.device

    @property
    def first(self) -> bool:
        return self.rank == 0

    def reduce(self, parameters: Sequence[nn.Parameter]) -> None:
        """Replace every gradient by its mean over the processes."""
        if self.world == 1:
            return
        gradients = [weights.grad for weights in parameters if weights.grad is not None]
        together = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(together)
        together /= self.world
        parts = together.split([gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def agreed(self, mine: bool) -> bool:
        """What the first process says, told to all."""
        if self.world == 1:
            return mine
        said = torch.tensor(int(mine), device=self.device)
        distributed.broadcast(said, src=0)
        return bool(said.item())

    def share(self, indices: Sequence[int]) -> tuple[list[int], list[int]]:
        """This process's part of a batch, and the places of its pairs in it."""
        places = list(range(self.rank, len(indices), self.world))
        return [indices[place] for place in places], places


def join(device: str, batch: int) -> Processes:
    """The processes that torchrun started, or this one alone.

    Raises InputError when they cannot share the batch evenly.
    """
    if not (distributed.is_available() and distributed.is_torchelastic_launched()):
        return Processes(0, 1, choose_device(device))
    if not distributed.is_initialized():
        distributed.init_process_group(
            "gloo" if choose_device(device).type == "cpu" else "nccl", timeout=PATIENCE
        )  # torchrun says where to meet
    rank, world = distributed.get_rank(), distributed.get_world_size()
    if batch % world:
        raise InputError(
            f"A batch of {batch} cannot be shared evenly by {world} processes; choose a multiple of {world}."
        )
    chosen = choose_device(device)
    if chosen.type == "cuda":
        chosen = torch.device("cuda", distributed.get_node_local_rank())
        torch.cuda.set_device(chosen)
    return Processes(rank, world, chosen)
