"""SqueezeNet 1.1 without its classifier (Iandola et al. 2016, https://arxiv.org/abs/1602.07360; 1.1 is the authors' later,
quicker form). Keys are torchvision's, so that its file and the excerpt of it fit.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

# Number in torchvision's list of layers -> (inputs, squeezed, expanded); 2, 5 and 8 are the poolings between them.
_FIRES = {
    3: (64, 16, 64), 4: (128, 16, 64),
    6: (128, 32, 128), 7: (256, 32, 128),
    9: (256, 48, 192), 10: (384, 48, 192), 11: (384, 64, 256), 12: (512, 64, 256),
}  # fmt: skip
_POOLED_BEFORE = (3, 6, 9)
TAPS = (4, 7, 9, 10, 11, 12)  # the fire modules that LPIPS listens to, besides the first ReLU


class Fire(nn.Module):
    """1x1 to few channels, then 1x1 and 3x3 side by side: (n, inputs, h, w) -> (n, 2 * expanded, h, w)."""

    def __init__(self, inputs: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, planes: Tensor) -> Tensor:
        few = functional.relu(self.squeeze(planes))
        return functional.relu(torch.cat([self.expand1x1(few), self.expand3x3(few)], dim=1))


class SqueezeNet(nn.Module):
    """Normalised RGB, (n, 3, h, w), h and w at least 17 -> the last fire module, (n, 512, h', w')."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.ModuleDict(
            {"0": nn.Conv2d(3, 64, 3, stride=2), **{str(number): Fire(*sizes) for number, sizes in _FIRES.items()}}
        )

    def forward(self, picture: Tensor) -> Tensor:
        return self.taps(picture)[-1]

    def taps(self, picture: Tensor) -> list[Tensor]:
        """The seven outputs of LPIPS: the first ReLU (64), fire 4 (128), 7 (256), 9 (384), 10 (384), 11 (512), 12 (512)."""
        planes = functional.relu(self.features["0"](picture))
        found = [planes]
        for number in _FIRES:
            if number in _POOLED_BEFORE:
                planes = functional.max_pool2d(planes, 3, stride=2, ceil_mode=True)
            planes = self.features[str(number)](planes)
            if number in TAPS:
                found.append(planes)
        return found


def shapes() -> dict[str, tuple[int, ...]]:
    """What a file of weights must hold."""
    with torch.device("meta"):
        return {key: tuple(value.shape) for key, value in SqueezeNet().state_dict().items()}
