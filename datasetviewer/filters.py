"""The grid's state as it stands in the address: what is shown, in which order, how many on a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import LandmarkSource, Modality, Split, Verdict, VerdictReason

# How "no split" is written in an address, where "" means no filter.
NO_SPLIT = "none"

PAGE_SIZES = (12, 24, 48, 60, 96, 192)
DEFAULT_SIZE = 48
DEFAULT_SORT = "key"
# From few large pictures in a row to many small ones.
DENSITIES = (1, 2, 3, 4, 5)
DEFAULT_DENSITY = 3

# What a tile of the grid is.
PAIR, PERSON, IMAGE = "pair", "person", "image"
TILES = {PAIR: gettext_lazy("pairs"), PERSON: gettext_lazy("persons"), IMAGE: gettext_lazy("single pictures")}

COLOURS = {"colour": gettext_lazy("in colour"), "grey": gettext_lazy("grey")}
# Landmarks; "landmarks" in an address switches their drawing. "has" and "none" stand beside the sources.
POINTS = {
    "has": gettext_lazy("with landmarks"),
    "none": gettext_lazy("without landmarks"),
    **{source.value: source.label for source in LandmarkSource if source.value},
}
UNJUDGED = "unjudged"
VERDICTS = {UNJUDGED: Verdict.UNJUDGED.label, **{verdict.value: verdict.label for verdict in Verdict if verdict.value}}
REASONS = {reason.value: reason.label for reason in VerdictReason if reason.value}

# Field of a picture -> (label, smallest, largest) value that can be asked for; written <field>_min and <field>_max.
RANGES = {
    "width": (gettext_lazy("width in pixels"), 1, 100_000),
    "height": (gettext_lazy("height in pixels"), 1, 100_000),
    "yaw": (gettext_lazy("yaw in degrees"), -180, 180),
    "pitch": (gettext_lazy("pitch in degrees"), -180, 180),
    "roll": (gettext_lazy("roll in degrees"), -180, 180),
}

# Name -> (label, order). Each order ends with what is unique in a dataset, so that "next" is never ambiguous, and has
# an index it walks along.
SORTS = {
    "key": (gettext_lazy("file name"), ("key",)),
    "-key": (gettext_lazy("file name, backwards"), ("-key",)),
    "person": (gettext_lazy("person"), ("subject__name", "key")),
    "-person": (gettext_lazy("person, backwards"), ("-subject__name", "-key")),
    "split": (gettext_lazy("split"), ("split", "key")),
    "newest": (gettext_lazy("newest first"), ("-id",)),
}


@dataclass(frozen=True)
class GridFilter:
    """What the grid shows. "" means everything; with a modality the grid shows single pictures instead of pairs.

    ranges  (name, value) as in the address, e.g. ("yaw_min", -15.0); in the order of RANGES
    """

    by: str = PAIR
    split: str = ""
    modality: str = ""
    source: str = ""
    q: str = ""
    colour: str = ""
    points: str = ""
    verdict: str = ""
    reason: str = ""
    ranges: tuple[tuple[str, float], ...] = ()
    sort: str = DEFAULT_SORT
    size: int = DEFAULT_SIZE
    density: int = DEFAULT_DENSITY

    @property
    def order(self) -> tuple[str, ...]:
        return SORTS[self.sort][1]

    @property
    def shows_pairs(self) -> bool:
        """Whether one picture stands for its pair."""
        return self.by == PAIR and not self.modality

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.split or self.modality or self.source or self.q or self.narrowed_further)

    @property
    def narrowed_further(self) -> int:
        """How many of the filters are set that the page folds away."""
        rest = (self.colour, self.points, self.verdict, self.reason)
        return sum(map(bool, rest)) + len(self.ranges)

    @property
    def query(self) -> str:
        """The address part after "?", without defaults; "" when nothing differs from them."""
        return self._query()

    def page_query(self, page: int) -> str:
        return self._query(page=page if page > 1 else None)

    def with_changes(self, **changes: Any) -> GridFilter:
        return replace(self, **changes)

    @property
    def range_fields(self) -> list[tuple[str, str, str]]:
        """(name, label, value as written) of each lower and upper bound, for the form."""
        given = dict(self.ranges)
        sides = (("min", _("from")), ("max", _("to")))
        return [
            (f"{field}_{side}", f"{label} {word}", f"{given[name]:g}" if (name := f"{field}_{side}") in given else "")
            for field, (label, *_bounds) in RANGES.items()
            for side, word in sides
        ]

    def _query(self, **more: Any) -> str:
        default = asdict(GridFilter())
        values = {name: value for name, value in asdict(self).items() if value != default[name]}
        values |= {name: f"{value:g}" for name, value in values.pop("ranges", ())}
        values |= {name: value for name, value in more.items() if value is not None}
        return urlencode(values)


@dataclass(frozen=True)
class Choices:
    """What a dataset has to choose from."""

    splits: tuple[str, ...]
    modalities: tuple[str, ...]
    sources: tuple[str, ...]

    def split_options(self) -> list[tuple[str, str]]:
        return [(split or NO_SPLIT, str(Split(split).label)) for split in self.splits]

    def modality_options(self) -> list[tuple[str, str]]:
        return [(modality, str(Modality(modality).label)) for modality in self.modalities]


def read_filter(params: Mapping[str, str], choices: Choices) -> tuple[GridFilter, list[str]]:
    """The filter of an address, and a sentence for each value in it that is not known and was ignored."""
    ignored: list[str] = []

    def chosen(name: str, known: list[str], default: str = "") -> str:
        value = params.get(name, "").strip()
        if value in ("", "all"):
            return default
        if value in known:
            return value
        ignored.append(
            _("%(name)s=%(value)s is not known and was ignored. Choices: %(choices)s.")
            % {"name": name, "value": value[:60], "choices": ", ".join(known) or _("none")}
        )
        return default

    size = chosen("size", [str(size) for size in PAGE_SIZES], str(DEFAULT_SIZE))
    density = chosen("density", [str(density) for density in DENSITIES], str(DEFAULT_DENSITY))
    found = GridFilter(
        by=chosen("by", list(TILES), PAIR),
        split=chosen("split", [value for value, _label in choices.split_options()]),
        modality=chosen("modality", list(choices.modalities)),
        source=chosen("source", list(choices.sources)),
        q=params.get("q", "").replace("\x00", "").strip()[:200],
        colour=chosen("colour", list(COLOURS)),
        points=chosen("points", list(POINTS)),
        verdict=chosen("verdict", list(VERDICTS)),
        reason=chosen("reason", list(REASONS)),
        ranges=_ranges(params, ignored),
        sort=chosen("sort", list(SORTS), DEFAULT_SORT),
        size=int(size),
        density=int(density),
    )
    return found, ignored


def _ranges(params: Mapping[str, str], ignored: list[str]) -> tuple[tuple[str, float], ...]:
    found = []
    for field, (_label, low, high) in RANGES.items():
        for name in (f"{field}_min", f"{field}_max"):
            text = params.get(name, "").strip()
            if not text:
                continue
            try:
                value = float(text)
            except ValueError:
                value = float("nan")
            if low <= value <= high:
                found.append((name, value))
            else:
                ignored.append(
                    _("%(name)s=%(value)s was ignored: give a number from %(low)s to %(high)s.")
                    % {"name": name, "value": text[:60], "low": low, "high": high}
                )
    return tuple(found)
