"""The part of an import that runs in threads: one file read, judged, decoded and stored. No database here."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from workers.engine.errors import InputError
from workers.engine.whole_files import write_whole

from ..layouts import ImageRecord
from ..pictures import MAX_BYTES, Picture, read_picture, sha256_of
from ..storage import THUMBNAIL_SIZES, dataset_folder, file_path, thumbnail_path
from ..turns import large_turn

# Files from here on are read one at a time.
LARGE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Stored:
    """A picture whose file and thumbnails lie in the store."""

    sha256: str
    width: int
    height: int
    mode: str
    format: str
    bytes: int


@dataclass(frozen=True)
class Known:
    """What the row of a picture says that was imported before."""

    id: int
    sha256: str
    format: str
    width: int
    height: int


def file_read(slug: str, record: ImageRecord, before: Known | None, confine_to: Path | None) -> Stored | None:
    """Read one file and store it; None when the very same bytes are stored already, whole.

    It is decoded only where that is needed. InputError says why the file is left out.
    """
    try:
        if confine_to is not None and not record.path.resolve().is_relative_to(confine_to):
            raise InputError("The file is a link that leads out of the datasets' folder.")
        # A pipe or a device would never end; only a file has a size to hold it to.
        if not record.path.is_file():
            raise InputError("This is not a file.")
        size = record.path.stat().st_size
    except OSError as error:
        raise InputError(f"The file cannot be opened: {error.strerror or error}.") from error
    if size > MAX_BYTES:
        raise InputError(f"The file has {size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are taken.")
    with large_turn if size > LARGE_BYTES else nullcontext():
        return _file_read(slug, record, before)


def _file_read(slug: str, record: ImageRecord, before: Known | None) -> Stored | None:
    try:
        with record.path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"The file cannot be opened: {error.strerror or error}.") from error
    if before is not None:
        if sha256_of(content) != before.sha256:
            raise InputError("The file differs from the one imported before under this name; that one was kept.")
        if is_whole(slug, before.sha256, before.format):
            return None
    picture = read_picture(content)
    _store(slug, content, picture)
    return Stored(picture.sha256, picture.width, picture.height, picture.mode, picture.format, len(content))


def is_whole(slug: str, sha256: str, image_format: str) -> bool:
    """Whether a picture's file and thumbnails are all there."""
    thumbnails = (thumbnail_path(slug, sha256, size) for size in THUMBNAIL_SIZES)
    return file_path(slug, sha256, image_format).is_file() and all(path.is_file() for path in thumbnails)


class StoreFull(InputError):
    """Nothing more can be stored: the import stops, rather than leaving out every file that follows."""


def _store(slug: str, content: bytes, picture: Picture) -> None:
    if is_whole(slug, picture.sha256, picture.format):
        return
    try:
        for size, thumbnail in picture.thumbnails.items():
            write_whole(thumbnail_path(slug, picture.sha256, size), thumbnail)
        write_whole(file_path(slug, picture.sha256, picture.format), content)
    except OSError as error:
        raise StoreFull(
            f"The pictures cannot be stored in {dataset_folder(slug)}: {error.strerror or error}. "
            "Make room or give the folder to this user, then import again; what was stored stays."
        ) from error
