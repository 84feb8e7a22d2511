"""From gradients to new weights: Adam, clipping, the learning rate over the epochs, averaged weights."""

from collections.abc import Callable, Sequence
from copy import deepcopy

import torch
from torch import nn

EMA_WARMUP = 10.0


def adam(network: nn.Module, lr: float, betas: tuple[float, float]) -> torch.optim.Adam:
    """Adam (Kingma and Ba 2015) over all parameters in one pass through memory (`fused`)."""
    return torch.optim.Adam(network.parameters(), lr=lr, betas=betas, fused=True)


def update(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    reduce: Callable[[Sequence[nn.Parameter]], None],
    longest: float,
) -> None:
    """Take a step by the gradients there are: averaged over processes, shortened to `longest` (0: not); then drop them."""
    parameters = list(network.parameters())
    reduce(parameters)
    if longest:
        nn.utils.clip_grad_norm_(parameters, longest)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)


def learning_rate_factor(epoch: int, epochs: int, decay_from: int) -> float:
    """1 up to the end of epoch `decay_from` (0: half of the epochs), then falling in a straight line; `epoch` counts
    from 0. The last epoch keeps one step of the line, so that it still learns."""
    start = decay_from or max(1, epochs // 2)
    return 1.0 - max(0, epoch + 1 - start) / (epochs - start + 1)


class Averaged:
    """An exponential moving average of a network's weights (Yaz et al. 2019, https://arxiv.org/abs/1806.04498).

    The memory grows from 0 to `decay` while the steps go from 0 on, so that the first weights are soon forgotten.
    Running statistics are taken over as they are.
    """

    def __init__(self, network: nn.Module, decay: float):
        self.decay = decay
        self.network = deepcopy(network).eval().requires_grad_(False)

    @torch.no_grad()
    def follow(self, network: nn.Module, step: int) -> None:
        """Take in the weights after step number `step` (from 1 on)."""
        keep = min(self.decay, step / (step + EMA_WARMUP))
        torch._foreach_lerp_(list(self.network.parameters()), list(network.parameters()), 1 - keep)
        for mine, theirs in zip(self.network.buffers(), network.buffers(), strict=True):
            mine.copy_(theirs)
