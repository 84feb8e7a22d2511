"""Bytes that are sent where a photo is asked for: good pictures of every form, and everything that somebody may mean harm with."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image

from tests.datasetviewer.fuzzing import archive, chunk, png_of, spoilt

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
# Begin files of other kinds; what follows the first bytes is made up.
OTHER_HEADS = {
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", "mp4": b"\0\0\0\x18ftypisom\0\0\0\0isomavc1",
    "psd": b"8BPS\0\1" + bytes(6) + b"\0\3",
    "pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n", "html": b"<!doctype html><script>alert(document.cookie)</script>",
    "svg": b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
    "elf": b"\x7fELF\2\1\1" + bytes(9) + b"\2\0>\0", "exe": b"MZ\x90\0" + bytes(56), "php": b"<?php system($_GET['c']); ?>",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999 99999\n(/etc/passwd) run\nshowpage\n", "rar": b"Rar!\x1a\7\1\0",
    "wmf": b"\xd7\xcd\xc6\x9a" + bytes(18), "xbm": b"#define a_width 99999\n#define a_height 99999\n",
    "7z": b"7z\xbc\xaf\x27\x1c",
    "mvg": b"push graphic-context\nviewbox 0 0 640 480\nfill 'url(https://127.0.0.1/\"|ls \"-la)'\npop graphic-context\n",
    "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "fits": b"SIMPLE  =                    T", "text": b"GET / HTTP/1.1\r\n\r\n",
    "pickle": b"\x80\x04cposix\nsystem\n(S'true'\ntR.", "riff": b"RIFF\xff\xff\xff\xffWEBPVP8X", "nothing": b"", "zero": b"\0",
}  # fmt: skip


def saved(image: Image.Image, format_: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format_, **options)
    return stream.getvalue()


def good_pictures(face: Image.Image) -> dict[str, bytes]:
    """The face in every format and mode that is taken, as cameras and programs write it."""
    transparent = face.convert("RGBA")
    transparent.putalpha(face.convert("L"))
    deep = Image.fromarray(np.asarray(face.convert("L")).astype(np.uint16) * 257)
    return {
        "jpeg": saved(face, "JPEG", quality=90), "jpeg grey": saved(face.convert("L"), "JPEG"),
        "jpeg progressive": saved(face, "JPEG", progressive=True, subsampling=2),
        "jpeg cmyk": saved(face.convert("CMYK"), "JPEG"),
        "png": saved(face, "PNG"), "png rgba": saved(transparent, "PNG"), "png la": saved(transparent.convert("LA"), "PNG"),
        "png palette": saved(face.quantize(32), "PNG"),
        "png palette transparent": saved(transparent.quantize(32), "PNG", transparency=b"\0\x80"),
        "png bit": saved(face.convert("1"), "PNG"), "png 16": saved(deep, "PNG"), "webp": saved(face, "WEBP"),
        "webp lossless": saved(transparent, "WEBP", lossless=True),
        "mpo": saved(face, "MPO", save_all=True, append_images=[face]),
        "png rgb transparent": saved(face, "PNG", transparency=(255, 255, 255)),
        "png interlaced 16 rgb": png_of(30, 40, 16, 2), "one pixel": saved(Image.new("RGB", (1, 1)), "PNG"),
        "a line": saved(Image.new("L", (4000, 1)), "PNG"), "a column": saved(Image.new("RGB", (1, 4000)), "JPEG"),
    }  # fmt: skip


def other_pictures(face: Image.Image) -> dict[str, bytes]:
    """Real pictures of kinds that are not taken, moving ones, and bytes of other files."""
    small = face.resize((48, 60))
    frames = [small.rotate(angle) for angle in (0, 20, 40)]
    moving = {"save_all": True, "append_images": frames[1:]}
    found = {
        form.lower(): saved(small, form)
        for form in ("GIF", "BMP", "TIFF", "ICO", "PCX", "PPM", "SGI", "TGA", "DDS", "IM", "PDF", "EPS", "ICNS", "QOI")
    }
    for form in ("JPEG2000", "AVIF"):  # not in every build of Pillow
        if form in Image.SAVE:
            found[form.lower()] = saved(small, form)
    found |= {
        "tiff float": saved(Image.fromarray(np.ones((9, 9), np.float32)), "TIFF"),
        "tiff int": saved(Image.new("I", (9, 9), 70_000), "TIFF"), "tiff cmyk": saved(small.convert("CMYK"), "TIFF"),
        "gif moving": saved(frames[0], "GIF", **moving), "png moving": saved(frames[0], "PNG", **moving),
        "webp moving": saved(frames[0], "WEBP", **moving), "tiff pages": saved(frames[0], "TIFF", **moving),
        "svgz": gzip.compress(OTHER_HEADS["svg"] * 50), "zip": zipped({"photo.jpg": saved(small, "JPEG")}),
    }  # fmt: skip
    return found | {name: head + bytes(40) for name, head in OTHER_HEADS.items()} | {"empty": b""}


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # no date of today
    return stream.getvalue()


def polyglot(rng: random.Random, jpeg: bytes, png: bytes) -> bytes:
    """One file that two programs read as two things."""
    other = rng.choice([*OTHER_HEADS.values(), zipped({"x.html": OTHER_HEADS["html"]})])
    comment = b"\xff\xfe" + struct.pack(">H", len(other) + 2) + other
    return rng.choice((
        jpeg + other, png + other, other + jpeg, other + png, b"\n" * rng.randint(1, 40) + jpeg,
        jpeg[:2] + comment + jpeg[2:], png[:33] + chunk(b"tEXt", b"Comment\0" + other) + png[33:],
        b"GIF89a/*" + other + b"*/=1;alert(1)" + jpeg, jpeg[:-2] + png, png[:-12] + jpeg, jpeg + jpeg,
    ))  # fmt: skip


def with_metadata(rng: random.Random, jpeg: bytes, png: bytes) -> bytes:
    """A good picture with rubbish where its metadata stands."""
    rubbish = rng.randbytes(rng.choice((0, 1, 9, 400, 60_000)))
    little = b"Exif\0\0II*\0" + struct.pack("<I", rng.choice((8, 0, 7, 2**31, 2**32 - 1)))
    kind, count = rng.choice((1, 2, 3, 4, 5, 7, 12, 13, 99)), rng.choice((1, 0, 2, 2**31, 2**32 - 1))
    value = rng.choice((0, 3, 6, 9, 65535, 2**31))
    entry = struct.pack("<HHII", rng.choice((0x0112, 0x8769, 0x8825, 0x0111)), kind, count, value)
    loop = little + struct.pack("<H", rng.choice((1, 9, 65535))) + entry + struct.pack("<I", 8)
    exif = rng.choice((rubbish, b"Exif\0\0" + rubbish, loop, little, loop + rubbish))[:65_000]
    segment = rng.choice((
        (0xE1, exif), (0xE2, b"ICC_PROFILE\0\1\1" + rubbish), (0xE2, b"ICC_PROFILE\0\0\xff" + rubbish),
        (0xE2, b"MPF\0" + exif[6:]),
        (0xED, b"Photoshop 3.0\x008BIM" + rubbish), (0xEE, b"Adobe" + rubbish[:12]), (0xE0, b"JFIF" + rubbish[:9]),
        (0xFE, rubbish),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + rubbish), (0xDD, rubbish[:3]), (0xDB, rubbish[:66]),
        (0xC4, rubbish[:20]),
    ))  # fmt: skip
    if rng.random() < 0.5:
        marker, data = segment[0], segment[1][:65_000]
        return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data + jpeg[2:]
    name = rng.choice((
        b"eXIf", b"iCCP", b"tEXt", b"zTXt", b"iTXt", b"tRNS", b"PLTE", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"acTL", b"fcTL",
        b"IHDR", b"IDAT",
    ))  # fmt: skip
    bomb = b"name\0\0" + zlib.compress(bytes(3_000_000), 9)
    data = rng.choice(
        (exif, rubbish, bomb, b"", b"\0" * 13, struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0))
    )
    return png[:33] + chunk(name, data) * rng.choice((1, 1, 2, 50 if len(data) < 9000 else 3)) + png[33:]


def jpeg_scans(size: tuple[int, int], scans: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again; each costs the decoder a walk over all its blocks."""
    content = saved(Image.new("L", size, 90), "JPEG", progressive=True)
    last = content.rfind(b"\xff\xda")
    return content[:-2] + content[last:-2] * scans + content[-2:]


