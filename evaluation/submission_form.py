"""The form of a new evaluation: what is chosen, what can be chosen, and what the choice would measure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from datasetviewer.models import Dataset, Modality, Split
from datasetviewer.selectors import dataset_visible_to
from evaluation import selectors, sets
from evaluation.models import Caution, Evaluation, warning_text
from evaluation.services import too_few_for
from workers.engine import catalogue, weights
from workers.engine.errors import InputError

SIDES = {"reference": gettext_lazy("Reference set"), "candidate": gettext_lazy("Candidate set")}
HELP = {
    "reference": gettext_lazy("what the others should look like"),
    "candidate": gettext_lazy("what is measured"),
}
PARTS = ("dataset", "split", "modality", "source")
DEFAULT_METRICS = ("fid", "kid")  # the one everybody reports, and the one that few pictures do not push up
DEFAULT_MODALITY = {"reference": "sketch", "candidate": "photo"}


@dataclass(frozen=True)
class Side:
    """One of the two sets as chosen: how many pictures it holds, or why it cannot be used."""

    name: str
    title: str
    help: str
    chosen: dict[str, str]
    label: str = ""
    count: int | None = None
    problem: str = ""


@dataclass(frozen=True)
class ExtractorChoice:
    """An extractor, and why it cannot be used here ("" when it can)."""

    entry: catalogue.Extractor
    problem: str


class SubmissionForm:
    """Reads a submission out of an address or a sent form. Nothing in it is trusted; problems become sentences."""

    def __init__(self, data: QueryDict, user: Any) -> None:
        self.user = user
        self.chosen = {
            side: {part: data.get(f"{side}_{part}", self._default(side, part)).strip() for part in PARTS}
            for side in SIDES
        }
        self.extractor = data.get("extractor", "") or self._default_extractor()
        self.metrics = data.getlist("metrics") or list(DEFAULT_METRICS)

    def _default(self, side: str, part: str) -> str:
        if part == "dataset":
            return self.datasets[0][0].slug if self.datasets else ""
        return {"split": sets.ALL, "modality": DEFAULT_MODALITY[side], "source": ""}[part]

    def _default_extractor(self) -> str:
        usable = [choice.entry.name for choice in self.extractors if not choice.problem]
        return (usable or list(catalogue.EXTRACTORS))[0]

    @cached_property
    def datasets(self) -> list[tuple[Dataset, list[str]]]:
        return selectors.sources_by_dataset(self.user)

    @property
    def has_sources(self) -> bool:
        return any(sources for _dataset, sources in self.datasets)

    @property
    def splits(self) -> list[tuple[str, str]]:
        return [(sets.ALL, _("all")), *[(value, str(label)) for value, label in Split.choices if value]]

    @property
    def modalities(self) -> list[tuple[str, Any]]:
        return list(Modality.choices)

    @cached_property
    def extractors(self) -> list[ExtractorChoice]:
        return [ExtractorChoice(entry, _weights_problem(entry.name)) for entry in catalogue.EXTRACTORS.values()]

    @property
    def all_metrics(self) -> list[tuple[catalogue.Metric, bool]]:
        """Every metric, and whether it is chosen."""
        return [(metric, metric.name in self.metrics) for metric in catalogue.METRICS.values()]

    @property
    def chosen_metrics(self) -> list[catalogue.Metric]:
        return [metric for metric, chosen in self.all_metrics if chosen]

    def spec(self, side: str) -> sets.DatasetSet:
        """The chosen set; InputError when it is no specification of one."""
        spec = sets.parse(self.chosen[side], side)
        assert isinstance(spec, sets.DatasetSet)  # the form has no field for a named set
        return spec

    @cached_property
    def sides(self) -> list[Side]:
        return [self._side(name) for name in SIDES]

    def _side(self, name: str) -> Side:
        side = Side(name, str(SIDES[name]), str(HELP[name]), self.chosen[name])
        if not self.datasets:
            return side
        try:
            spec = self.spec(name)
            dataset, images = sets.images_of(spec, name, dataset_visible_to(self.user))
            count = images.count()
            problem = "" if count > 1 else sets.too_few(spec, name, dataset, count)
            problems = (too_few_for(metric.name, name, count) for metric in self.chosen_metrics)
            problem = problem or next(filter(None, problems), "")
            return replace(side, label=str(spec), count=count, problem=problem)
        except InputError as error:
            return replace(side, problem=str(error))

    @property
    def ready(self) -> bool:
        return all(side.count and not side.problem for side in self.sides) and not self.extractor_problem

    @property
    def extractor_problem(self) -> str:
        known = {choice.entry.name: choice.problem for choice in self.extractors}
        if self.extractor not in known:
            return _("There is no extractor of this name; choose one of the list.")
        return known[self.extractor]

    @property
    def cautions(self) -> list[Caution]:
        """What the numbers will have to be read with, known before any work is done."""
        counts = [side.count for side in self.sides]
        entry = catalogue.EXTRACTORS.get(self.extractor)
        if entry is None or not all(counts):
            return []
        found = []
        smaller = min(count for count in counts if count)
        if smaller <= entry.dimension and any(metric.gaussian for metric in self.chosen_metrics):
            values: dict[str, Any] = {"n": smaller, "dimension": entry.dimension}
            found.append(warning_text({"code": "rank_deficient", "values": values}))
        if counts[0] != counts[1] and not all(metric.unbiased for metric in self.chosen_metrics):
            values = {"n_reference": counts[0], "n_candidate": counts[1]}
            found.append(warning_text({"code": "different_n", "values": values}))
        return found

    @property
    def address(self) -> str:
        """The page of the form with everything that is chosen."""
        return _address(self.chosen, self.extractor, self.metrics)

    @staticmethod
    def address_of(evaluation: Evaluation) -> str:
        """The form filled in as it was for an evaluation; "" for one of folders, which only the command line takes."""
        chosen = {"reference": evaluation.reference, "candidate": evaluation.candidate}
        if any("folder" in spec for spec in chosen.values()):
            return ""
        return _address(chosen, evaluation.extractor, evaluation.metrics)


def _address(chosen: dict[str, dict[str, str]], extractor: str, metrics: list[str]) -> str:
    query = QueryDict(mutable=True)
    for side, parts in chosen.items():
        query.update({f"{side}_{part}": value for part, value in parts.items() if value})
    query["extractor"] = extractor
    query.setlist("metrics", metrics)
    return f"{reverse('evaluation:evaluation-new')}?{query.urlencode()}"


def _weights_problem(extractor: str) -> str:
    try:
        weights.find(extractor, settings.WEIGHTS_DIR)
    except InputError as error:
        return str(error)
    return ""
