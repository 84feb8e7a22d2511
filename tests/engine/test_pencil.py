"""The classical pencil: deterministic, of the right tones, drawn from the photo it was given."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from workers.engine.errors import InputError
from workers.engine.images import read_photo
from workers.engine.stylizers.pencil import pencil


def bust(skin: float, hair: float, background: tuple[int, int, int], size=(400, 500)) -> Image.Image:
    """A shaded head with dark hair, eyes and mouth before a flat background; `skin` and `hair` are lightness 0..1."""
    width, height = size
    y, x = np.mgrid[:height, :width]
    y, x = y / height, x / width
    picture = np.ones((height, width, 3)) * np.array(background) / 255
    tint = np.array([1.0, 0.86, 0.76])

    def paint(mask, value):
        picture[mask] = np.clip(np.asarray(value), 0, 1)[mask] if np.ndim(value) == 3 else value

    def oval(cx, cy, rx, ry):
        return np.hypot((x - cx) / rx, (y - cy) / ry) < 1

    paint(oval(0.5, 0.42, 0.33, 0.34), np.array([hair] * 3))
    shade = skin * (1.08 - 0.5 * np.hypot((x - 0.44) / 0.5, (y - 0.45) / 0.6) ** 2)
    paint(oval(0.5, 1.05, 0.45, 0.26) | ((np.abs(x - 0.5) < 0.12) & (y > 0.6)), shade[..., None] * tint * 0.85)
    paint(oval(0.5, 0.52, 0.25, 0.30), shade[..., None] * tint)
    for cx in (0.4, 0.6):
        paint(oval(cx, 0.5, 0.035, 0.016), np.array([0.05] * 3))
        paint(oval(cx, 0.45, 0.055, 0.01), np.array([hair] * 3))
    paint(oval(0.5, 0.68, 0.07, 0.015), np.array([skin * 0.55, skin * 0.25, skin * 0.25]))
    picture = ndimage.gaussian_filter(picture, (1.2, 1.2, 0))
    noise = np.random.default_rng(0).normal(0, 0.01, picture.shape)
    return Image.fromarray((np.clip(picture + noise, 0, 1) * 255).astype(np.uint8))


def part(drawing: Image.Image, left: float, top: float, right: float, bottom: float) -> np.ndarray:
    width, height = drawing.size
    box = (round(left * width), round(top * height), round(right * width), round(bottom * height))
    return np.asarray(drawing.crop(box), dtype=float)


@pytest.mark.parametrize("skin", [0.9, 0.6, 0.3])
def test_skin_of_every_tone_is_light_but_modelled_and_hair_is_dark(skin):
    drawing = pencil(bust(skin, min(0.12, skin / 3), (120, 150, 200)))
    cheek, hair = part(drawing, 0.36, 0.53, 0.64, 0.64), part(drawing, 0.35, 0.12, 0.65, 0.2)
    assert 130 < cheek.mean() < 250
    assert cheek.std() > 1.0  # not a white hole
    assert 25 < hair.mean() < 125
    assert cheek.mean() - hair.mean() > 60


def test_the_darker_skin_is_drawn_darker():
    means = [part(pencil(bust(s, 0.1, (120, 150, 200))), 0.36, 0.53, 0.64, 0.64).mean() for s in (0.9, 0.3)]
    assert means[0] > means[1]


@pytest.mark.parametrize("background", [(90, 160, 230), (250, 250, 250), (200, 60, 60)])
def test_an_even_background_fades_to_paper(background):
    drawing = pencil(bust(0.75, 0.1, background))
    corner = part(drawing, 0.0, 0.0, 0.12, 0.3)
    assert corner.mean() > 235


def test_there_is_neither_full_black_nor_stretching():
    drawing = np.asarray(pencil(bust(0.75, 0.05, (200, 200, 200))))
    assert drawing.min() >= 20
    assert drawing.max() <= 253


def test_eyes_and_mouth_stay_where_they_were():
    photo = bust(0.7, 0.1, (180, 190, 200))
    drawing = np.asarray(pencil(photo), dtype=float)
    dark = ndimage.gaussian_filter(255 - drawing, 4)
    for cx in (0.4, 0.6):
        window = dark[int(0.475 * 500) : int(0.56 * 500), int((cx - 0.08) * 400) : int((cx + 0.08) * 400)]
        y, x = np.unravel_index(window.argmax(), window.shape)
        assert abs(y + 0.475 * 500 - 250) < 8
        assert abs(x + (cx - 0.08) * 400 - cx * 400) < 16


def test_the_same_seed_gives_the_same_drawing_and_another_seed_other_strokes():
    photo = bust(0.7, 0.1, (180, 190, 200), (200, 250))
    first, again, other = (np.asarray(pencil(photo, seed=s), dtype=float) for s in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.corrcoef(first.ravel(), other.ravel())[0, 1] > 0.8  # still the same drawing


def test_pressing_harder_is_darker():
    photo = bust(0.7, 0.1, (180, 190, 200), (200, 250))
    means = [np.asarray(pencil(photo, strength=s)).mean() for s in (0.5, 1.0, 1.5)]
    assert means[0] > means[1] > means[2]


@pytest.mark.parametrize("size", [(200, 250), (401, 503), (16, 16), (300, 60)])
def test_it_keeps_the_size(size):
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    drawing = pencil(Image.fromarray(noise))
    assert (drawing.size, drawing.mode) == (size, "L")


@pytest.mark.parametrize("colour", ["white", "black", (128, 128, 128)])
def test_an_empty_picture_is_no_accident(colour):
    drawing = np.asarray(pencil(Image.new("RGB", (100, 120), colour)))
    assert drawing.shape == (120, 100)


def test_a_grey_picture_is_drawn_like_its_rgb_copy():
    grey = bust(0.7, 0.1, (180, 190, 200), (200, 250)).convert("L")
    assert np.array_equal(np.asarray(pencil(grey)), np.asarray(pencil(grey.convert("RGB"))))


def test_it_refuses_what_it_cannot_draw():
    for image, options, words in (
        (Image.new("RGB", (8, 8)), {}, "16 to 2048 pixels"),
        (Image.new("RGB", (3000, 20)), {}, "16 to 2048 pixels"),
        (Image.new("RGB", (50, 50)), {"strength": 3}, "between 0.2 and 2"),
        (Image.new("RGB", (50, 50)), {"strength": float("nan")}, "between 0.2 and 2"),
        (Image.new("RGB", (50, 50)), {"seed": -1}, "seed"),
    ):
        with pytest.raises(InputError, match=words):
            pencil(image, **options)


def test_real_faces_keep_light_skin_and_dark_accents(shared_dir):
    from workers.engine.faces import align, find_faces
    from workers.engine.geometry import template

    for name in ("001", "006", "047", "066", "080"):
        photo = read_photo(shared_dir / "data" / "faces_cc0" / f"{name}.jpg")
        aligned = align(photo, find_faces(photo)[0], template("cufs"), 2, padding="fade").image
        drawing = np.asarray(pencil(aligned), dtype=float)
        face = drawing[200:340, 140:260]
        assert 120 < np.median(face) < 250, name
        assert np.percentile(face, 2) < 110, name  # eyes are there
        assert (drawing < 60).mean() < 0.3, name  # not muddy
