"""`inception.*`: averaged planes of the FID network, 64, 192, 768 and 2048, with the three resizes in use."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from workers.engine.features import resizing
from workers.engine.features.network import NetworkExtractor
from workers.engine.features.pictures import Picture
from workers.engine.networks.inception import InceptionToMixed6e, InceptionToPool3, expected_shapes, fold

SIDE = 299


class InceptionMixed6e(NetworkExtractor):
    """Picture -> 768 numbers, as pytorch-fid computes them with dims=768."""

    layer = "mixed6e"
    network_class: ClassVar[type[InceptionToMixed6e]] = InceptionToMixed6e

    def build(self, state: Mapping[str, Tensor]) -> nn.Module:
        with torch.device("meta"):
            network = self.network_class()
        folded = fold({key: state[key] for key in expected_shapes(network)}, network)
        network.load_state_dict(folded, assign=True)
        return network

    def prepare(self, picture: Picture) -> Tensor:
        """(h, w, 3) uint8 -> (3, 299, 299) in [-1, 1].

        Resized alone, not in the batch, so that pictures of different sizes can share one.
        """
        return resizing.half_pixel(picture, SIDE).div_(127.5).sub_(1)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.network(inputs, self.layer).mean(dim=(2, 3))


class InceptionPool1(InceptionMixed6e):
    """Picture -> 64 numbers, as pytorch-fid computes them with dims=64: after the first pooling."""

    layer = "pool1"


class InceptionPool2(InceptionMixed6e):
    """Picture -> 192 numbers, as pytorch-fid computes them with dims=192: after the second pooling."""

    layer = "pool2"


class InceptionPool3(InceptionMixed6e):
    """Picture -> 2048 numbers, as pytorch-fid computes them with dims=2048: the FID of the papers."""

    layer = "pool3"
    network_class = InceptionToPool3


class _Tf1(InceptionMixed6e):
    def prepare(self, picture: Picture) -> Tensor:
        """(h, w, 3) uint8 -> (3, 299, 299), TensorFlow 1's resize, (x - 128) / 128."""
        return (resizing.tensorflow1(picture, SIDE) - 128) / 128


class _Clean(InceptionMixed6e):
    def prepare(self, picture: Picture) -> Tensor:
        """(h, w, 3) uint8 -> (3, 299, 299), clean-fid's resize, (x - 128) / 128."""
        return (resizing.clean(picture, SIDE) - 128) / 128


class InceptionMixed6eTf1(_Tf1):
    """`inception.mixed6e` as torch-fidelity prepares pictures."""


class InceptionMixed6eClean(_Clean):
    """`inception.mixed6e` as clean-fid prepares pictures."""


class InceptionPool3Tf1(_Tf1, InceptionPool3):
    """`inception.pool3` as torch-fidelity prepares pictures."""


class InceptionPool3Clean(_Clean, InceptionPool3):
    """`inception.pool3` as clean-fid prepares pictures."""
