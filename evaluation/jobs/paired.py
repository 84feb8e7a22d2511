"""The part of an evaluation that compares pictures two by two."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from evaluation.jobs.computing import tell_measured
from evaluation.jobs.loading import load
from evaluation.models import Evaluation
from evaluation.services import pair_values_write
from evaluation.sets import Contents, matched
from workers.context import JobContext
from workers.engine import catalogue

if TYPE_CHECKING:
    from workers.engine.features.extract import FeatureSet
    from workers.engine.metrics.pair_ranks import PairRanks
    from workers.engine.metrics.paired import PairedMeasurement
    from workers.engine.metrics.paired_features import Mistake


def nobody_found(n: int) -> PairRanks:
    """What is behind rank-k when no candidate of the `n` pairs has features."""
    from workers.engine.metrics.pair_ranks import PairRanks

    return PairRanks(rank=[None] * n, own=[None] * n, other=[None] * n, nearest=[None] * n)


@dataclass
class PairedWork:
    """Measures the pairs of two sets, first by their features, then by their pictures; `write` keeps what each gave."""

    context: JobContext
    evaluation: Evaluation
    reference: Contents
    candidate: Contents
    measurements: list[PairedMeasurement] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    recognition: PairRanks | None = None

    def __post_init__(self) -> None:
        self.found = matched(self.reference, self.candidate)
        self.metrics = [catalogue.metric(name) for name in self.evaluation.metrics if catalogue.metric(name).paired]

    @property
    def looks_at_pictures(self) -> bool:
        return any(not metric.needs_features for metric in self.metrics)

    def by_features(self, features: Sequence[FeatureSet]) -> None:
        """The metrics that look through the extractor: rank-k."""
        names = [metric.name for metric in self.metrics if metric.needs_features]
        if not names:
            return
        load(self.context, "workers.engine.metrics.paired_features")
        from workers.engine.metrics.pair_ranks import pair_ranks
        from workers.engine.metrics.paired_features import Keyed, measure_ranks

        began = time.monotonic()
        sides = [
            Keyed(each, self._keys(contents, side))
            for each, contents, side in zip(
                features, (self.reference, self.candidate), ("reference", "candidate"), strict=True
            )
        ]
        measured, mistakes = self.context.beside(lambda: measure_ranks(names, sides[0], sides[1], self.context.check))
        self.measurements += measured
        self.mistakes += mistakes
        if sides[1].keys:
            self.recognition = self.context.beside(
                lambda: pair_ranks(self.found.keys, sides[0], sides[1], self.context.check)
            )
        else:
            self.recognition = nobody_found(len(self.found.keys))
        for name in names:
            tell_measured(self.evaluation, name, (time.monotonic() - began) / len(names))

    def by_pictures(self, begin: float, end: float) -> None:
        """The metrics that look at the pictures themselves; `begin` and `end` are their part of the progress."""
        names = [metric.name for metric in self.metrics if not metric.needs_features]
        if not names:
            return
        self.context.report(begin, _("loading the metrics"))
        load(self.context, "workers.engine.metrics.paired")
        for name in names:
            load(self.context, catalogue.metric(name).module.rpartition(".")[0])
        from workers.engine.metrics import paired

        def report(done: int, of: int) -> None:
            step = _("%(done)s of %(of)s pairs") % {"done": done, "of": of}
            self.context.report(begin + (end - begin) * done / max(of, 1), step)

        pairs = paired.Pairs(self.found.keys, self.found.reference, self.found.candidate, tuple(self.unmatched))
        began = time.monotonic()
        self.measurements += self.context.beside(
            lambda: paired.measure(
                names,
                pairs,
                weights_dir=settings.WEIGHTS_DIR,
                device=settings.DEVICE,
                report=report,
                tell=self.context.check,
            )
        )
        for name in names:
            tell_measured(self.evaluation, name, (time.monotonic() - began) / len(names))

    def write(self) -> None:
        """Keep the values of every pair; to be called inside `context.finish()`."""
        pair_values_write(
            evaluation=self.evaluation,
            keys=self.found.keys,
            names=(
                self._names(self.reference, self.found.reference),
                self._names(self.candidate, self.found.candidate),
            ),
            measurements=self.measurements,
            unmatched=self.unmatched,
            mistakes=self.mistakes,
            recognition=self.recognition,
        )

    @property
    def unmatched(self) -> list[str]:
        """Names of the pictures without a partner, those of the reference first."""
        sides = ((self.reference, set(self.found.reference)), (self.candidate, set(self.found.candidate)))
        return [
            name
            for contents, used in sides
            for name, path in zip(contents.names, contents.paths, strict=True)
            if path not in used
        ]

    def _keys(self, contents: Contents, side: str) -> dict[str, str]:
        """Name of each picture -> key of its pair; one without a partner has a key that the other set has not."""
        used = self.found.reference if side == "reference" else self.found.candidate
        key_of = dict(zip(used, self.found.keys, strict=True))
        return {
            name: key_of.get(path, f"{side}: {name}") for name, path in zip(contents.names, contents.paths, strict=True)
        }

    @staticmethod
    def _names(contents: Contents, paths: Sequence) -> list[str]:
        name_of = dict(zip(contents.paths, contents.names, strict=True))
        return [name_of[path] for path in paths]
