"""`inception.pool1`, `inception.pool2`, `inception.mixed6e`: averaged planes of the FID network, 64, 192 and 768."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from workers.engine.device import choose_device, full_precision
from workers.engine.features.extractors import Features
from workers.engine.features.pictures import Picture
from workers.engine.networks.inception import InceptionToMixed6e, expected_shapes, fold
from workers.engine.weights import ExtractorWeights

SIDE = 299


class InceptionMixed6e:
    """Picture -> 768 numbers, as pytorch-fid computes them with dims=768."""

    layer = "mixed6e"

    def __init__(self, weights: ExtractorWeights, device: str = "auto") -> None:
        self.device = choose_device(device)
        with torch.device("meta"):
            network = InceptionToMixed6e()
        state = torch.load(weights.files[0].path, weights_only=True, map_location="cpu")
        folded = fold({key: state[key] for key in expected_shapes(network)}, network)
        network.load_state_dict(folded, assign=True)
        # channels_last is the memory order that the convolutions are quickest in; values agree to rounding.
        self.network = network.eval().to(self.device).to(memory_format=torch.channels_last)

    @property
    def batch_size(self) -> int:
        return 64 if self.device.type == "cuda" else 8

    def prepare(self, picture: Picture) -> Tensor:
        """(h, w, 3) uint8 -> (3, 299, 299) in [-1, 1].

        Resized alone, not in the batch, so that pictures of different sizes can share one.
        """
        planes = torch.from_numpy(picture).permute(2, 0, 1).float().div(255)  # (3, h, w)
        resized = functional.interpolate(planes[None], size=(SIDE, SIDE), mode="bilinear", align_corners=False)
        return resized[0] * 2 - 1

    def features(self, batch: Sequence[Tensor]) -> Features:
        """n prepared pictures -> (n, d) float32."""
        inputs = torch.stack(list(batch)).to(self.device, memory_format=torch.channels_last)
        with torch.inference_mode(), full_precision():
            planes = self.network(inputs, self.layer)  # (n, d, h, w)
            return planes.mean(dim=(2, 3)).cpu().numpy()


class InceptionPool1(InceptionMixed6e):
    """Picture -> 64 numbers, as pytorch-fid computes them with dims=64: after the first pooling."""

    layer = "pool1"


class InceptionPool2(InceptionMixed6e):
    """Picture -> 192 numbers, as pytorch-fid computes them with dims=192: after the second pooling."""

    layer = "pool2"
