"""SphereFace's network of 20 layers: Liu et al. 2017, "SphereFace: Deep Hypersphere Embedding for Face Recognition"
(https://arxiv.org/abs/1704.08063), table 2.

Four stages, each a 3x3 convolution that halves the size and residual pairs of 3x3 convolutions; a PReLU with a slope a channel
behind every convolution, no normalisation; then one fully connected layer. Keys are those of the `sphere20a` file that
github.com/clcarwin/sphereface_pytorch publishes (its own classifier fc6 is not part of it). 22,670,656 parameters.
"""

import torch
from torch import Tensor, nn

WIDTHS = (64, 128, 256, 512)
PAIRS = (1, 2, 4, 1)  # residual pairs of each stage
NUMBERS = 512
SIZE = (96, 112)  # width, height


class Sphere20a(nn.Module):
    """BGR as (x - 127.5) / 128, (n, 3, 112, 96) -> (n, 512). Persons are compared by the cosine of these.

    Smaller `widths` and `numbers` are for tests.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS, numbers: int = NUMBERS) -> None:
        super().__init__()
        inputs = 3
        for stage, (width, pairs) in enumerate(zip(widths, PAIRS, strict=True), start=1):
            for layer in range(1, 2 * pairs + 2):
                stride = 2 if layer == 1 else 1
                self.add_module(f"conv{stage}_{layer}", nn.Conv2d(inputs, width, 3, stride=stride, padding=1))
                self.add_module(f"relu{stage}_{layer}", nn.PReLU(width))
                inputs = width
        self.fc5 = nn.Linear(inputs * 7 * 6, numbers)

    def forward(self, face: Tensor) -> Tensor:
        planes = face
        for stage, pairs in enumerate(PAIRS, start=1):
            planes = self._layer(planes, stage, 1)
            for pair in range(pairs):
                planes = planes + self._layer(self._layer(planes, stage, 2 * pair + 2), stage, 2 * pair + 3)
        numbers: Tensor = self.fc5(planes.flatten(1))  # (c, h, w) in this order, also where memory is channels_last
        return numbers

    def _layer(self, planes: Tensor, stage: int, layer: int) -> Tensor:
        convolved = self.get_submodule(f"conv{stage}_{layer}")(planes)
        activated: Tensor = self.get_submodule(f"relu{stage}_{layer}")(convolved)
        return activated


def shapes() -> dict[str, tuple[int, ...]]:
    """Key -> shape of what a file of this network must hold."""
    with torch.device("meta"):
        return {key: tuple(value.shape) for key, value in Sphere20a().state_dict().items()}
