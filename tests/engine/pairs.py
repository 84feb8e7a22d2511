"""Small pairs of pictures and plans for the tests of the training."""

from pathlib import Path

from PIL import Image

from tests.engine.drawing import blobs
from workers.engine import catalogue
from workers.engine.training.plan import PairFile, TrainingPlan


def made_pairs(folder: Path, count: int, size=(40, 50)) -> tuple[PairFile, ...]:
    """Pairs whose target is the mirrored brightness of the source: something that can be learnt."""
    found = []
    for seed in range(count):
        source, target = folder / "photos" / f"{seed}.png", folder / "sketches" / f"{seed}.png"
        for path, picture in ((source, blobs(seed, size)), (target, 255 - blobs(seed, size))):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.is_file():  # two processes may ask for the same pairs
                Image.fromarray(picture).save(path)
        found.append(PairFile(str(seed), source, target))
    return tuple(found)


def made_plan(
    folder: Path, preset: str = "pix2pix.tiny", count: int = 5, run_id: str = "run", **options
) -> TrainingPlan:
    """A plan over `count` pairs, the last of which is for validation; files of the run go below `folder` / run_id."""
    pairs = made_pairs(folder, count)
    return TrainingPlan(
        run_id=run_id,
        preset=preset,
        options=catalogue.options_checked(preset, options),
        train=pairs[:-1],
        validation=pairs[-1:],
        direction=("photo", "sketch"),
        seed=7,
        folder=folder / run_id,
        checkpoints_dir=folder / run_id / "checkpoints",
        device="cpu",
        train_digest="0" * 64,
    )
