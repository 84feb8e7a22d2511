"""Pairs of a small dataset and what checkpoints drew of them, without anything being trained or measured."""

import io
import uuid

from PIL import Image as Picture

from datasetviewer.models import Pair
from evaluation.models import Evaluation, PairValues
from evaluation.sets.checkpoints import generated_folder
from tests.engine.drawing import blobs
from tests.evaluation.checkpoints import make_checkpoint
from tests.evaluation.study_rows import a_job

N = 6


def pair_up(dataset, n=N):
    """The first test photos and sketches become pairs, named `person 0` and so on."""
    photos = dataset.images.filter(modality="photo").order_by("key")[:n]
    sketches = dataset.images.filter(modality="sketch", split="test").order_by("key")[:n]
    for number, (photo, sketch) in enumerate(zip(photos, sketches, strict=True)):
        pair = Pair.objects.create(dataset=dataset, subject=photo.subject, key=f"person {number}", split="test")
        for image in (photo, sketch):
            image.pair = pair
            image.save()
    return [pair.key for pair in dataset.pairs.order_by("key")]


def draw_all(dataset, seed):
    """A checkpoint that drew every photo of the dataset."""
    checkpoint = make_checkpoint(dataset)
    folder = generated_folder(checkpoint)
    folder.mkdir(parents=True)
    for number, photo in enumerate(dataset.images.filter(modality="photo")):
        stream = io.BytesIO()
        Picture.fromarray(blobs(1000 * seed + number)).save(stream, format="PNG")
        (folder / f"{photo.sha256}.png").write_bytes(stream.getvalue())
    return checkpoint


def measured(dataset, owner, candidate, values, *, extractor="none", recognition=None, checkpoint=None, mistakes=()):
    """An evaluation of `candidate` against the test sketches with these values of every pair."""
    job = a_job(owner)
    job.save()
    evaluation = Evaluation.objects.create(
        id=uuid.uuid4(), reference={"dataset": dataset.slug, "split": "test", "modality": "sketch"}, candidate=candidate,
        reference_dataset=dataset, candidate_dataset=dataset, candidate_checkpoint=checkpoint, n_reference=N,
        n_candidate=N, extractor=extractor, metrics=list(values), submission_digest=uuid.uuid4().hex, owner=owner, job=job,
    )  # fmt: skip
    pairs = list(dataset.pairs.order_by("key"))
    PairValues.objects.create(
        evaluation=evaluation,
        keys=[pair.key for pair in pairs],
        reference=[pair.images.get(modality="sketch").key for pair in pairs],
        candidate=[pair.images.get(modality="photo").key for pair in pairs],
        values=values,
        mistakes=list(mistakes),
        recognition=recognition or {},
    )
    return evaluation
