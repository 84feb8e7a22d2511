"""What can be computed, as tables: extractors, metrics, weights, stylizers, shipped models.

Web and worker read the same rows, so a name is valid in both or in neither. Importing this file loads neither torch nor
dlib; `module` is a dotted path "package.module.Name" that the worker resolves when it first needs it.
Titles and notes pass through `gettext_noop` so that the pages can translate them; here they stay plain English.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from workers.engine.errors import InputError
from workers.engine.families.table import PRESETS, Option, Preset, options_checked
from workers.engine.features.rows import NO_EXTRACTOR, PICTURES_THEMSELVES
from workers.engine.features.table import CHECKPOINT_EXTRACTORS, EXTRACTORS, Extractor, Preprocessing, named_extractor
from workers.engine.metrics import table
from workers.engine.metrics.paired_table import PAIRED_METRICS
from workers.engine.metrics.short_names import short_name
from workers.engine.metrics.table import CAUTIONS, Metric, gettext_noop
from workers.engine.shipped.table import SHIPPED, Shipped
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
    "CHECKPOINT_EXTRACTORS",
    "DLIB_LANDMARKS",
    "DLIB_RECOGNITION",
    "EXTRACTORS",
    "FULL_INCEPTION",
    "METRICS",
    "NO_EXTRACTOR",
    "PARTIAL_INCEPTION",
    "PRESETS",
    "SHIPPED",
    "STYLIZERS",
    "WEIGHTS",
    "Extractor",
    "Metric",
    "Option",
    "Preprocessing",
    "Preset",
    "Shipped",
    "Stylizer",
    "Weights",
    "options_checked",
    "short_name",
]

Entry = TypeVar("Entry")

METRICS: dict[str, Metric] = {**table.METRICS, **PAIRED_METRICS}


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
    "lines": Stylizer(
        name="lines",
        title=gettext_noop("Line drawing (classical, not learned)"),
        directions=(("photo", "sketch"),),
        module="workers.engine.stylizers.lines",
        note=gettext_noop(
            "Pen and ink: lines along the forms of the face, strokes only where it is very dark; a classical filter, not "
            "trained."
        ),
        classical=True,
    ),
}


def extractor(name: str) -> Extractor:
    """The extractor of this name, also `pix2pix.en7@<checkpoint>` and `vggface.fc6@<own weights>`.

    `none` stands for the pictures themselves, where no metric looks through a network. Raises InputError listing the
    known names.
    """
    if name == NO_EXTRACTOR:
        return PICTURES_THEMSELVES
    found = named_extractor(name, WEIGHTS) if isinstance(name, str) else None
    return found or _look_up(
        EXTRACTORS, name, "extractor", also=(f"{base}@CHECKPOINT" for base in CHECKPOINT_EXTRACTORS)
    )


def metric(name: str) -> Metric:
    """The metric of this name; InputError listing the known ones otherwise."""
    return _look_up(METRICS, name, "metric")


def preset(name: str) -> Preset:
    """The preset of this name; InputError listing the known ones otherwise."""
    return _look_up(PRESETS, name, "preset")


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
