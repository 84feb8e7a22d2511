"""Where the files of published results come from: an uploaded set, a folder, or a zip archive on this machine."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from datasetviewer.services.archives import Limits, archive_unpack, remove_folder
from evaluation.models import UploadedSet, published_folder
from evaluation.services.incoming import max_bytes
from evaluation.services.published.report import SentFile
from workers.engine.errors import InputError
from workers.engine.features.pictures import pictures_below

UNPACKED = 4  # times the size of an upload: what a zip may unpack to


def files_of_upload(uploaded: UploadedSet) -> list[SentFile]:
    return [SentFile(key, uploaded.path_of(sha256, kind)) for key, sha256, kind in uploaded.pictures]


def files_of_folder(folder: Path) -> list[SentFile]:
    """All pictures below a folder. InputError when there are none, or too many."""
    paths = pictures_below(folder)
    if len(paths) > (most := settings.EVALUATION_UPLOAD_MAX_PICTURES):
        raise InputError(_("%(folder)s holds more than %(most)s pictures.") % {"folder": folder, "most": most})
    return [SentFile(path.relative_to(folder).as_posix(), path) for path in paths]


@contextmanager
def files_at(path: Path) -> Iterator[list[SentFile]]:
    """The pictures of a folder or of a zip archive; what is unpacked for it goes afterwards. InputError for anything else."""
    if path.is_dir():
        yield files_of_folder(path)
        return
    if not path.is_file():
        raise InputError(_("There is no folder or zip archive %(path)s.") % {"path": path})
    unpacked = published_folder() / f".{uuid.uuid4()}.unpacked"
    unpacked.parent.mkdir(parents=True, exist_ok=True)
    try:
        limits = Limits(files=settings.EVALUATION_UPLOAD_MAX_PICTURES * 2, total=UNPACKED * max_bytes())
        archive_unpack(path, unpacked, limits=limits)
        yield files_of_folder(unpacked)
    finally:
        if unpacked.is_dir():
            remove_folder(unpacked)
        shutil.rmtree(unpacked, ignore_errors=True)
