"""Decoding what strangers send, writing clean PNG files."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from workers.engine.errors import InputError
from workers.engine.images import read_photo, to_uint8, write_png


def encoded(image: Image.Image, format_: str = "PNG", **options) -> io.BytesIO:
    stream = io.BytesIO()
    image.save(stream, format_, **options)
    stream.seek(0)
    return stream


def scene(width: int = 60, height: int = 40) -> Image.Image:
    """Red at the top left, blue at the bottom right, green between: orientation shows."""
    image = Image.new("RGB", (width, height), (40, 160, 60))
    image.paste((250, 10, 10), (0, 0, width // 3, height // 3))
    image.paste((10, 10, 250), (width - width // 3, height - height // 3, width, height))
    return image


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_it_reads_the_three_formats(format_):
    photo = read_photo(encoded(scene(), format_))
    assert (photo.mode, photo.size) == ("RGB", (60, 40))
    assert np.allclose(np.asarray(photo)[5, 5], (250, 10, 10), atol=12)
    assert photo.info == {}


def test_it_reads_a_path(tmp_path):
    scene().save(tmp_path / "photo.png")
    assert read_photo(tmp_path / "photo.png").size == (60, 40)
    with pytest.raises(InputError, match="no file"):
        read_photo(tmp_path / "gone.png")
    with pytest.raises(InputError, match="folder"):
        read_photo(tmp_path)


def test_cmyk_becomes_rgb():
    photo = read_photo(encoded(scene().convert("CMYK"), "JPEG", quality=95))
    assert photo.mode == "RGB"
    assert np.allclose(np.asarray(photo)[5, 5], (250, 10, 10), atol=25)


def test_sixteen_bits_are_scaled_not_clipped():
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    photo = np.asarray(read_photo(encoded(Image.fromarray(ramp))))
    assert photo.shape == (64, 64, 3)
    assert np.abs(photo[..., 0] - ramp / 257).max() <= 0.51


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_becomes_white(mode):
    rgba = Image.new("RGBA", (20, 20), (200, 0, 0, 255))
    rgba.paste((0, 0, 0, 0), (10, 0, 20, 20))
    stream = encoded(rgba.quantize(8) if mode == "P" else rgba.convert(mode))
    assert Image.open(stream).mode == mode
    photo = np.asarray(read_photo(stream))
    assert np.allclose(photo[5, 15], 255, atol=1)
    assert photo[5, 5].min() < 100


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_grey_and_palette_pictures_become_rgb(mode):
    photo = read_photo(encoded(scene().convert(mode)))
    assert (photo.mode, photo.size) == ("RGB", (60, 40))
    assert 20 < np.asarray(photo).mean() < 200


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_applied(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = scene()
    # What a camera stores: the scene moved by the inverse of what the tag asks for.
    stored = {
        1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4,
    }[orientation]  # fmt: skip
    image = upright if stored is None else upright.transpose(Image.Transpose(stored))
    photo = read_photo(encoded(image, "PNG", exif=exif))
    assert np.array_equal(np.asarray(photo), np.asarray(upright))


def test_a_broken_exif_block_does_not_cost_the_picture():
    photo = read_photo(encoded(scene(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xff" * 40))
    assert photo.size == (60, 40)


def test_a_large_photo_is_shrunk_to_the_longer_side():
    assert read_photo(encoded(scene(3000, 1500), "JPEG"), max_side=1000).size == (1000, 500)
    assert read_photo(encoded(scene(900, 1800)), max_side=1000).size == (500, 1000)


def test_a_phone_photo_with_a_second_frame_is_read():
    stream = io.BytesIO()
    scene().save(stream, "MPO", save_all=True, append_images=[scene(30, 20)])
    stream.seek(0)
    assert read_photo(stream).size == (60, 40)


@pytest.mark.parametrize("format_", ["PNG", "WEBP"])
def test_an_animation_is_refused(format_):
    stream = encoded(scene(), format_, save_all=True, append_images=[scene().rotate(180)])
    with pytest.raises(InputError, match="animated"):
        read_photo(stream)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"GIF89a" + bytes(40), "a GIF file"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG file"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "EPS"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"PK\x03\x04" + bytes(40), "a ZIP file"),
        (b"<html><script>alert(1)</script></html>", "not a picture"),
        (b"\xff\xd8\xff", "not a picture|damaged"),
    ],
)
def test_other_files_are_refused_by_what_they_are(content, words):
    with pytest.raises(InputError, match=words):
        read_photo(io.BytesIO(content))


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_a_truncated_picture_is_refused(format_):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8))
    content = encoded(noise, format_).getvalue()
    with pytest.raises(InputError, match=r"damaged or incomplete|not a picture"):
        read_photo(io.BytesIO(content[: len(content) // 2]))


def png_of(width: int, height: int) -> bytes:
    """A PNG of zeros written by hand, row by row, so that the test does not need the bomb's memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(13_000, 13_000), (20_000, 20_000), (5_001, 5_000)])
