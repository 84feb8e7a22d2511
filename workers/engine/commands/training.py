"""`train` and `describe` of the command line."""

import argparse
import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.training.plan import CheckpointMade, PairFile, Progress, TrainingPlan

Answer = tuple[dict[str, Any], list[str]]


def add(commands: Any, default_weights: Path) -> None:
    """Add both commands to the parser's subparsers."""
    train = commands.add_parser(
        "train",
        help="train a generator on pairs of pictures",
        description="Train a generator on pairs of pictures. A training that was stopped goes on when the same command is "
        "given again. On several GPUs: torchrun --nproc-per-node N -m workers.engine train ...",
    )
    train.add_argument("preset", metavar="PRESET", help=f"one of {', '.join(catalogue.PRESETS)}")
    train.add_argument(
        "--pairs", type=Path, metavar="DIR", help="folder with photos/ and sketches/, files of equal stems"
    )
    train.add_argument("--source", type=Path, metavar="DIR", help="what goes in, in place of --pairs")
    train.add_argument("--target", type=Path, metavar="DIR", help="what shall come out, files of the same stems")
    train.add_argument("--direction", default="photo:sketch", metavar="FROM:TO", help="default: %(default)s")
    train.add_argument("--out", type=Path, required=True, metavar="DIR", help="losses, samples, state and checkpoints/")
    train.add_argument(
        "--set", action="append", default=[], dest="settings", metavar="NAME=VALUE", help="an option; see describe"
    )
    train.add_argument("--validation", type=float, default=0.1, metavar="SHARE", help="held out (default: %(default)s)")
    train.add_argument("--seed", type=int, default=0, metavar="N", help="default: %(default)s")
    train.add_argument("--start-from", type=Path, metavar="CHECKPOINT", help="folder of a checkpoint to begin with")
    train.add_argument("--weights-dir", type=Path, metavar="DIR", help=f"trained weights (default: {default_weights})")
    train.add_argument("--device", default="auto", help="auto, cpu or cuda (default: %(default)s)")
    train.add_argument("--json", action="store_true", help="one JSON object on standard output")
    train.set_defaults(run=lambda options: _train(options, default_weights))

    describe = commands.add_parser("describe", help="the networks and options of a preset")
    describe.add_argument("preset", metavar="PRESET", help=f"one of {', '.join(catalogue.PRESETS)}")
    describe.add_argument("--set", action="append", default=[], dest="settings", metavar="NAME=VALUE", help="an option")
    describe.add_argument("--json", action="store_true", help="one JSON object on standard output")
    describe.set_defaults(run=_describe)


def settings(given: Sequence[str]) -> dict[str, str]:
    """`name=value` each -> a dictionary. InputError for what has no `=`."""
    found = {}
    for setting in given:
        name, equals, value = setting.partition("=")
        if not equals:
            raise InputError(f"--set takes name=value, not {setting!r}.")
        found[name.strip()] = value
    return found


def paired(source: Path, target: Path) -> list[PairFile]:
    """Files of equal stems in two folders. InputError when a stem occurs twice or nothing matches."""
    sides = [_by_stem(folder) for folder in (source, target)]
    keys = sorted(sides[0].keys() & sides[1].keys())
    if not keys:
        raise InputError(
            f"No file of {source} has the same name as one of {target} (without the ending). The two pictures of a pair must "
            "be named alike."
        )
    return [PairFile(key, sides[0][key], sides[1][key]) for key in keys]


def _by_stem(folder: Path) -> dict[str, Path]:
    from workers.engine.features.pictures import pictures_below

    found: dict[str, Path] = {}
    for path in pictures_below(folder):
        key = str(path.relative_to(folder).with_suffix(""))
        if key in found:
            raise InputError(f"{folder} has two pictures named {key}: {found[key].name} and {path.name}. Remove one.")
        found[key] = path
    return found


def held_out(pairs: Sequence[PairFile], share: float, seed: int) -> tuple[tuple[PairFile, ...], tuple[PairFile, ...]]:
    """Training and validation pairs; the latter are drawn by the seed. InputError when nothing is left to train on."""
    if not 0 <= share < 1:
        raise InputError(f"The share of validation pairs is from 0 up to, not including, 1; not {share:g}.")
    count = round(len(pairs) * share)
    if share and not count and len(pairs) > 1:
        count = 1
    drawn = set(np.random.default_rng(seed).permutation(len(pairs))[:count].tolist())
    train = tuple(pair for place, pair in enumerate(pairs) if place not in drawn)
    validation = tuple(pair for place, pair in enumerate(pairs) if place in drawn)
    if not train:
        raise InputError(f"Of {len(pairs)} pairs none is left to train on; hold out a smaller share.")
    return train, validation


