"""Scores of the pairs of one part of a recognition protocol: listed pairs, or every picture of one side with each of the other.

A picture that the extractor found no face in has no features. Its pairs get a score below every other, so they are never
accepted: leaving them out would reward a recogniser for refusing what is hard.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError
from workers.engine.metrics.recognition import DISTANCES
from workers.engine.metrics.verification import BLOCK, Scores

Places = npt.NDArray[np.int64]
MOST_TO_CHOOSE_BY = 4_000_000  # pairs of a part that only a threshold is chosen on


@dataclass(frozen=True)
class Pictures:
    """Features (n, d) of all pictures of a protocol, each computed once; `found[i]` is False where there are none.

    `persons[i]` names who is in picture i.
    """

    features: npt.NDArray[np.floating]
    found: npt.NDArray[np.bool_]
    persons: npt.NDArray[np.str_]


@dataclass(frozen=True)
class Part:
    """A fold, or the whole test: places of pictures on two sides (caricatures and photos, probes and gallery).

    `same` given: pair i is first[i] with second[i]. Left out: every pair of the two sides, or probes and gallery.
    `reported` False: its pairs serve to choose a threshold and nothing else.
    """

    name: str
    first: Places
    second: Places
    same: npt.NDArray[np.bool_] | None = None
    reported: bool = True


@dataclass(frozen=True)
class Scored:
    """All pairs of a part: places of both pictures, the score (higher is more alike), whether it is one person, and
    whether both pictures have features."""

    first: Places
    second: Places
    score: Scores
    same: npt.NDArray[np.bool_]
    found: npt.NDArray[np.bool_]

    @property
    def sides(self) -> tuple[Scores, Scores]:
        """Scores of same-person pairs and of the others."""
        return self.score[self.same], self.score[~self.same]

    @property
    def found_sides(self) -> tuple[Scores, Scores]:
        """The same without the pairs of pictures that have no features."""
        return self.score[self.same & self.found], self.score[~self.same & self.found]


def scored(pictures: Pictures, part: Part, distance: str) -> Scored:
    """The pairs with their cosines, or their distances with a minus.

    InputError for an unknown distance, and when there are no pairs of one of the two kinds.
    """
    if distance not in DISTANCES:
        raise InputError(f"There is no distance named {distance!r}. Known: {', '.join(DISTANCES)}.")
    if part.same is not None:
        first, second, same = part.first, part.second, part.same
        score = _of_list(pictures.features, first, second, distance)
    else:
        left = part.first if part.reported else _thinned(part.first, len(part.second))
        first = np.repeat(left, len(part.second))
        second = np.tile(part.second, len(left))
        same = (pictures.persons[left][:, None] == pictures.persons[part.second]).ravel()
        score = _of_all(pictures.features, left, part.second, distance)
    if not same.any() or same.all():
        missing = "of different persons" if same.all() else "of the same person"
        raise InputError(f"Part {part.name} has no pair {missing}; verification needs pairs of both kinds.")
    found = pictures.found[first] & pictures.found[second]
    lowest = -2.0 if distance == "cosine" else -2 * float(-score[found].min(initial=0.0)) - 1
    return Scored(first, second, np.where(found, score, lowest), same, found)


def _thinned(first: Places, others: int) -> Places:
    step = max(1, -(-len(first) * others // MOST_TO_CHOOSE_BY))
    return first[::step]


def _rows(features: npt.NDArray[np.floating], places: Places, distance: str) -> Scores:
    rows = np.nan_to_num(features[places].astype(np.float64))
    if distance == "euclidean":
        return rows
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths == 0, 1.0, lengths)


def _of_list(features: npt.NDArray[np.floating], first: Places, second: Places, distance: str) -> Scores:
    score = np.empty(len(first))
    used, place = np.unique(np.concatenate([first, second]), return_inverse=True)
    rows = _rows(features, used, distance)
    one, other = place[: len(first)], place[len(first) :]
    for start in range(0, len(first), BLOCK):
        a, b = rows[one[start : start + BLOCK]], rows[other[start : start + BLOCK]]
        score[start : start + BLOCK] = (
            np.einsum("ij,ij->i", a, b) if distance == "cosine" else -np.linalg.norm(a - b, axis=1)
        )
    return score


def _of_all(features: npt.NDArray[np.floating], first: Places, second: Places, distance: str) -> Scores:
    one, other = _rows(features, first, distance), _rows(features, second, distance)
    products = one @ other.T
    if distance == "euclidean":
        products *= -2
        products += np.einsum("ij,ij->i", one, one)[:, None]
        products += np.einsum("ij,ij->i", other, other)
        np.sqrt(np.maximum(products, 0, out=products), out=products)
        products *= -1
    return products.ravel()
