"""From the bytes that a stranger sends to a clean picture."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.utils.translation import gettext as _
from PIL import Image

from workers.engine.errors import InputError
from workers.engine.images import read_photo

MAX_SIDE = 2048  # of the stored photo; the sketch is made from a crop of 400x500
_CHUNK = 64 * 1024


def max_bytes() -> int:
    return int(getattr(settings, "UPLOAD_MAX_BYTES", 10 * 1024 * 1024))


class CappedUpload(FileUploadHandler):
    """Drops a file that grows beyond the limit while it comes in, so that no temporary file fills the disk.

    What the client announced (Content-Length, Content-Type) is not looked at. `install` puts it first.
    """

    too_large = False

    def new_file(self, *args, **kwargs) -> None:
        super().new_file(*args, **kwargs)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._received += len(raw_data)
        if self._received > max_bytes():
            self.too_large = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None  # another handler keeps the content

    @classmethod
    def install(cls, request: HttpRequest) -> None:
        """Must be called before anything reads request.POST."""
        request.upload_handlers = [cls(request), *request.upload_handlers]


def upload_refusal(request: HttpRequest) -> str:
    """Why a request brought no photo: it was too large, or there was none."""
    if any(isinstance(handler, CappedUpload) and handler.too_large for handler in request.upload_handlers):
        return _too_large()
    return _("No photo was sent. Choose a JPEG, PNG or WebP picture of one face.")


def upload_photo(stream: IO[bytes]) -> Image.Image:
    """The sent picture as a clean upright RGB image of at most MAX_SIDE pixels a side; InputError if there is none."""
    stream.seek(0)
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes():
            raise InputError(_too_large())
    stream.seek(0)
    return read_photo(stream, max_pixels=int(getattr(settings, "UPLOAD_MAX_PIXELS", 25_000_000)), max_side=MAX_SIDE)


def upload_name(name: str | None) -> str:
    """The bare file name, printable and short."""
    bare = PureWindowsPath(PurePosixPath(name or "").name).name
    return "".join(c for c in bare if unicodedata.category(c)[0] not in "CZ" or c == " ").strip()[:100]


def _too_large() -> str:
    limit = max_bytes() / 1024 / 1024
    return _("The file is larger than %(limit)g MiB. Make the photo smaller and try again.") % {"limit": limit}
