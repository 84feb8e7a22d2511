"""`dinov2.vits14`: the picture's vector of DINOv2."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from workers.engine.features import resizing
from workers.engine.features.network import NetworkExtractor, filled
from workers.engine.features.pictures import Picture
from workers.engine.networks.dinov2 import DinoV2

SIDE = 224


class DinoV2Small14(NetworkExtractor):
    """Picture -> 384 numbers."""

    memory_format = torch.contiguous_format

    def build(self, state: Mapping[str, Tensor]) -> nn.Module:
        with torch.device("meta"):
            network = DinoV2()
        return filled(network, state)

    def prepare(self, picture: Picture) -> Tensor:
        """(h, w, 3) uint8 -> (3, 224, 224), normalised as ImageNet."""
        return resizing.as_imagenet(resizing.centre_bicubic(picture, SIDE))
