"""`vggface.*`: layers of VGG-Face, from the averaged pool5 to relu7."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from workers.engine.features import resizing
from workers.engine.features.network import NetworkExtractor, filled
from workers.engine.features.pictures import Picture
from workers.engine.networks.vggface import MEAN, SIDE, VggFace

_MEAN_RGB = torch.tensor([MEAN["red"], MEAN["green"], MEAN["blue"]])


class Fc6(NetworkExtractor):
    """Picture -> 4096 numbers: the first fully connected layer, before its ReLU."""

    batch_sizes = (4, 32)
    until = "fc6"

    def build(self, state: Mapping[str, Tensor]) -> nn.Module:
        with torch.device("meta"):
            network = VggFace(self.until)
        return filled(network, state)

    def prepare(self, picture: Picture) -> Tensor:
        """(h, w, 3) uint8 RGB -> (3, 224, 224): the centre square, 0 to 255, minus the mean of each colour."""
        return resizing.centre_bilinear(picture, SIDE) - _MEAN_RGB[:, None, None]


class Relu6(Fc6):
    """Picture -> 4096 numbers: fc6 after its ReLU."""

    until = "relu6"


class Fc7(Fc6):
    """Picture -> 4096 numbers: the second fully connected layer, before its ReLU."""

    until = "fc7"


class Relu7(Fc6):
    """Picture -> 4096 numbers: fc7 after its ReLU; what the authors compare persons by."""

    until = "relu7"


class Pool5(Fc6):
    """Picture -> 25,088 numbers: the planes of the last pooling, 512 x 7 x 7, flattened in this order."""

    until = "pool5"

    def forward(self, inputs: Tensor) -> Tensor:
        return self.network(inputs).flatten(1)


class Pool5Avg(Pool5):
    """Picture -> 512 numbers: the averages of the planes of the last pooling."""

    def forward(self, inputs: Tensor) -> Tensor:
        return self.network(inputs).mean(dim=(2, 3))
