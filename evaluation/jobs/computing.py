"""Computing features inside a job: stoppable at any moment, with its pace."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from evaluation.models import Evaluation
from evaluation.services import shards as rows
from workers.context import JobContext
from workers.engine import weights

if TYPE_CHECKING:
    from workers.engine.features import store

PACE_SECONDS = 1.0  # between two writings of the pace


class Pace:
    """Pictures a second since the first report, written about once a second."""

    def __init__(self, write: Callable[..., None]) -> None:
        self._write, self._began, self._done, self._written = write, time.monotonic(), 0, 0.0
        self._first: tuple[float, int] | None = None

    def tell(self, done: int) -> None:
        """Called by the computing thread, which must not use the database."""
        self._done = done
        if self._first is None and done:
            self._first = (time.monotonic(), done)

    @property
    def now(self) -> float | None:
        """Without the loading of the network; None before there are two batches."""
        if self._first is None or self._done <= self._first[1]:
            return None
        return (self._done - self._first[1]) / max(time.monotonic() - self._first[0], 1e-3)

    @property
    def seconds(self) -> float:
        return max(time.monotonic() - self._began, 1e-3)

    @property
    def overall(self) -> float:
        return self._done / self.seconds

    @property
    def text(self) -> str:
        return " · " + _("%(pace)s pictures a second") % {"pace": f"{self.now:.1f}"} if self.now else ""

    def write(self) -> None:
        if time.monotonic() - self._written >= PACE_SECONDS and self.now is not None:
            self._written = time.monotonic()
            self._write(pace=round(self.now, 2))


def compute(
    context: JobContext,
    extractor: str,
    listed: Sequence[rows.Listed],
    found: weights.ExtractorWeights,
    report: Callable[[int, int], None],
    pace: Pace,
) -> store.Known:
    """Features of these pictures, kept under their name; stops within a moment even in the middle of a batch."""
    from workers.engine.features.extract import known_features

    folder, device = rows.features_folder(), settings.DEVICE
    known = context.beside(
        lambda: known_features(listed, extractor, found, device=device, report=report, store_dir=folder), pace.write
    )
    pace.tell(len(listed))
    rows.timing_write(what=extractor, device=device_name(), count=len(listed), seconds=pace.seconds)
    return known


def device_name() -> str:
    """What timings are kept under: cpu or cuda. An extractor that did not load torch ran on the CPU."""
    if "torch" not in sys.modules:
        return "cpu"
    from workers.engine.device import choose_device

    return choose_device(settings.DEVICE).type


def tell_measured(evaluation: Evaluation, metric: str, seconds: float) -> None:
    """Log a metric that was computed, and keep how long it took."""
    count = evaluation.n_reference + evaluation.n_candidate
    rows.timing_write(what=f"{metric} {evaluation.extractor}", device="cpu", count=count, seconds=seconds)
    text = _("%(metric)s in %(seconds)s s") % {"metric": metric, "seconds": f"{seconds:.1f}"}
    rows.log_write(evaluation=evaluation, text=text)
