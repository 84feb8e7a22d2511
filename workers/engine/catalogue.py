"""What can be computed, as tables: extractors, metrics, weights, stylizers.

Web and worker read the same rows, so a name is valid in both or in neither. Importing this file loads neither torch nor
dlib; `module` is a dotted path "package.module.Name" that the worker resolves when it first needs it.
Titles and notes pass through `gettext_noop` so that the pages can translate them; here they stay plain English.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from workers.engine.errors import InputError
from workers.engine.features.table import EXTRACTORS, Extractor, Preprocessing
from workers.engine.metrics.table import CAUTIONS, METRICS, Metric, gettext_noop
from workers.engine.weights_table import (
    DLIB_LANDMARKS,
    DLIB_RECOGNITION,
    FULL_INCEPTION,
    PARTIAL_INCEPTION,
    WEIGHTS,
    Weights,
)

__all__ = [
    "CAUTIONS",
    "DLIB_LANDMARKS",
    "DLIB_RECOGNITION",
    "EXTRACTORS",
    "FULL_INCEPTION",
    "METRICS",
    "PARTIAL_INCEPTION",
    "STYLIZERS",
    "WEIGHTS",
    "Extractor",
    "Metric",
    "Preprocessing",
    "Stylizer",
    "Weights",
]

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Stylizer:
    """Something that turns one face picture into another. `directions` are (from, to) pairs of modalities."""

    name: str
    title: str
    directions: tuple[tuple[str, str], ...]
    module: str
    note: str
    classical: bool = False


STYLIZERS: dict[str, Stylizer] = {
    "pencil": Stylizer(
        name="pencil",
        title=gettext_noop("Pencil (classical, not learned)"),
        directions=(("photo", "sketch"),),
        module="workers.engine.stylizers.pencil",
        note=gettext_noop("A classical photo-to-pencil filter, not trained; the baseline every model must beat."),
        classical=True,
    ),
}


def extractor(name: str) -> Extractor:
    """The extractor of this name; InputError listing the known ones otherwise."""
    return _look_up(EXTRACTORS, name, "extractor")


def metric(name: str) -> Metric:
    """The metric of this name; InputError listing the known ones otherwise."""
    return _look_up(METRICS, name, "metric")


def stylizer(name: str) -> Stylizer:
    """The stylizer of this name; InputError listing the known ones otherwise."""
    return _look_up(STYLIZERS, name, "stylizer")


def serving(extractor_name: str) -> tuple[Weights, ...]:
    """Every file that the extractor can use, preferred ones first."""
    return tuple(WEIGHTS[stem] for stems in extractor(extractor_name).weights for stem in stems)


def weights(name: str) -> tuple[Weights, ...]:
    """The files that a file stem or an `extractor.layer` stands for, the preferred one first.

    Raises InputError listing the known names.
    """
    if isinstance(name, str) and name in EXTRACTORS:
        return serving(name)
    return (_look_up(WEIGHTS, name, "weights", also=EXTRACTORS),)


def _look_up(table: Mapping[str, Entry], name: str, kind: str, also: Iterable[str] = ()) -> Entry:
    try:
        return table[name]
    except (KeyError, TypeError):
        known = ", ".join([*sorted(table), *sorted(also)])
        raise InputError(f"There is no {kind} named {str(name)[:80]!r}. Known: {known}.") from None
