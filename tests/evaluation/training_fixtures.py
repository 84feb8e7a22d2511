"""Pairs of small drawn pictures, and trainings on them."""

import hashlib
import io
import json

from datasetviewer.models import Dataset, Image, Pair, Subject
from datasetviewer.storage import file_path
from evaluation.models import Checkpoint
from evaluation.services import training_submit, training_wish
from tests.engine.drawing import blobs
from workers.engine.whole_files import write_whole

TINY = "pix2pix.tiny"


def add_pair(dataset, number, *, split="train", source="", subject=None, sketches=1):
    """A photo and its sketches of one person, with stored PNG files."""
    from PIL import Image as Picture

    person, _ = Subject.objects.get_or_create(dataset=dataset, name=subject or f"person-{number:02d}")
    pair = Pair.objects.create(dataset=dataset, subject=person, key=f"{split}-{number:03d}", split=split)
    for index, modality in enumerate(["photo", *["sketch"] * sketches]):
        stream = io.BytesIO()
        Picture.fromarray(blobs(1000 * number + index)).save(stream, format="PNG")
        content = stream.getvalue()
        sha256 = hashlib.sha256(content).hexdigest()
        write_whole(file_path(dataset.slug, sha256, "PNG"), content)
        Image.objects.create(
            dataset=dataset, subject=person, pair=pair, modality=modality, split=split, source=source,
            key=f"{modality}/{split}-{number:03d}-{index}.png", sha256=sha256, width=40, height=50, mode="RGB",
            bytes=len(content), format="PNG",
        )  # fmt: skip
    return pair


def pair_dataset(slug="pairs", *, public=True, train=5, test=2):
    dataset = Dataset.objects.create(slug=slug, name=slug.title(), layout="folders", public=public)
    for number in range(train):
        add_pair(dataset, number, source="CUHK" if number % 2 else "AR")
    for number in range(100, 100 + test):
        add_pair(dataset, number, split="test")
    return dataset


def submit(user, dataset, **more):
    """A queued training of the tiny preset."""
    wish = training_wish(user=user, preset=TINY, dataset=dataset.slug, **more)
    return training_submit(user=user, wish=wish)[0]


def add_checkpoint(run, epoch, *, samples=1):
    """A checkpoint's row and folder as a training leaves them; the weights are not a network's."""
    content = f"{run.id} {epoch}".encode()
    digest = hashlib.sha256(content).hexdigest()
    checkpoint = Checkpoint.objects.create(
        id=digest[:12], run=run, epoch=epoch, step=epoch * 3, digest=digest, bytes=len(content)
    )
    write_whole(checkpoint.folder / "generator.safetensors", content)
    for index in range(samples):
        write_whole(checkpoint.folder / "samples" / f"{index:02d}.png", b"\x89PNG\r\n\x1a\n")
    return checkpoint


def write_losses(run, rows):
    """rows: (step, epoch, {name: value})."""
    lines = "".join(json.dumps({"step": step, "epoch": epoch, **losses}) + "\n" for step, epoch, losses in rows)
    write_whole(run.folder / "losses.jsonl", lines.encode())
