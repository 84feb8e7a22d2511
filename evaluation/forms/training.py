"""The form of a new training: what is chosen, what can be chosen, and what the choice would train on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from datasetviewer.models import Dataset, Modality, Split
from evaluation import selectors
from evaluation.models import Checkpoint, TrainingRun
from evaluation.selectors.training_pairs import ChosenPairs, direction_of, pairs_chosen
from evaluation.services import training_wish
from evaluation.services.trainings import DEFAULT_DIRECTION, Wish
from workers.engine import catalogue, weights
from workers.engine.errors import InputError

PREFIX = "option_"
PLAIN = {
    "split": "train",
    "source": "",
    "direction": DEFAULT_DIRECTION,
    "seed": "0",
    "validation_share": "0.1",
    "name": "",
}
DEFAULT_PRESET = "pix2pix.unet256"
DIRECTIONS = (("photo", "sketch"), ("sketch", "photo"), ("sketch", "sketch"), ("photo", "caricature"))
# How the options stand on the page; what is in none of these groups comes last, under "Loss and networks".
RUNNING = ("epochs", "batch", "size", "checkpoint_every", "samples", "precision")
RATES = ("lr", "lr_discriminator", "decay_from", "beta1", "beta2", "grad_clip", "ema")
AUGMENTING = ("flip", "crop", "warp", "colour", "grey", "background", "wild", "diffaugment")


@dataclass(frozen=True)
class Field:
    """An option as it stands in the form; `error` says what is wrong with `value`."""

    option: catalogue.Option
    value: str
    changed: bool
    error: str

    @property
    def default(self) -> str:
        return text_of(self.option.default)

    @property
    def choices(self) -> list[str]:
        return [text_of(choice) for choice in self.option.choices]


@dataclass(frozen=True)
class Group:
    title: str
    fields: list[Field]

    @property
    def open(self) -> bool:
        """Whether there is something to see in it: a change or a mistake."""
        return any(field.changed or field.error for field in self.fields)


class TrainingForm:
    """Reads a training out of an address or a sent form. Nothing in it is trusted; problems become sentences."""

    def __init__(self, data: QueryDict, user: Any) -> None:
        self.user = user
        self.parent_id = data.get("parent", "").strip()
        given = data.get("preset", "").strip()
        started = self.parent.run.preset if self.parent else DEFAULT_PRESET
        self.preset_name = given if given in catalogue.PRESETS else started
        self.preset_problem = "" if not given or given in catalogue.PRESETS else given
        self.plain = {name: data.get(name, self._default(name)).strip() for name in (*PLAIN, "dataset")}
        # Options of a preset that was chosen a moment ago do not follow to another one.
        stale = data.get("options_of", self.preset_name) != self.preset_name
        self.given = {} if stale else self._given(data)

    def _default(self, name: str) -> str:
        run = self.parent.run if self.parent else None
        if name == "dataset":
            slug = run.dataset.slug if run and run.dataset else ""
            return slug or (self.datasets[0][0].slug if self.datasets else "")
        if run is not None and name in ("split", "source", "seed", "validation_share"):
            return text_of(getattr(run, name))
        if run is not None and name == "direction":
            return f"{run.direction_from}-{run.direction_to}"
        return PLAIN[name]

    def _given(self, data: QueryDict) -> dict[str, str]:
        start = self.parent.run.options if self.parent and self.parent.run.preset == self.preset_name else {}
        known = {option.name for option in self.preset.options}
        found = {name: text_of(value) for name, value in start.items() if name in known}
        return found | {
            name.removeprefix(PREFIX): data.get(name, "").strip() for name in data if name.startswith(PREFIX)
        }

    @cached_property
    def parent(self) -> Checkpoint | None:
        return selectors.checkpoint_get(user=self.user, checkpoint_id=self.parent_id) if self.parent_id else None

    @property
    def preset(self) -> catalogue.Preset:
        return catalogue.PRESETS[self.preset_name]

    @cached_property
    def presets(self) -> list[tuple[catalogue.Preset, str]]:
        """Every preset that may be chosen, and which weights it misses here ("" for none)."""
        wanted = [self.preset] if self.parent else list(catalogue.PRESETS.values())
        return [(preset, ", ".join(_missing_weights(preset))) for preset in wanted]

    @cached_property
    def datasets(self) -> list[tuple[Dataset, list[str]]]:
        return selectors.sources_by_dataset(self.user)

    @property
    def splits(self) -> list[tuple[str, str]]:
        return [*[(value, str(label)) for value, label in Split.choices if value], ("all", _("all"))]

    @property
    def directions(self) -> list[tuple[str, str]]:
        return [(f"{a}-{b}", f"{Modality(a).label} → {Modality(b).label}") for a, b in DIRECTIONS]

    @cached_property
    def fields(self) -> list[Field]:
        return [self._field(option) for option in self.preset.options]

    def _field(self, option: catalogue.Option) -> Field:
        value = self.given.get(option.name, text_of(option.default))
        try:
            return Field(option, value, option.checked(value) != option.default, "")
        except InputError as error:
            return Field(option, value, True, str(error))

    @property
    def groups(self) -> list[Group]:
        titles = {RUNNING: _("Run"), RATES: _("Learning"), AUGMENTING: _("Changing the pictures while training")}
        found, placed = [], set()
        for names, title in titles.items():
            by_name = {field.option.name: field for field in self.fields}
            found.append(Group(title, [by_name[name] for name in names if name in by_name]))
            placed |= set(names)
        rest = [field for field in self.fields if field.option.name not in placed]
        return [found[0], Group(_("Loss and network"), rest), *found[1:]]

    @property
    def changed(self) -> dict[str, str]:
        return {field.option.name: field.value for field in self.fields if field.changed}

    @cached_property
    def pairs(self) -> tuple[ChosenPairs | None, str]:
        """The pairs of the choice, or why there are none."""
        dataset = next((one for one, _sources in self.datasets if one.slug == self.plain["dataset"]), None)
        if dataset is None:
            return None, _("Choose a dataset.")
        try:
            chosen = pairs_chosen(
                dataset, split=self.plain["split"], source=self.plain["source"],
                direction=direction_of(self.plain["direction"]),
                validation_share=min(max(float(self.plain["validation_share"]), 0.0), 0.5), seed=int(self.plain["seed"]),
            )  # fmt: skip
        except InputError as error:
            return None, str(error)
        except ValueError:
            return None, _("Seed and validation share are numbers.")
        return chosen, ""

    @property
    def counts(self) -> dict[str, Any]:
        """How many pairs there are to learn from and held out, and how many steps that makes."""
        chosen, problem = self.pairs
        if chosen is None:
            return {"problem": problem}
        values = {field.option.name: field.value for field in self.fields if not field.error}
        train = len(chosen.train)
        try:
            steps = -(-train // int(values["batch"])) * int(values["epochs"])
        except (KeyError, ValueError):
            steps = None
        return {"train": train, "validation": len(chosen.validation), "steps": steps, "problem": ""}

    def wish(self) -> Wish:
        """The training; InputError when it cannot be submitted."""
        if self.preset_problem:
            catalogue.preset(self.preset_problem)
        plain: dict[str, Any] = dict(self.plain)
        return training_wish(
            user=self.user, preset=self.preset_name, options=self.changed, parent=self.parent_id, **plain
        )

    @property
    def address(self) -> str:
        """The page of the form with everything that is chosen; what is as by default is left out."""
        return address_of(
            {"preset": self.preset_name, **self.plain, "parent": self.parent_id},
            self.changed,
        )


def again_address(run: TrainingRun, parent: Checkpoint | None = None) -> str:
    """The form filled in as it was for a run; with a checkpoint, to go on from it."""
    plain = {
        "preset": run.preset,
        "dataset": run.dataset.slug if run.dataset else "",
        "direction": f"{run.direction_from}-{run.direction_to}",
        **{name: text_of(getattr(run, name)) for name in ("split", "source", "seed", "validation_share")},
        "parent": parent.id if parent else "",
    }
    return address_of(plain, changed_options(run))


def changed_options(run: TrainingRun) -> dict[str, str]:
    """The options of a run that are not the preset's defaults, as the form and the command line write them."""
    preset = catalogue.PRESETS.get(run.preset)
    defaults = {option.name: option.default for option in preset.options} if preset else {}
    return {name: text_of(value) for name, value in run.options.items() if defaults.get(name) != value}


def address_of(plain: dict[str, str], options: dict[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in plain.items() if value and PLAIN.get(name) != value})
    query.update({f"{PREFIX}{name}": value for name, value in options.items()})
    return f"{reverse('evaluation:training-new')}?{query.urlencode()}"


def text_of(value: Any) -> str:
    """A value as forms and command lines write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _missing_weights(preset: catalogue.Preset) -> list[str]:
    missing = []
    for name in preset.needs_weights:
        try:
            weights.find(name, settings.WEIGHTS_DIR)
        except InputError:
            missing.append(name)
    return missing
