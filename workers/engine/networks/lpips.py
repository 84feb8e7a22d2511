"""LPIPS 0.1 (Zhang, Isola, Efros, Shechtman and Wang 2018, https://arxiv.org/abs/1801.03924): distance of learnt features.

The networks below it are torchvision's, cut where the authors look at them; their weights' keys are torchvision's too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torchvision import models

MEAN, DEVIATION = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
EPSILON = 1e-10


@dataclass(frozen=True)
class Trunk:
    """`build` makes the torchvision network; `ends` are the places in its features behind which it is looked at."""

    build: Any
    ends: tuple[int, ...]
    channels: tuple[int, ...]


TRUNKS = {
    "squeeze": Trunk(models.squeezenet1_1, (2, 5, 8, 10, 11, 12, 13), (64, 128, 256, 384, 384, 512, 512)),
    "alex": Trunk(models.alexnet, (2, 5, 8, 10, 12), (64, 192, 384, 256, 256)),
    "vgg": Trunk(models.vgg16, (4, 9, 16, 23, 30), (64, 128, 256, 512, 512)),
}


class Lpips(nn.Module):
    """Distance of two batches of pictures; `trunk` is squeeze, alex or vgg."""

    def __init__(self, trunk: str) -> None:
        super().__init__()
        chosen = TRUNKS[trunk]
        layers = list(chosen.build(weights=None).features)
        starts = (0, *chosen.ends[:-1])
        self.parts = nn.ModuleList(
            nn.Sequential(*layers[start:end]) for start, end in zip(starts, chosen.ends, strict=True)
        )
        self.heads = nn.ParameterList(nn.Parameter(torch.empty(channels)) for channels in chosen.channels)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """(n, 3, h, w) in [-1, 1] each -> (n,)."""
        n = len(first)
        mean, deviation = (first.new_tensor(each)[:, None, None] for each in (MEAN, DEVIATION))
        planes = (torch.cat([first, second]) - mean) / deviation
        total = torch.zeros(n, device=planes.device)
        for part, head in zip(self.parts, self.heads, strict=True):
            planes = part(planes)
            unit = planes / (torch.linalg.vector_norm(planes, dim=1, keepdim=True) + EPSILON)
            squares = (unit[:n] - unit[n:]).square()  # (n, c, h', w')
            total = total + torch.einsum("nchw,c->n", squares, head) / (squares.shape[2] * squares.shape[3])
        return total


def state_of(trunk: str, backbone: Mapping[str, Tensor], heads: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The published files (torchvision's `features.*`, the authors' `lin<i>.model.1.weight`) -> state of `Lpips`."""
    ends = TRUNKS[trunk].ends
    starts = (0, *ends[:-1])
    state = {f"heads.{place}": heads[f"lin{place}.model.1.weight"].flatten() for place in range(len(ends))}
    for key, value in backbone.items():
        owner, _, rest = key.partition(".")
        if owner != "features":
            continue  # the classifier
        layer, _, name = rest.partition(".")
        part = next((place for place, end in enumerate(ends) if int(layer) < end), None)
        if part is not None:
            state[f"parts.{part}.{int(layer) - starts[part]}.{name}"] = value
    return state
