"""Runs, checkpoints and numbers as rows, without anything being trained or measured."""

import hashlib
import uuid

from django.utils import timezone

from evaluation.models import Checkpoint, Evaluation, Result, TrainingRun
from workers.models import Job, JobState, QueueName


def a_job(owner, state=JobState.SUCCEEDED) -> Job:
    """Not yet saved."""
    now = timezone.now()
    return Job(
        kind="evaluate", handler="evaluation.jobs.evaluate", queue=QueueName.BATCH, owner=owner, state=state, created=now,
        available=now,
    )  # fmt: skip


def make_run(dataset, owner, *, name="", preset="pix2pix.unet256", seed=0, split="train", code="abc123", **options):
    """A finished run; `options` are its own."""
    job = a_job(owner)
    job.save()
    return TrainingRun.objects.create(
        name=name, preset=preset, options={"epochs": 100, "lr": 0.0002, **options}, seed=seed, dataset=dataset, split=split,
        direction_from="photo", direction_to="sketch", n_train=240, n_validation=28,
        train_digest=hashlib.sha256(f"{dataset.slug} {seed}".encode()).hexdigest(), owner=owner, job=job,
        epochs_total=100, epochs_done=100, code_version=code,
    )  # fmt: skip


def make_checkpoints(run, epochs, *, files=False):
    """One checkpoint an epoch; with `files` also their (empty) folders."""
    made = []
    for epoch in epochs:
        digest = hashlib.sha256(f"{run.pk}:{epoch}".encode()).hexdigest()
        made.append(
            Checkpoint.objects.create(id=digest[:12], run=run, epoch=epoch, step=epoch * 100, digest=digest, bytes=1000)
        )
        if files:
            made[-1].folder.mkdir(parents=True)
    return made


def add_value(checkpoint, value, **more):
    """A number of one checkpoint; its evaluation alone when `state` says that there is none yet."""
    return add_values([checkpoint], [value], **more)[0]


def add_values(
    checkpoints, values, *, metric="fid", extractor="inception.mixed6e", split="test", n=338, protocol="", half=None,
    floor=None, dataset=None, state=JobState.SUCCEEDED,
):  # fmt: skip
    """Numbers of checkpoints applied to a split of the run's dataset; `half` is half the width of their intervals."""
    run = checkpoints[0].run
    dataset = dataset or run.dataset
    evaluations = [
        Evaluation(
            id=uuid.uuid4(), reference={"dataset": dataset.slug, "split": split, "modality": "sketch"},
            candidate={"checkpoint": checkpoint.pk, "dataset": dataset.slug, "split": split}, reference_dataset=dataset,
            candidate_dataset=dataset, candidate_checkpoint=checkpoint, n_reference=n, n_candidate=n, extractor=extractor,
            metrics=[metric], submission_digest=uuid.uuid4().hex, owner=run.owner, job=a_job(run.owner, state),
        )
        for checkpoint in checkpoints
    ]  # fmt: skip
    Job.objects.bulk_create(evaluation.job for evaluation in evaluations)
    Evaluation.objects.bulk_create(evaluations)
    if state != JobState.SUCCEEDED:
        return evaluations
    protocol = protocol or hashlib.sha256(f"{metric} {extractor} {split} {n}".encode()).hexdigest()[:12]
    return Result.objects.bulk_create(
        Result(
            evaluation=evaluation, metric=metric, value=value, low=None if half is None else value - half,
            high=None if half is None else value + half, floor=floor, n_reference=n, n_candidate=n, extractor=extractor,
            protocol=protocol, protocol_detail={"weights_digest": "w"}, reference_digest="r", candidate_digest="c",
        )
        for evaluation, value in zip(evaluations, values, strict=True)
    )  # fmt: skip
