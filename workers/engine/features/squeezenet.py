"""`squeezenet.fire12`: the average of SqueezeNet's last fire module."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from workers.engine.features import resizing
from workers.engine.features.network import NetworkExtractor, filled
from workers.engine.features.pictures import Picture
from workers.engine.networks.squeezenet import SqueezeNet

SIDE = 224


class SqueezeNetFire12(NetworkExtractor):
    """Picture -> 512 numbers."""

    def build(self, state: Mapping[str, Tensor]) -> nn.Module:
        with torch.device("meta"):
            network = SqueezeNet()
        return filled(network, state)

    def prepare(self, picture: Picture) -> Tensor:
        """(h, w, 3) uint8 -> (3, 224, 224), normalised as ImageNet."""
        return resizing.as_imagenet(resizing.centre_bilinear(picture, SIDE))

    def forward(self, inputs: Tensor) -> Tensor:
        return self.network(inputs).mean(dim=(2, 3))
