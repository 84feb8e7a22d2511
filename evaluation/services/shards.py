"""Writing what is known of features: who computes a set, how it is split, what is kept, and for how long."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from evaluation.models import Evaluation, FeatureSet, FeatureShard, LogLine, Timing
from workers.engine.whole_files import write_whole
from workers.models import LIVE_STATES, Job, JobState, QueueName
from workers.queue import enqueue

if TYPE_CHECKING:
    from workers.engine.features.shards import Piece

LOG_LINES = 200  # an evaluation keeps
TIMINGS = 50  # of a kind are kept
TIME_LIMIT = 2 * 3600  # seconds for one shard
KEPT_AT_LEAST = 3600.0  # seconds since its last use before a set may be cleared away
STRAYS_KEPT = 7 * 86400.0  # seconds, for a file that belongs to no set

Listed = tuple[str, Path, str]  # digest, path, name


def features_folder() -> Path:
    return Path(settings.DATA_DIR) / "features"


def feature_set_of(*, key: str, extractor: str, weights_digest: str, n: int) -> FeatureSet:
    """The row of a set of `n` distinct pictures; made when it is the first time that somebody needs it."""
    now = timezone.now()
    row, created = FeatureSet.objects.get_or_create(
        key=key, defaults={"extractor": extractor, "weights_digest": weights_digest, "n": n, "used": now}
    )
    if not created:
        FeatureSet.objects.filter(key=key).update(used=now)
    return row


def feature_set_hold(*, feature_set: FeatureSet, job_id: object) -> bool:
    """Make this job the one that computes the set; False while another, which is running, does."""
    row = FeatureSet.objects.select_related("holder").get(key=feature_set.key)
    if row.holder is not None and row.holder_id != job_id and row.holder.state == JobState.RUNNING:
        return False
    same = FeatureSet.objects.filter(key=row.key, holder=row.holder_id)
    return same.update(holder=job_id) == 1


def feature_set_done(*, feature_set: FeatureSet) -> None:
    """Its files are complete."""
    FeatureSet.objects.filter(key=feature_set.key).update(done=timezone.now(), holder=None)


def feature_set_lost(*, feature_set: FeatureSet) -> None:
    """Its files are missing or damaged, although the rows say that they are there: all is computed again."""
    with transaction.atomic():
        FeatureSet.objects.filter(key=feature_set.key).update(done=None)
        feature_set.shards.update(done=None)


def feature_set_split(*, feature_set: FeatureSet, pieces: Sequence[Piece], whole: Job, title: str) -> list[Job]:
    """Queue a job for every piece that is not there; returns the jobs to wait for, those of others included.

    Two evaluations that split one set at the same time get the same jobs.
    """
    with transaction.atomic():
        row = FeatureSet.objects.select_for_update().get(key=feature_set.key)
        if not row.shards.exists():
            FeatureShard.objects.bulk_create(
                FeatureShard(feature_set=row, index=piece.index, start=piece.start, stop=piece.stop, key=piece.key)
                for piece in pieces
            )
        shards = list(row.shards.select_related("job").order_by("index"))
        jobs = []
        for shard in shards:
            if shard.done is not None:
                continue
            if shard.job is None or shard.job.state not in LIVE_STATES:
                part = {"index": shard.index + 1, "count": len(shards), "set": title}
                shard.job, _new = enqueue(
                    kind="features",
                    handler="evaluation.jobs.extract_shard",
                    arguments={"shard": shard.pk},
                    queue=QueueName.BATCH,
                    title=_("features of %(set)s, part %(index)s of %(count)s") % part,
                    dedupe_key=f"features:{row.key}:{shard.index}",
                    priority=whole.priority,
                    time_limit=TIME_LIMIT,
                )
                shard.images_per_second = None
                shard.save(update_fields=["job", "images_per_second"])
            jobs.append(shard.job)
    return jobs


def shard_done(*, shard: FeatureShard, images_per_second: float) -> None:
    """The shard's file is written; to be called inside `context.finish()`."""
    FeatureShard.objects.filter(pk=shard.pk).update(done=timezone.now(), images_per_second=images_per_second)


