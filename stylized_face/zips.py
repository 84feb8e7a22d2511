"""Photos that come packed as a zip."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datasetviewer.layouts.listing import pictures_in
from datasetviewer.services.archives import Limits, archive_unpack, remove_folder

from .models import stylizations_folder
from .uploads import MAX_PHOTOS, Refused, Sent, max_bytes_together


def limits() -> Limits:
    """Looser in number than what is drawn: a zip of a folder holds other things too."""
    return Limits(files=10 * MAX_PHOTOS, directory=1024**2, total=max_bytes_together())


@contextmanager
def zip_unpacked(sent: Sent) -> Iterator[tuple[list[Path], list[Refused]]]:
    """The pictures of a zip by name, subfolders included, and what else was in it; gone at the end of the `with`.

    InputError when it is refused as a whole (datasetviewer.services.archives says when). What a crash leaves is removed
    by the sweeper: it lies where folders without a row are not kept.
    """
    folder = stylizations_folder() / f"zip-{uuid.uuid4()}"
    folder.mkdir(parents=True)
    try:
        archive = folder / "archive.zip"
        sent.stream.seek(0)
        with archive.open("xb") as copy:
            shutil.copyfileobj(sent.stream, copy)
        unpacked = folder / "unpacked"
        refused = [Refused(one.path, one.reason) for one in archive_unpack(archive, unpacked, limits=limits())]
        archive.unlink()
        pictures: list[Path] = []
        for one in pictures_in(unpacked, unpacked, below=True):
            if isinstance(one, Path):
                pictures.append(one)
            else:
                refused.append(Refused(one.path, one.reason))
        yield pictures, refused
    finally:
        remove_folder(folder)
