"""Which faces changed most between two checkpoints: distances between the pictures they made of the same source.

Loads numpy and Pillow alone. Features are read from the store, where measuring has left them; nothing is computed anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from workers.engine.features import store
from workers.engine.features.shards import pieces, together
from workers.engine.weights import sha256_of

COMPARED_SIZE = (64, 64)  # pixels, of the pixel distance: strokes a pixel aside are no change worth showing


def feature_distances(
    before: Sequence[Path], after: Sequence[Path], extractor_name: str, weights_digest: str, store_dir: Path
) -> list[float | None] | None:
    """Euclidean distance between the features of before[i] and after[i]; None for a picture that has none (no face).

    None altogether when the store does not hold the features of both sets, or a picture is gone.
    """
    sides = [_features(paths, extractor_name, weights_digest, store_dir) for paths in (before, after)]
    first, second = sides
    if first is None or second is None:
        return None
    return [
        None if one is None or other is None else float(np.linalg.norm(one - other))
        for one, other in zip(first, second, strict=True)
    ]


def _features(
    paths: Sequence[Path], extractor_name: str, weights_digest: str, store_dir: Path
) -> list[np.ndarray | None] | None:
    try:
        digests = [sha256_of(path) for path in paths]
    except OSError:
        return None
    known = store.load(store_dir, store.set_key(digests, extractor_name, weights_digest))
    if known is None:
        cut = pieces(digests, extractor_name, weights_digest)
        known = together(store_dir, [piece.key for piece in cut])
    if known is None:
        return None
    row_of = {digest: row for row, digest in enumerate(known.digests)}
    return [known.features[row_of[digest]].astype(np.float64) if digest in row_of else None for digest in digests]


def pixel_distances(before: Sequence[Path], after: Sequence[Path]) -> list[float | None]:
    """Mean absolute difference of before[i] and after[i] in grey levels, 0..255, both shrunk to 64 x 64; None where a
    picture is gone."""
    return [_pixel_distance(one, other) for one, other in zip(before, after, strict=True)]


def _pixel_distance(one: Path, other: Path) -> float | None:
    try:
        first, second = (_small(path) for path in (one, other))
    except OSError:
        return None
    return float(np.abs(first - second).mean())


def _small(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L").resize(COMPARED_SIZE, Image.Resampling.BOX), dtype=np.float64)
