"""How the same few pairs look different every time: cut, mirrored, turned, bent; photos also in other colours.

Chance is drawn for each picture from (seed, step, place in the batch) alone. So the same step shows the same pictures in
a training that was interrupted, and however many processes share the batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from torch import Tensor
from torchvision.transforms.v2 import functional as colours

from workers.engine.training.pairs import PairPictures, PairStore, Stack
from workers.engine.training.wild import wild

ANGLE, SCALE = np.deg2rad(6.0), 0.06  # largest turn and largest change of size
BEND, BEND_GRID = 3 / 256, 5  # pixels moved as a share of the side, at the knots of a coarse grid
WARPED = 0.5  # share of the pairs that are warped: resampling softens the strokes a little
BRIGHTNESS, CONTRAST, SATURATION, HUE = 0.5, 0.5, 0.5, 0.3  # at a full colour jitter, as Chen et al. 2020 use it


@dataclass(frozen=True)
class Change:
    """What chance decided for one pair. Factors of 1 and shifts of 0 change nothing."""

    top: int
    left: int
    flip: bool
    warp: bool = False
    angle: float = 0.0
    scale: float = 1.0
    bend: npt.NDArray[np.float32] | None = None  # (2, k, k), in shares of the side
    brightness: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0
    hue: float = 0.0
    grey: bool = False
    ground: npt.NDArray[np.float32] | None = None  # (2, 3): colours of the new background above and below, 0-255
    wild: int | None = None  # seed of what makes a studio photo one from anywhere
    other: float = 0.0  # which other pair's photo lends its pieces, as a share of the store


def draw_change(options: Mapping[str, Any], margin: int, photo: bool, seed: Sequence[int]) -> Change:
    """Chance for one pair; `margin` is how much larger than the network its square is, `photo` whether the source is one."""
    rng = np.random.default_rng(list(seed))
    # All numbers are drawn whatever the options are, so that an option changes only what it names.
    top, left = rng.integers(0, margin + 1, 2).tolist() if margin else (0, 0)
    flip, warp, grey, ground = (rng.random(4) < (0.5, WARPED, options["grey"], options["background"])).tolist()
    angle, scale = rng.uniform(-1, 1, 2)
    bend = rng.uniform(-BEND, BEND, (2, BEND_GRID, BEND_GRID)).astype(np.float32)
    jitter = rng.uniform(-1, 1, 4) * options["colour"] * (BRIGHTNESS, CONTRAST, SATURATION, HUE) * photo
    tones = rng.uniform(0, 255, (2, 3)).astype(np.float32)
    tones[1] = tones[0] + 0.3 * (tones[1] - tones[0])
    # A run that began before the option existed goes on without it.
    made_wild, other, wild_seed = rng.random() < options.get("wild", 0.0), rng.random(), int(rng.integers(2**31))
    if not options["crop"]:
        top = left = margin // 2
    warp = warp and options["warp"]
    return Change(
        top=top,
        left=left,
        flip=flip and options["flip"],
        warp=warp,
        angle=ANGLE * angle if warp else 0.0,
        scale=1 + SCALE * scale if warp else 1.0,
        bend=bend if warp else None,
        brightness=1 + jitter[0],
        contrast=1 + jitter[1],
        saturation=1 + jitter[2],
        hue=jitter[3],
        grey=grey and photo,
        ground=tones if ground and photo else None,
        wild=wild_seed if made_wild and photo else None,
        other=other,
    )


class Augmenter:
    """Cuts batches from a store. `photo` says that the sources are photos, which alone are recoloured."""

    def __init__(self, store: PairStore, options: Mapping[str, Any], seed: int, *, photo: bool):
        self.store, self.options, self.seed, self.photo = store, options, seed, photo

    def batch(self, indices: Sequence[int], step: int, places: Sequence[int] | None = None) -> tuple[Tensor, Tensor]:
        """Sources and targets (n, 3, size, size) float32 in [-1, 1] for the pairs at `indices`, shown in step `step`.

        `places` are the pairs' places in the whole step's batch, when this is a part of it.
        """
        margin = self.store.side - self.store.size
        sources, targets = [], []
        for place, index in zip(places or range(len(indices)), indices, strict=True):
            change = draw_change(self.options, margin, self.photo, (self.seed, step, place))
            other = None if change.wild is None else self.store[int(change.other * len(self.store))].source
            source, target = changed(self.store[index], change, self.store.size, other)
            sources.append(source)
            targets.append(target)
        return torch.stack(sources), torch.stack(targets)


def changed(pair: PairPictures, change: Change, size: int, other: Stack | None = None) -> tuple[Tensor, Tensor]:
    """Source and target (3, size, size) float32 in [-1, 1] after one change; both always cut and bent alike.

    `other` is another pair's source, for a photo that is made wild.
    """
    if change.warp:
        both = np.concatenate([pair.source, pair.target], axis=2)
        planes = _warped(torch.from_numpy(both).permute(2, 0, 1).float(), change, size)
    else:
        rows, columns = slice(change.top, change.top + size), slice(change.left, change.left + size)
        both = np.concatenate([pair.source[rows, columns], pair.target[rows, columns]], axis=2)
        planes = torch.from_numpy(both).permute(2, 0, 1).float()
        if change.flip:
            planes = planes.flip(2)
    source, target = planes[:-3], planes[-3:]
    if change.wild is not None:
        source = wild(source, pair.source[..., :3] if other is None else other[..., :3], change.wild)
    return _recoloured(source, change) * (2 / 255) - 1, target * (2 / 255) - 1


def _warped(planes: Tensor, change: Change, size: int) -> Tensor:
    """One resampling for crop, mirror, turn, scale and bend: (c, side, side) in 0-255 -> (c, size, size)."""
    side = planes.shape[-1]
    axis = torch.arange(size, dtype=torch.float32) + 0.5 - size / 2
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    if change.flip:
        x = -x
    cosine, sine = float(np.cos(change.angle)) * change.scale, float(np.sin(change.angle)) * change.scale
    across = cosine * x - sine * y + change.left + size / 2
    down = sine * x + cosine * y + change.top + size / 2
    grid = torch.stack([across, down]) * (2 / side) - 1
    if change.bend is not None:
        knots = torch.from_numpy(change.bend)[None]
        grid = grid + 2 * functional.interpolate(knots, (size, size), mode="bicubic", align_corners=True)[0]
    warped = functional.grid_sample(
        planes[None], grid.permute(1, 2, 0)[None], mode="bicubic", padding_mode="border", align_corners=False
    )
    return warped[0].clamp(0, 255)


def _recoloured(source: Tensor, change: Change) -> Tensor:
    """(3 or 4, h, w) in 0-255 -> (3, h, w); the fourth plane is the background's."""
    picture = source[:3]
    if change.ground is not None and len(source) == 4:
        share = source[3:] / 255
        fall = torch.linspace(0, 1, picture.shape[1])[None, :, None]
        above, below = (torch.from_numpy(tone)[:, None, None] for tone in change.ground)
        picture = picture * (1 - share) + (above * (1 - fall) + below * fall) * share
    jitter = (change.brightness, change.contrast, change.saturation, change.hue)
    if jitter == (1.0, 1.0, 1.0, 0.0) and not change.grey:
        return picture
    picture = picture / 255
    picture = colours.adjust_brightness(picture, change.brightness)
    picture = colours.adjust_contrast(picture, change.contrast)
    picture = colours.adjust_saturation(picture, change.saturation)
    picture = colours.adjust_hue(picture, change.hue)
    if change.grey:
        picture = colours.rgb_to_grayscale(picture, num_output_channels=3)
    return picture * 255
