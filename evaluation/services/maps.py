"""Keeping difference maps: drawn by the engine once, then read. DATA_DIR/maps/<first two>/<digest>.png"""

from __future__ import annotations

import hashlib
import io
import time
from pathlib import Path

from django.conf import settings

from workers.engine.errors import InputError
from workers.engine.whole_files import write_whole

VERSION = 1  # rises when the same pictures would give another map
UNUSED_SECONDS = 7 * 24 * 3600


def map_kept(kind: str, reference: Path, candidate: Path) -> Path:
    """Where the map of this kind between two files lies, drawn if it was not. InputError for files that do not compare.

    It is known by the files' places, sizes and times, so a file that is written anew gets a new map.
    """
    try:
        stats = [(path, path.stat()) for path in (reference, candidate)]
    except OSError as error:
        raise InputError(f"{error.filename} is gone.") from error
    parts = [str((str(path), stat.st_size, stat.st_mtime_ns)) for path, stat in stats]
    digest = hashlib.sha256("\n".join([str(VERSION), kind, *parts]).encode()).hexdigest()
    kept = maps_folder() / digest[:2] / f"{digest}.png"
    if kept.is_file():
        return kept
    from workers.engine.metrics.maps import error_map

    stream = io.BytesIO()
    error_map(kind, reference, candidate).save(stream, format="PNG")
    write_whole(kept, stream.getvalue())
    return kept


def maps_expire() -> int:
    """Delete maps that were drawn more than a week ago; returns how many. Who looks again gets them drawn again."""
    gone = 0
    for path in maps_folder().glob("*/*.png"):
        try:
            if time.time() - path.stat().st_mtime > UNUSED_SECONDS:
                path.unlink()
                gone += 1
        except OSError:
            continue
    return gone


def maps_folder() -> Path:
    return Path(settings.DATA_DIR) / "maps"
