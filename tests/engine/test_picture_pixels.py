"""A picture of any mode becomes clean RGB, whichever way it is cut into bands."""

import numpy as np
import pytest
from PIL import Image

from workers.engine import picture_pixels
from workers.engine.picture_pixels import clean_rgb, fitting

NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 70, 3), dtype=np.uint8))


def in_mode(mode: str) -> Image.Image:
    clear = NOISE.copy()
    clear.putalpha(NOISE.convert("L"))
    if mode == "I;16":
        return Image.fromarray(np.asarray(NOISE.convert("L")).astype(np.uint16) * 257)
    if mode == "P, transparent":
        return clear.quantize(32)
    return (clear if mode in ("RGBA", "LA") else NOISE).convert(mode)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "P, transparent", "1", "I;16", "CMYK"])
@pytest.mark.parametrize("size", [(70, 90), (35, 45), (7, 9), (1, 1)])
def test_the_bands_do_not_show(mode, size, monkeypatch):
    image = in_mode(mode)
    whole = np.asarray(clean_rgb(image, size))
    assert whole.shape == (size[1], size[0], 3)
    for pixels in (1, 350, 2000):
        monkeypatch.setattr(picture_pixels, "BAND_PIXELS", pixels)
        assert np.array_equal(np.asarray(clean_rgb(image, size)), whole)


@pytest.mark.parametrize("size", [(70, 90), (35, 45), (33, 42)])
def test_rgb_is_shrunk_as_pillow_shrinks_it(size):
    expected = NOISE.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    assert np.array_equal(np.asarray(clean_rgb(NOISE, size)), np.asarray(expected))


def test_transparency_is_laid_over_white():
    image = in_mode("RGBA")
    pixels = np.asarray(image).astype(float)
    alpha = pixels[..., 3:] / 255
    expected = pixels[..., :3] * alpha + 255 * (1 - alpha)
    assert np.abs(np.asarray(clean_rgb(image, image.size)) - expected).max() <= 1


def test_nothing_but_pixels_is_kept():
    image = NOISE.copy()
    image.info |= {"comment": "me", "icc_profile": b"x"}
    assert clean_rgb(image, (35, 45)).info == {} == clean_rgb(image, image.size).info


@pytest.mark.parametrize(
    ("size", "most", "expected"),
    [
        ((4000, 3000), 2048, (2048, 1536)),
        ((300, 400), 2048, (300, 400)),
        ((1, 9000), 100, (1, 100)),
        ((5, 5), 5, (5, 5)),
    ],
)
def test_the_longer_side_fits_and_nothing_grows(size, most, expected):
    assert fitting(size, most) == expected
