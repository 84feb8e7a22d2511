"""Broken and hostile archives and pictures by the thousand, in a process of its own so that its memory can be measured.

    python -m tests.datasetviewer.fuzzing FOLDER CASES [SEED]

Half of the cases are zips that go through unpacking and the import of what came out; half are pictures. Each must end in
a result or in an InputError; nothing may appear outside its folder. Prints one line of JSON.
"""

import io
import json
import os
import random
import shutil
import stat
import struct
import subprocess
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
    """A PNG that announces a size; `whole`: all its rows are there, as zeros packed to almost nothing."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = bytes(1 + (width * channels * depth + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush() if whole else zlib.compress(row)
    palette = chunk(b"PLTE", bytes(768)) if colour == 3 else b""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + palette + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def large_pictures() -> list[bytes]:
    """Pictures at the limit of what is taken, in the forms that need the most memory, and beyond it."""
    from PIL import Image

    found = [
        png_of(5000, 4990, 8, 6), png_of(5000, 4990, 16, 0), png_of(5000, 4990, 16, 6), png_of(5000, 4990, 8, 2),
        png_of(5000, 4990, 8, 3), png_of(4000, 3990, 8, 6), png_of(4000, 2990, 16, 0), png_of(4000, 3990, 16, 6),
        png_of(60_000, 60_000, 8, 6, whole=False), png_of(30_000, 30_000, 8, 2, whole=False),
    ]  # fmt: skip
    for form, size, mode, options in (
        ("JPEG", (5000, 4990), "RGB", {}), ("JPEG", (5000, 4990), "RGB", {"progressive": True, "subsampling": 0}),
        ("JPEG", (5000, 4990), "CMYK", {"progressive": True}), ("JPEG", (4000, 3990), "CMYK", {"progressive": True}),
        ("WEBP", (2800, 2800), "RGBA", {"method": 0}),
        ("WEBP", (4990, 5000), "RGB", {"method": 0}),
    ):  # fmt: skip
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


def peak_mib() -> float:
    """Most memory this process has held since the mark was last reset, in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def main(folder: Path, cases: int, seed: int) -> dict:
    import warnings

    warnings.simplefilter("ignore", UserWarning)  # zipfile says that a name comes twice
    os.environ["DATA_DIR"] = str(folder / "data")
    os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
    os.environ["LOG_LEVEL"] = "ERROR"
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command

    from datasetviewer.models import Dataset
    from datasetviewer.pictures import read_picture
    from datasetviewer.services import dataset_import, dataset_remove
    from datasetviewer.services.archives import archive_unpack
    from workers.engine.errors import InputError

    call_command("migrate", verbosity=0)
    rng = random.Random(seed)
    good = pictures(rng)
    # Made in a process of its own: making them is not what is measured.
    subprocess.run([sys.executable, "-m", "tests.datasetviewer.fuzzing", "draw", str(folder / "large")], check=True)
    counts = {"zips": 0, "zips_refused": 0, "zips_imported": 0, "pictures": 0, "pictures_refused": 0}
    sandbox = folder / "box"
    sandbox.mkdir()
    before = set(folder.iterdir())
    messages = set()
    for number in range(cases):
        if number % 2:
            counts["pictures"] += 1
            try:
                read_picture(spoilt(rng.choice(good), rng))
            except InputError as error:
                counts["pictures_refused"] += 1
                messages.add(str(error)[:60])
            continue
        counts["zips"] += 1
        path, into = sandbox / "case.zip", sandbox / "unpacked"
        path.write_bytes(archive(rng, good))
        try:
            archive_unpack(path, into)
        except InputError as error:
            counts["zips_refused"] += 1
            messages.add(str(error)[:60])
            assert not into.exists(), "a refused archive left something behind"
        else:
            for entry in into.rglob("*"):
                assert entry.is_dir() or entry.is_file(), entry
                assert not entry.is_symlink(), entry
            if number % 20 == 0:  # the database's part is the same each time
                try:
                    dataset_import(layout="folders", path=into, slug="fuzz")
                    counts["zips_imported"] += 1
                except InputError as error:
                    messages.add(str(error)[:60])
            shutil.rmtree(into)
        assert {entry.name for entry in sandbox.iterdir()} == {"case.zip"}, "something was written beside the folder"
        assert {entry.name for entry in folder.iterdir()} <= {entry.name for entry in before} | {"data"}
    for path in sorted((folder / "large").iterdir()):
        counts["pictures"] += 1
        try:
            read_picture(path.read_bytes())
        except InputError as error:
            counts["pictures_refused"] += 1
            messages.add(str(error)[:60])
    for dataset in Dataset.objects.filter(slug="fuzz"):
        dataset_remove(dataset=dataset)
    return counts | {"peak_mib": round(peak_mib()), "different_messages": len(messages)}


if __name__ == "__main__":
    if sys.argv[1] == "draw":
        Path(sys.argv[2]).mkdir()
        for place, picture in enumerate(large_pictures()):
            (Path(sys.argv[2]) / f"{place:02}").write_bytes(picture)
        sys.exit()
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)))  # noqa: T201
