"""Studio portraits made to look as if anybody had taken them anywhere.

Sets of pairs are made in studios: even light, one camera, an empty background. A network that has seen nothing else
draws the shelves behind a head as hair and the shadow of a lamp as a beard. So a photo gets another background (clouds
of colour, shapes, a piece of another photo), light that falls from one side, a colour cast, and the faults of phones:
blur, noise, compression. The sketch stays as it is, on its clean paper, so that the network learns to leave all of this
out. The idea of randomising what must not matter is Tobin et al. 2017 (https://arxiv.org/abs/1703.06907).
"""

from io import BytesIO

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as pictures

LIGHT = 0.55  # largest change of the light to either side, as a power of e
GAMMA = 0.45  # likewise of the gamma
CAST = 0.18  # likewise of each colour's gain
SMALLEST = 0.35  # share of the sides to which a photo is made small and large again
NOISE = 14.0  # largest standard deviation, of 0-255
QUALITY = (25, 90)  # of the JPEG
SHAPES = (2, 9)
RIM = 6  # most pixels by which the background grows into the head


def wild(source: Tensor, other: npt.NDArray[np.uint8], seed: int) -> Tensor:
    """(3 or 4, h, w) in 0-255 -> (3, h, w) in 0-255; the fourth plane says where the background is.

    `other` is another photo, (side, side, 3), of which a piece may become the background; all chance comes from `seed`.
    """
    rng = np.random.default_rng(seed)
    picture = source[:3]
    if len(source) == 4:
        share = _widened(source[3:] / 255, int(rng.integers(1, RIM + 1)))
        picture = picture * (1 - share) + scenery(picture.shape[-1], other, rng) * share
    if rng.random() < 0.8:
        picture = lit(picture, rng)
    return degraded(picture, rng)


def scenery(size: int, other: npt.NDArray[np.uint8], rng: np.random.Generator) -> Tensor:
    """What stands behind the head: (3, size, size) in 0-255."""
    kind = rng.choice(["plain", "clouds", "shapes", "piece"], p=[0.15, 0.25, 0.25, 0.35])
    if kind == "piece":
        return _piece(size, other, rng)
    ground = torch.from_numpy(rng.uniform(0, 255, (3, 1, 1)).astype(np.float32)).expand(3, size, size)
    if kind == "plain":
        return ground + 25 * _smooth(rng, 1, 2, size)
    if kind == "clouds":
        weights = rng.uniform(0, 1, 4)
        clouds = sum(float(w) * _smooth(rng, 3, 2 ** (k + 1), size) for k, w in enumerate(weights, 1))
        return (ground + 60 * clouds).clamp(0, 255)
    return _shapes(ground, size, rng)


def lit(picture: Tensor, rng: np.random.Generator) -> Tensor:
    """Light that falls unevenly, another exposure and a colour cast."""
    size = picture.shape[-1]
    angle = rng.uniform(0, 2 * np.pi)
    axis = torch.linspace(-1, 1, size)
    slope = float(np.cos(angle)) * axis[None, :] + float(np.sin(angle)) * axis[:, None]
    field = rng.uniform(0, LIGHT) * slope[None] + rng.uniform(0, LIGHT / 3) * _smooth(rng, 1, 4, size)
    cast = torch.from_numpy(rng.uniform(-CAST, CAST, (3, 1, 1)).astype(np.float32))
    gamma = float(np.exp(rng.uniform(-GAMMA, GAMMA)))
    return 255 * ((picture.clamp(0, 255) / 255) ** gamma * torch.exp(field + cast)).clamp(0, 1)


