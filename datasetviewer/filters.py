"""The grid's state as it stands in the address: what is shown, in which order, how many on a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import Modality, Split

# How "no split" is written in an address, where "" means no filter.
NO_SPLIT = "none"

PAGE_SIZES = (12, 24, 48, 96, 192)
DEFAULT_SIZE = 48
DEFAULT_SORT = "key"

# Name -> (label, order). The key is unique in a dataset and ends every order, so that "next" is never ambiguous.
SORTS = {
    "key": (gettext_lazy("file name"), ("key",)),
    "-key": (gettext_lazy("file name, backwards"), ("-key",)),
    "person": (gettext_lazy("person"), ("subject__name", "key")),
    "-person": (gettext_lazy("person, backwards"), ("-subject__name", "key")),
    "split": (gettext_lazy("split"), ("split", "key")),
    "newest": (gettext_lazy("newest first"), ("-created", "key")),
}


@dataclass(frozen=True)
class GridFilter:
    """What the grid shows. "" means everything; without a modality the grid shows pairs, with one single pictures."""

    split: str = ""
    modality: str = ""
    source: str = ""
    q: str = ""
    sort: str = DEFAULT_SORT
    size: int = DEFAULT_SIZE

    @property
    def order(self) -> tuple[str, ...]:
        return SORTS[self.sort][1]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.split or self.modality or self.source or self.q)

    @property
    def query(self) -> str:
        """The address part after "?", without defaults; "" when nothing differs from them."""
        return self._query()

    def page_query(self, page: int) -> str:
        return self._query(page=page if page > 1 else None)

    def with_changes(self, **changes: Any) -> GridFilter:
        return replace(self, **changes)

    def _query(self, **more: Any) -> str:
        default = asdict(GridFilter())
        values = {name: value for name, value in asdict(self).items() if value != default[name]}
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
    found = GridFilter(
        split=chosen("split", [value for value, _label in choices.split_options()]),
        modality=chosen("modality", list(choices.modalities)),
        source=chosen("source", list(choices.sources)),
        q=params.get("q", "").replace("\x00", "").strip()[:200],
        sort=chosen("sort", list(SORTS), DEFAULT_SORT),
        size=int(size),
    )
    return found, ignored
