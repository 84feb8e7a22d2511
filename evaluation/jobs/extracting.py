"""Features for an evaluation: kept ones, small sets at once, large ones in shards that any number of workers compute."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from evaluation.jobs.computing import Pace, compute
from evaluation.jobs.loading import load
from evaluation.models import Evaluation, FeatureSet
from evaluation.services import shards as rows
from evaluation.sets import Contents, label
from workers.context import JobContext
from workers.engine import catalogue, weights
from workers.engine.errors import InputError
from workers.models import Job

if TYPE_CHECKING:
    from workers.engine.features import extract as engine
    from workers.engine.features import store

LOOKING_SHARE = 0.02  # of the extraction's progress, for the digests of the files
LOOK_SECONDS = 0.2  # between two looks at a set that another evaluation is computing


@dataclass(frozen=True)
class Named:
    """A set, and what a step of the job calls it."""

    name: str
    contents: Contents


@dataclass(frozen=True)
class _Side:
    """A set with the digests of its pictures, and its row."""

    name: str
    contents: Contents
    digests: tuple[str, ...]
    row: FeatureSet

    @property
    def listed(self) -> list[rows.Listed]:
        """The distinct pictures, in the order of their digests."""
        each = zip(self.digests, self.contents.paths, self.contents.names, strict=True)
        return sorted({listed[0]: listed for listed in each}.values())


class SetsExtraction:
    """The features of sets by one extractor; the job's progress from `begin` to `end` is theirs.

    Who watches is told through `_log` and `_write_pace`.
    """

    def __init__(
        self, context: JobContext, extractor: str, found: weights.ExtractorWeights, begin: float, end: float
    ) -> None:
        self.context, self.extractor, self.found = context, extractor, found
        self.begin, self.end = begin, end

    def _log(self, text: str) -> None:
        """Keep a line of what was done."""

    def _write_pace(self, *, pace: float | None) -> None:
        """Keep how many pictures a second are being extracted."""

    def _tell(self, share: float, step: str) -> None:
        self.context.report(self.begin + (self.end - self.begin) * share, step)

    def features_of(self, sets: Sequence[Named]) -> list[engine.FeatureSet]:
        """The features of each set, in its order.

        Ends the attempt to wait for shards: then the handler is called again and finds them. Raises InputError for
        pictures that cannot be read and sets with fewer than 2 that can be used.
        """
        total = max(sum(each.contents.n for each in sets), 1)
        sides = []
        for number, each in enumerate(sets):
            sides.append(self._side(each, number, len(sets)))
        parts = [part for side in sides for part in self._split(side)]
        result: list[store.Known | None] = [None] * len(sides)
        before = 0
        for place, side in enumerate(sides):
            if not self._is_split(side):
                result[place] = self._at_once(side, before, total)
            before += side.contents.n
        if parts:
            text = _("waiting for %(count)s parts, which any number of workers compute") % {"count": len(parts)}
            self._log(text)
        self.context.wait_for(parts)
        for place, side in enumerate(sides):
            if result[place] is None:
                result[place] = self._merged(side)
        return [self._assembled(side, known) for side, known in zip(sides, result, strict=True) if known is not None]

    def _side(self, each: Named, number: int, count: int) -> _Side:
        from workers.engine.features import store

        digests = []
        for done, (path, name) in enumerate(zip(each.contents.paths, each.contents.names, strict=True)):
            if done % 50 == 0:
                step = _("%(set)s: looking at the files") % {"set": each.name}
                self._tell(LOOKING_SHARE * (number + done / each.contents.n) / count, step)
            try:
                digests.append(weights.sha256_of(path))
            except OSError as error:
                # The name, not the path: the message is for people elsewhere.
                raise InputError(f"{name} cannot be read: {error.strerror}.") from error
        key = store.set_key(digests, self.extractor, self.found.digest)
        row = rows.feature_set_of(
            key=key, extractor=self.extractor, weights_digest=self.found.digest, n=len(set(digests))
        )
        return _Side(each.name, each.contents, tuple(digests), row)

    def _is_split(self, side: _Side) -> bool:
        return side.row.n > settings.SHARD_PICTURES or side.row.shards.exists()

    def _split(self, side: _Side) -> list[Job]:
        """The jobs that a large set has to wait for; none for a small one."""
        from workers.engine.features.shards import pieces

        if not self._is_split(side):
            return []
        if side.row.done is not None:
            return []
        rows.pictures_write(key=side.row.key, listed=side.listed)
        cut = pieces(side.digests, self.extractor, self.found.digest, int(settings.SHARD_PICTURES))
        whole = Job.objects.get(id=self.context.job_id)
        title = label(side.contents.spec)
        parts = rows.feature_set_split(feature_set=side.row, pieces=cut, whole=whole, title=title)
        if parts:
            values = {"set": side.name, "n": side.row.n, "count": len(cut), "left": len(parts)}
            text = _("%(set)s: %(n)s pictures in %(count)s parts, %(left)s of them to be computed") % values
            self._log(text)
        return parts

    def _merged(self, side: _Side) -> store.Known:
        """The pieces of a split set as one."""
        from workers.engine.features.shards import together

        keys = [shard.key for shard in side.row.shards.order_by("index")]
        known = self.context.beside(lambda: together(rows.features_folder(), keys))
        if known is None:
            # Somebody removed files by hand, or the disk did: what is missing is computed anew.
            rows.feature_set_lost(feature_set=side.row)
            side.row.refresh_from_db()
            self.context.wait_for(self._split(side))
            raise RuntimeError(f"features of {side.row} are missing although all shards are done")
        if side.row.done is None:
            rows.feature_set_done(feature_set=side.row)
        text = _("%(set)s: features of %(n)s pictures put together from %(count)s parts")
        values = {"set": side.name, "n": side.row.n, "count": len(keys)}
        self._log(text % values)
        return known

    def _at_once(self, side: _Side, before: int, total: int) -> store.Known:
        """A small set, computed here unless it is kept, or being computed by another evaluation."""
        self._wait_for_holder(side, before / total)
        from workers.engine.features import store

        known = self.context.beside(lambda: store.load(rows.features_folder(), side.row.key))
        if known is not None:
            rows.feature_set_done(feature_set=side.row)
            text = _("%(set)s: features of %(n)s pictures were kept from before")
            self._log(text % {"set": side.name, "n": side.row.n})
            return known
        self._tell(before / total, _("loading the network"))
        load(self.context, catalogue.extractor(self.extractor).module.rpartition(".")[0])
        pace = Pace(self._write_pace)

        def report(done: int, of: int) -> None:
            pace.tell(done)
            step = _("%(set)s: %(done)s of %(of)s pictures") % {"set": side.name, "done": done, "of": of}
            self._tell((before + side.contents.n * done / max(of, 1)) / total, step + pace.text)

        known = compute(self.context, side.row.extractor, side.listed, self.found, report, pace)
        rows.feature_set_done(feature_set=side.row)
        values = {"set": side.name, "n": side.row.n, "seconds": f"{pace.seconds:.1f}", "pace": f"{pace.overall:.1f}"}
        text = _("%(set)s: features of %(n)s pictures in %(seconds)s s, %(pace)s pictures a second")
        self._log(text % values)
        return known

    def _wait_for_holder(self, side: _Side, share: float) -> None:
        while not rows.feature_set_hold(feature_set=side.row, job_id=self.context.job_id):
            step = _("%(set)s: another evaluation is extracting it") % {"set": side.name}
            self._tell(share, step)
            time.sleep(LOOK_SECONDS)

    def _assembled(self, side: _Side, known: store.Known) -> engine.FeatureSet:
        from workers.engine.features.extract import assemble

        names = side.contents.names
        return assemble(names, side.digests, known, self.extractor, self.found.digest)


class Extraction(SetsExtraction):
    """The features of the sets of one evaluation, with its log and pace."""

    def __init__(
        self, context: JobContext, evaluation: Evaluation, found: weights.ExtractorWeights, begin: float, end: float
    ) -> None:
        super().__init__(context, evaluation.extractor, found, begin, end)
        self.evaluation = evaluation

    def _log(self, text: str) -> None:
        rows.log_write(evaluation=self.evaluation, text=text)

    def _write_pace(self, *, pace: float | None) -> None:
        rows.pace_write(evaluation=self.evaluation, pace=pace)
