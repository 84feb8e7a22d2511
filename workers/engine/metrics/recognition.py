"""Who is in the picture? Ranks, cumulative match curves and the open-set rate, between any probes and gallery.

Closed set: every probe's person is in the gallery; rank k is the share of probes whose person is among the k nearest.
Open set (Grother and Phillips 2004): some probes are of nobody in the gallery; DIR at a FAR is the share of known probes
that are found at rank 1 *and* nearer than the threshold that lets that share of unknown probes in.
A person with several gallery pictures counts once, by the nearest. Ties count against: somebody else at the same
distance comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError
from workers.engine.metrics.inputs import Matrix, checked_pair

DISTANCES = ("euclidean", "cosine")
BLOCK = 8e6  # distances at once: 64 MB


@dataclass(frozen=True)
class Ranks:
    """Row i belongs to probe i. `rank` counts from 1; 0: the person is not in the gallery.

    `own` is the distance to the nearest gallery picture of the same person (inf for rank 0), `other` the distance to the
    nearest of somebody else (inf when there is nobody else) and `nearest` that picture's row in the gallery. A cosine
    distance is 1 minus the cosine.
    """

    rank: npt.NDArray[np.int64]
    own: npt.NDArray[np.float64]
    other: npt.NDArray[np.float64]
    nearest: npt.NDArray[np.int64]
    persons: int

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which probes are of somebody in the gallery."""
        return self.rank > 0

    def share(self, k: int) -> float:
        """Rank-k of the known probes, 0 to 1. InputError when there is none."""
        if not self.known.any():
            raise InputError("No probe is of a person in the gallery; their keys must be the same.")
        return float((self.rank[self.known] <= k).mean())

    def curve(self, highest: int) -> npt.NDArray[np.float64]:
        """The cumulative match curve: rank-1 to rank-`highest`."""
        return np.array([self.share(k) for k in range(1, highest + 1)])


@dataclass(frozen=True)
class Confusion:
    """A probe for which somebody else is nearer than the own person. `margin` is by how much."""

    probe: int
    nearest: int
    rank: int
    own: float
    other: float

    @property
    def margin(self) -> float:
        return self.own - self.other


def ranks(
    probes: npt.ArrayLike,
    probe_keys: Sequence[str],
    gallery: npt.ArrayLike,
    gallery_keys: Sequence[str],
    distance: str = "euclidean",
) -> Ranks:
    """Where each probe (n, d) finds its person among the gallery (m, d); keys name the persons.

    Raises InputError for arrays that do not fit, for keys of another length and for an unknown distance.
    """
    first, second = checked_pair(probes, gallery, minimum=1)
    for name, features, keys in (("probes", first, probe_keys), ("gallery", second, gallery_keys)):
        if len(features) != len(keys):
            raise InputError(
                f"The {name} have {len(features)} rows and {len(keys)} keys; each row needs its person's key."
            )
    if distance not in DISTANCES:
        raise InputError(f"There is no distance named {distance!r}. Known: {', '.join(DISTANCES)}.")
    if distance == "cosine":
        first, second = _unit(first), _unit(second)
    persons, of_gallery = np.unique(np.asarray(gallery_keys, dtype=object).astype(str), return_inverse=True)
    place = {person: number for number, person in enumerate(persons)}
    of_probe = np.array([place.get(str(key), -1) for key in probe_keys])
    order = np.argsort(of_gallery, kind="stable")
    starts = np.searchsorted(of_gallery[order], np.arange(len(persons)))
    n = len(first)
    rank, nearest = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    own, other = np.full(n, np.inf), np.full(n, np.inf)
    size = max(1, int(BLOCK / len(second)))
    for start in range(0, n, size):
        rows = slice(start, start + size)
        apart = _distances(first[rows], second)
        by_person = np.minimum.reduceat(apart[:, order], starts, axis=1)
        target = of_probe[rows]
        here = np.arange(len(target))
        known = target >= 0
        own[rows][known] = by_person[here[known], target[known]]
        by_person[here[known], target[known]] = np.inf
        other[rows] = by_person.min(axis=1)
        rank[rows][known] = 1 + (by_person[known] <= own[rows][known, None]).sum(axis=1)
        apart[target[:, None] == of_gallery] = np.inf
        nearest[rows] = apart.argmin(axis=1)
    scaled = (lambda squares: squares / 2) if distance == "cosine" else np.sqrt
    return Ranks(rank, scaled(own), scaled(other), nearest, len(persons))


def open_set_rate(found: Ranks, far: float) -> tuple[float, float]:
    """DIR at this FAR, and the threshold: probes nearer than it are taken for known.

    `found` holds known probes and unknown ones (rank 0). At most floor(n * FAR) of the n unknown are let in.
    Raises InputError when there are no known or no unknown probes.
    """
    known = found.known
    if known.all() or not known.any():
        raise InputError("The open-set rate needs probes of persons in the gallery and probes of others.")
    strangers = np.sort(found.other[~known])
    allowed = floor(len(strangers) * Fraction(str(far)))
    threshold = float(strangers[allowed]) if allowed < len(strangers) else float("inf")
    return float(((found.rank[known] == 1) & (found.own[known] < threshold)).mean()), threshold


def confusions(found: Ranks, most: int = 24) -> list[Confusion]:
    """The probes that take somebody else for their person, the surest mistakes first."""
    wrong = np.flatnonzero(found.rank > 1)
    order = wrong[np.argsort(found.other[wrong] - found.own[wrong], kind="stable")][:most]
    return [
        Confusion(int(i), int(found.nearest[i]), int(found.rank[i]), float(found.own[i]), float(found.other[i]))
        for i in order
    ]


def rank1(found: Ranks) -> npt.NDArray[np.float64]:
    """1 for each known probe whose person is the nearest, else 0."""
    return _hits(found, 1)


def rank5(found: Ranks) -> npt.NDArray[np.float64]:
    """1 for each known probe whose person is among the nearest 5, else 0."""
    return _hits(found, 5)


def rank10(found: Ranks) -> npt.NDArray[np.float64]:
    """1 for each known probe whose person is among the nearest 10, else 0."""
    return _hits(found, 10)


def _hits(found: Ranks, k: int) -> npt.NDArray[np.float64]:
    return (found.rank[found.known] <= k).astype(np.float64)


def _distances(first: Matrix, second: Matrix) -> Matrix:
    """Squared distances (a, b); their order is that of the distances, and of the cosines of unit rows."""
    squares = first @ second.T
    squares *= -2.0
    squares += np.einsum("ij,ij->i", first, first)[:, None]
    squares += np.einsum("ij,ij->i", second, second)
    return np.maximum(squares, 0.0, out=squares)


def _unit(rows: Matrix) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not lengths.all():
        raise InputError("A row of features is all zero and has no direction; the cosine distance cannot use it.")
    return rows / lengths
