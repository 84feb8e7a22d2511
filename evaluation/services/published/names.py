"""Which pair the file of a result belongs to, by its name alone: never by its place in a list.

A file belongs to a pair when its name without ending, in any case, is that of the pair's photo, of its drawing, or the
last part of the pair's key; then once more with what programs append to results (`_fake_B`, `_synthesized` ...) taken off.
Numbers are never taken off: f-005-01 and f1-005-01 are two people.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

# What programs append to the name of a picture they made; taken off from the end, as often as it is there.
APPENDED = (
    "fake_b", "fake_a", "fake", "synthesized", "synthesised", "synthetic", "synth", "syn", "generated", "gen",
    "output", "out", "result", "results", "prediction", "pred", "sketch", "sz1",
)  # fmt: skip
# What they append to pictures that they only copied: inputs and real drawings.
COPIED = ("real_a", "real_b", "real", "input", "target", "ground_truth", "gt", "photo")
PICTURE_ENDINGS = ("jpg", "jpeg", "png", "bmp", "tif", "tiff", "webp")
_APPENDED = re.compile(rf"[-_ .](?:{'|'.join((*APPENDED, *PICTURE_ENDINGS))})$")
_COPIED = re.compile(rf"[-_ .](?:{'|'.join(COPIED)})$")
NAMED_AT_MOST = 3


class Fate(StrEnum):
    """What became of a file."""

    MATCHED = "matched"
    UNMATCHED = "unmatched"
    AMBIGUOUS = "ambiguous"
    COPY = "copy"
    WRONG_SIZE = "wrong_size"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Known:
    """A pair as files may name it: its key, the names of its pictures without ending, and the database it comes from."""

    key: str
    names: tuple[str, ...]
    source: str = ""


@dataclass(frozen=True)
class Found:
    """A file with what became of it; `key` is the pair's when it is matched, else "" and `reason` says why."""

    file: str
    fate: Fate
    key: str = ""
    reason: str = ""


def plain(stem: str) -> str:
    """The name with what programs append taken off, in small letters."""
    stem = stem.casefold()
    while (shorter := _APPENDED.sub("", stem)) != stem and shorter:
        stem = shorter
    return stem


def matched_by_name(files: Sequence[str], pairs: Sequence[Known]) -> list[Found]:
    """What became of each file (a path below the folder that was sent), in the given order.

    A file that fits several pairs belongs to none, unless a folder in its path has the name of one's source; files that fit
    the same pair belong to none either.
    """
    exact: dict[str, set[int]] = defaultdict(set)
    shortened: dict[str, set[int]] = defaultdict(set)
    for place, pair in enumerate(pairs):
        for name in {*pair.names, PurePosixPath(pair.key).name}:
            exact[name.casefold()].add(place)
            shortened[plain(name)].add(place)
    found = [_one(file, pairs, exact, shortened) for file in files]
    by_key: dict[str, list[str]] = defaultdict(list)
    for each in found:
        if each.key:
            by_key[each.key].append(each.file)
    return [_alone(each, by_key.get(each.key, [])) for each in found]


def _one(file: str, pairs: Sequence[Known], exact: dict[str, set[int]], shortened: dict[str, set[int]]) -> Found:
    stem = PurePosixPath(file).stem.casefold()
    fitting = exact.get(stem)
    if not fitting and _COPIED.search(_without_ending(stem)):
        return Found(file, Fate.COPY, reason=_("By its name this is an input or a real picture, not a result."))
    fitting = fitting or shortened.get(plain(stem))
    if not fitting:
        text = _("No pair of the selection has a picture of the name %(name)s.")
        return Found(file, Fate.UNMATCHED, reason=text % {"name": plain(stem)})
    if len(fitting) > 1:
        folders = {part.casefold() for part in PurePosixPath(file).parts[:-1]}
        here = {place for place in fitting if pairs[place].source and pairs[place].source.casefold() in folders}
        fitting = here or fitting
    if len(fitting) > 1:
        text = _("The name fits %(n)s pairs: %(keys)s. Put the files into folders named like their sources.")
        keys = _listed(sorted(pairs[place].key for place in fitting))
        return Found(file, Fate.AMBIGUOUS, reason=text % {"n": len(fitting), "keys": keys})
    return Found(file, Fate.MATCHED, key=pairs[min(fitting)].key)


def _without_ending(stem: str) -> str:
    """x_real_a.jpg, as it is left of x_real_A.jpg.png."""
    head, dot, tail = stem.rpartition(".")
    return head if dot and tail in PICTURE_ENDINGS else stem


def _alone(each: Found, same: Sequence[str]) -> Found:
    if len(same) < 2:
        return each
    text = _("%(n)s files fit the pair %(key)s: %(files)s. Send one of them.")
    reason = text % {"n": len(same), "key": each.key, "files": _listed(sorted(same))}
    return replace(each, fate=Fate.AMBIGUOUS, key="", reason=reason)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED_AT_MOST]) + (" ..." if len(names) > NAMED_AT_MOST else "")