def test_a_bomb_is_refused_before_it_is_decoded(width, height, monkeypatch):
    def fail(self):
        raise AssertionError("a pixel was decoded")

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", fail)
    content = png_of(width, height)
    assert len(content) < 300_000
    with pytest.raises(InputError, match="at most 25 megapixels"):
        read_photo(io.BytesIO(content))


def test_a_picture_of_just_25_megapixels_is_read():
    assert read_photo(io.BytesIO(png_of(5_000, 5_000)), max_side=500).size == (500, 500)


@pytest.mark.parametrize("size", [(1, 65_536), (65_536, 1)])
def test_a_picture_that_is_one_long_line_is_refused(size):
    with pytest.raises(InputError, match="longer than 65535 pixels"):
        read_photo(io.BytesIO(png_of(*size)))
    assert read_photo(io.BytesIO(png_of(min(size[0], 65_535), min(size[1], 65_535))), max_side=500).size in (
        (1, 500),
        (500, 1),
    )


def test_a_png_with_mebibytes_of_text_is_refused_before_they_are_held():
    texts = PngImagePlugin.PngInfo()
    for number in range(3):
        texts.add_itxt(f"text {number}", "\U0001f642" + "x" * 1_000_000, zip=True)
    content = encoded(scene(), "PNG", pnginfo=texts).getvalue()
    assert len(content) < 10_000
    with pytest.raises(InputError):
        read_photo(io.BytesIO(content))


def test_a_picture_without_pixels_is_refused():
    with pytest.raises(InputError):
        read_photo(io.BytesIO(png_of(0, 10)))


def test_write_png_keeps_pixels_and_drops_the_rest(tmp_path):
    image = scene()
    image.info.update({"comment": b"<script>", "exif": b"Exif\0\0GPS", "icc_profile": b"x" * 200})
    target = tmp_path / "new" / "out.png"
    write_png(image, target)
    content = target.read_bytes()
    assert b"script" not in content and b"GPS" not in content
    kinds = []
    place = 8
    while place < len(content):
        length = struct.unpack(">I", content[place : place + 4])[0]
        kinds.append(content[place + 4 : place + 8])
        place += 12 + length
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}
    assert np.array_equal(np.asarray(Image.open(target)), np.asarray(image))


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    target = tmp_path / "out.png"
    write_png(Image.new("L", (4, 4), 9), target)
    before = target.read_bytes()
    monkeypatch.setattr(Image.Image, "save", lambda *_, **__: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_png(Image.new("L", (8, 8)), target)
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]


def test_to_uint8_is_x_half_plus_half_clamped_and_rounded():
    values = np.array([-1.0, -0.5, 0.0, 0.5, 1.0, -3.0, 7.0, 0.003])
    assert to_uint8(values).tolist() == [0, 64, 128, 191, 255, 0, 255, 128]
    # A dull picture stays dull: no stretching to its own minimum and maximum.
    assert set(to_uint8(np.array([[0.1, 0.2]])).ravel().tolist()) == {140, 153}
    with pytest.raises(ValueError, match="NaN"):
        to_uint8([np.nan])
