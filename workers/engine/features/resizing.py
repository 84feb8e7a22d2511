"""The ways of bringing a picture to a network's size. Which one is part of the protocol: the same pictures and weights give
FIDs some 10 % apart (see benchmarks/parity.py).

All take (h, w, 3) uint8 and give (3, side, side) float32 from 0 to 255.
"""

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from workers.engine.features.pictures import Picture

_IMAGENET_MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]  # red, green, blue
_IMAGENET_DEVIATION = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


def planes_of(picture: Picture) -> Tensor:
    """(h, w, 3) uint8 -> (3, h, w) float32 from 0 to 255, plane after plane: torch resizes that twice as fast."""
    return torch.from_numpy(picture).permute(2, 0, 1).float().contiguous()


def half_pixel(picture: Picture, side: int) -> Tensor:
    """Bilinear with half-pixel centres and without antialiasing, as torch and pytorch-fid do."""
    planes = planes_of(picture)[None]
    return functional.interpolate(planes, size=(side, side), mode="bilinear", align_corners=False)[0]


def tensorflow1(picture: Picture, side: int) -> Tensor:
    """Bilinear as TensorFlow 1's ResizeBilinear without align_corners: output i lies at i * in / out, both counted from the
    corner, not from the middle of the pixel; nothing is antialiased. The original FID program and torch-fidelity do this.
    """
    planes = planes_of(picture)
    low, high, share = _grid(planes.shape[2], side)
    planes = planes[:, :, low] + (planes[:, :, high] - planes[:, :, low]) * share
    low, high, share = _grid(planes.shape[1], side)
    return planes[:, low] + (planes[:, high] - planes[:, low]) * share[:, None]


def _grid(inputs: int, outputs: int) -> tuple[Tensor, Tensor, Tensor]:
    """For each output: the two inputs that it lies between, and how far it is on the way. In float32, as the kernel does."""
    where = torch.arange(outputs, dtype=torch.float32) * torch.tensor(inputs / outputs, dtype=torch.float32)
    low = where.floor()
    return low.long(), (low.long() + 1).clamp(max=inputs - 1), where - low


def clean(picture: Picture, side: int) -> Tensor:
    """Pillow's antialiased bicubic on each channel as float32, clipped, not rounded, as clean-fid does (Parmar et al. 2022,
    https://arxiv.org/abs/2104.11222)."""
    channels = [Image.fromarray(picture[:, :, channel].astype(np.float32)) for channel in range(3)]
    resized = [np.asarray(channel.resize((side, side), Image.Resampling.BICUBIC)) for channel in channels]
    return torch.from_numpy(np.stack(resized)).clamp(0, 255)


def centre_square(picture: Picture) -> Picture:
    """The middle of the picture, as wide as high; nothing is squashed."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return picture[top : top + side, left : left + side]


def centre_bilinear(picture: Picture, side: int) -> Tensor:
    """The centre square, bilinear with antialiasing."""
    planes = planes_of(centre_square(picture))[None]
    return functional.interpolate(planes, size=(side, side), mode="bilinear", align_corners=False, antialias=True)[0]


def centre_bicubic(picture: Picture, side: int) -> Tensor:
    """The centre square, Pillow's antialiased bicubic in 8 bit, as the programs around CLIP and DINOv2 do."""
    image = Image.fromarray(np.ascontiguousarray(centre_square(picture)))
    return planes_of(np.array(image.resize((side, side), Image.Resampling.BICUBIC)))


def as_imagenet(planes: Tensor) -> Tensor:
    """0 to 255 -> mean 0 and deviation 1 for each colour over ImageNet, as torchvision and DINOv2 feed their networks."""
    return (planes / 255 - _IMAGENET_MEAN) / _IMAGENET_DEVIATION
