"""Files that somebody means harm with, and what the refusal must say."""

import io
import struct
import zlib

from PIL import Image


def _picture(format_: str) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((120, 120), 80).convert("RGB").save(stream, format_)
    return stream.getvalue()


def png_bomb(side: int = 13_000) -> bytes:
    """A well-formed PNG of side x side grey pixels in a few hundred kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + side)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def refused_files() -> dict[str, tuple[bytes, str]]:
    """Name of the case -> (content, words of the refusal)."""
    jpeg, png = _picture("JPEG"), _picture("PNG")
    return {
        "empty": (b"", "empty"),
        "truncated jpeg": (jpeg[: len(jpeg) // 2], "damaged or incomplete"),
        "truncated png": (png[: len(png) // 2], "damaged or incomplete"),
        "gif named jpg": (_picture("GIF"), "a GIF file"),
        "svg named jpg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "an SVG file"),
        "eps named jpg": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", "EPS"),
        "html named jpg": (b"<html><script>alert(1)</script></html>", "not a picture"),
        "zip named jpg": (b"PK\x03\x04" + bytes(100), "a ZIP file"),
        "bomb": (png_bomb(), "at most 25 megapixels"),
        "eleven mebibytes": (jpeg + bytes(11 * 1024 * 1024), "larger than 10 MiB"),
    }
