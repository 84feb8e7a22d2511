"""Each resize against a slow reading of its definition, pixel by pixel."""

import math

import numpy as np
import pytest
import torch

from workers.engine.features import resizing

SIZES = [(5, 7), (11, 4), (9, 9), (23, 8)]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def picture(request):
    return np.random.default_rng(1).integers(0, 256, (*request.param, 3), dtype=np.uint8)


def bilinear(picture, side, where):
    """(3, side, side): `where(i, inputs, outputs)` is the place of output i between the middles of the input pixels."""
    height, width = picture.shape[:2]
    found = np.empty((3, side, side))
    for row in range(side):
        for column in range(side):
            y, x = max(where(row, height, side), 0), max(where(column, width, side), 0)
            top, left = min(math.floor(y), height - 1), min(math.floor(x), width - 1)
            down, right = min(top + 1, height - 1), min(left + 1, width - 1)
            upper = picture[top, left] * (1 - (x - left)) + picture[top, right] * (x - left)
            lower = picture[down, left] * (1 - (x - left)) + picture[down, right] * (x - left)
            found[:, row, column] = upper * (1 - (y - top)) + lower * (y - top)
    return found


def test_the_resize_of_tensorflow_1_counts_from_the_corner(picture):
    expected = bilinear(picture, 9, lambda i, inputs, outputs: i * inputs / outputs)
    np.testing.assert_allclose(resizing.tensorflow1(picture, 9).numpy(), expected, atol=1e-3)


def test_the_resize_of_pytorch_fid_counts_from_the_middle_of_a_pixel(picture):
    expected = bilinear(picture, 9, lambda i, inputs, outputs: (i + 0.5) * inputs / outputs - 0.5)
    np.testing.assert_allclose(resizing.half_pixel(picture, 9).numpy(), expected, atol=1e-3)


def bicubic(offset):
    """Keys 1981 with a = -0.5."""
    x = abs(offset)
    if x < 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


def antialiased(rows, count):
    """Along the first axis: the bicubic kernel made as wide as the shrinking asks, its weights summing to 1."""
    scale = len(rows) / count
    wide = max(scale, 1.0)
    found = []
    for output in range(count):
        middle = (output + 0.5) * scale - 0.5
        weights = np.array([bicubic((place - middle) / wide) for place in range(len(rows))])
        found.append(np.tensordot(weights / weights.sum(), rows, axes=1))
    return np.array(found)


def test_the_resize_of_clean_fid_is_an_antialiased_bicubic_that_is_clipped_but_not_rounded(picture):
    expected = antialiased(antialiased(picture.astype(float), 9).swapaxes(0, 1), 9).swapaxes(0, 1)
    expected = expected.clip(0, 255).transpose(2, 0, 1)
    found = resizing.clean(picture, 9).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-3)
    if picture.shape[:2] != (9, 9):
        assert (found != found.round()).any()


@pytest.mark.parametrize("resize", [resizing.half_pixel, resizing.tensorflow1, resizing.clean])
def test_a_picture_of_the_right_size_stays_as_it_is(resize):
    picture = np.random.default_rng(2).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    np.testing.assert_allclose(resize(picture, 6).numpy(), picture.transpose(2, 0, 1), atol=1e-4)


@pytest.mark.parametrize("resize", [resizing.centre_bilinear, resizing.centre_bicubic])
def test_the_centre_square_is_cut_before_the_resize_so_that_nothing_is_squashed(resize):
    picture = np.random.default_rng(3).integers(0, 256, (13, 6, 3), dtype=np.uint8)
    np.testing.assert_array_equal(resizing.centre_square(picture), picture[3:9])
    np.testing.assert_array_equal(resizing.centre_square(picture.swapaxes(0, 1)), picture.swapaxes(0, 1)[:, 3:9])
    other = picture.copy()
    other[:3] = 0
    other[9:] = 255
    assert torch.equal(resize(picture, 4), resize(other, 4))
    assert resize(picture, 4).shape == (3, 4, 4)


def test_colours_keep_their_order():
    red = np.zeros((8, 8, 3), dtype=np.uint8)
    red[:, :, 0] = 200
    for resize in (
        resizing.half_pixel,
        resizing.tensorflow1,
        resizing.clean,
        resizing.centre_bilinear,
        resizing.centre_bicubic,
    ):
        np.testing.assert_allclose(resize(red, 5).mean(dim=(1, 2)), [200, 0, 0], atol=1e-3)


def test_the_colours_of_imagenet_have_mean_0_and_deviation_1():
    mean = torch.tensor([123.675, 116.28, 103.53])  # red, green, blue
    planes = (mean + torch.tensor([58.395, 0, 0]))[:, None, None]
    np.testing.assert_allclose(resizing.as_imagenet(planes).flatten(), [1, 0, 0], atol=1e-5)
