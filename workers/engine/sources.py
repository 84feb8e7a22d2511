"""What the command line compares: folders of pictures and `.npz` files, as features or as mean and covariance."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from workers.engine.features.extract import FeatureSet, extract
from workers.engine.features.pictures import FORMATS, pictures_below
from workers.engine.features.shards import statistics_by_shards
from workers.engine.metrics.cautions import Size
from workers.engine.statistics import Statistics, load

KEPT = 20_000  # pictures up to which features are kept; beyond, a Fréchet distance is taken from moments


@dataclass(frozen=True)
class Reading:
    """How features are computed, and whether progress is shown (`quiet`: not even a line)."""

    extractor: str
    weights_dir: Path | None
    device: str
    batch_size: int | None
    store_dir: Path | None
    quiet: bool
    checkpoints_dir: Path | None = None


@dataclass(frozen=True)
class Source:
    """One side of a comparison. `sizes` are the pictures' (width, height) when they are at hand."""

    path: Path
    content: FeatureSet | Statistics
    sizes: tuple[Size, ...] = ()

    @property
    def extractor(self) -> str | None:
        return self.content.extractor


def read(path: Path, reading: Reading, *, moments_do: bool = False) -> Source:
    """A folder's features, or what a `.npz` file holds. With `moments_do` a folder of very many pictures becomes
    mean and covariance, in memory that does not grow with it. InputError for anything else."""
    if path.suffix.lower() == ".npz" and not path.is_dir():
        return Source(path, load(path))
    paths = pictures_below(path)
    if not sys.stderr.isatty() and not reading.quiet:
        tqdm.write(f"{path}: {len(paths)} pictures", file=sys.stderr)
    with tqdm(total=len(paths), desc=path.name, unit="img", disable=not sys.stderr.isatty(), leave=False) as bar:

        def compute(some: Sequence[Path]) -> FeatureSet:
            return extract(
                some,
                reading.extractor,
                weights_dir=reading.weights_dir,
                device=reading.device,
                batch_size=reading.batch_size,
                store_dir=reading.store_dir,
                checkpoints_dir=reading.checkpoints_dir,
                report=_mover(bar),
            )

        if moments_do and len(paths) > KEPT:
            return Source(path, statistics_by_shards(paths, compute))
        return Source(path, compute(paths), sizes_of(paths))


def sizes_of(paths: Sequence[Path]) -> tuple[Size, ...]:
    """(width, height) of pictures that have been read before, from their headers."""
    found = []
    for path in paths:
        with Image.open(path, formats=FORMATS) as image:
            found.append(image.size)
    return tuple(found)


def _mover(bar: tqdm) -> Callable[[int, int], None]:
    """Moves the bar by what each report adds; a report that starts again at 0 begins the next slice."""
    last = 0

    def report(done: int, total: int) -> None:
        nonlocal last
        bar.update(max(done - last, 0))
        last = done

    return report
