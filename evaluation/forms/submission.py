"""The form of a new evaluation: what is chosen, what can be chosen, and what the choice would measure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from datasetviewer.models import Dataset, Modality, Split
from evaluation import selectors, sets
from evaluation.checkpoint_extractors import OF_CHECKPOINT, Offered, all_layers, extractor_named, extractors_offered
from evaluation.forms.set_choice import KINDS, SetChoice, choice_of, choice_read
from evaluation.models import Caution, Evaluation, Result
from evaluation.selectors.forecast import Forecast, cautions_before, forecast
from evaluation.services import too_few_for, upload_limits
from evaluation.set_offers import SetOffers
from workers.engine import catalogue, weights
from workers.engine.errors import InputError
from workers.engine.metrics import paired_weights

SIDES = {"reference": gettext_lazy("Reference set"), "candidate": gettext_lazy("Candidate set")}
HELP = {
    "reference": gettext_lazy("what the others should look like"),
    "candidate": gettext_lazy("what is measured"),
}
DEFAULT_METRICS = ("fid", "kid")  # the one everybody reports, and the one that few pictures do not push up


@dataclass(frozen=True)
class Side:
    """One of the two sets as chosen: how many pictures it holds, or why it cannot be used."""

    name: str
    title: str
    help: str
    choice: SetChoice
    label: str = ""
    count: int | None = None
    problem: str = ""
    outline: sets.Outline | None = None

    @property
    def chosen(self) -> dict[str, str]:
        return self.choice.parts


@dataclass(frozen=True)
class ExtractorChoice:
    """An extractor, and why it cannot be used here ("" when it can)."""

    entry: catalogue.Extractor
    problem: str


class SubmissionForm:
    """Reads a submission out of an address or a sent form. Nothing in it is trusted; problems become sentences.

    `like` is the protocol that somebody wants to measure by; it decides nothing, but the form says whether it is met.
    """

    def __init__(self, data: QueryDict, user: Any) -> None:
        self.user = user
        first = {"dataset": self.datasets[0][0].slug if self.datasets else ""}
        self.chosen = {side: choice_read(side, data, first) for side in SIDES}
        self.extractor = data.get("extractor", "") or self._default_extractor()
        self.layer, _at, self.encoder = self.extractor.partition("@")
        if self.extractor == OF_CHECKPOINT:
            self.layer, self.encoder = data.get("layer", ""), data.get("encoder", "")
            self.extractor = extractor_named(self.layer, self.encoder) or OF_CHECKPOINT
        self.metrics = data.getlist("metrics") or list(DEFAULT_METRICS)
        self.like = data.get("like", "")[:16]

    def _default_extractor(self) -> str:
        return next((choice.entry.name for choice in self.usable_extractors), next(iter(catalogue.EXTRACTORS)))

    @cached_property
    def datasets(self) -> list[tuple[Dataset, list[str]]]:
        return selectors.sources_by_dataset(self.user)

    @cached_property
    def offers(self) -> SetOffers:
        return SetOffers(self.user)

    @property
    def titles(self) -> list[tuple[str, Any]]:
        return list(SIDES.items())

    @property
    def upload_limits(self) -> dict[str, Any]:
        return upload_limits()

    @property
    def kinds(self) -> list[tuple[str, Any]]:
        return list(KINDS.items())

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
        """Those of the table; a checkpoint's is chosen by two fields of its own."""
        return [ExtractorChoice(entry, weights_problem(entry.name)) for entry in catalogue.EXTRACTORS.values()]

    @cached_property
    def entry(self) -> catalogue.Extractor | None:
        """The chosen extractor; None when there is none of the name."""
        try:
            return catalogue.extractor(self.extractor)
        except InputError:
            return None

    @property
    def looks_through(self) -> bool:
        """Whether a chosen metric looks through the extractor; the others look at the pictures themselves."""
        return any(metric.needs_features for metric in self.chosen_metrics)

    @property
    def used_extractor(self) -> str:
        return self.extractor if self.looks_through else catalogue.NO_EXTRACTOR

    @property
    def metric_groups(self) -> list[tuple[str, list[tuple[catalogue.Metric, bool]]]]:
        """Title -> metrics with whether each is chosen: those of whole sets first, then those of pairs."""
        groups = [(_("Between the two sets"), False), (_("Between the pictures of each pair"), True)]
        return [(title, [row for row in self.all_metrics if row[0].paired == paired]) for title, paired in groups]

    @property
    def encoder_chosen(self) -> bool:
        """Whether the extractor is the network of a checkpoint, named or still to be named."""
        return self.extractor == OF_CHECKPOINT or "@" in self.extractor

    @cached_property
    def offered(self) -> list[Offered]:
        """The runs whose checkpoints can extract."""
        return extractors_offered(self.user)

    @property
    def layers(self) -> list[str]:
        return all_layers(self.offered)

    @property
    def usable_extractors(self) -> list[ExtractorChoice]:
        return [choice for choice in self.extractors if not choice.problem]

    @property
    def other_extractors(self) -> list[ExtractorChoice]:
        return [choice for choice in self.extractors if choice.problem]

    @property
    def all_metrics(self) -> list[tuple[catalogue.Metric, bool]]:
        """Every metric, and whether it is chosen."""
        return [(metric, metric.name in self.metrics) for metric in catalogue.METRICS.values()]

    @property
    def chosen_metrics(self) -> list[catalogue.Metric]:
        return [metric for metric, chosen in self.all_metrics if chosen]

    def spec(self, side: str) -> sets.SetSpec:
        """The chosen set; InputError when it is no specification of one."""
        return self.chosen[side].spec()

    @cached_property
    def sides(self) -> list[Side]:
        return [self._side(name) for name in SIDES]

    def _side(self, name: str) -> Side:
        side = Side(name, str(SIDES[name]), str(HELP[name]), self.chosen[name])
        try:
            spec = self.spec(name)
            found = sets.outline(spec, name, user=self.user)
        except InputError as error:
            return replace(side, problem=str(error))
        problem = "" if found.n > 1 else sets.too_few(found.spec, name, found.dataset, found.n)
        problems = (too_few_for(metric.name, name, found.n) for metric in self.chosen_metrics)
        problem = problem or next(filter(None, problems), "")
        return replace(side, label=sets.label(found.spec), count=found.n, problem=problem, outline=found)

    @property
    def ready(self) -> bool:
        usable = not self.extractor_problem and not self.metric_problems
        return usable and all(side.count and not side.problem for side in self.sides)

    @property
    def metric_problems(self) -> list[str]:
        """Why chosen metrics cannot be computed here: weights of their own networks that are missing."""
        return list(filter(None, (metric_problem(metric.name) for metric in self.chosen_metrics)))

    @property
    def extractor_problem(self) -> str:
        if self.extractor == OF_CHECKPOINT and self.looks_through:
            return _("Choose the layer and the checkpoint whose network looks at the pictures.")
        if not self.looks_through:
            return ""
        if self.entry is None:
            return _("There is no extractor of this name; choose one of the list.")
        return weights_problem(self.extractor)

    @property
    def cautions(self) -> list[Caution]:
        """What the numbers will have to be read with, known before any work is done."""
        reference, candidate = (side.outline for side in self.sides)
        entry = self.entry
        if entry is None or reference is None or candidate is None or not (reference.n and candidate.n):
            return []
        return cautions_before(
            reference, candidate, self.used_extractor, [metric.name for metric in self.chosen_metrics]
        )

    @cached_property
    def forecast(self) -> Forecast | None:
        """What submitting would do; None while it would be refused."""
        outlines = [(side.name, side.outline) for side in self.sides if side.outline is not None]
        if not self.ready or len(outlines) != len(SIDES):
            return None
        names = [metric.name for metric in self.chosen_metrics]
        return forecast(outlines, self.used_extractor, names, user=self.user)

    @cached_property
    def liked(self) -> Result | None:
        """A result of the protocol that is to be met; None when none is wanted or nobody may see one."""
        if not self.like:
            return None
        return selectors.results_visible_to(self.user).filter(protocol=self.like).first()

    @property
    def unlike(self) -> list[str]:
        """What keeps the number from standing beside those of the wanted protocol, as sentences; empty when it will."""
        if self.liked is None:
            return []
        wanted, found = self.liked, []
        if (
            choice_of("reference", wanted.evaluation.reference).address_parts()
            != self.chosen["reference"].address_parts()
        ):
            found.append(_("Its reference is %(set)s.") % {"set": wanted.evaluation.reference_label})
        if self.used_extractor != wanted.extractor:
            found.append(_("Its extractor is %(name)s.") % {"name": wanted.extractor})
        if wanted.metric not in self.metrics:
            found.append(_("Its metric is %(name)s.") % {"name": wanted.metric})
        count = next(side.count for side in self.sides if side.name == "candidate")
        paired = catalogue.metric(wanted.metric).paired  # counts the pairs, which are known when it is measured
        if count is not None and count != wanted.n_candidate and not paired:
            text = _("Its candidates have %(wanted)s pictures, this one has %(n)s: the number will stand by itself.")
            found.append(text % {"wanted": wanted.n_candidate, "n": count})
        return found

    @property
    def address(self) -> str:
        """The page of the form with everything that is chosen."""
        return address_for(self.chosen.values(), self.extractor, self.metrics, self.like)

    @staticmethod
    def address_of(evaluation: Evaluation) -> str:
        """The form filled in as it was for an evaluation; "" for held-out pairs, which are chosen on the page of their run."""
        if any(sets.HELD_OUT in (*spec, spec.get("split")) for spec in (evaluation.reference, evaluation.candidate)):
            return ""
        choices = [choice_of("reference", evaluation.reference), choice_of("candidate", evaluation.candidate)]
        return address_for(choices, evaluation.extractor, evaluation.metrics)


def address_for(choices: Iterable[SetChoice], extractor: str, metrics: Iterable[str], like: str = "") -> str:
    """The page of the form with these choices; what is left out stands there as in an empty form."""
    query = QueryDict(mutable=True)
    for choice in choices:
        query.update(choice.address_parts())
    query["extractor"] = extractor
    query.setlist("metrics", list(metrics))
    if like:
        query["like"] = like
    return f"{reverse('evaluation:evaluation-new')}?{query.urlencode()}"


def metric_problem(metric: str) -> str:
    """Why the metric's own networks cannot be used here; "" when they can, or it has none."""
    try:
        paired_weights.metric_digest(metric, settings.WEIGHTS_DIR)
    except InputError as error:
        return str(error)
    return ""


def weights_problem(extractor: str) -> str:
    """Why the extractor cannot be used here; "" when it can."""
    try:
        weights.find(extractor, settings.WEIGHTS_DIR, Path(settings.DATA_DIR) / "checkpoints")
    except InputError as error:
        return str(error)
    return ""
