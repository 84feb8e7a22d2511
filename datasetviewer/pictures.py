"""Opening a picture file: what it is, and its thumbnails.

The decoding itself is the engine's, so whatever can be imported can be measured.
"""

from __future__ import annotations

import hashlib
import io
from contextlib import nullcontext
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image

from workers.engine.errors import InputError
from workers.engine.images import FORMATS, decode
from workers.engine.picture_parts import check_parts

from .storage import THUMBNAIL_SIZES
from .turns import LARGE_PIXELS, large_turn

MAX_BYTES = 50 * 1024 * 1024
# Kinds of pictures that are held several times while they are opened, and the pixels that fit into 200 MB then: Pillow has
# four copies of a WebP, and a progressive CMYK JPEG is kept whole in two bytes a sample.
COSTLY = {"WebP": 10_000_000, "CMYK": 16_000_000}
# Thumbnails are made from this: JPEG is shrunk to it while it is decoded.
_SOURCE_SIDE = 2 * max(THUMBNAIL_SIZES)


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
    """Decode the picture and make the thumbnails; InputError says why a file is not taken."""
    if len(content) > MAX_BYTES:
        raise InputError(f"The file has {len(content) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are taken.")
    with large_turn if check_cost(content) > LARGE_PIXELS else nullcontext():
        decoded = decode(io.BytesIO(content), max_side=_SOURCE_SIDE)
    small = decoded.picture
    thumbnails = {}
    for size in sorted(THUMBNAIL_SIZES, reverse=True):
        small.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
        stream = io.BytesIO()
        small.save(stream, format="WEBP", quality=80, method=1)
        thumbnails[size] = stream.getvalue()
    image_format = "JPEG" if decoded.format == "MPO" else decoded.format
    return Picture(sha256_of(content), decoded.width, decoded.height, decoded.mode, image_format, thumbnails)


def check_cost(content: bytes) -> int:
    """How many pixels the file says that it has; InputError when opening it would take too much time or memory.

    0 when the file cannot even be begun: the engine's reader says why. Nothing is decoded here.
    """
    check_parts(content)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            width, height = image.size
            costly = "WebP" if image.format == "WEBP" else image.mode
    except Exception:  # noqa: BLE001  (whatever a hostile header makes Pillow raise)
        return 0
    if costly in COSTLY and width * height > COSTLY[costly]:
        text = _(
            "The picture is %(kind)s and has %(width)dx%(height)d pixels; of this kind at most %(most)g megapixels are taken. "
            "Save it as an ordinary JPEG."
        )
        raise InputError(text % {"kind": costly, "width": width, "height": height, "most": COSTLY[costly] / 1e6})
    return width * height


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def thumbnail_size(width: int, height: int, size: int) -> tuple[int, int]:
    """Width and height in pixels of the thumbnail of a picture, for the page to reserve its place."""
    scale = min(1.0, size / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
