"""A stylizer or a shipped model applied to a set of pictures: one PNG a picture, named by the SHA-256 of the file it was
drawn from."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from PIL import Image

from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.features.pictures import read_picture
from workers.engine.images import write_png
from workers.engine.stylizers.digests import stylizer_digest
from workers.engine.weights import sha256_of


def stylize_set(
    name: str,
    paths: Sequence[Path],
    names: Sequence[str],
    out_dir: Path,
    *,
    device: str = "auto",
    report: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Draw every picture at its own size, a stylizer with its usual strength and seed 0; returns the files in the order of
    `paths`. What is there already is not drawn again.

    `names` call the pictures in messages. `report(done, total)` is called for every picture and may raise to stop; files
    are complete or not there. Raises InputError for an unknown name and an unreadable picture.
    """
    stylizer_digest(name)  # says what is wrong with the name
    if name in catalogue.SHIPPED:
        from workers.engine.families.generate import generate_set

        return generate_set(catalogue.SHIPPED[name].folder, paths, names, out_dir, device=device, report=report)
    chosen = catalogue.stylizer(name)
    tell = report or (lambda done, total: None)
    draw = getattr(import_module(chosen.module), chosen.name)  # a stylizer's module holds a function of its name
    targets = []
    for done, (path, called) in enumerate(zip(paths, names, strict=True)):
        tell(done, len(paths))
        try:
            target = out_dir / f"{sha256_of(path)}.png"
        except OSError as error:
            raise InputError(f"{called} cannot be read: {error.strerror}.") from error
        if not target.is_file():
            write_png(draw(Image.fromarray(read_picture(path, called))), target)
        targets.append(target)
    tell(len(paths), len(paths))
    return targets
