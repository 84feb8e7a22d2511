"""Opening a picture file: what it is, and its thumbnails.

The decoding itself is the engine's, so whatever can be imported can be measured. Large pictures are opened one at a time:
several at once, on as many threads, would take more memory than a small machine has.
"""

from __future__ import annotations

import hashlib
import io
import threading
from contextlib import nullcontext
from dataclasses import dataclass

from PIL import Image

from workers.engine.errors import InputError
from workers.engine.images import FORMATS, read_photo

from .storage import THUMBNAIL_SIZES

MAX_BYTES = 50 * 1024 * 1024
# From here on a picture waits for its turn.
LARGE_PIXELS = 3_000_000
# Kinds of pictures of which Pillow holds several copies while it opens them, and the pixels that fit into 150 MB then.
COSTLY = {"WebP": 8_000_000, "16-bit": 12_000_000, "CMYK": 16_000_000, "transparent": 16_000_000}
# Thumbnails are made from this: JPEG is shrunk to it while it is decoded.
_SOURCE_SIDE = 2 * max(THUMBNAIL_SIZES)
_ORIENTATION_TAG = 0x0112
_ON_ITS_SIDE = (5, 6, 7, 8)

large_turn = threading.RLock()


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


@dataclass(frozen=True)
class Header:
    """What a file says of itself before a pixel is decoded. `costly` is a name of COSTLY, or ""."""

    width: int
    height: int
    mode: str
    format: str
    costly: str


def read_picture(content: bytes) -> Picture:
    """Decode the picture and make the thumbnails; InputError says why a file is not taken."""
    if len(content) > MAX_BYTES:
        raise InputError(f"The file has {len(content) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are taken.")
    header = _header(content)
    large = header is not None and header.width * header.height > LARGE_PIXELS
    if header is not None and header.costly and header.width * header.height > COSTLY[header.costly]:
        raise InputError(
            f"The picture is {header.costly} and has {header.width}x{header.height} pixels; of this kind at most "
            f"{COSTLY[header.costly] / 1e6:g} megapixels are taken. Save it as an ordinary JPEG."
        )
    with large_turn if large else nullcontext():
        upright = read_photo(io.BytesIO(content), max_side=_SOURCE_SIDE)
    if header is None:
        raise InputError("The picture is damaged: its beginning cannot be read.")
    thumbnails = {}
    for size in sorted(THUMBNAIL_SIZES, reverse=True):
        upright.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
        stream = io.BytesIO()
        upright.save(stream, format="WEBP", quality=80, method=1)
        thumbnails[size] = stream.getvalue()
    image_format = "JPEG" if header.format == "MPO" else header.format
    return Picture(sha256_of(content), header.width, header.height, header.mode, image_format, thumbnails)


def _header(content: bytes) -> Header | None:
    """Size upright, mode and format; None when the file is not even opened, and the engine says why."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            width, height = image.size
            try:
                turned = image.getexif().get(_ORIENTATION_TAG, 1) in _ON_ITS_SIDE
            except Exception:  # noqa: BLE001  (a broken EXIF block counts as upright, the pixels are still good)
                turned = False
            if turned:
                width, height = height, width
            return Header(width, height, image.mode, image.format or "", _costly(image))
    except Exception:  # noqa: BLE001  (whatever a hostile header makes Pillow raise; read_photo gives the sentence)
        return None


def _costly(image: Image.Image) -> str:
    if image.format == "WEBP":
        return "WebP"
    if image.mode.startswith("I"):
        return "16-bit"
    if image.mode == "CMYK":
        return "CMYK"
    return "transparent" if image.has_transparency_data else ""


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def thumbnail_size(width: int, height: int, size: int) -> tuple[int, int]:
    """Width and height in pixels of the thumbnail of a picture, for the page to reserve its place."""
    scale = min(1.0, size / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
