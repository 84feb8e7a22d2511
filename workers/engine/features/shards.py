"""A set in fixed slices: any number of workers compute them in any order, and the rows are put together again.

The cut depends on the number of pictures alone, never on who computes, so a slice has the same content address
(store.set_key) for everybody: what one worker kept, no other computes, and a lost worker costs one slice.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from workers.engine.errors import InputError
from workers.engine.features import store
from workers.engine.features.extract import FeatureSet
from workers.engine.metrics.moments import Moments, moments_of
from workers.engine.protocol import set_digest
from workers.engine.statistics import Statistics

SHARD = 1024  # pictures in a slice, about; 8 MB of 2048 float32

Extracting = Callable[[Sequence[Path]], FeatureSet]


def slices(n: int, size: int = SHARD) -> list[slice]:
    """Cut 0 ... n into pieces of nearly equal length, at most `size` each; none has less than 2 if n has not."""
    pieces = max(1, -(-n // size))
    edges = [round(piece * n / pieces) for piece in range(pieces + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


@dataclass(frozen=True)
class Piece:
    """Pictures start ... stop of a set's distinct ones, sorted by digest, and the name of their entry in the store."""

    index: int
    start: int
    stop: int
    key: str


def pieces(digests: Iterable[str], extractor_name: str, weights_digest: str, size: int = SHARD) -> list[Piece]:
    """How a set is cut for its workers; the same for everybody, whatever order and repetition the pictures come in."""
    distinct = sorted(set(digests))
    return [
        Piece(index, cut.start, cut.stop, store.set_key(distinct[cut], extractor_name, weights_digest))
        for index, cut in enumerate(slices(len(distinct), size))
    ]


def together(store_dir: Path, keys: Iterable[str]) -> store.Known | None:
    """The entries of all pieces as one; None when one of them is missing or damaged."""
    found = []
    for key in keys:
        known = store.load(store_dir, key)
        if known is None:
            return None
        found.append(known)
    rows = [known.features for known in found if len(known.features)]
    return store.Known(
        tuple(digest for known in found for digest in known.digests),
        np.concatenate(rows) if rows else np.empty((0, 0), dtype=np.float32),
        {digest: reason for known in found for digest, reason in known.skipped.items()},
    )


def merged(parts: Iterable[FeatureSet]) -> FeatureSet:
    """The rows of all parts, one after the other. InputError when they are of different extractors or weights."""
    listed = list(parts)
    if not listed:
        raise InputError("There are no features to put together.")
    first = listed[0]
    if any((part.extractor, part.weights_digest) != (first.extractor, first.weights_digest) for part in listed):
        raise InputError("Features of different extractors or weights cannot be put together.")
    return replace(
        first,
        features=np.concatenate([part.features for part in listed]),
        keys=tuple(key for part in listed for key in part.keys),
        digests=tuple(digest for part in listed for digest in part.digests),
        skipped=tuple(skip for part in listed for skip in part.skipped),
    )


def statistics_by_shards(paths: Sequence[Path], extract: Extracting, size: int = SHARD) -> Statistics:
    """Mean and covariance of a set too large to keep: one slice of features is held at a time.

    `extract` gives the features of some paths. Memory is flat in the number of pictures (their digests aside).
    """
    moments: Moments | None = None
    digests: list[str] = []
    part: FeatureSet | None = None
    for part in _parts(paths, extract, size):
        some = moments_of(part.features)
        moments = some if moments is None else moments.merged(some)
        digests += part.digests
    if moments is None or part is None:
        raise InputError("There are no pictures to take the mean and covariance of.")
    return Statistics(
        moments.mean, moments.covariance, moments.n, part.extractor, part.weights_digest, set_digest(digests)
    )


def _parts(paths: Sequence[Path], extract: Extracting, size: int) -> Iterator[FeatureSet]:
    return (extract(paths[piece]) for piece in slices(len(paths), size))
