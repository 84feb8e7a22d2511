"""Opening a picture file: what it is, and its thumbnails.

The decoding itself is the engine's, so whatever can be imported can be measured.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from PIL import Image

from workers.engine.errors import InputError
from workers.engine.images import MAX_PIXELS, read_photo

from .storage import THUMBNAIL_SIZES

MAX_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True)
class Picture:
    """A picture that was read in full.

    width, height  pixels, upright (EXIF orientation applied)
    mode, format   as Pillow names them
    thumbnails     size -> WebP bytes; the longer side is at most `size` pixels, a smaller picture is not enlarged
    """

    sha256: str
    width: int
    height: int
    mode: str
    format: str
    thumbnails: dict[int, bytes]


def read_picture(content: bytes) -> Picture:
    """Decode every pixel and make the thumbnails; InputError says why a file is not taken."""
    if len(content) > MAX_BYTES:
        raise InputError(f"The file has {len(content) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are taken.")
    # No shrinking while decoding: the true size is wanted, and MAX_PIXELS bounds the memory.
    upright = read_photo(io.BytesIO(content), max_side=MAX_PIXELS)
    with Image.open(io.BytesIO(content)) as header:
        mode, image_format = header.mode, header.format or ""
    width, height = upright.size
    thumbnails = {}
    for size in sorted(THUMBNAIL_SIZES, reverse=True):
        upright.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
        stream = io.BytesIO()
        upright.save(stream, format="WEBP", quality=82, method=2)
        thumbnails[size] = stream.getvalue()
    return Picture(
        sha256_of(content), width, height, mode, "JPEG" if image_format == "MPO" else image_format, thumbnails
    )


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def thumbnail_size(width: int, height: int, size: int) -> tuple[int, int]:
    """Width and height in pixels of the thumbnail of a picture, for the page to reserve its place."""
    scale = min(1.0, size / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
