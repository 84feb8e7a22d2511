"""PNG files that are stored at once and packed later."""

import numpy as np
import pytest
from PIL import Image

from workers.engine.png_files import pack_png, write_png_stored


def picture(mode: str, size: tuple[int, int]) -> Image.Image:
    shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
    return Image.fromarray(np.random.default_rng(1).integers(0, 40, shape, dtype=np.uint8), mode)


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("size", [(1, 1), (7, 3), (300, 401)])
def test_a_stored_file_holds_the_pixels_and_so_does_the_packed_one(tmp_path, mode, size):
    image, path = picture(mode, size), tmp_path / "folder" / "photo.png"
    write_png_stored(image, path)
    stored = path.stat().st_size
    for _ in range(2):
        with Image.open(path) as read:
            read.verify()  # the checksums
        with Image.open(path) as read:
            assert (read.mode, read.size, read.info) == (mode, size, {})
            assert np.array_equal(np.asarray(read), np.asarray(image))
        pack_png(path)
    assert path.stat().st_size < stored or max(size) < 10
    assert [file.name for file in path.parent.iterdir()] == ["photo.png"]


def test_a_file_that_is_gone_is_not_made_again(tmp_path):
    pack_png(tmp_path / "gone" / "photo.png")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_half_file(tmp_path, monkeypatch):
    path = tmp_path / "photo.png"
    write_png_stored(picture("L", (5, 5)), path)
    before = path.read_bytes()

    def full(*_arguments, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workers.engine.png_files.zlib.compress", full)
    with pytest.raises(OSError, match="No space"):
        write_png_stored(picture("L", (9, 9)), path)
    assert path.read_bytes() == before and [file.name for file in tmp_path.iterdir()] == ["photo.png"]


def test_packing_a_file_whose_folder_goes_meanwhile_leaves_nothing(tmp_path, monkeypatch):
    path = tmp_path / "sketch" / "photo.png"
    write_png_stored(picture("RGB", (40, 40)), path)
    save = Image.Image.save

    def deleted_meanwhile(self, *arguments, **more):
        save(self, *arguments, **more)
        for file in path.parent.iterdir():
            file.unlink()
        path.parent.rmdir()

    monkeypatch.setattr(Image.Image, "save", deleted_meanwhile)
    pack_png(path)
    assert list(tmp_path.iterdir()) == []
