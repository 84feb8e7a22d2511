"""`clip.*`: image embeddings of CLIP, scaled to length 1."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from workers.engine.features import resizing
from workers.engine.features.network import NetworkExtractor, filled
from workers.engine.features.pictures import Picture
from workers.engine.networks.clip import VIT_B32, VIT_L14_336, ClipImages, Size

# Of the pictures that CLIP was trained on, from 0 to 1, red, green, blue (Radford et al. 2021, their program).
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711])


class ClipVitB32(NetworkExtractor):
    """Picture -> 512 numbers of length 1."""

    memory_format = torch.contiguous_format
    size: ClassVar[Size] = VIT_B32

    def build(self, state: Mapping[str, Tensor]) -> nn.Module:
        with torch.device("meta"):
            network = ClipImages(self.size)
        return filled(network, state)

    def prepare(self, picture: Picture) -> Tensor:
        """(h, w, 3) uint8 -> (3, side, side), normalised as in CLIP's training."""
        planes = resizing.centre_bicubic(picture, self.size.side) / 255
        return (planes - MEAN[:, None, None]) / DEVIATION[:, None, None]


class ClipVitL14At336(ClipVitB32):
    """Picture -> 768 numbers of length 1; the network of CMMD."""

    batch_sizes = (1, 32)
    size = VIT_L14_336
