"""What the workers do for a training: its segments, and the trial before it."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluation.jobs.loading import load
from evaluation.models import TrainingPreflight, TrainingRun
from evaluation.selectors.training_pairs import ChosenPairs, TrainingPair, pairs_chosen
from evaluation.services import checkpoint_register, training_figures
from workers.context import JobContext
from workers.engine.errors import InputError
from workers.engine.whole_files import write_whole
from workers.models import Job
from workers.queue import others_waiting
from workers.version import code_version

if TYPE_CHECKING:
    from workers.engine.training.plan import CheckpointMade, PairFile, Progress, TrainingPlan

log = logging.getLogger(__name__)
FIGURES_SECONDS = 2.0  # between two writes of speed and memory into the run's row
LOOK_SECONDS = 2.0  # between two looks at who else waits


def train(context: JobContext) -> None:
    """One segment of a training: until it is finished, or its time is over and others wait.

    The exact state is saved before the worker is given back, so the next segment goes on as if nothing had been. A
    checkpoint's row is written as soon as its files are complete.
    """
    run = TrainingRun.objects.select_related("job", "dataset", "parent").get(id=context.arguments["training"])
    context.saves_on_stop = True
    context.report(run.job.progress, _("reading the pairs"))
    pairs = _pairs_of(run)
    if pairs.digest != run.train_digest:
        text = _("The pairs of the dataset have changed since this training was submitted. Submit it again.")
        raise InputError(text)
    _write_faces(run, pairs.validation)
    context.report(run.job.progress, _("loading the networks"))
    load(context, "workers.engine.training.loop")
    from workers.engine.device import choose_device
    from workers.engine.training.loop import train as train_networks

    segment = Segment(context, run)
    segment.write(device=str(choose_device(settings.DEVICE)), code_version=code_version())
    outcome = train_networks(
        plan_of(run, pairs),
        report=segment.report,
        should_stop=segment.should_stop,
        checkpoint_made=segment.checkpoint_made,
    )
    segment.register_the_rest()
    segment.write_progress(outcome.epoch, outcome.step)
    if not outcome.finished:
        context.yield_segment(_("waits for its next turn after epoch %(epoch)s") % {"epoch": outcome.epoch})
    count = run.checkpoints.filter(deleted=None).count()
    text = ngettext("%(epochs)s epoch; %(n)s checkpoints", "%(epochs)s epochs; %(n)s checkpoints", outcome.epoch)
    with context.finish(text % {"epochs": outcome.epoch, "n": count}):
        TrainingRun.objects.filter(id=run.id).update(epochs_done=outcome.epoch, steps_done=outcome.step)


class Segment:
    """One attempt at the job of a training: what the loop calls while it works."""

    def __init__(self, context: JobContext, run: TrainingRun) -> None:
        self.context, self.run = context, run
        self.began = time.monotonic()
        self._written = self._looked = 0.0
        self._others = False
        self._last: Progress | None = None
        self._unregistered: list[CheckpointMade] = []

    def report(self, progress: Progress) -> None:
        """Show how far it is; raises JobStopped when the job has to end."""
        share = progress.step / progress.steps if progress.steps else 0.0
        self.context.report(share, step_text(progress))
        self._last = progress
        if time.monotonic() - self._written > FIGURES_SECONDS:
            self.write_progress(progress.epoch, progress.step)

    def should_stop(self) -> bool:
        """Whether to save the state and give the worker back: it is told to stop, or others have waited long enough."""
        if self.context.worker_stopping:
            return True
        now = time.monotonic()
        if now - self.began < settings.TRAINING_SEGMENT_SECONDS:
            return False
        if now - self._looked > LOOK_SECONDS:
            self._looked = now
            try:
                self._others = others_waiting(Job.objects.get(id=self.context.job_id))
            except DatabaseError as error:
                self._away(error)
        return self._others

    def checkpoint_made(self, made: CheckpointMade) -> None:
        self._unregistered.append(made)
        try:
            self.register_the_rest()
        except DatabaseError as error:  # a database that is away for a moment must not end days of training
            self._away(error)
        if self._last is None or made.step >= self._last.step:  # not one that a resumed training only names again
            self.write_progress(made.epoch, made.step)

    def register_the_rest(self) -> None:
        """Write the rows of checkpoints that have none yet."""
        while self._unregistered:
            checkpoint_register(run=self.run, made=self._unregistered[0])
            del self._unregistered[0]

    def write_progress(self, epochs: int, steps: int) -> None:
        """Write how far it is, and the speed and memory that were last told."""
        self._written = time.monotonic()
        figures: dict[str, object] = {"epochs_done": epochs, "steps_done": steps}
        if self._last is not None and self._last.images_per_second:
            figures |= {"images_per_second": self._last.images_per_second, "peak_memory": self._last.memory_bytes}
        self.write(**figures)

    def write(self, **figures: object) -> None:
        try:
            training_figures(self.run.id, self.context.attempt, **figures)
        except DatabaseError as error:
            self._away(error)

    def _away(self, error: DatabaseError) -> None:
        log.warning("training %s: %s", self.run.id, error)
        connection.close()


def preflight(context: JobContext) -> None:
    """Two real steps of a training that is not begun: memory, images a second, and the time it would take."""
    trial = TrainingPreflight.objects.select_related("dataset").get(id=context.arguments["preflight"])
    if trial.dataset is None:
        raise InputError(_("The dataset is gone."))
    pairs = pairs_chosen(
        trial.dataset, split=trial.split, source=trial.source, direction=(trial.direction_from, trial.direction_to),
        validation_share=trial.validation_share, seed=trial.seed,
    )  # fmt: skip
    context.report(0.1, _("loading the networks"))
    load(context, "workers.engine.training.preflight")
    from workers.engine.device import choose_device
    from workers.engine.training.plan import TrainingPlan
    from workers.engine.training.preflight import dry_run

    plan = TrainingPlan(
        run_id=str(trial.id), preset=trial.preset, options=trial.options, train=files_of(pairs.train),
        validation=files_of(pairs.validation), direction=(trial.direction_from, trial.direction_to), seed=trial.seed,
        folder=Path(settings.DATA_DIR) / "trainings" / str(trial.id), start_from=None, train_digest=pairs.digest,
        checkpoints_dir=Path(settings.DATA_DIR) / "checkpoints", weights_dir=settings.WEIGHTS_DIR, device=settings.DEVICE,
    )  # fmt: skip
    context.report(0.4, _("two steps of the networks"))
    found = dry_run(plan)
    with context.finish(_("The trial is done.")):
        TrainingPreflight.objects.filter(id=trial.id).update(
            images_per_second=found.images_per_second,
            seconds=found.seconds,
            memory=found.memory_bytes,
            batch=found.batch,
            device=str(choose_device(settings.DEVICE)),
        )


def plan_of(run: TrainingRun, pairs: ChosenPairs) -> TrainingPlan:
    """Everything the loop has to know of a run."""
    from workers.engine.training.plan import TrainingPlan

    return TrainingPlan(
        run_id=str(run.id),
        preset=run.preset,
        options=run.options,
        train=files_of(pairs.train),
        validation=files_of(pairs.validation),
        direction=(run.direction_from, run.direction_to),
        seed=run.seed,
        folder=run.folder,
        checkpoints_dir=Path(settings.DATA_DIR) / "checkpoints",
        weights_dir=settings.WEIGHTS_DIR,
        device=settings.DEVICE,
        start_from=run.parent.folder if run.parent else None,
        train_digest=run.train_digest,
        code_version=code_version(),
    )


def files_of(pairs: tuple[TrainingPair, ...]) -> tuple[PairFile, ...]:
    from workers.engine.training.plan import PairFile

    return tuple(PairFile(pair.key, pair.source_path, pair.target_path) for pair in pairs)


def step_text(progress: Progress) -> str:
    """For example "epoch 3 of 40 · 12.3 images/s"; the card of the job adds the time that is left."""
    epoch = min(progress.epoch + 1, progress.epochs)  # the one that is worked on; progress counts those that are done
    parts = [_("epoch %(epoch)s of %(epochs)s") % {"epoch": epoch, "epochs": progress.epochs}]
    if progress.images_per_second:
        parts.append(_("%(speed)s images/s") % {"speed": f"{progress.images_per_second:.3g}"})
    if progress.message:
        parts.append(progress.message)
    return " · ".join(parts)


def _pairs_of(run: TrainingRun) -> ChosenPairs:
    if run.dataset is None:
        raise InputError(_("The dataset is gone."))
    return pairs_chosen(
        run.dataset, split=run.split, source=run.source, direction=(run.direction_from, run.direction_to),
        validation_share=run.validation_share, seed=run.seed,
    )  # fmt: skip


def _write_faces(run: TrainingRun, pairs: tuple[TrainingPair, ...]) -> None:
    """Keep which pictures the samples were drawn from, in the loop's order, for the page that shows them together."""
    faces = [{"key": pair.key, "source": pair.source.pk, "target": pair.target.pk} for pair in pairs]
    write_whole(run.folder / "validation.json", json.dumps(faces).encode())
