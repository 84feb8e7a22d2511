"""`pix2pix.en1@<checkpoint>` ... `vae.mu@<checkpoint>`: what the network of a checkpoint sees in a picture."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from workers.engine.device import full_precision
from workers.engine.errors import InputError
from workers.engine.families import canvas
from workers.engine.families.use import open_checkpoint, to_tensor
from workers.engine.features.extractors import Features, NotUsable
from workers.engine.features.pictures import Picture
from workers.engine.networks.pix2pix import UNet
from workers.engine.networks.vae import Vae
from workers.engine.weights import ExtractorWeights

FLATTENED_SIDE = (
    2  # planes up to this side are flattened, so that en7 at 256 pixels gives 512 x 2 x 2; larger are averaged
)


class CheckpointFeatures:
    """Picture -> the numbers of one layer of a trained generator."""

    def __init__(self, weights: ExtractorWeights, device: str = "auto", *, layer: str) -> None:
        """`layer`: en1 ... en8, or mu."""
        self.layer = layer
        self.generator = open_checkpoint(weights.files[0].path.parent, device)
        self.size, self.device = self.generator.size, self.generator.device

    @property
    def batch_size(self) -> int:
        return 64 if self.device.type == "cuda" else 8

    def prepare(self, picture: Picture) -> Picture:
        """(h, w, 3) uint8 -> (size, size, 3) uint8, padded as in training. Raises NotUsable for a tiny picture."""
        try:
            return canvas.square(picture, self.size)[0]
        except InputError as error:
            raise NotUsable(str(error).rstrip(".")) from error

    def features(self, batch: Sequence[Picture]) -> Features:
        """n squares -> (n, d) float32."""
        with torch.inference_mode(), full_precision():
            numbers = self._numbers(to_tensor(batch, self.device))
        if not torch.isfinite(numbers).all():
            raise InputError("The network gives no numbers (NaN): its weights are broken. Use an earlier checkpoint.")
        return np.asarray(numbers.float().cpu().numpy())

    def _numbers(self, inputs: Tensor) -> Tensor:
        network = self.generator.network
        if isinstance(network, Vae):
            return network.encode(inputs)[0]
        assert isinstance(network, UNet)  # checkpoint_weights lets no other pass
        planes = network.encode(inputs)[self.layer]
        return planes.flatten(1) if planes.shape[-1] <= FLATTENED_SIDE else planes.mean(dim=(2, 3))
