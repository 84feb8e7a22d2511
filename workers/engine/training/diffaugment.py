"""Changes of what the discriminator sees, so that few pictures last longer.

Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training" (https://arxiv.org/abs/2006.10738):
colour, translation by up to 1/8, a cut-out of 1/2. Source and picture of a pair are changed together, and real and drawn
pairs of a step in the same way, so that a pair still fits and only the drawing can give itself away.
"""

import torch
import torch.nn.functional as functional
from torch import Tensor

TRANSLATION, CUTOUT = 1 / 8, 1 / 2


class DiffAugment:
    """One draw of changes for a batch like `pictures` (n, c, h, w); with `active` False it changes nothing.

    Chance comes from torch's generator of the pictures' device. Gradients pass through.
    """

    def __init__(self, pictures: Tensor, active: bool = True):
        self.active = active
        if not active:
            return
        n, _, height, width = pictures.shape
        numbers = torch.rand(7, n, 1, 1, 1, device=pictures.device)
        self.brightness = numbers[0] - 0.5
        self.saturation = numbers[1] * 2
        self.contrast = numbers[2] + 0.5
        self.shift_down = _whole(numbers[3] * 2 - 1, TRANSLATION * height).flatten()
        self.shift_right = _whole(numbers[4] * 2 - 1, TRANSLATION * width).flatten()
        rows = torch.arange(height, device=pictures.device).view(1, 1, height, 1)
        columns = torch.arange(width, device=pictures.device).view(1, 1, 1, width)
        top = (numbers[5] * (height + 1)).floor() - CUTOUT * height / 2
        left = (numbers[6] * (width + 1)).floor() - CUTOUT * width / 2
        inside = (rows >= top) & (rows < top + CUTOUT * height) & (columns >= left) & (columns < left + CUTOUT * width)
        self.kept = (~inside).to(pictures.dtype)

    def __call__(self, pairs: Tensor) -> Tensor:
        """Pairs (n, 6, h, w) in about [-1, 1] -> the same shape, changed; what is cut or shifted out is 0."""
        if not self.active:
            return pairs
        coloured = torch.cat([self._colours(picture) for picture in pairs.split(3, dim=1)], dim=1)
        return self._shifted(coloured) * self.kept

    def _colours(self, pictures: Tensor) -> Tensor:
        pictures = pictures + self.brightness
        grey = pictures.mean(dim=1, keepdim=True)
        pictures = (pictures - grey) * self.saturation + grey
        middle = pictures.mean(dim=(1, 2, 3), keepdim=True)
        return (pictures - middle) * self.contrast + middle

    def _shifted(self, pictures: Tensor) -> Tensor:
        height, width = pictures.shape[-2:]
        down, right = round(TRANSLATION * height), round(TRANSLATION * width)
        padded = functional.pad(pictures, (right, right, down, down))
        cut = [
            padded[i : i + 1, :, down - y : down - y + height, right - x : right - x + width]
            for i, (y, x) in enumerate(zip(self.shift_down.tolist(), self.shift_right.tolist(), strict=True))
        ]
        return torch.cat(cut)


def _whole(share: Tensor, largest: float) -> Tensor:
    return (share * largest).round().long()
