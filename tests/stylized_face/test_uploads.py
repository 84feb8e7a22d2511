"""What is kept of an upload: pixels, and nothing else."""

import io

import numpy as np
import pytest
from PIL import Image

from stylized_face.uploads import upload_name, upload_photo
from tests.stylized_face.hostile import refused_files
from workers.engine.errors import InputError

REFUSED = refused_files()


@pytest.mark.parametrize("case", REFUSED)
def test_hostile_files_are_refused_with_a_reason(case):
    content, words = REFUSED[case]
    with pytest.raises(InputError) as caught:
        upload_photo(io.BytesIO(content))
    assert words in str(caught.value)


def test_the_size_is_counted_not_believed(settings, sent, portrait):
    settings.UPLOAD_MAX_BYTES = 1000
    stream = sent(portrait)
    stream.size = 10
    with pytest.raises(InputError, match="larger than"):
        upload_photo(stream)


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "RGBA", "I;16"])
def test_pictures_of_every_mode_become_rgb(mode, portrait):
    if mode == "I;16":
        image = Image.fromarray(np.asarray(portrait.convert("L")).astype(np.uint16) * 257)
    else:
        image = portrait.quantize(64) if mode == "P" else portrait.convert(mode)
    stream = io.BytesIO()
    image.save(stream, "JPEG" if mode == "CMYK" else "PNG", quality=95)
    photo = upload_photo(stream)
    assert (photo.mode, photo.size) == ("RGB", (400, 500))
    expected = np.asarray(portrait.convert("L"), dtype=float)
    assert np.abs(np.asarray(photo.convert("L"), dtype=float) - expected).mean() < 8


def test_a_palette_with_transparency_gets_a_white_ground(portrait):
    image = portrait.convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 50, 50))
    stream = io.BytesIO()
    image.quantize(64).save(stream, "PNG")
    assert np.asarray(upload_photo(stream))[:40, :40].min() > 250


def test_a_large_photo_is_kept_at_2048_pixels(portrait):
    stream = io.BytesIO()
    portrait.resize((3200, 4000)).save(stream, "JPEG")
    assert upload_photo(stream).size == (1638, 2048)


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
