"""A checkpoint applied to a set of pictures: one PNG a picture, named by the SHA-256 of the file it was drawn from."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from workers.engine.errors import InputError
from workers.engine.families.use import CPU_BATCH, GPU_BATCH, open_checkpoint
from workers.engine.features.pictures import read_picture
from workers.engine.images import write_png
from workers.engine.weights import sha256_of

READERS = 2


def generate_set(
    checkpoint_folder: Path,
    paths: Sequence[Path],
    names: Sequence[str],
    out_dir: Path,
    *,
    device: str = "auto",
    batch_size: int | None = None,
    report: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Draw every picture and return the files in the order of `paths`. What is there already is not drawn again.

    `names` call the pictures in messages. `report(done, total)` is called for every picture and may raise to stop;
    files are complete or not there. Raises InputError for an unreadable picture or a damaged checkpoint.
    """
    tell = report or (lambda done, total: None)
    targets = []
    for path, name in zip(paths, names, strict=True):
        tell(0, len(paths))
        try:
            targets.append(out_dir / f"{sha256_of(path)}.png")
        except OSError as error:
            raise InputError(f"{name} cannot be read: {error.strerror}.") from error
    missing = {
        target: (path, name) for target, path, name in zip(targets, paths, names, strict=True) if not target.is_file()
    }
    done = len(paths) - len(missing)
    tell(done, len(paths))
    if not missing:
        return targets
    generator = open_checkpoint(checkpoint_folder, device)
    at_once = batch_size or (CPU_BATCH if generator.device.type == "cpu" else GPU_BATCH)
    work = list(missing.items())
    with ThreadPoolExecutor(READERS, thread_name_prefix="picture") as pool:
        for start in range(0, len(work), at_once):
            part = work[start : start + at_once]
            pictures = list(pool.map(lambda item: read_picture(*item[1]), part))
            for (target, _), drawn in zip(part, generator.apply(pictures, at_once), strict=True):
                write_png(Image.fromarray(drawn), target)
                done += 1
                tell(done, len(paths))
    return targets
