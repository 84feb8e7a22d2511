"""The training pairs in memory, decoded once, and the order in which they are shown."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError
from workers.engine.families import canvas
from workers.engine.features.pictures import read_picture
from workers.engine.training.backgrounds import background
from workers.engine.training.plan import PairFile

Stack = npt.NDArray[np.uint8]
MEMORY = 4 * 2**30  # bytes of decoded pictures that are kept; beyond it pictures are decoded whenever they are shown

ROUNDING = 0.01  # two pictures of a pair may differ by this in their ratio of sides, as resized ones do


@dataclass(frozen=True)
class PairPictures:
    """One pair ready to be cut: source (side, side, 3 or 4; the fourth is the background) and target (side, side, 3)."""

    source: Stack
    target: Stack


class PairStore:
    """Pairs as squares of `side` pixels, somewhat larger than the network's `size`, so that a crop can be cut."""

    def __init__(
        self,
        pairs: Sequence[PairFile],
        size: int,
        *,
        with_background: bool = False,
        tick: Callable[[], None] = lambda: None,
    ):
        if not pairs:
            raise InputError("There are no pairs to train on.")
        self.pairs, self.size = tuple(pairs), size
        canvas_side = canvas.canvas_of(size)
        self.padded = math.ceil(canvas_side * canvas.CROP_MARGIN)
        self.side = round(self.padded * size / canvas_side)
        self.with_background = with_background
        bytes_needed = len(pairs) * self.side**2 * (7 if with_background else 6)
        self._kept: list[PairPictures] | None = None
        if bytes_needed <= MEMORY:
            self._kept = []
            for pair in self.pairs:
                tick()
                self._kept.append(self._read(pair))

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> PairPictures:
        return self._kept[index] if self._kept is not None else self._read(self.pairs[index])

    def _read(self, pair: PairFile) -> PairPictures:
        source = read_picture(pair.source, f"The source of pair {pair.key}")
        target = read_picture(pair.target, f"The target of pair {pair.key}")
        ratio = source.shape[0] * target.shape[1] / (source.shape[1] * target.shape[0])
        if abs(ratio - 1) > ROUNDING:
            raise InputError(
                f"The pictures of pair {pair.key} have different shapes, {source.shape[1]}x{source.shape[0]} and "
                f"{target.shape[1]}x{target.shape[0]}; align the data set first."
            )
        target = canvas.resized(target, (source.shape[0], source.shape[1]))
        if self.with_background:
            source = np.concatenate([source, background(source)[..., None]], axis=2)
        return PairPictures(self._square(source), self._square(target))

    def _square(self, picture: Stack) -> Stack:
        placed, _ = canvas.on_canvas(picture, canvas.canvas_of(self.size), self.padded)
        return canvas.resized(placed, (self.side, self.side))


def order(count: int, seed: int, epoch: int) -> list[int]:
    """The pairs of an epoch in their random order, the same for the same seed and epoch."""
    return np.random.default_rng([seed, epoch]).permutation(count).tolist()


def steps_of_an_epoch(count: int, batch: int, processes: int = 1) -> int:
    """Steps that show every pair once; the last may be smaller, unless several processes must share it evenly."""
    return count // batch if processes > 1 and count >= batch else math.ceil(count / batch)
