"""The FID Inception-v3 (version 2015-12-05), from the picture to its final pooling.

Szegedy et al. 2015, "Rethinking the Inception Architecture" (https://arxiv.org/abs/1512.00567), as Google's graph
`inception-2015-12-05` has it, on which FID is defined. It differs from torchvision's network: the average pooling
inside the blocks does not count the padding, and the pooling inside the last block takes the maximum. Module names are
those of torchvision and of the published state dicts, so that their keys fit. Every convolution here carries a bias:
`fold` puts the batch normalisation of a state dict into weight and bias, which at inference is the same function and
saves time.
"""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from workers.engine.networks.convolution import Convolution

EPSILON = 0.001  # of the batch normalisation


def _average(planes: Tensor) -> Tensor:
    return functional.avg_pool2d(planes, 3, stride=1, padding=1, count_include_pad=False)


class Averaged(Convolution):
    """Averages over 3x3, then convolves 1x1; computed the other way round, which is the same and leaves less to average."""

    def forward(self, planes: Tensor) -> Tensor:
        return functional.relu(_average(self.linear(planes)), inplace=True)


class MixedA(nn.Module):
    """Mixed_5b, 5c, 5d: 1x1, 5x5, double 3x3 and pooling side by side. Size stays; 224 + pool channels come out."""

    def __init__(self, inputs: int, pool: int) -> None:
        super().__init__()
        self.branch1x1 = Convolution(inputs, 64, 1)
        self.branch5x5_1 = Convolution(inputs, 48, 1)
        self.branch5x5_2 = Convolution(48, 64, 5, padding=2)
        self.branch3x3dbl_1 = Convolution(inputs, 64, 1)
        self.branch3x3dbl_2 = Convolution(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = Convolution(96, 96, 3, padding=1)
        self.branch_pool = Averaged(inputs, pool, 1)

    def forward(self, planes: Tensor) -> Tensor:
        return torch.cat(
            [
                self.branch1x1(planes),
                self.branch5x5_2(self.branch5x5_1(planes)),
                self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(planes))),
                self.branch_pool(planes),
            ],
            dim=1,
        )


class MixedB(nn.Module):
    """Mixed_6a: halves the size, (n, inputs, h, w) -> (n, inputs + 480, (h - 1) // 2, (w - 1) // 2)."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.branch3x3 = Convolution(inputs, 384, 3, stride=2)
        self.branch3x3dbl_1 = Convolution(inputs, 64, 1)
        self.branch3x3dbl_2 = Convolution(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = Convolution(96, 96, 3, stride=2)

    def forward(self, planes: Tensor) -> Tensor:
        return torch.cat(
            [
                self.branch3x3(planes),
                self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(planes))),
                functional.max_pool2d(planes, 3, stride=2),
            ],
            dim=1,
        )


def _row(inputs: int, outputs: int) -> Convolution:
    return Convolution(inputs, outputs, (1, 7), padding=(0, 3))


def _column(inputs: int, outputs: int) -> Convolution:
    return Convolution(inputs, outputs, (7, 1), padding=(3, 0))


class MixedC(nn.Module):
    """Mixed_6b to 6e: 7x7 convolutions factored into rows (1x7) and columns (7x1). 768 channels stay 768."""

    def __init__(self, inner: int) -> None:
        super().__init__()
        self.branch1x1 = Convolution(768, 192, 1)
        self.branch7x7_1 = Convolution(768, inner, 1)
        self.branch7x7_2 = _row(inner, inner)
        self.branch7x7_3 = _column(inner, 192)
        self.branch7x7dbl_1 = Convolution(768, inner, 1)
        self.branch7x7dbl_2 = _column(inner, inner)
        self.branch7x7dbl_3 = _row(inner, inner)
        self.branch7x7dbl_4 = _column(inner, inner)
        self.branch7x7dbl_5 = _row(inner, 192)
        self.branch_pool = Averaged(768, 192, 1)

    def forward(self, planes: Tensor) -> Tensor:
        double = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(planes)))
        return torch.cat(
            [
                self.branch1x1(planes),
                self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(planes))),
                self.branch7x7dbl_5(self.branch7x7dbl_4(double)),
                self.branch_pool(planes),
            ],
            dim=1,
        )


class MixedD(nn.Module):
    """Mixed_7a: halves the size, (n, 768, h, w) -> (n, 1280, (h - 1) // 2, (w - 1) // 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.branch3x3_1 = Convolution(768, 192, 1)
        self.branch3x3_2 = Convolution(192, 320, 3, stride=2)
        self.branch7x7x3_1 = Convolution(768, 192, 1)
        self.branch7x7x3_2 = _row(192, 192)
        self.branch7x7x3_3 = _column(192, 192)
        self.branch7x7x3_4 = Convolution(192, 192, 3, stride=2)

    def forward(self, planes: Tensor) -> Tensor:
        seven = self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(planes)))
        return torch.cat(
            [
                self.branch3x3_2(self.branch3x3_1(planes)),
                self.branch7x7x3_4(seven),
                functional.max_pool2d(planes, 3, stride=2),
            ],
            dim=1,
        )


