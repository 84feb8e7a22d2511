"""Pictures on their way in: written to disk as they come, and dropped when they are more than is taken."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload
from django.http import HttpRequest
from django.utils.translation import gettext as _

from datasetviewer.services import ArchiveUpload
from workers.engine.errors import InputError


def max_bytes() -> int:
    """How large all files of one upload may be together, in bytes."""
    return int(settings.EVALUATION_UPLOAD_MAX_BYTES)


def upload_limits() -> dict[str, Any]:
    """What is taken and for how long, for people to read before they send anything."""
    return {
        "gibibytes": max_bytes() / 1024**3,
        "pictures": settings.EVALUATION_UPLOAD_MAX_PICTURES,
        "files": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
        "hours": settings.UPLOAD_RETENTION_HOURS,
        "bytes": max_bytes(),
    }


class PicturesUpload(ArchiveUpload):
    """Takes any number of files, each to a file of its own, until they are too large together.

    What the client announces (Content-Length) is only used to refuse early, see `incoming_check`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._together = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._together += len(raw_data)
        if self._together > max_bytes():
            self.too_large = True
            self.upload_interrupted()
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)


def incoming_check(request: HttpRequest) -> None:
    """InputError when a request announces more than is taken, before a byte of it is read."""
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        announced = 0
    if announced > max_bytes() + 1024**2:
        raise InputError(incoming_too_large_text())


def incoming_too_large(request: HttpRequest) -> bool:
    return any(isinstance(handler, PicturesUpload) and handler.too_large for handler in request.upload_handlers)


def incoming_too_large_text() -> str:
    text = _(
        "The files are larger than %(limit).3g GiB together. Send fewer pictures, or put the folder on the server."
    )
    return text % {"limit": max_bytes() / 1024**3}


def incoming_too_many_text() -> str:
    text = _("More than %(most)s files in one upload; pack them as one zip archive and send that.")
    return text % {"most": settings.DATA_UPLOAD_MAX_NUMBER_FILES}
