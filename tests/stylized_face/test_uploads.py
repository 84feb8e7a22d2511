"""What is kept of an upload: pixels, and nothing else."""

import io
import threading

import numpy as np
import pytest
from PIL import Image

from stylized_face.uploads import upload_name, upload_photo
from tests.stylized_face.hostile import refused_files
from workers.engine.errors import InputError

REFUSED = refused_files()


def taken(stream) -> Image.Image:
    with upload_photo(stream) as photo:
        return photo.copy()


@pytest.mark.parametrize("case", REFUSED)
def test_hostile_files_are_refused_with_a_reason(case):
    content, words = REFUSED[case]
    with pytest.raises(InputError) as caught:
        taken(io.BytesIO(content))
    assert words in str(caught.value)


def test_the_size_is_counted_not_believed(settings, sent, portrait):
    settings.UPLOAD_MAX_BYTES = 1000
    stream = sent(portrait)
    stream.size = 10
    with pytest.raises(InputError, match="larger than"):
        taken(stream)


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "RGBA", "I;16"])
def test_pictures_of_every_mode_become_rgb(mode, portrait):
    if mode == "I;16":
        image = Image.fromarray(np.asarray(portrait.convert("L")).astype(np.uint16) * 257)
    else:
        image = portrait.quantize(64) if mode == "P" else portrait.convert(mode)
    stream = io.BytesIO()
    image.save(stream, "JPEG" if mode == "CMYK" else "PNG", quality=95)
    photo = taken(stream)
    assert (photo.mode, photo.size) == ("RGB", (400, 500))
    expected = np.asarray(portrait.convert("L"), dtype=float)
    assert np.abs(np.asarray(photo.convert("L"), dtype=float) - expected).mean() < 8


def test_a_palette_with_transparency_gets_a_white_ground(portrait):
    image = portrait.convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 50, 50))
    stream = io.BytesIO()
    image.quantize(64).save(stream, "PNG")
    assert np.asarray(taken(stream))[:40, :40].min() > 250


def test_a_large_photo_is_kept_at_2048_pixels(portrait):
    stream = io.BytesIO()
    portrait.resize((3200, 4000)).save(stream, "JPEG")
    assert taken(stream).size == (1638, 2048)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("me.jpg", "me.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\face.png", "face.png"),
        ("a\x00b\n\u202egpj.exe", "abgpj.exe"),
        ("x" * 300 + ".jpg", "x" * 100),
        ("我的照片.jpg", "我的照片.jpg"),
        (None, ""),
    ],
)
def test_names_are_bare_printable_and_short(given, kept):
    assert upload_name(given) == kept


def stored_as(upright: np.ndarray, orientation: int) -> np.ndarray:
    """The pixels as a camera stores them, from what row 0 and column 0 of each orientation show (EXIF 2.3, tag 0x0112)."""
    return {
        1: upright,
        2: upright[:, ::-1],  # row 0 is the top, column 0 the right
        3: upright[::-1, ::-1],  # the bottom, the right
        4: upright[::-1],  # the bottom, the left
        5: upright.transpose(1, 0, 2),  # the left, the top
        6: upright.transpose(1, 0, 2)[::-1],  # the right, the top
        7: upright.transpose(1, 0, 2)[::-1, ::-1],  # the right, the bottom
        8: upright.transpose(1, 0, 2)[:, ::-1],  # the left, the bottom
    }[orientation]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_a_camera_comes_out_upright(orientation):
    upright = np.zeros((40, 60, 3), dtype=np.uint8)
    upright[:20, :30], upright[:20, 30:], upright[20:, :30] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(stored_as(upright, orientation))).save(stream, "PNG", exif=exif)
    assert np.array_equal(np.asarray(taken(stream)), upright)


def picture(side: int, *, more: bytes = b"") -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("L", (side, side)).save(stream, "PNG")
    stream.write(more)
    return stream


def uploaded_beside(stream) -> tuple[threading.Thread, threading.Event]:
    done = threading.Event()
    thread = threading.Thread(target=lambda: (taken(stream), done.set()))
    thread.start()
    return thread, done


def test_large_pictures_are_opened_one_at_a_time_and_small_ones_do_not_wait_for_them():
    with upload_photo(picture(1800)):
        _thread, small = uploaded_beside(picture(1000))
        assert small.wait(20)
        waiting = [uploaded_beside(picture(1800)), uploaded_beside(picture(10, more=bytes(1024**2)))]
        assert not any(done.wait(0.3) for _thread, done in waiting)
    for thread, done in waiting:
        thread.join(20)
        assert done.is_set()


def test_a_picture_is_gone_when_its_turn_is_over():
    with upload_photo(picture(30)) as photo:
        assert photo.getpixel((0, 0)) == (0, 0, 0)
    with pytest.raises(ValueError, match="closed image"):
        photo.getpixel((0, 0))