def degraded(picture: Tensor, rng: np.random.Generator) -> Tensor:
    """Made small and large again, noisy, and compressed; each by chance."""
    size = picture.shape[-1]
    if rng.random() < 0.4:
        small = max(16, round(size * rng.uniform(SMALLEST, 1.0)))
        picture = _resized(_resized(picture, small), size)
    if rng.random() < 0.3:
        noise = rng.standard_normal((3 if rng.random() < 0.5 else 1, size, size), dtype=np.float32)
        picture = picture + rng.uniform(0, NOISE) * torch.from_numpy(noise)
    picture = picture.clamp(0, 255)
    if rng.random() < 0.4:
        encoded = BytesIO()
        pixels = picture.round().to(torch.uint8).permute(1, 2, 0).numpy()
        Image.fromarray(pixels).save(encoded, "JPEG", quality=int(rng.integers(*QUALITY)))
        decoded = np.array(Image.open(encoded).convert("RGB"))
        picture = torch.from_numpy(decoded).permute(2, 0, 1).float()
    return picture


def _widened(share: Tensor, pixels: int) -> Tensor:
    """The background a few pixels larger: a rim of the studio's own around every head would tell where the head ends."""
    return _blurred(functional.max_pool2d(share[None], 2 * pixels + 1, 1, pixels)[0], 1.0)


def _piece(size: int, other: npt.NDArray[np.uint8], rng: np.random.Generator) -> Tensor:
    """A part of another photo, enlarged, mirrored or upside down, often out of focus."""
    side = other.shape[0]
    part = int(side * rng.uniform(0.25, 0.9))
    top, left = rng.integers(0, side - part + 1, 2)
    cut = torch.from_numpy(np.ascontiguousarray(other[top : top + part, left : left + part])).permute(2, 0, 1).float()
    flips = [axis for axis, drawn in ((1, rng.random() < 0.5), (2, rng.random() < 0.5)) if drawn]
    piece = _resized(cut.flip(flips) if flips else cut, size)
    if rng.random() < 0.6:
        piece = _blurred(piece, rng.uniform(0.5, 5.0))
    gains = torch.from_numpy(rng.uniform(0.4, 1.4, (3, 1, 1)).astype(np.float32))
    return (piece * gains).clamp(0, 255)


def _shapes(ground: Tensor, size: int, rng: np.random.Generator) -> Tensor:
    """Stripes, boxes and discs in a few colours: frames, shelves, windows, leaves."""
    scene = ground.clone()
    axis = torch.arange(size, dtype=torch.float32)
    for _ in range(int(rng.integers(*SHAPES))):
        colour = torch.from_numpy(rng.uniform(0, 255, (3, 1)).astype(np.float32))
        x, y = rng.uniform(0, size, 2)
        width, height = rng.uniform(size / 20, size / 2, 2)
        across, down = (axis[None, :] - x).abs() / width, (axis[:, None] - y).abs() / height
        kind = rng.integers(3)
        if kind == 0:
            inside = (across < 1) & (down < 1)
        elif kind == 1:
            inside = across**2 + down**2 < 1
        else:
            period = rng.uniform(size / 30, size / 4)
            angle = rng.uniform(0, np.pi)
            along = float(np.cos(angle)) * axis[None, :] + float(np.sin(angle)) * axis[:, None]
            inside = (along / period) % 1 < 0.4
        scene[:, inside] = colour.expand(3, int(inside.sum()))
    return _blurred(scene, rng.uniform(0.3, 4.0)) if rng.random() < 0.7 else scene


def _smooth(rng: np.random.Generator, channels: int, knots: int, size: int) -> Tensor:
    """(channels, size, size): normal values at `knots` x `knots` places, smooth between them."""
    coarse = torch.from_numpy(rng.standard_normal((1, channels, knots, knots), dtype=np.float32))
    return functional.interpolate(coarse, (size, size), mode="bicubic", align_corners=True)[0]


def _resized(picture: Tensor, size: int) -> Tensor:
    return functional.interpolate(picture[None], (size, size), mode="bilinear", antialias=True)[0]


def _blurred(picture: Tensor, sigma: float) -> Tensor:
    return pictures.gaussian_blur(picture, [2 * round(2 * sigma) + 1] * 2, [float(sigma)] * 2)
