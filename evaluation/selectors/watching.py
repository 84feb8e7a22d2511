"""How an evaluation is getting on: its parts, its pace, its log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.models import Evaluation, FeatureShard, LogLine
from workers.models import JobState


@dataclass(frozen=True)
class Part:
    """One shard of a set that the evaluation needs: `n` pictures, progress from 0 to 1."""

    index: int
    n: int
    state: str
    progress: float
    images_per_second: float | None

    @property
    def percent(self) -> int:
        return round(100 * self.progress)


@dataclass(frozen=True)
class Watch:
    """`images_per_second` of all workers that extract for it now; None while nothing is extracted."""

    parts: tuple[Part, ...]
    images_per_second: float | None
    log: Sequence[LogLine]

    @property
    def done(self) -> int:
        return sum(part.state == JobState.SUCCEEDED for part in self.parts)


def watch(evaluation: Evaluation) -> Watch:
    """Three queries, whatever the number of parts."""
    shards = FeatureShard.objects.filter(job__wholes=evaluation.job_id).select_related("job").order_by("job__created")
    parts = [_part(number, shard) for number, shard in enumerate(shards, start=1)]
    running = [part.images_per_second or 0.0 for part in parts if part.state == JobState.RUNNING]
    pace = sum(running) or None
    if pace is None and evaluation.job.state == JobState.RUNNING:
        pace = evaluation.images_per_second
    return Watch(tuple(parts), pace, list(evaluation.log_lines.all()))


def _part(number: int, shard: FeatureShard) -> Part:
    job = shard.job
    state = JobState.SUCCEEDED.value if shard.done or job is None else job.state
    progress = 1.0 if state == JobState.SUCCEEDED or job is None else job.progress
    return Part(number, shard.n, state, progress, shard.images_per_second)
