"""From the bytes that a stranger sends to clean pictures, one after the other."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest
from django.utils.translation import gettext as _
from PIL import Image

from datasetviewer.pictures import check_cost
from datasetviewer.turns import large_turn, turn
from workers.engine.errors import InputError
from workers.engine.images import read_photo

MAX_SIDE = 2048  # of the stored photo; the sketch is made from a crop of 400x500
LARGE_BYTES = 1024**2  # from here on a file waits for its turn before it is read
MAX_PHOTOS = 20  # in one request, or in one zip
FIELD = "photo"
_ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class Refused:
    """A file that cannot be used, by its name, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Sent:
    """A file that came in; it may be anything."""

    name: str
    stream: IO[bytes]

    @property
    def is_zip(self) -> bool:
        """By how it begins; names and announced types are the sender's."""
        self.stream.seek(0)
        head = self.stream.read(4)
        self.stream.seek(0)
        return head in _ZIP_BEGINS


def max_bytes() -> int:
    return int(getattr(settings, "UPLOAD_MAX_BYTES", 10 * 1024 * 1024))


def max_bytes_together() -> int:
    """Of all files of one request, and of a zip packed or unpacked."""
    return 8 * max_bytes()


class CappedUpload(FileUploadHandler):
    """Drops what is beyond the limits while it comes in, so that no temporary file fills the disk.

    A photo that is too large is dropped alone, as is one too many: the others are kept. When all together are too much,
    the reading ends. A zip may be as large as several photos. What the client announced (Content-Length, Content-Type)
    is not looked at. `install` puts it first.
    """

    too_much = False
    _received = _together = _count = 0

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.refused: list[Refused] = []

    def new_file(self, *args, **kwargs) -> None:
        # Nothing is skipped here: Django would then close the file before this one, which may be a good photo.
        super().new_file(*args, **kwargs)
        self._received = 0
        self._count += self.field_name == FIELD

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if self.field_name != FIELD:
            raise SkipFile
        if self._count > MAX_PHOTOS:
            self._refuse(_("At most %(most)d photos are taken at once.") % {"most": MAX_PHOTOS})
        if not self._received:
            self._limit = max_bytes_together() if raw_data[:4] in _ZIP_BEGINS else max_bytes()
        self._received += len(raw_data)
        self._together += len(raw_data)
        if self._together > max_bytes_together():
            self.too_much = True
            raise StopUpload(connection_reset=False)
        if self._received > self._limit:
            self._refuse(_too_large())
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None  # another handler keeps the content

    def _refuse(self, reason: str) -> None:
        if len(self.refused) < 2 * MAX_PHOTOS:
            self.refused.append(Refused(upload_name(self.file_name), reason))
        raise SkipFile

    @classmethod
    def install(cls, request: HttpRequest) -> None:
        """Must be called before anything reads request.POST."""
        request.upload_handlers = [cls(request), *request.upload_handlers]


def photos_sent(request: HttpRequest) -> tuple[list[Sent], list[Refused]]:
    """The files that came in, and those that were dropped on the way; InputError when there is nothing to look at."""
    handlers = [one for one in request.upload_handlers if isinstance(one, CappedUpload)]
    files = [Sent(upload_name(file.name), file) for file in request.FILES.getlist(FIELD)]
    refused = [one for handler in handlers for one in handler.refused]
    if any(handler.too_much for handler in handlers):
        limit = max_bytes_together() / 1024 / 1024
        text = _("The files are larger than %(limit)g MiB together. Send fewer photos at once, or smaller ones.")
        raise InputError(text % {"limit": limit})
    if not files:
        nothing = _("No photo was sent. Choose a JPEG, PNG or WebP picture of one face.")
        raise InputError(refused[0].reason if refused else nothing)
    return files, refused


@contextmanager
def upload_photo(stream: IO[bytes]) -> Iterator[Image.Image]:
    """The sent picture as a clean upright RGB image of at most MAX_SIDE pixels a side; InputError if there is none.

    It is closed at the end of the `with`, so that many at once take turns with all of the memory that they need.
    """
    size = stream.seek(0, os.SEEK_END)
    if size > max_bytes():
        raise InputError(_too_large())
    with large_turn if size > LARGE_BYTES else nullcontext():
        stream.seek(0)
        with turn(check_cost(stream.read())):
            max_pixels = int(getattr(settings, "UPLOAD_MAX_PIXELS", 25_000_000))
            with closing(read_photo(stream, max_pixels=max_pixels, max_side=MAX_SIDE)) as picture:
                yield picture


def upload_name(name: str | None) -> str:
    """The bare file name, printable and short."""
    bare = PureWindowsPath(PurePosixPath(name or "").name).name
    return "".join(c for c in bare if unicodedata.category(c)[0] not in "CZ" or c == " ").strip()[:100]


def refused_text(refused: list[Refused], most: int = 10) -> Iterator[str]:
    """One line a file that was not used, with why; the last says how many more there are."""
    for one in refused[:most]:
        yield f"{one.name or _('a file without a name')}: {_(one.reason)}"
    if len(refused) > most:
        yield _("and %(count)d more") % {"count": len(refused) - most}


def _too_large() -> str:
    limit = max_bytes() / 1024 / 1024
    return _("The file is larger than %(limit)g MiB. Make the photo smaller and try again.") % {"limit": limit}