def jpeg_that_announces(width: int, height: int, jpeg: bytes) -> bytes:
    place = jpeg.find(b"\xff\xc0")
    return jpeg[: place + 5] + struct.pack(">HH", height, width) + jpeg[place + 9 :]


def bombs(jpeg: bytes, png: bytes) -> list[Callable[[], bytes]]:
    """Small files that want to become large, in memory or in time; made when they are asked for."""
    text = b"name\0\0" + zlib.compress(bytes(60_000_000), 9)
    return [
        *(lambda header=header: png_of(*header, whole=False) for header in (
            (60_000, 60_000, 8, 6), (2**31 - 1, 2**31 - 1, 16, 6), (2**31 - 1, 1, 8, 2), (1, 2**31 - 1, 8, 0), (0, 0, 8, 2),
            (0, 9, 8, 2),
            (5000, 4990, 16, 6), (5001, 5000, 8, 2), (2**32 - 1, 2**32 - 1, 8, 0), (4000, 4000, 1, 3),
        )),
        lambda: png_of(13_000, 13_000, 8, 0), lambda: png_of(24_000, 1000, 8, 2),
        *(lambda kind=kind: png[:33] + chunk(kind, text) + png[33:] for kind in (b"zTXt", b"iCCP")),
        lambda: png[:33] + chunk(b"iTXt", b"n\0\1\0\0\0" + text[6:]) * 9 + png[33:],
        lambda: png[:33] + chunk(b"tEXt", b"n\0" + bytes(900_000)) * 10 + png[33:],
        lambda: PNG_MAGIC + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 80, 8, 2, 0, 0, 0)) + chunk(b"IDAT",
        zlib.compress(bytes(90_000_000), 9)),
        *(lambda size=size: jpeg_that_announces(*size, jpeg) for size in ((65_500, 65_500), (5000, 4990), (65_535, 380),
        (1, 65_535), (0, 0))),
        lambda: jpeg_scans((800, 800), 900), lambda: jpeg_scans((64, 64), 90_000), lambda: jpeg_scans((4900, 5000), 300),
        lambda: jpeg + jpeg[:2] * 2_000_000, lambda: jpeg[:2] + b"\xff" * 4_000_000 + jpeg[2:],
        lambda: jpeg[:2] + (b"\xff\xe1" + struct.pack(">H", 65_535) + bytes(65_533)) * 140 + jpeg[2:],
        lambda: jpeg[:2] + b"\xff\xfe\0\2" * 1_000_000 + jpeg[2:],
        lambda: jpeg + bytes(11 * 1024 * 1024), lambda: bytes(11 * 1024 * 1024), lambda: b"\xff\xd8" * 3_000_000,
        lambda: b"RIFF" + struct.pack("<I", 2**32 - 1) + b"WEBPVP8L" + struct.pack("<I",
        2**32 - 1) + b"\x2f\xff\xff\xff\x0f" + bytes(99),
        lambda: b"RIFF\x20\0\0\0WEBPVP8 \x14\0\0\0\x30\1\0\x9d\1\x2a\xff\x3f\xff\x3f" + bytes(40),
        lambda: saved(Image.new("RGB", (40, 50)), "GIF", save_all=True,
        append_images=[Image.new("RGB", (40, 50), (n, 9, 9)) for n in range(200)]),
        lambda: zipped({f"{n}.jpg": bytes(20_000_000) for n in range(4)}),
        lambda: zipped({"a.zip": zipped({"b.png": png_of(13_000, 13_000, 8, 0)})}),
        lambda: zipped({f"{n}.png": png for n in range(3000)}),
        lambda: zipped({"photo.png": png_of(13_000, 13_000, 8, 0), "../../up.jpg": jpeg, "/etc/x.jpg": jpeg}),
    ]  # fmt: skip


