"""Which of the pictures that a code's distribution holds a generator draws: its mean, one drawn by seed, or one between.

A variational autoencoder gives each source a distribution N(mean, exp(log variance)) over codes (Kingma and Welling 2014).
Between two drawn codes the way leads along the sphere on which normal numbers of many dimensions lie (White 2016,
"Sampling generative networks", https://arxiv.org/abs/1609.04468, section 2.1): on the straight line they would shrink.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Noise = npt.NDArray[np.float64]  # (code,)


@dataclass(frozen=True)
class Code:
    """`seed` 0 is the mean, every other seed a code of its own. `mix` 0 to 1 goes from `seed` to `to_seed`, where there
    is one. `spread` times the standard deviation is how far from the mean codes are drawn."""

    seed: int = 0
    to_seed: int | None = None
    mix: float = 0.0
    spread: float = 1.0


def noise(codes: Sequence[Code], size: int) -> Tensor:
    """What is added to the mean, in standard deviations: (n, size) float32. The same for a code whatever stands beside it."""
    rows = [code.spread * _between(code, size) for code in codes]
    return torch.from_numpy(np.stack(rows).astype(np.float32))


def _between(code: Code, size: int) -> Noise:
    start = _drawn(code.seed, size)
    if code.to_seed is None:
        return start
    end = _drawn(code.to_seed, size)
    lengths = float(np.linalg.norm(start)), float(np.linalg.norm(end))
    if not all(lengths):  # from the mean, or to it: there is no angle
        return (1 - code.mix) * start + code.mix * end
    angle = float(np.arccos(np.clip(start @ end / (lengths[0] * lengths[1]), -1.0, 1.0)))
    if angle < 1e-6:
        return (1 - code.mix) * start + code.mix * end
    return (np.sin((1 - code.mix) * angle) * start + np.sin(code.mix * angle) * end) / np.sin(angle)


def _drawn(seed: int, size: int) -> Noise:
    return np.random.default_rng(seed).standard_normal(size) if seed else np.zeros(size)
