"""Small parts that several generators share: the normalisation by name, the first weights, the number of levels."""

import torch.nn.functional as functional
from torch import Tensor, nn

from workers.engine.errors import InputError


def norm_layer(name: str, channels: int) -> nn.Module:
    """`batch`: batch normalisation with learnt scale and shift. `instance`: each picture alone, nothing learnt."""
    if name == "batch":
        return nn.BatchNorm2d(channels)
    if name == "instance":
        return nn.InstanceNorm2d(channels)
    raise InputError(f"There is no normalisation named {name!r}. Known: batch, instance.")


class Halve(nn.Conv2d):
    """A convolution of 4x4 with stride 2 and padding 1: (n, c, h, w), h and w even -> (n, out, h / 2, w / 2).

    On the CPU small planes are unfolded into columns and multiplied as one matrix: the same sums, where the convolution
    of the library spends most of its time on moving weights (measured: up to three times as long).
    """

    AS_MATRIX = 8  # largest side for which the matrix was the quicker one

    def __init__(self, channels_in: int, channels_out: int, *, bias: bool):
        super().__init__(channels_in, channels_out, 4, 2, 1, bias=bias)

    def forward(self, planes: Tensor) -> Tensor:
        if planes.device.type != "cpu" or max(planes.shape[-2:]) > self.AS_MATRIX:
            return super().forward(planes)
        n, channels, height, width = planes.shape
        columns = functional.unfold(planes, 4, padding=1, stride=2)  # (n, c * 16, places)
        columns = columns.transpose(0, 1).reshape(channels * 16, -1)
        result = (self.weight.flatten(1) @ columns).view(-1, n, height // 2, width // 2).transpose(0, 1)
        return result if self.bias is None else result + self.bias.to(result.dtype)[:, None, None]


class Double(nn.ConvTranspose2d):
    """The transposed convolution of 4x4 with stride 2 and padding 1: (n, c, h, w) -> (n, out, 2h, 2w); see `Halve`."""

    AS_MATRIX = 4

    def __init__(self, channels_in: int, channels_out: int, *, bias: bool):
        super().__init__(channels_in, channels_out, 4, 2, 1, bias=bias)

    def forward(self, planes: Tensor, output_size: list[int] | None = None) -> Tensor:
        if planes.device.type != "cpu" or max(planes.shape[-2:]) > self.AS_MATRIX:
            return super().forward(planes, output_size)
        n, channels, height, width = planes.shape
        flat = planes.transpose(0, 1).reshape(channels, -1)  # (c, n * places)
        columns = (self.weight.flatten(1).t() @ flat).view(-1, n, height * width).transpose(0, 1)
        result = functional.fold(columns, (2 * height, 2 * width), 4, padding=1, stride=2)
        return result if self.bias is None else result + self.bias.to(result.dtype)[:, None, None]


def initialise(network: nn.Module) -> None:
    """Weights of all convolutions and linear layers from N(0, 0.02), scales from N(1, 0.02), biases and shifts zero.

    As in pix2pix (Isola et al. 2017, appendix 6.2). Call it before a spectral norm hides the weights.
    """
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, (nn.BatchNorm2d, nn.GroupNorm)) and module.weight is not None:
            nn.init.normal_(module.weight, 1.0, 0.02)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def levels_of(size: int) -> int:
    """How often a square of `size` pixels can be halved until one pixel is left; `size` is a power of two."""
    if size < 2 or size & (size - 1):
        raise InputError(f"The picture size is {size}; it must be a power of two, as 128 or 256.")
    return size.bit_length() - 1


def check_square(pictures: Tensor, size: int) -> None:
    """Raise InputError unless the pictures (n, c, h, w) are squares of `size` pixels."""
    if tuple(pictures.shape[-2:]) != (size, size):
        height, width = pictures.shape[-2:]
        raise InputError(f"This network takes pictures of {size}x{size} pixels, not {width}x{height}.")


def parameter_count(network: nn.Module) -> int:
    """Numbers that are trained."""
    return sum(weights.numel() for weights in network.parameters() if weights.requires_grad)
