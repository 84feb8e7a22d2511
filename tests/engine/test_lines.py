"""The line drawing: lines where the forms are, paper elsewhere, the same for the same arguments."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from tests.engine.test_pencil import bust, part
from workers.engine.errors import InputError
from workers.engine.stylizers.lines import lines

FACE = {"skin": 0.75, "hair": 0.1, "background": (180, 190, 200)}


def test_it_is_mostly_paper_with_dark_lines():
    drawing = np.asarray(lines(bust(**FACE)), dtype=float)
    assert (drawing > 240).mean() > 0.7
    assert 0.005 < (drawing < 120).mean() < 0.2


@pytest.mark.parametrize("skin", [0.9, 0.6, 0.3])
def test_skin_of_every_tone_stays_paper_and_eyes_are_drawn(skin):
    drawing = lines(bust(skin, min(0.12, skin / 3), (120, 150, 200)))
    assert np.median(part(drawing, 0.36, 0.55, 0.64, 0.63)) > 235
    for cx in (0.4, 0.6):
        assert part(drawing, cx - 0.05, 0.47, cx + 0.05, 0.53).min() < 110


def test_the_outline_of_the_head_is_one_line_not_two():
    picture = Image.new("L", (200, 250), 230)
    disc = np.asarray(picture).copy()
    y, x = np.mgrid[:250, :200]
    disc[np.hypot((x - 100) / 60, (y - 130) / 80) < 1] = 175
    disc[235:] = 20  # a dark coat, so that the head is not the darkest of all
    dark = 255.0 - np.asarray(lines(Image.fromarray(disc)), dtype=float)
    row = dark[130]
    left, right = row[:100], row[100:]
    for side in (left, right):
        _labels, count = ndimage.label(side > 0.4 * side.max())
        assert count == 1


def test_grain_gives_no_lines():
    rng = np.random.default_rng(0)
    grain = np.clip(170 + rng.normal(0, 4, (500, 400, 3)), 0, 255).astype(np.uint8)
    assert (np.asarray(lines(Image.fromarray(grain))) > 225).mean() > 0.97


def test_strength_draws_more_and_darker():
    photo = bust(**FACE, size=(200, 250))
    ink = [255 - np.asarray(lines(photo, strength=s), dtype=float).mean() for s in (0.2, 0.6, 1.0, 1.5, 2.0)]
    assert ink == sorted(ink) and ink[-1] > 1.5 * ink[0]


def test_another_seed_is_another_hand_at_the_same_drawing():
    photo = bust(**FACE, size=(200, 250))
    first, again, other = (np.asarray(lines(photo, seed=s), dtype=float) for s in (3, 3, 4))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    blurred = [ndimage.gaussian_filter(one, 2) for one in (first, other)]
    assert np.corrcoef(blurred[0].ravel(), blurred[1].ravel())[0, 1] > 0.9


@pytest.mark.parametrize("size", [(200, 250), (401, 503), (16, 16), (300, 60)])
def test_it_keeps_the_size(size):
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    drawing = lines(Image.fromarray(noise))
    assert (drawing.size, drawing.mode) == (size, "L")


@pytest.mark.parametrize("colour", ["white", "black", (128, 128, 128)])
def test_an_empty_picture_is_no_accident(colour):
    assert np.asarray(lines(Image.new("RGB", (100, 120), colour))).shape == (120, 100)


def test_it_refuses_what_it_cannot_draw():
    for image, options, words in (
        (Image.new("RGB", (8, 8)), {}, "16 to 2048 pixels"),
        (Image.new("RGB", (50, 50)), {"strength": float("nan")}, "between 0.2 and 2"),
        (Image.new("RGB", (50, 50)), {"seed": -1}, "seed"),
    ):
        with pytest.raises(InputError, match=words):
            lines(image, **options)
