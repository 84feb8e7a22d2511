"""PNG files that are there at once, and are compressed when there is time.

A photo of a quarter of a megapixel is compressed in some 25 ms and read again in 10; stored as it is, in 2 each. So what
somebody waits for is stored, and packed behind his back.
"""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from workers.engine.whole_files import whole_file

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS = {"L": 0, "RGB": 2}  # PNG specification (W3C), section 11.2.1


def write_png_stored(image: Image.Image, path: Path) -> None:
    """Write an RGB or L image as PNG without compressing it: pixels only, complete or not there. Makes the folder."""
    height, width = image.height, image.width
    rows = np.asarray(image).reshape(height, -1)
    # The first byte of a line says that it is not filtered.
    lines = np.zeros((height, 1 + rows.shape[1]), dtype=np.uint8)
    lines[:, 1:] = rows
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOURS[image.mode], 0, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as stream:
        stream.write(_SIGNATURE)
        for kind, content in ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), level=0)), (b"IEND", b"")):
            check = zlib.crc32(content, zlib.crc32(kind))
            stream.writelines((struct.pack(">I", len(content)), kind, content, struct.pack(">I", check)))


def pack_png(path: Path, *, level: int = 4) -> None:
    """Compress a PNG file of ours; its pixels stay. Where there is none, or its folder goes meanwhile, nothing is done."""
    try:
        with Image.open(path, formats=("PNG",)) as image:
            image.load()
        with whole_file(path) as stream:
            image.save(stream, format="PNG", compress_level=level)
    except FileNotFoundError:
        return
