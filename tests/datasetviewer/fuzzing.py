"""Broken and hostile archives and pictures, drawn by chance.

    python -m tests.datasetviewer.fuzzing FOLDER EVERY    writes every so-many-th of the pictures that need most memory there

They are sent in by tests/datasetviewer/sending.py.
"""

import io
import random
import stat
import struct
import sys
import zipfile
import zlib
from pathlib import Path


def pictures(rng: random.Random) -> list[bytes]:
    """Valid pictures of every format and mode that is taken, and some that are not."""
    from PIL import Image

    found = []
    face = Image.effect_noise((64, 80), 60)
    for mode, form, options in (
        ("RGB", "JPEG", {}), ("L", "JPEG", {}), ("CMYK", "JPEG", {}), ("RGB", "JPEG", {"progressive": True}),
        ("RGB", "PNG", {}), ("RGBA", "PNG", {}), ("P", "PNG", {}), ("1", "PNG", {}), ("I;16", "PNG", {}), ("LA", "PNG", {}),
        ("RGB", "WEBP", {}), ("RGBA", "WEBP", {"lossless": True}), ("RGB", "GIF", {}), ("RGB", "BMP", {}), ("RGB", "TIFF", {}),
    ):  # fmt: skip
        stream = io.BytesIO()
        image = Image.new("I;16", (64, 80), 4000) if mode == "I;16" else face.convert(mode)
        image.save(stream, form, **options)
        found.append(stream.getvalue())
    rng.shuffle(found)
    return found


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, depth: int, colour: int, *, whole: bool = True) -> bytes:
    """A PNG that announces a size; `whole`: all its rows are there, as zeros packed to almost nothing; else only some bytes."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = bytes(1 + (width * channels * depth + 7) // 8) if whole else bytes(1000)
    packer = zlib.compressobj(9)
    at_once = max(1, 1_000_000 // len(row))
    rows = (row * min(at_once, height - top) for top in range(0, height, at_once)) if whole else (row,)
    data = b"".join(packer.compress(some) for some in rows) + packer.flush()
    palette = chunk(b"PLTE", bytes(768)) if colour == 3 else b""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + palette + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def large_pictures(every: int) -> list[bytes]:
    """Pictures at the limit of what is taken, in the forms that need the most memory, and beyond it."""
    from PIL import Image

    announced = [
        (5000, 4990, 8, 6), (5000, 4990, 16, 0), (5000, 4990, 16, 6), (5000, 4990, 8, 4), (5000, 4990, 8, 3),
        (1, 24_900_000, 8, 0), (380, 65_535, 8, 6), (5000, 4990, 8, 2), (60_000, 60_000, 8, 6), (30_000, 30_000, 8, 2),
    ]  # fmt: skip
    saved: list[tuple] = [
        ("JPEG", (4000, 3990), "CMYK", {"progressive": True}), ("JPEG", (5000, 4990), "RGB", {}),
        ("JPEG", (5000, 4990), "RGB", {"progressive": True, "subsampling": 0}),
        ("JPEG", (5000, 4990), "CMYK", {"progressive": True}), ("WEBP", (4990, 5000), "RGB", {"method": 0}),
        ("WEBP", (3150, 3150), "RGBA", {"method": 0}),
    ]  # fmt: skip
    found = [png_of(*header, whole=header[0] < 30_000) for header in announced[::every]]
    for form, size, mode, options in saved[::every]:
        stream = io.BytesIO()
        Image.new(mode, size, "teal" if mode != "CMYK" else (9, 99, 9, 0)).save(stream, form, **options)
        found.append(stream.getvalue())
    return found


def spoilt(content: bytes, rng: random.Random) -> bytes:
    """The bytes with something wrong."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        way = rng.randrange(6)
        if not data:
            break
        place = rng.randrange(len(data))
        if way == 0:
            data[place] = rng.randrange(256)
        elif way == 1:
            del data[place : place + rng.randint(1, 40)]
        elif way == 2:
            data[place:place] = rng.randbytes(rng.randint(1, 30))
        elif way == 3:
            del data[place:]
        elif way == 4:
            width = rng.choice((1, 2, 4))
            data[place : place + width] = rng.choice((b"\xff", b"\x00", b"\x7f", b"\x80")) * width
        else:
            other = rng.randrange(len(data))
            data[place : place + 8], data[other : other + 8] = data[other : other + 8], data[place : place + 8]
    return bytes(data)


NAMES = (
    "photos/a.jpg", "photos/b.png", "sketches/a.jpg", "sketches/b.webp", "../outside.jpg", "/tmp/outside.jpg", "C:/outside.jpg",
    "..\\outside.jpg", "photos/../../outside.jpg", "photos/A.JPG", "PHOTOS/a.jpg", "photos", "photos/", "photos/a.jpg/b.jpg", "",
    ".", "./", "..", "a\x00b.jpg", "photos/\n.jpg", "photos/" + "x" * 400 + ".jpg", "a/" * 40 + "b.jpg", "photos/\u202e.jpg",
    "photos/é.jpg", "photos/e\u0301.jpg", "con.jpg", "photos/ .jpg", "__MACOSX/photos/a.jpg", ".hidden/a.jpg", "split.csv",
)  # fmt: skip


def archive(rng: random.Random, good: list[bytes]) -> bytes:
    """A zip of pictures, with names, kinds, methods, or bytes that somebody made up."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for _ in range(rng.randint(1, 3)):
            name = rng.choice(NAMES[:4] if rng.random() < 0.85 else NAMES) or "x"
            info = zipfile.ZipInfo(name.replace("\x00", "_"))
            info.compress_type = (
                zipfile.ZIP_LZMA if rng.random() < 0.03 else rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
            )
            kind = (
                stat.S_IFREG
                if rng.random() < 0.9
                else rng.choice((0, stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR))
            )
            info.external_attr = (kind | 0o644) << 16
            content = rng.choice(
                (rng.choice(good), b"/etc/passwd", b"name,split\na,train\n", bytes(rng.randint(0, 300_000)))
            )
            packed.writestr(info, content)
    data = stream.getvalue()
    return spoilt(data, rng) if rng.random() < 0.6 else data


def packed(files: dict[str, bytes]) -> bytes:
    """A plain zip of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return stream.getvalue()


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir()
    for place, picture in enumerate(large_pictures(int(sys.argv[2]))):
        (Path(sys.argv[1]) / f"{place:02}").write_bytes(picture)
