"""What is looked at before a picture is opened, and what is known of it then."""

import io

import pytest
from PIL import Image, ImageFile

from datasetviewer.pictures import check_cost, read_picture
from tests.datasetviewer.fuzzing import png_of
from workers.engine.errors import InputError


def encoded(image: Image.Image, form: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


@pytest.fixture
def nothing_is_decoded(monkeypatch):
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("a pixel was decoded"))


@pytest.mark.parametrize(
    ("kind", "content", "most"),
    [
        ("WebP", encoded(Image.new("RGB", (3500, 3500)), "WEBP", method=0), "10"),
        ("CMYK", encoded(Image.new("CMYK", (4100, 4000)), "JPEG"), "16"),
    ],
)
def test_a_picture_of_a_costly_kind_is_refused_from_its_header(kind, content, most, nothing_is_decoded):
    words = rf"is {kind} and has \d+x\d+ pixels; of this kind at most {most} megapixels"
    with pytest.raises(InputError, match=words):
        read_picture(content)


@pytest.mark.parametrize(("colour", "depth"), [(0, 1), (0, 8), (0, 16), (2, 8), (3, 8), (4, 8), (6, 8), (6, 16)])
def test_to_know_what_a_png_costs_nothing_of_it_is_decoded(colour, depth, nothing_is_decoded):
    assert check_cost(png_of(5000, 4990, depth, colour, whole=False)) == 5000 * 4990


def test_what_is_no_picture_costs_nothing():
    assert check_cost(b"no picture") == 0


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_width_and_height_are_those_of_the_whole_picture_upright(form):
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    picture = read_picture(encoded(Image.new("RGB", (1280, 640), "teal"), form, exif=exif))
    assert (picture.width, picture.height, picture.mode, picture.format) == (640, 1280, "RGB", form)
    sizes = {size: Image.open(io.BytesIO(content)).size for size, content in picture.thumbnails.items()}
    assert sizes == {160: (80, 160), 320: (160, 320)}


def test_a_16_bit_picture_keeps_its_mode_in_the_records():
    picture = read_picture(png_of(30, 20, 16, 0))
    assert (picture.width, picture.height, picture.mode, picture.format) == (30, 20, "I;16", "PNG")
