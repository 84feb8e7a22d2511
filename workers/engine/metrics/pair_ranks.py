"""Behind rank-k: for each pair, at which rank its own person was found, and who came nearest of the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from workers.engine import catalogue
from workers.engine.metrics.paired_features import Keyed
from workers.engine.metrics.recognition import ranks


@dataclass(frozen=True)
class PairRanks:
    """Entry i belongs to pair i; None where the extractor found no face on either side.

    `own` is the distance to the own person, `other` to the nearest of somebody else, whose key is `nearest`. A cosine
    distance is 1 minus the cosine.
    """

    rank: list[int | None]
    own: list[float | None]
    other: list[float | None]
    nearest: list[str | None]


def pair_ranks(
    keys: Sequence[str], reference: Keyed, candidate: Keyed, tell: Callable[[], None] = lambda: None
) -> PairRanks:
    """Of the candidates (probes) with these keys among all pictures of the reference (gallery)."""
    tell()
    distance = catalogue.extractor(reference.features.extractor).distance
    found = ranks(candidate.features.features, candidate.keys, reference.features.features, reference.keys, distance)
    tell()
    row_of = {key: row for row, key in enumerate(candidate.keys) if found.rank[row]}
    rows = [row_of.get(key) for key in keys]
    gallery = reference.keys
    return PairRanks(
        rank=[None if row is None else int(found.rank[row]) for row in rows],
        own=[None if row is None else round(float(found.own[row]), 6) for row in rows],
        other=[
            None if row is None or not isfinite(found.other[row]) else round(float(found.other[row]), 6) for row in rows
        ],
        nearest=[
            None if row is None or not isfinite(found.other[row]) else gallery[found.nearest[row]] for row in rows
        ],
    )
