"""DISTS (Ding, Ma, Wang and Simoncelli 2020, https://arxiv.org/abs/2004.07728): means and correlations of VGG-16 features.

The pictures themselves are the first of six stages; between stages the planes are pooled by weighted L2 norms instead of
maxima. The convolutions are torchvision's VGG-16; alpha and beta weigh the 1475 channels.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision import models

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
STAGES = ((0, 4), (5, 9), (10, 16), (17, 23), (24, 30))  # of VGG-16's features, without the poolings between them
CHANNELS = (3, 64, 128, 256, 512, 512)
C1 = C2 = 1e-6


class Dists(nn.Module):
    """Distance of two batches of pictures, 0 (equal) to about 1."""

    def __init__(self) -> None:
        super().__init__()
        layers = list(models.vgg16(weights=None).features)
        self.stages = nn.ModuleList(nn.Sequential(*layers[start:end]) for start, end in STAGES)
        self.alpha = nn.Parameter(torch.empty(sum(CHANNELS)))
        self.beta = nn.Parameter(torch.empty(sum(CHANNELS)))

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """(n, 3, h, w) in [0, 1] each -> (n,)."""
        n = len(first)
        planes = torch.cat([first, second])
        textures, structures = [], []
        mean, deviation = (first.new_tensor(each)[:, None, None] for each in (MEAN, DEVIATION))
        for place in range(len(CHANNELS)):
            if place:
                planes = self.stages[place - 1](_pooled(planes) if place > 1 else (planes - mean) / deviation)
            texture, structure = _compared(planes[:n], planes[n:])
            textures.append(texture)
            structures.append(structure)
        total = self.alpha.sum() + self.beta.sum()
        agreement = torch.cat(textures, dim=1) @ self.alpha + torch.cat(structures, dim=1) @ self.beta
        return 1 - agreement / total


def shapes() -> dict[str, tuple[int, ...]]:
    """Key -> shape of the authors' file of alpha and beta."""
    return dict.fromkeys(("alpha", "beta"), (1, sum(CHANNELS), 1, 1))


def state_of(backbone: Mapping[str, Tensor], weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The published files (torchvision's `features.*`, the authors' alpha and beta) -> state of `Dists`."""
    state = {name: weights[name].flatten() for name in ("alpha", "beta")}
    for key, value in backbone.items():
        owner, _, rest = key.partition(".")
        if owner == "features":
            layer, _, name = rest.partition(".")
            stage = next(place for place, (_, end) in enumerate(STAGES) if int(layer) < end)
            state[f"stages.{stage}.{int(layer) - STAGES[stage][0]}.{name}"] = value
    return state


def _compared(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Agreement of means and of structure of each channel, (n, c) both."""
    mean_1, mean_2 = first.mean(dim=(2, 3)), second.mean(dim=(2, 3))
    centred_1, centred_2 = first - mean_1[..., None, None], second - mean_2[..., None, None]
    variance_1, variance_2 = centred_1.square().mean(dim=(2, 3)), centred_2.square().mean(dim=(2, 3))
    covariance = (centred_1 * centred_2).mean(dim=(2, 3))
    texture = (2 * mean_1 * mean_2 + C1) / (mean_1.square() + mean_2.square() + C1)
    return texture, (2 * covariance + C2) / (variance_1 + variance_2 + C2)


def _pooled(planes: Tensor) -> Tensor:
    """Half the size: square root of the squares' average under a 3x3 Hann window."""
    window = torch.tensor([0.5, 1.0, 0.5], device=planes.device)
    kernel = torch.outer(window, window) / 4
    kernel = kernel.expand(planes.shape[1], 1, 3, 3)
    squares = functional.conv2d(planes.square(), kernel, stride=2, padding=1, groups=planes.shape[1])
    return (squares + 1e-12).sqrt()
