"""The columns that a paper table can have: which metrics over which extractors, and what is missing for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from workers.engine import catalogue, weights
from workers.engine.errors import InputError

MOST_COLUMNS = 40
# Other ways of preparing the pictures for a network that has a column already.
VARIANTS = ("_tf1", "_clean")
SMALL_LAYERS = ("inception.pool1", "inception.pool2")
DISTANCES = ("fid",)
ONCE = ("kid",)  # over the first extractor alone
OF_PICTURES = ("ssim", "fsim", "lpips.squeeze", "lpips.alex", "scoot", "nlda")
RECOGNISERS = ("dlib.face128", "edgeface.xs512")
RECOGNITION = ("rank1",)
OPTIONAL = ("ssim.smoothed", "msssim", "psnr", "gmsd", "fsimc", "lpips.vgg", "dists")


@dataclass(frozen=True, order=True)
class PaperColumn:
    """A metric over an extractor ("" when it looks at the pictures themselves)."""

    metric: str
    extractor: str = ""

    def __str__(self) -> str:
        return f"{self.metric}:{self.extractor}" if self.extractor else self.metric

    @property
    def entry(self) -> catalogue.Metric:
        return catalogue.metric(self.metric)

    @property
    def lower_is_better(self) -> bool:
        return self.entry.lower_is_better

    @property
    def arrow(self) -> str:
        return "↓" if self.lower_is_better else "↑"

    @property
    def used_extractor(self) -> str:
        return self.extractor or catalogue.NO_EXTRACTOR

    @property
    def short(self) -> str:
        """What a paper calls it, without the extractor."""
        return catalogue.short_name(self.metric)

    @property
    def title(self) -> str:
        return f"{self.short} ({self.extractor})" if self.extractor else self.short

    def to_json(self) -> dict[str, str]:
        return {"metric": self.metric, "extractor": self.extractor}


def column_of(value: Any) -> PaperColumn:
    """A column out of {"metric", "extractor"} or "metric:extractor". InputError for what is no column."""
    if isinstance(value, PaperColumn):
        return value
    if isinstance(value, str):
        name, _colon, extractor = value.partition(":")
        value = {"metric": name, "extractor": extractor}
    if not isinstance(value, dict) or not set(value) <= {"metric", "extractor"} or "metric" not in value:
        example = '{"metric": "fid", "extractor": "inception.mixed6e"}'
        raise InputError(_("columns: a column is an object such as %(example)s.") % {"example": example})
    metric = catalogue.metric(value["metric"])
    extractor = value.get("extractor") or ""
    if not metric.needs_features:
        if extractor not in ("", catalogue.NO_EXTRACTOR):
            text = _("columns: %(metric)s looks at the pictures themselves and takes no extractor.")
            raise InputError(text % {"metric": metric.name})
        return PaperColumn(metric.name)
    if extractor in ("", catalogue.NO_EXTRACTOR):
        text = _("columns: %(metric)s needs an extractor, e.g. %(example)s.")
        example = f"{metric.name}:{next(iter(catalogue.EXTRACTORS))}"
        raise InputError(text % {"metric": metric.name, "example": example})
    return PaperColumn(metric.name, catalogue.extractor(extractor).name)


def columns_of(values: Any) -> list[PaperColumn]:
    """The columns of a table, each once, in the given order. InputError for none, too many, or what is no column."""
    if isinstance(values, str) or not isinstance(values, Sequence) or not values:
        raise InputError(_("columns: give a list with at least one, e.g. %(example)s.") % {"example": '["ssim"]'})
    found = list(dict.fromkeys(column_of(value) for value in values))
    if len(found) > MOST_COLUMNS:
        raise InputError(_("columns: at most %(n)s in one table.") % {"n": MOST_COLUMNS})
    return found


def default_columns() -> list[PaperColumn]:
    """What a paper of the field reports, as far as its weights are here: a distance over every extractor, then metrics of
    pairs, then recognition. LPIPS over SqueezeNet is among them also without its weights, and then says so."""
    installed = [
        name for name in catalogue.EXTRACTORS if not _is_variant(name) and not column_problem(PaperColumn("fid", name))
    ]
    found = [PaperColumn(metric, name) for metric in DISTANCES for name in installed]
    found += [PaperColumn(metric, name) for metric in ONCE for name in installed[:1]]
    found += [
        column
        for column in map(PaperColumn, OF_PICTURES)
        if column.metric == "lpips.squeeze" or not column_problem(column)
    ]
    found += [PaperColumn(metric, name) for metric in RECOGNITION for name in RECOGNISERS if name in installed]
    return found


def offered_columns() -> list[PaperColumn]:
    """Every column worth a tick in the form, the defaults first."""
    first = default_columns()
    more = [PaperColumn(metric, name) for metric in (*DISTANCES, *ONCE) for name in catalogue.EXTRACTORS]
    more += [PaperColumn(metric) for metric in (*OF_PICTURES, *OPTIONAL)]
    more += [PaperColumn(metric, name) for metric in RECOGNITION for name in RECOGNISERS]
    return [*first, *(column for column in dict.fromkeys(more) if column not in first)]


def _is_variant(extractor: str) -> bool:
    return extractor.endswith(VARIANTS) or extractor in SMALL_LAYERS


def column_problem(column: PaperColumn) -> str:
    """Why the column cannot be computed here, in short and with the command that helps; "" when it can."""
    commands = [_command(stems, column.metric) for stems in column.entry.weights if not _present(stems)]
    if column.extractor:
        entry = catalogue.extractor(column.extractor)
        if entry.of_checkpoint or "@" in column.extractor:
            try:
                weights.find(column.extractor, settings.WEIGHTS_DIR, settings.DATA_DIR / "checkpoints")
            except InputError as error:
                return str(error)
        else:
            commands += [_command(stems, column.extractor) for stems in entry.weights if not _present(stems)]
    if not commands:
        return ""
    text = _("The weights of %(name)s are missing. Get them with: %(command)s")
    return text % {"name": column.extractor or column.metric, "command": "; ".join(dict.fromkeys(commands))}


def weights_text(column: PaperColumn) -> str:
    """The files that the numbers of a column come from, for a caption; "" when it needs none or they are missing."""
    stems: Iterable[tuple[str, ...]] = column.entry.weights
    if column.extractor:
        if "@" in column.extractor:
            return column.extractor
        stems = (*stems, *catalogue.extractor(column.extractor).weights)
    names = [_present(each) for each in stems]
    return ", ".join(name for name in names if name) if all(names) else ""


def _present(stems: Sequence[str]) -> str:
    """The first of several files that serve alike which is here; "" for none."""
    try:
        return weights.find_file(stems, settings.WEIGHTS_DIR).entry.filename
    except InputError:
        return ""


def _command(stems: Sequence[str], needed_by: str) -> str:
    entries = [entry for stem in stems for entry in catalogue.weights(stem)]
    if entries[0].packaged:
        return entries[0].how_to_get
    name = needed_by if needed_by in catalogue.EXTRACTORS else entries[0].stem
    if any(entry.url for entry in entries):
        return f"python manage.py fetch_weights {name}"
    return f"python manage.py add_weights {name} FILE"
