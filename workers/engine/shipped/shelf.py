"""Which of the shipped models are really there, free of torch."""

from functools import lru_cache

from workers.engine.errors import InputError
from workers.engine.families.checkpoint_file import DESCRIPTION, GENERATOR, CheckpointMeta, checkpoint_meta
from workers.engine.shipped.table import Shipped
from workers.engine.weights import sha256_of


def meta_on_shelf(shipped: Shipped) -> CheckpointMeta | None:
    """The description of a shipped model whose weights are there and are the file described; None otherwise.

    The digest is computed once for a file; a file that was replaced is looked at anew.
    """
    try:
        stamps = tuple(
            (status.st_mtime_ns, status.st_size, status.st_ino)
            for status in ((shipped.folder / name).stat() for name in (GENERATOR, DESCRIPTION))
        )
    except OSError:
        return None
    return _checked(shipped, stamps)


@lru_cache(maxsize=16)
def _checked(shipped: Shipped, stamps: tuple[tuple[int, int, int], ...]) -> CheckpointMeta | None:
    try:
        meta = checkpoint_meta(shipped.folder)
        fits = sha256_of(shipped.folder / GENERATOR) == meta.digest
    except (InputError, OSError):
        return None
    return meta if fits and meta.direction in shipped.directions else None
