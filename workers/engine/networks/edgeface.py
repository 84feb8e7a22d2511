"""EdgeFace-XS: the EdgeNeXt X-Small of Maaz et al. 2022 (https://arxiv.org/abs/2206.10589) with 512 outputs, trained for faces
by George et al. 2023 (https://arxiv.org/abs/2307.01838). 2,242,620 parameters; keys are timm's, so that the file fits.

Four stages. A stage is convolutional encoders (a depthwise convolution, then two 1x1 layers at each place), and, from the
second on, one split depthwise transpose attention (SDTA) encoder: groups of channels pass through a chain of depthwise
convolutions, then attention is taken across channels instead of across places, so its cost grows only linearly with the area.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

DEPTHS = (3, 3, 9, 3)
WIDTHS = (32, 64, 100, 192)
KERNELS = (3, 5, 7, 9)
SCALES = (0, 2, 3, 4)  # groups of channels in the SDTA encoder that ends a stage; 0: the stage has none
POSITIONS = (False, True, False, False)  # whether that encoder is told where each place is
HEADS = 4
EPSILON = 1e-6
FREQUENCIES = 32
OUTPUTS = 512


class PlanesNorm(nn.LayerNorm):
    """Layer normalisation over the channels of each place, (n, c, h, w)."""

    def forward(self, planes: Tensor) -> Tensor:
        return super().forward(planes.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Mlp(nn.Module):
    """Two layers with four times as many numbers between them, on the last axis."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, numbers: Tensor) -> Tensor:
        return self.fc2(functional.gelu(self.fc1(numbers)))


class ConvEncoder(nn.Module):
    """Depthwise convolution, then two layers at each place, added to the input: (n, width, h, w), size stays."""

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.conv_dw = nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = nn.LayerNorm(width, eps=EPSILON)
        self.mlp = Mlp(width)
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, planes: Tensor) -> Tensor:
        places = self.conv_dw(planes).permute(0, 2, 3, 1)
        return planes + (self.gamma * self.mlp(self.norm(places))).permute(0, 3, 1, 2)


class ChannelAttention(nn.Module):
    """Cross-covariance attention (El-Nouby et al. 2021): channels attend to channels of the same head. (n, places, width)"""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.ones(HEADS, 1, 1))
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, places: Tensor) -> Tensor:
        n, count, width = places.shape
        # (3, n, heads, width / heads, places)
        query, key, value = self.qkv(places).reshape(n, count, 3, HEADS, width // HEADS).permute(2, 0, 3, 4, 1)
        query, key = functional.normalize(query, dim=-1), functional.normalize(key, dim=-1)
        weights = (query @ key.transpose(-2, -1) * self.temperature).softmax(dim=-1)
        return self.proj((weights @ value).permute(0, 3, 1, 2).reshape(n, count, width))


class FourierPositions(nn.Module):
    """Sines and cosines of row and column, mixed by a 1x1 convolution: (height, width) -> (1, channels, height, width)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.token_projection = nn.Conv2d(2 * FREQUENCIES, channels, 1)

    def forward(self, height: int, width: int) -> Tensor:
        weight = self.token_projection.weight
        rows = _waves(height, weight)[:, :, None].expand(-1, -1, width)
        columns = _waves(width, weight)[:, None, :].expand(-1, height, -1)
        return self.token_projection(torch.cat([rows, columns])[None])


def _waves(count: int, like: Tensor) -> Tensor:
    """(FREQUENCIES, count): of the places 1/count ... 1 of a circle, sines and cosines in turn."""
    places = torch.arange(1, count + 1, dtype=torch.float32, device=like.device) / (count + EPSILON) * 2 * math.pi
    exponents = torch.arange(FREQUENCIES // 2, dtype=torch.float32, device=like.device) * 2 / FREQUENCIES
    phases = places[None] / (10_000**exponents)[:, None]
    return torch.stack([phases.sin(), phases.cos()], dim=1).flatten(0, 1).to(like.dtype)


class SplitEncoder(nn.Module):
    """SDTA: (n, width, h, w), size stays."""

    def __init__(self, width: int, scales: int, positions: bool) -> None:
        super().__init__()
        group = math.ceil(width / scales)
        self.convs = nn.ModuleList(nn.Conv2d(group, group, 3, padding=1, groups=group) for _ in range(scales - 1))
        self.pos_embd = FourierPositions(width) if positions else None
        self.norm_xca = nn.LayerNorm(width, eps=EPSILON)
        self.gamma_xca = nn.Parameter(torch.ones(width))
        self.xca = ChannelAttention(width)
        self.norm = nn.LayerNorm(width, eps=EPSILON)
        self.mlp = Mlp(width)
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, planes: Tensor) -> Tensor:
        n, channels, height, width = planes.shape
        *chain, last = planes.chunk(len(self.convs) + 1, dim=1)
        done: list[Tensor] = []
        for convolution, group in zip(self.convs, chain, strict=True):
            done.append(convolution(group + done[-1] if done else group))
        mixed = torch.cat([*done, last], dim=1)
        if self.pos_embd is not None:
            mixed = mixed + self.pos_embd(height, width)
        places = mixed.flatten(2).transpose(1, 2)  # (n, h * w, channels)
        places = places + self.gamma_xca * self.xca(self.norm_xca(places))
        places = self.gamma * self.mlp(self.norm(places))
        return planes + places.transpose(1, 2).reshape(n, channels, height, width)


class Stage(nn.Module):
    """Halves the size (but the first), then the encoders."""

    def __init__(self, inputs: int, number: int) -> None:
        super().__init__()
        width, scales = WIDTHS[number], SCALES[number]
        halving = [PlanesNorm(inputs, eps=EPSILON), nn.Conv2d(inputs, width, 2, stride=2)] if number else []
        self.downsample = nn.Sequential(*halving)
        blocks: list[nn.Module] = [
            ConvEncoder(width, KERNELS[number]) for _ in range(DEPTHS[number] - (1 if scales else 0))
        ]
        if scales:
            blocks.append(SplitEncoder(width, scales, POSITIONS[number]))
        self.blocks = nn.Sequential(*blocks)

    def forward(self, planes: Tensor) -> Tensor:
        return self.blocks(self.downsample(planes))


class Head(nn.Module):
    """Average over the plane, normalise, project: (n, 192, h, w) -> (n, 512)."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTHS[-1], eps=EPSILON)
        self.fc = nn.Linear(WIDTHS[-1], OUTPUTS)

    def forward(self, planes: Tensor) -> Tensor:
        return self.fc(self.norm(planes.mean(dim=(2, 3))))


class EdgeFaceXs(nn.Module):
    """Aligned face, RGB in [-1, 1], (n, 3, 112, 112) -> (n, 512); persons are compared by the angle between them."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, WIDTHS[0], 4, stride=4), PlanesNorm(WIDTHS[0], eps=EPSILON))
        widths = (WIDTHS[0], *WIDTHS)
        self.stages = nn.Sequential(*[Stage(widths[number], number) for number in range(len(DEPTHS))])
        self.head = Head()

    def forward(self, picture: Tensor) -> Tensor:
        return self.head(self.stages(self.stem(picture)))


def shapes() -> dict[str, tuple[int, ...]]:
    """What a file of weights must hold."""
    with torch.device("meta"):
        return {key: tuple(value.shape) for key, value in EdgeFaceXs().state_dict().items()}
