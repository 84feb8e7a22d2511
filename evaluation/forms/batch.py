"""The form for measuring the checkpoints of a run: what is chosen, and what can be chosen."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from datasetviewer.models import Dataset, Modality, Split
from evaluation import selectors, sets
from evaluation.checkpoint_extractors import OF_CHECKPOINT, Offered, all_layers, extractor_named, extractors_offered
from evaluation.models import Checkpoint, TrainingRun
from evaluation.services.study import ALL, Submitted, checkpoints_evaluate, reference_of
from workers.engine import catalogue, weights
from workers.engine.errors import InputError

DEFAULT_METRICS = ("fid", "kid")
CHOSEN = "chosen"  # the checkpoints ticked below, rather than a rule
EVERY = ("every 2", "every 5", "every 10")


class BatchForm:
    """Reads the choices out of an address or a sent form. Nothing in it is trusted; problems become sentences."""

    def __init__(self, data: QueryDict, user: Any, run: TrainingRun) -> None:
        self.user, self.run = user, run
        self.dataset = data.get("dataset") or self._default_dataset()
        self.split = data.get("split") or self._default_split()
        self.source = data.get("source", "")
        self.reference = data.get("reference", "").strip()
        self.extractors = data.getlist("extractor") or self._default_extractors()
        self.layer = data.get("layer", "")
        self.checkpoint = data.get("encoder", "")
        for name in [name for name in self.extractors if "@" in name]:  # as a link names the network of a checkpoint
            self.layer, _at, self.checkpoint = name.partition("@")
            self.extractors = [OF_CHECKPOINT, *(other for other in self.extractors if other != name)]
        self.metrics = data.getlist("metrics") or [name for name in DEFAULT_METRICS if name in catalogue.METRICS]
        self.ticked = data.getlist("checkpoint")
        self.which = data.get("checkpoints") or (CHOSEN if self.ticked else ALL)

    def _default_dataset(self) -> str:
        return self.run.dataset.slug if self.run.dataset else ""

    def _default_split(self) -> str:
        """Pictures kept for choosing where there are some: the test is for the chosen one."""
        if self.run.dataset is not None and self.run.dataset.images.filter(split=Split.VALIDATION).exists():
            return Split.VALIDATION
        return sets.HELD_OUT if self.keeps_pairs else Split.TEST

    def _default_extractors(self) -> list[str]:
        return [name for name, problem in self.all_extractors if not problem][:1]

    @cached_property
    def datasets(self) -> list[tuple[Dataset, list[str]]]:
        return selectors.sources_by_dataset(self.user)

    @cached_property
    def keeps_pairs(self) -> bool:
        """Whether the run held out enough pairs to measure by."""
        return len(selectors.validation_faces(self.run)) > 1

    @property
    def splits(self) -> list[tuple[str, str]]:
        labels = {value: str(label) for value, label in Split.choices} | {sets.ALL: _("all")}
        kept = [(sets.HELD_OUT, _("held out by this run"))] if self.keeps_pairs else []
        return [(name, labels.get(name, name)) for name in sets.SPLITS] + kept

    @cached_property
    def all_extractors(self) -> list[tuple[str, str]]:
        """Every extractor with fixed weights, and why it cannot be used here ("" when it can)."""
        return [(name, _problem(name)) for name in catalogue.EXTRACTORS]

    @property
    def usable_extractors(self) -> list[str]:
        return [name for name, problem in self.all_extractors if not problem or name in self.extractors]

    @property
    def missing_extractors(self) -> list[str]:
        """Those whose weights are not here."""
        return [name for name, problem in self.all_extractors if problem and name not in self.extractors]

    @cached_property
    def offered(self) -> list[Offered]:
        return extractors_offered(self.user)

    @property
    def layers(self) -> list[str]:
        return all_layers(self.offered)

    @property
    def of_checkpoint(self) -> bool:
        return OF_CHECKPOINT in self.extractors

    @property
    def all_metrics(self) -> list[tuple[catalogue.Metric, bool]]:
        return [(metric, metric.name in self.metrics) for metric in catalogue.METRICS.values()]

    @cached_property
    def checkpoints(self) -> list[Checkpoint]:
        return list(self.run.checkpoints.filter(deleted=None).order_by("step"))

    @property
    def ways(self) -> list[tuple[str, str]]:
        """How checkpoints can be chosen."""
        every = [(way, _("one in %(n)s, counted back from the last") % {"n": way.split()[1]}) for way in EVERY]
        return [(ALL, _("all %(n)s") % {"n": len(self.checkpoints)}), *every, (CHOSEN, _("those ticked below"))]

    @property
    def named_extractors(self) -> list[str]:
        """The chosen extractors as the engine knows them. InputError when that of a checkpoint is chosen by half."""
        names = [name for name in self.extractors if name != OF_CHECKPOINT]
        if self.of_checkpoint:
            if not (own := extractor_named(self.layer, self.checkpoint)):
                raise InputError(_("Choose a layer and a checkpoint for the extractor of a checkpoint."))
            names.append(own)
        return names

    @property
    def default_reference(self) -> str:
        """What an empty field stands for; "" while the selection is none."""
        try:
            return str(reference_of(self.run, self.dataset, self.split, self.source))
        except InputError:
            return ""

    @property
    def target(self) -> str:
        return str(Modality(self.run.direction_to).label)

    def submit(self) -> Submitted:
        """Queue what is chosen; InputError in words."""
        return checkpoints_evaluate(
            user=self.user,
            run=self.run,
            reference=sets.parse_text(self.reference, "reference") if self.reference else None,
            dataset=self.dataset,
            split=self.split,
            source=self.source,
            extractors=self.named_extractors,
            metrics=self.metrics,
            checkpoints=self.ticked if self.which == CHOSEN else self.which,
        )


def _problem(extractor: str) -> str:
    try:
        weights.find(extractor, settings.WEIGHTS_DIR)
    except InputError as error:
        return str(error)
    return ""
