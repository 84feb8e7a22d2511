"""Small datasets drawn by the tests; nothing from elsewhere."""

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from datasetviewer.models import Dataset
from datasetviewer.services import dataset_import

# Every naming rule and trap of CUFS in six faces: (source, photo, sketch, identity, split)
FACES = (
    ("CUHK", "f-005-01.jpg", "F2-005-01-sz1.jpg", "f-005-01", "train"),
    ("CUHK", "f1-005-01.jpg", "f1-005-01-sz1.jpg", "f1-005-01", "test"),
    ("CUHK", "m-063-01.JPG", "M-063-01-SZ1.jpg", "m-063-01", "test"),
    ("CUHK", "m2-008-01.jpg", "m2-008-01-sz1.jpg", "m-008-01", "train"),
    ("AR", "w-001-1.jpg", "Wp-001-1-sz1.jpg", "w-001-1", "test"),
    ("XM2VTS", "000_1_1.jpg", "000_1_1_sz1.jpg", "000_1_1", "train"),
)


def draw_face(path: Path, number: int = 0, *, size: tuple[int, int] = (40, 50), mode: str = "RGB") -> Path:
    """A picture file whose pixels depend on `number`; the format follows the ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", size, (200, 180 - number % 50, 90 + number % 100))
    draw = ImageDraw.Draw(image)
    draw.ellipse((size[0] * 0.2, size[1] * 0.2, size[0] * 0.8, size[1] * 0.9), fill=(number % 256, 120, 60))
    draw.text((2, 2), str(number), fill="black")
    image.convert(mode).save(path)
    return path


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path) -> Path:
    """Each test stores its pictures in a folder of its own."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATASETS_ROOT = tmp_path / "incoming"
    settings.DATASETS_ROOT.mkdir()
    return settings.DATA_DIR


@pytest.fixture
def cufs_folder(tmp_path) -> Path:
    """Six pairs in the layout of CUFS, with a split file."""
    root = tmp_path / "CUFS"
    rows = []
    for number, (source, photo, sketch, identity, split) in enumerate(FACES):
        draw_face(root / source / "photos" / photo, number)
        draw_face(root / source / "sketches" / sketch, 100 + number, mode="L" if number % 2 else "RGB")
        rows.append([source, identity, split, f"{source}/photos/{photo}", f"{source}/sketches/{sketch}"])
    with (root / "split.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["database", "identity", "split", "photo", "sketch"], *rows])
    return root


@pytest.fixture
def paired_folder(tmp_path) -> Callable[..., Path]:
    """Makes a folder of pairs p000, p001, ...; every third one is for testing."""

    def make(pairs: int = 3, name: str = "mine") -> Path:
        root = tmp_path / name
        for number in range(pairs):
            draw_face(root / "photos" / f"p{number:03}.jpg", number)
            draw_face(root / "sketches" / f"p{number:03}.png", 100 + number)
        lines = [f"p{number:03},{'train' if number % 3 else 'test'}" for number in range(pairs)]
        (root / "split.csv").write_text("\n".join(["name,split", *lines]))
        return root

    return make


@pytest.fixture
def private_dataset(db, cufs_folder, user) -> Dataset:
    """The six CUFS pairs, imported, owned by `user`, not public."""
    dataset_import(layout="cufs", path=cufs_folder, owner=user)
    return Dataset.objects.get(slug="cufs")


@pytest.fixture
def public_dataset(db, paired_folder) -> Dataset:
    """Five pairs that everybody may see."""
    dataset_import(layout="folders", path=paired_folder(5), slug="open", public=True)
    return Dataset.objects.get(slug="open")


def packed(folder: Path, prefix: str = "") -> io.BytesIO:
    """The folder as a zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, prefix + path.relative_to(folder).as_posix())
    stream.seek(0)
    stream.name = "my set.zip"
    return stream
