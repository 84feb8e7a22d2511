"""`sphereface.fc5`: SphereFace's descriptor of the largest face, aligned by five points."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from workers.engine.features.aligned_face import aligned_face
from workers.engine.features.network import NetworkExtractor, filled
from workers.engine.features.pictures import Picture
from workers.engine.features.resizing import planes_of
from workers.engine.geometry import TEMPLATES
from workers.engine.networks.sphereface import Sphere20a


class Fc5(NetworkExtractor):
    """Picture -> 512 numbers of its largest frontal face."""

    batch_sizes = (4, 64)

    def build(self, state: Mapping[str, Tensor]) -> nn.Module:
        with torch.device("meta"):
            network = Sphere20a()
        return filled(network, state)

    def prepare(self, picture: Picture) -> Tensor:
        """(h, w, 3) uint8 RGB -> the aligned face, (3, 112, 96) BGR as (x - 127.5) / 128. NotUsable when there is no face."""
        face = planes_of(aligned_face(picture, TEMPLATES["sphereface"]))
        return (face.flip(0) - 127.5) / 128
