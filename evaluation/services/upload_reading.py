"""From the files that somebody sent to stored pictures: each is decoded once, and what is left out is named with why."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image

from datasetviewer.layouts.listing import pictures_in
from datasetviewer.pictures import MAX_BYTES
from datasetviewer.services import IncomingArchive
from datasetviewer.services.archives import Limits, archive_unpack, remove_folder
from datasetviewer.services.reading import LARGE_BYTES
from datasetviewer.services.uploads import archive_name
from datasetviewer.storage import FORMATS
from datasetviewer.turns import large_turn
from evaluation.services.incoming import max_bytes
from workers.engine.errors import InputError
from workers.engine.images import read_photo

UNPACKED = 4  # times the size of an upload: what a zip may unpack to; pictures hardly shrink
LOOKED_AT = 256  # pixels: the picture is decoded to see that it is whole, not to be kept
EXAMPLES = 3


@dataclass
class Taken:
    """What came of the files: pictures as [key, SHA-256, format], sizes by "WIDTHxHEIGHT", refused ones with why."""

    pictures: list[list[str]] = field(default_factory=list)
    sizes: Counter[str] = field(default_factory=Counter)
    refused: list[dict[str, str]] = field(default_factory=list)
    bytes: int = 0

    def refuse(self, name: str, reason: str) -> None:
        self.refused.append({"file": name, "reason": reason})


def pictures_take(sent: Sequence[IncomingArchive], into: Path) -> Taken:
    """Store the pictures among the sent files (one zip, or several pictures) in a new folder, under their digests.

    InputError when they are no set: a broken or hostile zip, too many, fewer than two pictures. What lies in the folder
    then is the caller's to remove.
    """
    into.mkdir(parents=True)
    taken = Taken()
    if len(sent) == 1 and _is_zip(sent[0]):
        unpacked = into / ".unpacked"
        limits = Limits(files=settings.EVALUATION_UPLOAD_MAX_PICTURES * 2, total=UNPACKED * max_bytes())
        for problem in archive_unpack(sent[0].path, unpacked, limits=limits):
            taken.refuse(problem.path, problem.reason)
        files = _unpacked_files(unpacked, taken)
        for number, (key, path) in enumerate(files, start=1):
            _check_number(number)
            _take(key, path, into, taken)
        remove_folder(unpacked)
    else:
        _check_number(len(sent))
        for one in sent:
            key = archive_name(one.name)
            if _is_zip(one):
                taken.refuse(key, _("A zip archive is sent alone, without other files."))
            else:
                _take(key, one.path, into, taken)
    if len(taken.pictures) < 2:
        raise InputError(_too_few(taken))
    return taken


def _is_zip(sent: IncomingArchive) -> bool:
    return (sent.name or "").lower().endswith(".zip") or zipfile.is_zipfile(sent.path)


def _unpacked_files(root: Path, taken: Taken) -> Iterator[tuple[str, Path]]:
    for found in pictures_in(root, root, below=True):
        if isinstance(found, Path):
            yield found.relative_to(root).as_posix(), found
        else:
            taken.refuse(found.path, found.reason)


def _take(key: str, path: Path, into: Path, taken: Taken) -> None:
    size = path.stat().st_size
    if size > MAX_BYTES:
        reason = _("The file has %(size).0f MB; at most %(most).0f MB are taken.")
        taken.refuse(key, reason % {"size": size / 1e6, "most": MAX_BYTES / 1e6})
        return
    content = path.read_bytes()
    try:
        with large_turn if size > LARGE_BYTES else nullcontext():
            read_photo(io.BytesIO(content), max_side=LOOKED_AT, max_pixels=settings.UPLOAD_MAX_PIXELS)
    except InputError as error:
        taken.refuse(key, str(error))
        return
    with Image.open(io.BytesIO(content), formats=tuple(FORMATS)) as image:
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        taken.sizes[f"{image.width}x{image.height}"] += 1
    sha256 = hashlib.sha256(content).hexdigest()
    path.replace(into / f"{sha256}.{FORMATS[kind][0]}")
    taken.pictures.append([key, sha256, kind])
    taken.bytes += size


def _check_number(n: int) -> None:
    most = settings.EVALUATION_UPLOAD_MAX_PICTURES
    if n > most:
        text = _("More than %(most)s pictures in one set. Send fewer, or put the folder on the server.")
        raise InputError(text % {"most": most})


def _too_few(taken: Taken) -> str:
    reasons = " ".join(f"{PurePosixPath(one['file']).name}: {one['reason']}" for one in taken.refused[:EXAMPLES])
    text = _("Of the sent files %(n)s can be used as pictures; a set needs at least 2. %(reasons)s")
    return (text % {"n": len(taken.pictures), "reasons": reasons}).strip()
