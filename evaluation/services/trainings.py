"""Writing training runs: submitting, stopping, going on, and what the job finds out on the way."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from datasetviewer.models import Dataset
from datasetviewer.selectors import dataset_visible_to
from evaluation.models import Checkpoint, TrainingPreflight, TrainingRun
from evaluation.selectors import training_pairs, trainings
from evaluation.selectors.training_pairs import ChosenPairs
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.models import JobState, QueueName
from workers.queue import enqueue, request_cancel, retry

TIME_LIMIT = 30 * 24 * 3600  # seconds of one segment; while nobody waits, one segment is the whole training
PREFLIGHT_TIME_LIMIT = 600
MAX_SEED = 2**31 - 1
MAX_SHARE = 0.5
NAME_LENGTH = 100
DEFAULT_DIRECTION = "photo-sketch"


@dataclass(frozen=True)
class Wish:
    """What somebody wants to train, checked: complete options, the pairs, and the checkpoint to go on from."""

    preset: str
    options: dict[str, Any]
    direction: tuple[str, str]
    dataset: Dataset
    split: str
    source: str
    seed: int
    validation_share: float
    name: str
    parent: Checkpoint | None
    pairs: ChosenPairs

    def digest(self) -> str:
        """Stands for everything the trained weights depend on besides the code."""
        depends = [
            self.preset, self.options, self.direction, self.dataset.slug, self.pairs.digest, self.seed,
            self.validation_share, self.parent.digest if self.parent else "",
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()


def training_wish(
    *,
    user: Any,
    preset: str,
    dataset: str,
    split: str = "train",
    source: str = "",
    direction: str = "",
    options: Mapping[str, Any] | None = None,
    seed: Any = 0,
    name: str = "",
    validation_share: Any = 0.1,
    parent: str = "",
    everything: bool = False,
) -> Wish:
    """Check everything that was asked for; InputError says which entry is wrong.

    The direction may also stand among the options. `everything`: any dataset and checkpoint, for the command line.
    """
    given = dict(options or {})
    way = training_pairs.direction_of(direction or given.pop("direction", "") or DEFAULT_DIRECTION)
    given.pop("direction", None)
    complete = catalogue.options_checked(preset, given)
    chosen = _dataset(dataset, user, everything)
    seed, share = _seed(seed), _share(validation_share)
    if not isinstance(name, str) or len(name) > NAME_LENGTH or "\0" in name:
        raise InputError(_("name: give a text of at most %(n)s characters.") % {"n": NAME_LENGTH})
    pairs = training_pairs.pairs_chosen(
        chosen,
        split=split,
        source=source,
        direction=way,
        validation_share=share,
        seed=seed,
    )
    began = _parent(parent, preset, user, everything)
    return Wish(preset, complete, way, chosen, split, source, seed, share, name.strip(), began, pairs)


def training_submit(*, user: Any, wish: Wish) -> tuple[TrainingRun, bool]:
    """Queue a training; returns it and whether it is new. The same one, still waiting or running, is returned instead."""
    owner = user if user is not None and user.is_authenticated else None
    run = TrainingRun(
        id=uuid.uuid4(),
        name=wish.name,
        preset=wish.preset,
        options=wish.options,
        seed=wish.seed,
        dataset=wish.dataset,
        split=wish.split,
        source=wish.source,
        direction_from=wish.direction[0],
        direction_to=wish.direction[1],
        validation_share=wish.validation_share,
        n_train=len(wish.pairs.train),
        n_validation=len(wish.pairs.validation),
        train_digest=wish.pairs.digest,
        parent=wish.parent,
        owner=owner,
        epochs_total=wish.options["epochs"],
    )
    with transaction.atomic():
        job, created = enqueue(
            kind="train",
            handler="evaluation.jobs.train",
            arguments={"training": str(run.id)},
            queue=QueueName.BATCH,
            owner=owner,
            title=run.name
            or _("Training of %(preset)s on %(dataset)s") % {"preset": run.preset, "dataset": wish.dataset.slug},
            link=reverse("evaluation:training-detail", args=[run.id]),
            public=wish.dataset.public,
            dedupe_key=f"train:{owner.pk if owner else ''}:{wish.digest()}",
            time_limit=TIME_LIMIT,
        )
        if not created:
            return TrainingRun.objects.select_related("job", "dataset").get(job=job), False
        run.job = job
        run.save(force_insert=True)
    return run, True


def training_cancel(*, run: TrainingRun) -> str:
    """Ask for the training to stop; its checkpoints stay. Returns the state of its job."""
    return request_cancel(run.job) if run.job.is_live else run.job.state


def training_resume(*, run: TrainingRun) -> None:
    """Queue a stopped training again; it goes on from its last saved state. InputError when there is nothing to resume."""
    if run.job.is_live:
        raise InputError(_("This training is waiting or running; there is nothing to resume."))
    if run.job.state == JobState.SUCCEEDED:
        raise InputError(_("This training is finished. To train longer, continue from one of its checkpoints."))
    if not retry(run.job):
        raise InputError(_("This training cannot be resumed: the same one is waiting or running."))
    run.job.refresh_from_db()


def preflight_submit(*, user: Any, wish: Wish) -> TrainingPreflight:
    """Queue a trial: two real steps that tell memory, images a second and time."""
    trial = TrainingPreflight(
        id=uuid.uuid4(),
        preset=wish.preset,
        options=wish.options,
        direction_from=wish.direction[0],
        direction_to=wish.direction[1],
        dataset=wish.dataset,
        split=wish.split,
        source=wish.source,
        seed=wish.seed,
        validation_share=wish.validation_share,
    )
    with transaction.atomic():
        trial.job, created = enqueue(
            kind="preflight",
            handler="evaluation.jobs.preflight",
            arguments={"preflight": str(trial.id)},
            queue=QueueName.INTERACTIVE,
            owner=user,
            title=_("Trial of %(preset)s on %(dataset)s") % {"preset": wish.preset, "dataset": wish.dataset.slug},
            dedupe_key=f"preflight:{user.pk}:{wish.digest()}",
            time_limit=PREFLIGHT_TIME_LIMIT,
        )
        if not created:
            return TrainingPreflight.objects.select_related("job").get(job=trial.job)
        trial.save(force_insert=True)
    return trial


def training_figures(run_id: uuid.UUID, attempt: int, **figures: Any) -> bool:
    """Write figures of a run while this attempt of its job is in charge; False when another is."""
    return TrainingRun.objects.filter(id=run_id, job__attempt=attempt).update(**figures) == 1


def _dataset(slug: Any, user: Any, everything: bool) -> Dataset:
    known = Dataset.objects.all() if everything else dataset_visible_to(user)
    found = known.filter(slug=slug).first() if isinstance(slug, str) and "\0" not in slug else None
    if found is None:
        names = ", ".join(known.values_list("slug", flat=True)) or _("none")
        text = _("dataset: there is no dataset %(name)s. Known: %(known)s.")
        raise InputError(text % {"name": repr(slug)[:80], "known": names})
    return found


def _seed(value: Any) -> int:
    try:
        seed = int(value)
    except (TypeError, ValueError):
        seed = -1
    if isinstance(value, float | bool) or not 0 <= seed <= MAX_SEED:
        text = _("seed: %(value)s is not a whole number from 0 to %(most)s.")
        raise InputError(text % {"value": repr(value)[:40], "most": MAX_SEED})
    return seed


def _share(value: Any) -> float:
    try:
        share = float(value)
    except (TypeError, ValueError):
        share = -1.0
    if isinstance(value, bool) or not 0 <= share <= MAX_SHARE:
        text = _("validation_share: %(value)s is not a number from 0 to %(most)s.")
        raise InputError(text % {"value": repr(value)[:40], "most": MAX_SHARE})
    return share


def _parent(checkpoint_id: Any, preset: str, user: Any, everything: bool) -> Checkpoint | None:
    if not checkpoint_id:
        return None
    known = (
        Checkpoint.objects.filter(deleted=None).select_related("run")
        if everything
        else trainings.checkpoints_visible_to(user)
    )
    is_id = isinstance(checkpoint_id, str) and trainings.CHECKPOINT_ID.fullmatch(checkpoint_id)
    found = known.filter(id=checkpoint_id).first() if is_id else None
    if found is None:
        raise InputError(_("parent: there is no checkpoint %(id)s.") % {"id": repr(checkpoint_id)[:80]})
    if found.run.preset != preset:
        text = _("parent: checkpoint %(id)s is one of %(theirs)s and cannot be continued as %(preset)s.")
        raise InputError(text % {"id": found.id, "theirs": found.run.preset, "preset": preset})
    return found
