"""How a picture of any size comes into a network's square and back: padded, never stretched.

A picture stands in the middle of a canvas, its own borders continued outwards; 200x250 lies in rows 3 to 252 and columns
28 to 227 of 256x256. A larger picture is first made smaller, as a whole, until it fits. A network that works at half of
the canvas (128) gets the canvas halved with antialiasing, and what it draws is enlarged again.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from workers.engine.errors import InputError

Picture = npt.NDArray[np.uint8]  # (h, w, 3)

CANVAS = 256  # the canvas of the networks that work at 128 or 256
CROP_MARGIN = 286 / 256  # in training the canvas is larger by this, and cut back at a random place
SMALLEST = 8


@dataclass(frozen=True)
class Placement:
    """Where a picture went. Sizes are (h, w); `top` and `left` its corner on the canvas of `side` pixels."""

    original: tuple[int, int]
    fitted: tuple[int, int]
    side: int
    top: int
    left: int

    @property
    def shrunk(self) -> bool:
        """Whether the picture was too large for the canvas."""
        return self.original != self.fitted


def canvas_of(size: int) -> int:
    """Side of the canvas for a network of this size."""
    return CANVAS if size in (CANVAS, CANVAS // 2) else size


def geometry(size: int) -> dict[str, Any]:
    """What happens to a picture, in words, for checkpoint.json."""
    canvas = canvas_of(size)
    return {
        "canvas": canvas,
        "size": size,
        "pad": "edge",
        "place": "centre",
        "larger": "bicubic with antialiasing down to the canvas and back",
        "resize": "none" if size == canvas else f"bicubic with antialiasing {canvas} to {size} and back",
    }


def on_canvas(picture: Picture, canvas: int, side: int | None = None) -> tuple[Picture, Placement]:
    """The picture in the middle of a square of `side` pixels (default: `canvas`), shrunk to fit `canvas` if larger.

    More channels than three are taken along. InputError when the picture is too small to be drawn.
    """
    side = side or canvas
    height, width = picture.shape[:2]
    if min(height, width) < SMALLEST:
        raise InputError(f"The picture has {width}x{height} pixels; at least {SMALLEST} on each side are needed.")
    fitted = picture
    if max(height, width) > canvas:
        scale = canvas / max(height, width)
        fitted = resized(picture, (max(1, round(height * scale)), max(1, round(width * scale))))
    rows, columns = fitted.shape[:2]
    top, left = (side - rows) // 2, (side - columns) // 2
    margins = ((top, side - rows - top), (left, side - columns - left), (0, 0))
    return np.pad(fitted, margins, mode="edge"), Placement((height, width), (rows, columns), side, top, left)


def square(picture: Picture, size: int) -> tuple[Picture, Placement]:
    """The picture as a network of this size takes it, (size, size, 3), and how to come back."""
    placed, placement = on_canvas(picture, canvas_of(size))
    return resized(placed, (size, size)), placement


def back(drawn: Picture, placement: Placement) -> Picture:
    """What a network drew, cut and resized to the size of the picture it was given."""
    drawn = resized(drawn, (placement.side, placement.side))
    rows, columns = placement.fitted
    cut = drawn[placement.top : placement.top + rows, placement.left : placement.left + columns]
    return resized(cut, placement.original)


def resized(picture: Picture, size: tuple[int, int]) -> Picture:
    """Bicubic with antialiasing to (h, w); the picture itself when it has that size."""
    if picture.shape[:2] == tuple(size):
        return picture
    height, width = size
    if picture.shape[2] == 3:
        return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))
    channels = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(picture[..., c])).resize((width, height), Image.Resampling.BICUBIC)
        )
        for c in range(picture.shape[2])
    ]
    return np.stack(channels, axis=-1)