def pictures_write(*, key: str, listed: Iterable[Listed]) -> None:
    """Keep which pictures a split set holds, for its shards. The same set is the same file, so writing it twice is fine."""
    rows = [[digest, str(path), name] for digest, path, name in listed]
    write_whole(_pictures_file(key), json.dumps(rows).encode())


def pictures_read(*, key: str) -> list[Listed]:
    """What `pictures_write` kept; FileNotFoundError when it was cleared away."""
    return [(digest, Path(path), name) for digest, path, name in json.loads(_pictures_file(key).read_text())]


def _pictures_file(key: str) -> Path:
    return features_folder() / key[:2] / f"{key}.pictures.json"


def timing_write(*, what: str, device: str, count: int, seconds: float) -> None:
    """Keep how long something took, for the estimates of later work."""
    if count:
        Timing.objects.create(what=what, device=device, count=count, seconds=max(seconds, 1e-3))


def log_write(*, evaluation: Evaluation, text: str) -> None:
    """Add a line to the evaluation's log; the oldest goes when there are too many."""
    LogLine.objects.create(evaluation=evaluation, text=text[:500])
    old = evaluation.log_lines.order_by("-id").values_list("id", flat=True)[LOG_LINES : LOG_LINES + 1]
    if limit := list(old):
        evaluation.log_lines.filter(id__lte=limit[0]).delete()


def pace_write(*, evaluation: Evaluation | None = None, shard: FeatureShard | None = None, pace: float | None) -> None:
    """How many pictures a second are being extracted, for who watches."""
    if evaluation is not None:
        Evaluation.objects.filter(pk=evaluation.pk).update(images_per_second=pace)
    if shard is not None:
        FeatureShard.objects.filter(pk=shard.pk).update(images_per_second=pace)


def features_expire() -> int:
    """Clear features away that were not used for longest, until they fit FEATURES_MAX_GB again; returns how many sets.

    What a live job computes or waits for stays, and so does what was used within the last hour. Files of no set (one
    half written by a process that was killed, say) go after a week.
    """
    folder = features_folder()
    sizes = {path: path.stat().st_size for path in folder.glob("*/*") if path.is_file()}
    limit, total = settings.FEATURES_MAX_GB * 1e9, sum(sizes.values())
    gone = 0
    for row in FeatureSet.objects.order_by("used").iterator():
        if total <= limit:
            break
        if row.used.timestamp() > time.time() - KEPT_AT_LEAST or _in_use(row):
            continue
        paths = [*(_entry(shard.key) for shard in row.shards.all()), _entry(row.key), _pictures_file(row.key)]
        with transaction.atomic():
            # The row first: whoever looks for it now makes a new one and computes anew.
            if FeatureSet.objects.filter(key=row.key, used=row.used).delete()[0] == 0:
                continue
        for path in paths:
            total -= sizes.pop(path, 0)
            path.unlink(missing_ok=True)
        gone += 1
    _clear_strays(sizes)
    _trim_timings()
    return gone


def _in_use(row: FeatureSet) -> bool:
    live = Job.objects.filter(state__in=LIVE_STATES)
    of_shards = live.filter(feature_shard__feature_set=row)
    return of_shards.exists() or (row.holder_id is not None and live.filter(id=row.holder_id).exists())


def _entry(key: str) -> Path:
    return features_folder() / key[:2] / f"{key}.npz"


def _clear_strays(paths: Iterable[Path]) -> None:
    known = set(FeatureSet.objects.values_list("key", flat=True)) | set(
        FeatureShard.objects.values_list("key", flat=True)
    )
    for path in paths:
        try:
            if path.name.partition(".")[0] not in known and path.stat().st_mtime < time.time() - STRAYS_KEPT:
                path.unlink()
        except FileNotFoundError:
            continue


def _trim_timings() -> None:
    for what, device in Timing.objects.order_by().values_list("what", "device").distinct():
        kept = Timing.objects.filter(what=what, device=device).values_list("id", flat=True)[:TIMINGS]
        Timing.objects.filter(what=what, device=device).exclude(id__in=list(kept)).delete()
