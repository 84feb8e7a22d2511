"""Archives that were sent in: where they lie, how they come in within the limit, and when they go again.

DATA_DIR/imports/<uuid>.zip    the archive, until its import succeeded or the retention is over
DATA_DIR/imports/<uuid>/       the archive unpacked, only while a worker reads it
"""

from __future__ import annotations

import time
import unicodedata
import uuid
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest
from django.utils.translation import gettext as _

from workers.engine.errors import InputError
from workers.models import LIVE_STATES

from ..models import DatasetImport
from .archives import GIB, remove_folder


def max_bytes() -> int:
    """How large an archive may be, in bytes."""
    return int(getattr(settings, "DATASET_UPLOAD_MAX_BYTES", 4 * GIB))


def imports_folder() -> Path:
    return Path(settings.DATA_DIR) / "imports"


class ArchiveUpload(FileUploadHandler):
    """Writes a file that comes in straight to the imports folder, and drops it when it grows beyond the limit.

    What the client announces (Content-Length) is only used to refuse early. `install` puts it first, so the content is
    never in memory nor in the system's temporary folder.
    """

    too_large = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.too_large:
            raise SkipFile
        imports_folder().mkdir(parents=True, exist_ok=True)
        self._path = imports_folder() / f".{uuid.uuid4().hex}.part"
        self._stream = self._path.open("xb")
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._received += len(raw_data)
        if self._received > max_bytes():
            self.too_large = True
            self.upload_interrupted()
            raise StopUpload(connection_reset=False)
        try:
            self._stream.write(raw_data)
        except OSError:
            self.upload_interrupted()
            raise
        return None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        self._stream.close()
        name = self.file_name or "upload.zip"
        return IncomingArchive(self._path, name, file_size)

    def upload_interrupted(self) -> None:
        stream = getattr(self, "_stream", None)
        if stream is not None:
            stream.close()
            self._path.unlink(missing_ok=True)

    @classmethod
    def install(cls, request: HttpRequest) -> None:
        """Must be called before anything reads request.POST."""
        request.upload_handlers = [cls(request)]


class IncomingArchive(UploadedFile):
    """A file that was sent and lies in the imports folder under a name of its own; `close` removes it unless kept."""

    def __init__(self, path: Path, name: str, size: int) -> None:
        super().__init__(file=None, name=name, size=size)
        self.path = path

    def keep(self) -> Path:
        """Give it its lasting place."""
        lasting = imports_folder() / f"{uuid.uuid4().hex}.zip"
        return self.path.replace(lasting)

    def read(self, *args: Any) -> bytes:
        with self.path.open("rb") as stream:
            return stream.read(*args)

    def close(self) -> None:
        self.path.unlink(missing_ok=True)


def upload_check(request: HttpRequest) -> None:
    """InputError when a request announces more than is taken, before a byte of it is read."""
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        announced = 0
    if announced > max_bytes() + 1024**2:
        raise InputError(too_large_text())


def was_too_large(request: HttpRequest) -> bool:
    return any(isinstance(handler, ArchiveUpload) and handler.too_large for handler in request.upload_handlers)


def too_large_text() -> str:
    text = _("The archive is larger than %(limit).3g GiB. Send it in parts, or put the folder on the server.")
    return text % {"limit": max_bytes() / GIB}


def archive_name(name: str | None) -> str:
    """The bare name of the archive, printable and short."""
    bare = PureWindowsPath(PurePosixPath(name or "").name).name
    plain = "".join(c for c in bare if unicodedata.category(c)[0] not in "CZ" or c == " ").strip()[:200]
    return plain or "upload.zip"


def archive_forget(run: DatasetImport) -> None:
    """Remove the archive of an import that needs it no more, and what was unpacked of it."""
    if run.archive:
        archive = Path(run.path)
        remove_folder(archive.with_suffix(""))
        archive.unlink(missing_ok=True)


def archives_expire() -> int:
    """A chore of the sweeper: remove archives that no live import needs, a day after they came; returns how many."""
    folder = imports_folder()
    if not folder.is_dir():
        return 0
    limit = time.time() - float(getattr(settings, "UPLOAD_RETENTION_HOURS", 24)) * 3600
    live = set(DatasetImport.objects.filter(job__state__in=LIVE_STATES).values_list("path", flat=True))
    needed = {Path(path).stem for path in live}
    removed = 0
    for entry in list(folder.iterdir()):
        if entry.stem in needed or entry.name in needed:
            continue
        try:
            old = entry.stat().st_mtime < limit
        except OSError:
            continue
        if not old:
            continue
        if entry.is_dir():
            remove_folder(entry)
        else:
            entry.unlink(missing_ok=True)
        removed += 1
    return removed
