"""What a batch worker does for one shard of a large set."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from evaluation.jobs.computing import Pace, compute
from evaluation.jobs.loading import load
from evaluation.models import Evaluation, FeatureShard
from evaluation.services import shards as rows
from workers.context import JobContext
from workers.engine import catalogue, weights
from workers.engine.errors import InputError


def extract_shard(context: JobContext) -> None:
    """One shard of a large set: its features into a file of their own."""
    shard = FeatureShard.objects.select_related("feature_set").get(pk=context.arguments["shard"])
    of = shard.feature_set
    found = weights.find(of.extractor, settings.WEIGHTS_DIR, Path(settings.DATA_DIR) / "checkpoints")
    try:
        listed = rows.pictures_read(key=of.key)[shard.start : shard.stop]
    except FileNotFoundError:
        raise InputError(_("The list of the pictures was cleared away. Submit the evaluation again.")) from None
    _check_unchanged(context, listed, shard, found)
    context.report(0.0, _("loading the network"))
    load(context, catalogue.extractor(of.extractor).module.rpartition(".")[0])
    pace = Pace(partial(rows.pace_write, shard=shard))

    def report(done: int, total: int) -> None:
        pace.tell(done)
        step = _("%(done)s of %(of)s pictures") % {"done": done, "of": total}
        context.report(done / max(total, 1), step + pace.text)

    compute(context, of.extractor, listed, found, report, pace)
    values = {"index": shard.index + 1, "n": shard.n, "seconds": f"{pace.seconds:.1f}", "pace": f"{pace.overall:.1f}"}
    text = _("part %(index)s: %(n)s pictures in %(seconds)s s, %(pace)s pictures a second") % values
    with context.finish(text):
        rows.shard_done(shard=shard, images_per_second=pace.overall)
        for evaluation in Evaluation.objects.filter(job__parts=context.job_id):
            rows.log_write(evaluation=evaluation, text=text)


def _check_unchanged(
    context: JobContext,
    listed: Sequence[rows.Listed],
    shard: FeatureShard,
    found: weights.ExtractorWeights,
) -> None:
    from workers.engine.features.store import set_key

    digests = []
    for _digest, path, name in listed:
        context.check()
        try:
            digests.append(weights.sha256_of(path))
        except OSError as error:
            raise InputError(f"{name} cannot be read: {error.strerror}.") from error
    if set_key(digests, shard.feature_set.extractor, found.digest) != shard.key:
        raise InputError(
            _("The pictures or the weights have changed since this evaluation was submitted. Submit it again.")
        )