class MixedE(nn.Module):
    """Mixed_7b and 7c: 3x3 convolutions split into a row and a column side by side. 2048 channels come out.

    `maximum` is the pooling of 7c; 7b averages.
    """

    def __init__(self, inputs: int, maximum: bool) -> None:
        super().__init__()
        self.maximum = maximum
        self.branch1x1 = Convolution(inputs, 320, 1)
        self.branch3x3_1 = Convolution(inputs, 384, 1)
        self.branch3x3_2a = Convolution(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3_2b = Convolution(384, 384, (3, 1), padding=(1, 0))
        self.branch3x3dbl_1 = Convolution(inputs, 448, 1)
        self.branch3x3dbl_2 = Convolution(448, 384, 3, padding=1)
        self.branch3x3dbl_3a = Convolution(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3dbl_3b = Convolution(384, 384, (3, 1), padding=(1, 0))
        self.branch_pool = (Convolution if maximum else Averaged)(inputs, 192, 1)

    def forward(self, planes: Tensor) -> Tensor:
        single = self.branch3x3_1(planes)
        double = self.branch3x3dbl_2(self.branch3x3dbl_1(planes))
        highest = functional.max_pool2d(planes, 3, stride=1, padding=1) if self.maximum else planes
        return torch.cat(
            [
                self.branch1x1(planes),
                self.branch3x3_2a(single),
                self.branch3x3_2b(single),
                self.branch3x3dbl_3a(double),
                self.branch3x3dbl_3b(double),
                self.branch_pool(highest),
            ],
            dim=1,
        )


class InceptionToMixed6e(nn.Module):
    """RGB in [-1, 1], (n, 3, 299, 299) -> the 768 planes of Mixed_6e, (n, 768, 17, 17), or those of an earlier layer."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = Convolution(3, 32, 3, stride=2)
        self.Conv2d_2a_3x3 = Convolution(32, 32, 3)
        self.Conv2d_2b_3x3 = Convolution(32, 64, 3, padding=1)
        self.Conv2d_3b_1x1 = Convolution(64, 80, 1)
        self.Conv2d_4a_3x3 = Convolution(80, 192, 3)
        self.Mixed_5b = MixedA(192, pool=32)
        self.Mixed_5c = MixedA(256, pool=64)
        self.Mixed_5d = MixedA(288, pool=64)
        self.Mixed_6a = MixedB(288)
        self.Mixed_6b = MixedC(128)
        self.Mixed_6c = MixedC(160)
        self.Mixed_6d = MixedC(160)
        self.Mixed_6e = MixedC(192)

    def forward(self, picture: Tensor, layer: str = "mixed6e") -> Tensor:
        """`layer`: pool1 (64 planes), pool2 (192) or mixed6e (768); nothing behind it is computed."""
        planes = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(picture)))  # (n, 64, 147, 147)
        planes = functional.max_pool2d(planes, 3, stride=2)
        if layer == "pool1":
            return planes  # (n, 64, 73, 73)
        planes = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(planes))  # (n, 192, 71, 71)
        planes = functional.max_pool2d(planes, 3, stride=2)
        if layer == "pool2":
            return planes  # (n, 192, 35, 35)
        planes = self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(planes)))  # (n, 288, 35, 35)
        planes = self.Mixed_6a(planes)  # (n, 768, 17, 17)
        return self.Mixed_6e(self.Mixed_6d(self.Mixed_6c(self.Mixed_6b(planes))))


class InceptionToPool3(InceptionToMixed6e):
    """The same, going on to the 2048 planes whose average is the `pool3` of FID, (n, 2048, 8, 8)."""

    def __init__(self) -> None:
        super().__init__()
        self.Mixed_7a = MixedD()
        self.Mixed_7b = MixedE(1280, maximum=False)
        self.Mixed_7c = MixedE(2048, maximum=True)

    def forward(self, picture: Tensor, layer: str = "pool3") -> Tensor:
        planes = super().forward(picture, "mixed6e" if layer == "pool3" else layer)
        return self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(planes))) if layer == "pool3" else planes


def full_shapes() -> dict[str, tuple[int, ...]]:
    """What a file of the whole network must hold up to the final pooling."""
    with torch.device("meta"):
        return expected_shapes(InceptionToPool3())


def partial_shapes() -> dict[str, tuple[int, ...]]:
    """What a file of the network up to Mixed_6e must hold."""
    with torch.device("meta"):
        return expected_shapes(InceptionToMixed6e())


def expected_shapes(network: nn.Module) -> dict[str, tuple[int, ...]]:
    """Key -> shape of the state dict that `fold` takes for this network: a convolution and its normalisation each."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name, layer in _convolutions(network):
        shapes[f"{name}.conv.weight"] = tuple(layer.weight.shape)
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.bn.{part}"] = (layer.out_channels,)
    return shapes


def fold(state: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """The published state dict (keys of `expected_shapes`) -> the state dict of `network`, in float32.

    y = (conv(x) - mean) * scale + bias with scale = weight / sqrt(var + 0.001), computed in float64.
    """
    folded = {}
    for name, layer in _convolutions(network):
        weight, scale, bias, mean, variance = (
            state[f"{name}.{part}"].double()
            for part in ("conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
        )
        scale = scale / torch.sqrt(variance + EPSILON)
        folded[f"{name}.weight"] = (weight * scale[:, None, None, None]).to(layer.weight.dtype)
        folded[f"{name}.bias"] = (bias - mean * scale).to(layer.weight.dtype)
    return folded


def _convolutions(network: nn.Module) -> Iterable[tuple[str, Convolution]]:
    return ((name, layer) for name, layer in network.named_modules() if isinstance(layer, Convolution))
