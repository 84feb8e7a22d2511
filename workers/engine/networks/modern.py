"""A small generator for few pairs: a residual network with skips that enlarges by resizing, not by transposed convolutions.

Three things keep it small and quick on a CPU: most of the work is done at 1/8 and 1/16 of the size, skips are added
rather than joined, and each size on the way out has a single convolution. Resizing before a convolution avoids the
checkerboard of transposed convolutions (Odena, Dumoulin and Olah 2016, https://doi.org/10.23915/distill.00003). Group
normalisation (Wu and He 2018, https://arxiv.org/abs/1803.08494) depends on no batch.
"""

from itertools import pairwise

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from workers.engine.errors import InputError

GROUP = 16  # channels that are normalised together
BRANCH = 0.2  # of a residual branch's first weights


class ResidualBlock(nn.Module):
    """Two convolutions of 3x3, each after normalisation and activation, added to what came in (He et al. 2016b)."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = _normed_convolution(channels)
        self.second = _normed_convolution(channels)

    def forward(self, carried: Tensor) -> Tensor:
        return carried + self.second(self.first(carried))


class ResidualUNet(nn.Module):
    """Pictures (n, 3, h, w) in [-1, 1], h and w multiples of 16 -> the same shape in (-1, 1).

    `widths` are the channels at full, 1/2, 1/4, 1/8 and 1/16 of the size; `blocks` the residual blocks at 1/8 and 1/16.
    """

    def __init__(self, widths: tuple[int, ...] = (32, 64, 128, 192, 256), blocks: tuple[int, int] = (2, 2)):
        super().__init__()
        self.multiple = 2 ** (len(widths) - 1)
        self.stem = nn.Conv2d(3, widths[0], 3, 1, 1)
        pairs = list(pairwise(widths))
        self.halve = nn.ModuleList(_Halving(outer, inner) for outer, inner in pairs)
        self.deep = nn.Sequential(*(ResidualBlock(widths[-1]) for _ in range(blocks[1])))
        self.rise = nn.ModuleList(
            nn.Sequential(nn.GroupNorm(_groups(inner), inner), nn.Conv2d(inner, outer, 1, bias=False))
            for outer, inner in reversed(pairs)
        )
        refine: list[nn.Module] = [nn.Sequential(*(ResidualBlock(widths[-2]) for _ in range(blocks[0])))]
        refine += [_Refinement(width) for width in reversed(widths[:-2])]
        self.refine = nn.ModuleList(refine)
        self.paint = nn.Sequential(
            nn.GroupNorm(_groups(widths[0]), widths[0]), nn.SiLU(), nn.Conv2d(widths[0], 3, 3, 1, 1)
        )
        self._initialise()

    def _initialise(self) -> None:
        """Every size starts out with the same say in the picture: what rises is normalised and as large as the skip it
        is added to, and residual branches begin small. Otherwise the coarse sizes, which add up on their way, would
        drown the fine ones for the first thousand steps."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        with torch.no_grad():
            for module in self.modules():
                if isinstance(module, ResidualBlock):
                    _last_weight(module.second).mul_(BRANCH)
                elif isinstance(module, _Refinement):
                    _last_weight(module.layer).mul_(BRANCH)
            for rise in self.rise:
                nn.init.kaiming_normal_(_last_weight(rise), nonlinearity="linear")

    def forward(self, pictures: Tensor) -> Tensor:
        if pictures.shape[-1] % self.multiple or pictures.shape[-2] % self.multiple:
            height, width = pictures.shape[-2:]
            raise InputError(f"This network takes sides that {self.multiple} divides, not {width}x{height}.")
        carried = self.stem(pictures)
        left = []
        for halving in self.halve:
            left.append(carried)
            carried = halving(carried)
        carried = self.deep(carried)
        for rise, refine in zip(self.rise, self.refine, strict=True):
            # The 1x1 convolution commutes with the resizing and costs a quarter before it.
            carried = refine(functional.interpolate(rise(carried), scale_factor=2.0, mode="nearest") + left.pop())
        return self.paint(carried).tanh()


class _Halving(nn.Module):
    def __init__(self, outer: int, inner: int):
        super().__init__()
        self.norm = nn.GroupNorm(_groups(outer), outer)
        self.convolution = nn.Conv2d(outer, inner, 4, 2, 1)

    def forward(self, carried: Tensor) -> Tensor:
        return self.convolution(functional.silu(self.norm(carried)))


class _Refinement(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.layer = _normed_convolution(channels)

    def forward(self, carried: Tensor) -> Tensor:
        return carried + self.layer(carried)


def _last_weight(layers: nn.Module) -> Tensor:
    """The weights of the last of some layers that follow one another."""
    weight = list(layers.children())[-1].weight
    assert isinstance(weight, Tensor)
    return weight


def _normed_convolution(channels: int) -> nn.Sequential:
    return nn.Sequential(nn.GroupNorm(_groups(channels), channels), nn.SiLU(), nn.Conv2d(channels, channels, 3, 1, 1))


def _groups(channels: int) -> int:
    return max(1, channels // GROUP)
