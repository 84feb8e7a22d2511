"""Rows of a training run and its checkpoint for tests, and a stand-in for the engine's generator."""

import itertools
from pathlib import Path

from PIL import Image as Picture
from PIL import ImageOps

from evaluation.models import Checkpoint, TrainingRun
from workers.models import JobState
from workers.queue import enqueue

numbers = itertools.count(1)


def make_checkpoint(dataset, *, direction=("photo", "sketch"), split="train", source="", digest="", published=False):
    """A checkpoint of a finished run on the dataset; its folder is there, the weights are not."""
    number = next(numbers)
    job, _ = enqueue(kind="train", handler="evaluation.jobs.train", queue="batch")
    type(job).objects.filter(pk=job.pk).update(state=JobState.SUCCEEDED)
    run = TrainingRun.objects.create(
        preset="pix2pix.tiny", dataset=dataset, split=split, source=source, direction_from=direction[0],
        direction_to=direction[1], n_train=8, n_validation=2, train_digest="t" * 64, job=job, epochs_total=2,
    )  # fmt: skip
    checkpoint = Checkpoint.objects.create(
        id=f"{number:012x}", run=run, epoch=2, step=16, digest=digest or f"{number:064x}", bytes=1, published=published
    )
    checkpoint.folder.mkdir(parents=True)
    return checkpoint


def write_generator(checkpoint, *, loss_networks=()):
    """Fill the checkpoint's folder with a tiny generator that has learned nothing."""
    import torch
    from safetensors.torch import save_file

    from workers.engine import catalogue
    from workers.engine.families import build
    from workers.engine.families.checkpoint_file import GENERATOR, CheckpointMeta, write_meta
    from workers.engine.weights import sha256_of

    torch.manual_seed(int(checkpoint.id, 16))
    preset = checkpoint.run.preset
    generator = build.family(preset, {}).generator()
    weights = {name: tensor.contiguous() for name, tensor in generator.state_dict().items()}
    save_file(weights, checkpoint.folder / GENERATOR)
    checkpoint.digest = sha256_of(checkpoint.folder / GENERATOR)
    meta = CheckpointMeta(
        id=checkpoint.id, run_id=str(checkpoint.run_id), preset=preset, family=preset.partition(".")[0],
        options=catalogue.options_checked(preset, {}), direction=checkpoint.direction, epoch=2, step=16,
        digest=checkpoint.digest, seed=0, train_digest="t" * 64, code_version="tests", loss_networks=loss_networks,
    )  # fmt: skip
    write_meta(checkpoint.folder, meta)
    checkpoint.save(update_fields=["digest"])


class Negatives:
    """generate_set as the engine has it, drawing negatives; remembers which sources it was asked for."""

    def __init__(self):
        self.drawn = []

    def __call__(self, checkpoint_folder, paths, names, out_dir, *, device, batch_size=None, report=None):
        assert Path(checkpoint_folder).is_dir() and len(paths) == len(names)
        made = []
        for done, path in enumerate(paths):
            report(done, len(paths))
            target = out_dir / f"{path.stem}.png"  # stored pictures are named by their digests
            if not target.is_file():
                self.drawn.append(path)
                target.parent.mkdir(parents=True, exist_ok=True)
                ImageOps.invert(Picture.open(path).convert("RGB")).save(target)
            made.append(target)
        report(len(paths), len(paths))
        return made