class Arsenal:
    """Draws files by chance; `face` is a picture in which a face is found."""

    def __init__(self, face: Image.Image) -> None:
        self.good = good_pictures(face)
        self.small = good_pictures(face.resize((48, 60)))
        self.other = other_pictures(face)
        self.bombs = [cache(make) for make in bombs(self.small["jpeg"], self.small["png"])]  # some take seconds to make

    def draw(self, rng: random.Random) -> tuple[str, bytes]:
        """(what kind of file, its bytes)"""
        jpeg, png = self.small["jpeg"], self.small["png"]
        chance = rng.random()
        if chance < 0.02:
            return "good", rng.choice(list(self.good.values()))
        if chance < 0.05:
            return "odd mode", rng.choice(list(self.small.values()))
        if chance < 0.10:
            return "zip", archive(rng, list(self.small.values()))
        if chance < 0.47:
            return "spoilt", spoilt(rng.choice(list(self.small.values())), rng)
        if chance < 0.52:
            content = rng.choice(list(self.small.values()))
            return "cut off", content[: rng.randrange(len(content))]
        if chance < 0.66:
            return "other kind", rng.choice(list(self.other.values()))
        if chance < 0.72:
            return "other kind, spoilt", spoilt(rng.choice(list(self.other.values())) or b"x", rng)
        if chance < 0.82:
            return "polyglot", polyglot(rng, jpeg, png)
        if chance < 0.98:
            return "metadata", with_metadata(rng, jpeg, png)
        return "bomb", rng.choice(self.bombs)()
