"""Which picture of one set belongs to which of the other: for metrics that compare pictures two by two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from evaluation.sets.contents import Contents


@dataclass(frozen=True)
class Matched:
    """Pictures that belong together: keys[i] is what reference[i] and candidate[i] are pictures of.

    `unmatched` names the pictures of both sets that have no partner, or more than one.
    """

    keys: tuple[str, ...]
    reference: tuple[Path, ...]
    candidate: tuple[Path, ...]
    unmatched: tuple[str, ...]


def matched(reference: Contents, candidate: Contents) -> Matched:
    """The pairs of two sets, by their keys, in the order of the reference.

    Two selections of datasets are matched by the keys of their pairs, whole. A folder or an upload knows only names of
    files; those are matched, in any case and with any ending, with the last part of the pair's key, or where that finds
    nobody with the name of the other's file. A key that occurs twice in a set says nothing and is left out.
    """
    if reference.dataset is not None and candidate.dataset is not None:
        return _joined(reference, candidate, reference.pair_keys, candidate.pair_keys)
    tries = [
        _joined(reference, candidate, first(reference), second(candidate))
        for first in (_last_parts, _stems)
        for second in (_last_parts, _stems)
    ]
    return max(tries, key=lambda found: len(found.keys))  # the first of the largest


def _last_parts(contents: Contents) -> list[str]:
    return [PurePosixPath(key).name.casefold() for key in contents.pair_keys]


def _stems(contents: Contents) -> list[str]:
    return [PurePosixPath(name).stem.casefold() for name in contents.names]


def _joined(reference: Contents, candidate: Contents, first: Sequence[str], second: Sequence[str]) -> Matched:
    one, other = _once(first), _once(second)
    shared = [key for key in one if key in other]
    return Matched(
        tuple(shared),
        tuple(reference.paths[one[key]] for key in shared),
        tuple(candidate.paths[other[key]] for key in shared),
        (*_others(reference, one, shared), *_others(candidate, other, shared)),
    )


def _others(contents: Contents, places: dict[str, int], shared: Sequence[str]) -> list[str]:
    """Names of the pictures that are not among the shared ones."""
    used = {places[key] for key in shared}
    return [name for place, name in enumerate(contents.names) if place not in used]


def _once(keys: Sequence[str]) -> dict[str, int]:
    """Key -> place, of the keys that occur exactly once."""
    counts = Counter(keys)
    return {key: place for place, key in enumerate(keys) if counts[key] == 1}
