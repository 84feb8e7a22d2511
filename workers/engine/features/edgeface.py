"""`edgeface.xs512`: EdgeFace's descriptor of the largest face, aligned by five points."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from workers.engine.features.aligned_face import aligned_face
from workers.engine.features.network import NetworkExtractor, filled
from workers.engine.features.pictures import Picture
from workers.engine.features.resizing import planes_of
from workers.engine.geometry import FIVE, Template
from workers.engine.networks.edgeface import EdgeFaceXs

# Where ArcFace (Deng et al. 2019) and its successors put the five points: SphereFace's, 8 pixels further right.
ARCFACE = Template(
    "arcface",
    112,
    112,
    tuple(
        (name, x, y)
        for name, (x, y) in zip(
            FIVE,
            ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)),
            strict=True,
        )
    ),
)


class EdgeFaceXs512(NetworkExtractor):
    """Picture -> 512 numbers of its largest frontal face."""

    batch_sizes = (4, 32)  # finding the faces takes 0.1 s each; a batch is only how long a stop has to wait

    def build(self, state: Mapping[str, Tensor]) -> nn.Module:
        with torch.device("meta"):
            network = EdgeFaceXs()
        return filled(network, state)

    def prepare(self, picture: Picture) -> Tensor:
        """(h, w, 3) uint8 -> the aligned face, (3, 112, 112) in [-1, 1]. Raises NotUsable when no face is found."""
        return planes_of(aligned_face(picture, ARCFACE)) / 127.5 - 1
