"""What the batch worker does for an evaluation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from evaluation.models import Evaluation
from evaluation.services import results_write, submission_digest
from evaluation.sets import contents, from_json
from workers.context import JobContext
from workers.engine import catalogue, weights
from workers.engine.errors import InputError

FEATURES_SHARE = 0.9  # of the progress bar; the metrics with their intervals take the rest


def evaluate(context: JobContext) -> None:
    """Extract the features of both sets, compute the metrics, write one Result each."""
    evaluation = Evaluation.objects.get(id=context.arguments["evaluation"])
    sets = [
        contents(from_json(evaluation.reference), "reference", everything=True),
        contents(from_json(evaluation.candidate), "candidate", everything=True),
    ]
    found = weights.find(evaluation.extractor, settings.WEIGHTS_DIR)
    if submission_digest(sets, evaluation.extractor, evaluation.metrics, found.digest) != evaluation.submission_digest:
        raise InputError(
            _("The pictures or the weights have changed since this evaluation was submitted. Submit it again.")
        )
    context.report(0.0, _("loading the network"))
    _load(context, catalogue.extractor(evaluation.extractor).module.rpartition(".")[0])
    from workers.engine.features.extract import extract
    from workers.engine.metrics.compare import compare
    from workers.engine.sources import sizes_of

    total = sum(len(each.paths) for each in sets)
    features = []
    before = 0
    for name, each in zip((_("reference set"), _("candidate set")), sets, strict=True):
        features.append(
            extract(
                each.paths,
                evaluation.extractor,
                keys=each.names,
                weights_dir=settings.WEIGHTS_DIR,
                device=settings.DEVICE,
                report=_reporter(context, name, before, total),
                store_dir=Path(settings.DATA_DIR) / "features",
            )
        )
        before += len(each.paths)
    measurements = []
    sizes = [sizes_of(each.paths) for each in sets]
    for done, metric in enumerate(evaluation.metrics):
        progress = FEATURES_SHARE + (1 - FEATURES_SHARE) * done / len(evaluation.metrics)
        context.report(progress, _("computing %(metric)s and its interval") % {"metric": metric})
        measurements.append(compare(metric, *features, sizes=(sizes[0], sizes[1]), tell=context.check))
    text = ", ".join(f"{measured.metric} {measured.value:.6g}" for measured in measurements)
    with context.finish(text):
        results_write(evaluation=evaluation, measurements=measurements)


def _load(context: JobContext, module: str) -> None:
    """Import the extractor's module (torch or dlib, seconds on a busy machine) beside a thread that can be stopped."""
    thread = threading.Thread(target=import_module, args=(module,), name="import", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.2)
        context.check()


def _reporter(context: JobContext, name: str, before: int, total: int) -> Callable[[int, int], None]:
    """Progress of one set as progress of the whole job."""

    def report(done: int, of: int) -> None:
        step = _("%(set)s: %(done)s of %(of)s pictures") % {"set": name, "done": done, "of": of}
        context.report(FEATURES_SHARE * (before + done) / total, step)

    return report
