"""Scoot, structure co-occurrence texture (Fan et al. 2019, https://arxiv.org/abs/1908.08433), on 8-bit grey.

The definition of the authors' program, which re-implementations miss in four places: levels split 0 to 255 into six (so that
85, 170 and 213 begin a level), co-occurrence of a pixel with its right, upper right, upper and upper left neighbour
inside its cell only and not symmetric, the mean of the four count matrices *rounded*, and one distance between the
concatenated 32 numbers, not a mean over cells.
Quick because one table of counts over all cells is made for each direction, with cell and pair of levels as one number.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from workers.engine.metrics.paired_pictures import Grey, Values, checked_pictures, grey

LEVELS = 6
GRID = 4
DIRECTIONS = ((0, 1), (-1, 1), (-1, 0), (-1, -1))  # (rows down, columns right) from a pixel to its neighbour
PAIRS = LEVELS * LEVELS
CELLS = GRID * GRID

LEVEL_OF = np.minimum(LEVELS - 1, LEVELS * np.arange(256) // 255).astype(np.int64)  # 0 to 5
_first, _second = np.divmod(np.arange(PAIRS), LEVELS)
CONTRAST = ((_first - _second) ** 2).astype(np.float64)


def scoot(reference: npt.ArrayLike, candidate: npt.ArrayLike) -> Values:
    """Scoot of each pair of pictures (n, h, w, 3) uint8 of at least 8 pixels a side, above 0 to 1."""
    first, second = checked_pictures(reference, candidate, 2 * GRID)
    apart = np.linalg.norm(textures(grey(first)) - textures(grey(second)), axis=1)
    return 1 / (1 + apart)


def textures(pictures: Grey) -> npt.NDArray[np.float64]:
    """(n, h, w) -> (n, 32): contrast and energy of each of the 4x4 cells."""
    n, height, width = pictures.shape
    counts = np.zeros((n, CELLS * PAIRS), dtype=np.int64)
    bins = (CELLS + 1) * PAIRS  # the last cell takes the pairs that cross a border
    for row, picture in zip(counts, pictures, strict=True):
        levels = LEVEL_OF[picture]
        for (down, right), cells in zip(DIRECTIONS, _cells(height, width), strict=True):
            here, there = _pixels(levels, down, right)
            codes = here * LEVELS
            codes += there
            codes += cells
            row += np.bincount(codes.ravel(), minlength=bins)[: CELLS * PAIRS]
    # The mean of four counts, rounded half up as MATLAB rounds.
    means = ((counts + len(DIRECTIONS) // 2) // len(DIRECTIONS)).reshape(n, CELLS, PAIRS).astype(np.float64)
    means /= np.maximum(means.sum(axis=2, keepdims=True), 1)  # in a cell of few pixels every count may round to zero
    return np.concatenate([means @ CONTRAST, (means**2).sum(axis=2)], axis=1)


def _pixels(levels: npt.NDArray[np.int64], down: int, right: int) -> tuple[np.ndarray, np.ndarray]:
    """The pixels that have a neighbour in this direction, and these neighbours."""
    height, width = levels.shape
    rows, columns = slice(-down, height), slice(max(0, -right), width - max(0, right))
    there_rows, there_columns = slice(0, height + down), slice(max(0, right), width - max(0, -right))
    return levels[rows, columns], levels[there_rows, there_columns]


@lru_cache(maxsize=8)
def _cells(height: int, width: int) -> tuple[npt.NDArray[np.int64], ...]:
    """For each direction the number of the first bin of each pair's cell; the last cell when the pair crosses a border."""
    rows = np.searchsorted(_borders(height), np.arange(height), side="right")
    columns = np.searchsorted(_borders(width), np.arange(width), side="right")
    cell = rows[:, None] * GRID + columns
    found = []
    for down, right in DIRECTIONS:
        here, there = _pixels(cell, down, right)
        found.append(np.where(here == there, here, CELLS) * PAIRS)
    return tuple(found)


def _borders(size: int) -> list[int]:
    return [size * part // GRID for part in range(1, GRID)]