def _folders(options: argparse.Namespace) -> tuple[Path, Path]:
    if options.pairs and not (options.source or options.target):
        if not options.pairs.is_dir():
            raise InputError(f"There is no folder {options.pairs}.")
        names = {"photo": "photos", "sketch": "sketches", "caricature": "caricatures"}
        found = []
        for modality in _direction(options):
            folder = options.pairs / names.get(modality, modality)
            if not folder.is_dir():
                raise InputError(f"{options.pairs} has no folder {folder.name}/; or give --source and --target.")
            found.append(folder)
        return found[0], found[1]
    if not (options.source and options.target) or options.pairs:
        raise InputError("Give either --pairs DIR, or both --source DIR and --target DIR.")
    return options.source, options.target


def _direction(options: argparse.Namespace) -> tuple[str, str]:
    start, colon, end = options.direction.partition(":")
    if not (colon and start and end):
        raise InputError(f"--direction takes FROM:TO, as photo:sketch, not {options.direction!r}.")
    return start, end


def _train(options: argparse.Namespace, default_weights: Path) -> Answer:
    from workers.engine.weights import sha256_of

    catalogue.preset(options.preset)
    chosen = catalogue.options_checked(options.preset, settings(options.settings))
    pairs = paired(*_folders(options))
    train, validation = held_out(pairs, options.validation, options.seed)
    digest = hashlib.sha256()
    for pair in train:
        digest.update(f"{pair.key} {sha256_of(pair.source)} {sha256_of(pair.target)}\n".encode())
    plan = TrainingPlan(
        run_id=hashlib.sha256(repr((options.preset, chosen, digest.hexdigest(), options.seed)).encode()).hexdigest()[
            :32
        ],
        preset=options.preset,
        options=chosen,
        train=train,
        validation=validation,
        direction=_direction(options),
        seed=options.seed,
        folder=options.out,
        checkpoints_dir=options.out / "checkpoints",
        weights_dir=options.weights_dir or (default_weights if default_weights.is_dir() else None),
        device=options.device,
        start_from=options.start_from,
        train_digest=digest.hexdigest(),
    )
    return _run(plan, quiet=options.json)


def _run(plan: TrainingPlan, *, quiet: bool) -> Answer:
    from tqdm import tqdm

    from workers.engine.training.loop import train

    made: list[CheckpointMade] = []
    try:
        plan.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder {plan.folder} cannot be written: {error.strerror}.") from error
    with tqdm(disable=quiet or not sys.stderr.isatty(), unit="step", dynamic_ncols=True, file=sys.stderr) as bar:

        def report(progress: Progress) -> None:
            bar.total = progress.steps
            bar.n = progress.step
            bar.set_postfix_str(
                " ".join(f"{name} {value:.3g}" for name, value in progress.losses.items()), refresh=False
            )
            bar.refresh()

        def checkpoint_made(checkpoint: CheckpointMade) -> None:
            made.append(checkpoint)
            if not quiet:
                bar.write(f"epoch {checkpoint.epoch}: {checkpoint.folder}", file=sys.stderr)

        outcome = train(plan, report=report, should_stop=lambda: False, checkpoint_made=checkpoint_made)
    answer = {
        "run": plan.run_id,
        "preset": plan.preset,
        "epochs": outcome.epoch,
        "steps": outcome.step,
        "n_train": len(plan.train),
        "n_validation": len(plan.validation),
        "train_digest": plan.train_digest,
        "checkpoints": [
            {"id": each.id, "epoch": each.epoch, "folder": os.fspath(each.folder), "digest": each.digest}
            for each in made
        ],
    }
    return answer, [
        f"{plan.preset}: {outcome.epoch} epochs, {outcome.step} steps, {len(made)} checkpoints in {plan.checkpoints_dir}"
    ]


def _describe(options: argparse.Namespace) -> Answer:
    from workers.engine.families.build import describe

    found = describe(options.preset, settings(options.settings))
    lines = [f"{found['preset']}: {found['title']}. {found['note']}"]
    for name, network in found["networks"].items():
        shape = " -> ".join("x".join(map(str, network[side])) for side in ("input", "output"))
        lines.append(f"  {name}: {network['parameters']:,} parameters, {shape}")
    lines += [f"  {name} = {option['value']}: {option['help']}" for name, option in found["options"].items()]
    return found, lines
