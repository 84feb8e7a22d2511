"""Pictures made for downloading: the sketch as large as the face in the photo, photo and sketch side by side, a zip."""

from __future__ import annotations

import io
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import PurePath
from typing import IO

from PIL import Image

from .models import Stylization

MAX_SIDE = 2500  # a face that fills a photo of MAX_SIDE pixels would give a picture of twice its side
GAP = 8
THUMBNAIL = (200, 250)
_SPOOLED_BYTES = 8 * 1024 * 1024


def photo_scale(stylization: Stylization) -> float | None:
    """Pixels of the photo that one pixel of the aligned picture stands for; None while that is not known."""
    transform = stylization.transform
    if not transform or not transform[0] or transform[0] <= 0:
        return None
    return 1.0 / float(transform[0])


def photo_scale_size(stylization: Stylization, size: tuple[int, int] = (400, 500)) -> tuple[int, int] | None:
    """Width and height of the sketch when its face is as large as in the photo, within MAX_SIDE."""
    factor = photo_scale(stylization)
    if factor is None:
        return None
    factor = min(factor, MAX_SIDE / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def at_photo_scale(stylization: Stylization) -> bytes | None:
    """The sketch as PNG with its face as large as in the photo; None when the scale is not known.

    It is the 400x500 drawing resampled: nothing is drawn anew.
    """
    size = photo_scale_size(stylization)
    if size is None:
        return None
    with Image.open(stylization.file("sketch")) as sketch:
        return _png(sketch.resize(size, Image.Resampling.LANCZOS))


def side_by_side(stylization: Stylization) -> bytes:
    """The aligned photo and the sketch in one PNG, the photo on the left."""
    with Image.open(stylization.file("aligned")) as photo, Image.open(stylization.file("sketch")) as sketch:
        width, height = photo.size
        sheet = Image.new("RGB", (2 * width + GAP, height), "white")
        sheet.paste(photo.convert("RGB"), (0, 0))
        sheet.paste(sketch.convert("RGB").resize((width, height)), (width + GAP, 0))
    return _png(sheet)


def thumbnail(stylization: Stylization) -> bytes:
    """The sketch at half its size, for lists."""
    with Image.open(stylization.file("sketch")) as sketch:
        return _png(sketch.resize(THUMBNAIL, Image.Resampling.LANCZOS))


def sketches_zip(stylizations: Iterable[Stylization], *, named: bool) -> tuple[IO[bytes], int]:
    """All sketches in one zip, at its start, and how many. `named`: files are called as what was sent, which only its
    sender may see. A sketch that is deleted meanwhile is left out."""
    target = tempfile.SpooledTemporaryFile(max_size=_SPOOLED_BYTES)  # noqa: SIM115  (the answer closes it)
    count = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:  # PNG is compressed already
        for number, stylization in enumerate(stylizations, 1):
            try:
                content = stylization.file("sketch").read_bytes()
            except FileNotFoundError:
                continue
            stem = PurePath(stylization.name).stem if named else ""
            archive.writestr(f"{number:02d}-{_bare(stem) or 'photo'}-{_bare(stylization.model)}.png", content)
            count += 1
    target.seek(0)
    return target, count


def _bare(text: str) -> str:
    """Letters, digits, dot, dash: what every file system takes."""
    kept = (c if c.isalnum() or c in ".-_" else "-" for c in unicodedata.normalize("NFC", text))
    return "".join(kept).strip(".-")[:60]


def _png(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format="PNG", compress_level=4)
    return stream.getvalue()
