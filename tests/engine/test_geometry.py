"""Similarity transforms, templates and the crop: exact where arithmetic is exact."""

import math

import numpy as np
import pytest
from PIL import Image

from workers.engine.errors import InputError
from workers.engine.geometry import TEMPLATES, Similarity, Template, fit_similarity, template, warp


def turned(degrees: float, scale: float, tx: float, ty: float) -> Similarity:
    angle = math.radians(degrees)
    return Similarity(scale * math.cos(angle), scale * math.sin(angle), tx, ty)


@pytest.mark.parametrize(
    "known", [turned(0, 1, 0, 0), turned(30, 2.5, -7, 11), turned(-170, 0.04, 1e4, -3), turned(90, 1, 0, 5)]
)
@pytest.mark.parametrize("n", [2, 5, 68])
def test_it_recovers_a_known_transform(known, n):
    source = np.random.default_rng(n).normal(200, 80, (n, 2))
    found = fit_similarity(source, known.apply(source))
    expected = [known.a, known.b, known.tx, known.ty]
    assert np.allclose([found.a, found.b, found.tx, found.ty], expected, atol=1e-9, rtol=1e-9)


def test_it_is_the_least_squares_answer_on_noisy_points():
    rng = np.random.default_rng(1)
    source = rng.normal(0, 50, (20, 2))
    target = turned(20, 1.3, 4, 5).apply(source) + rng.normal(0, 3, (20, 2))
    # The same problem as a linear system in (a, b, tx, ty), solved by a general solver.
    x, y = source.T
    one, zero = np.ones(20), np.zeros(20)
    system = np.concatenate([np.stack([x, -y, one, zero], 1), np.stack([y, x, zero, one], 1)])
    best = np.linalg.lstsq(system, np.concatenate([target[:, 0], target[:, 1]]), rcond=None)[0]
    found = fit_similarity(source, target)
    assert np.allclose([found.a, found.b, found.tx, found.ty], best)


def test_it_never_reflects():
    source = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 4.0]])
    found = fit_similarity(source, source * [-1, 1])
    assert found.a**2 + found.b**2 > 0
    assert np.linalg.det([[found.a, -found.b], [found.b, found.a]]) > 0


def test_the_inverse_undoes_and_then_chains():
    one, two = turned(33, 1.7, 5, -8), turned(-80, 0.3, 100, 2)
    points = np.array([[3.0, 4.0], [-200.0, 17.0]])
    assert np.allclose(one.inverse().apply(one.apply(points)), points)
    assert np.allclose(one.then(two).apply(points), two.apply(one.apply(points)))
    assert one.scale == pytest.approx(1.7)
    assert one.angle == pytest.approx(33)


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ([(5, 5), (5, 5)], [(0, 0), (1, 1)], "coincide"),
        ([(1e6 + 0.1, 5)] * 3, [(0, 0), (1, 1), (2, 2)], "coincide"),
        ([(0, 0), (1, 1)], [(5, 5), (5, 5)], "target points"),
        ([(0, 0)], [(1, 1)], "at least 2"),
        ([(0, 0), (1, 1)], [(1, 1)], "do not match"),
        ([(0, 0), (float("nan"), 1)], [(0, 0), (1, 1)], "not a finite number"),
        ([1, 2, 3, 4], [(0, 0), (1, 1)], "x y pairs"),
    ],
)
def test_it_refuses_degenerate_points(source, target, words):
    with pytest.raises(InputError, match=words):
        fit_similarity(source, target)


def test_the_inverse_of_nothing_is_refused():
    with pytest.raises(InputError, match="inverted"):
        Similarity(0, 0, 1, 1).inverse()


def test_cufs_is_200_by_250_with_the_eyes_in_place():
    cufs = template("cufs")
    assert cufs.size == (200, 250)
    assert cufs.array(("left_eye", "right_eye")).tolist() == [[75, 125], [125, 125]]
    assert cufs is TEMPLATES["cufs"]


def test_an_unknown_template_or_point_lists_the_known_ones():
    with pytest.raises(InputError, match="cufs"):
        template("cafs")
    with pytest.raises(InputError, match="left_eye, right_eye"):
        template("cufs").array(("nose",))


def test_a_scaled_template_keeps_pixel_centres():
    twice = template("cufs").scaled(2)
    assert twice.size == (400, 500)
    # The 2x2 block under pixel 75 is 150..151, its middle 150.5.
    assert twice.array().tolist() == [[150.5, 250.5], [250.5, 250.5]]
    for bad in (0, -1, float("nan"), 1e-9):
        with pytest.raises(InputError):
            template("cufs").scaled(bad)


def test_warp_by_whole_pixels_is_exact():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    moved = np.asarray(warp(Image.fromarray(pixels), Similarity(1, 0, -7, -5), (30, 20)))
    assert np.array_equal(moved, pixels[5:25, 7:37])


def test_warp_by_a_quarter_turn_is_exact():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 20), dtype=np.uint8)
    quarter = Similarity(0, 1, 19, 0)  # (x, y) -> (19 - y, x)
    assert np.array_equal(np.asarray(warp(Image.fromarray(pixels), quarter, (20, 20))), np.rot90(pixels, -1))


def test_warp_puts_a_dot_where_apply_says():
    pixels = np.zeros((200, 300), dtype=np.float32)
    y, x = np.mgrid[:200, :300]
    pixels = 255 * np.exp(-((x - 120.0) ** 2 + (y - 80.0) ** 2) / (2 * 9.0**2))
    image = Image.fromarray(pixels.astype(np.uint8))
    for transform in (turned(25, 1.4, -20, -60), turned(-12, 0.37, 10, 40), turned(5, 3.0, -250, -150)):
        out = np.asarray(warp(image, transform, (200, 200), padding="black"), dtype=np.float64)
        assert out.max() > 200
        y, x = np.mgrid[:200, :200]
        centre = [(out * x).sum() / out.sum(), (out * y).sum() / out.sum()]
        assert np.allclose(centre, transform.apply([(120, 80)])[0], atol=0.05)


def test_warp_averages_when_it_shrinks():
    board = np.indices((800, 800)).sum(axis=0) % 2 * 255  # one-pixel checks: mid grey from far away
    small = np.asarray(warp(Image.fromarray(board.astype(np.uint8)), Similarity(0.1, 0, 0, 0), (80, 80)))
    assert abs(float(small[4:-4, 4:-4].mean()) - 127.5) < 2
    assert small[4:-4, 4:-4].std() < 3


@pytest.mark.parametrize(
    ("padding", "near", "far"), [("edge", 60, 60), ("white", 255, 255), ("black", 0, 0), ("fade", 60, 255)]
)
def test_what_lies_outside_is_filled_as_asked(padding, near, far):
    image = Image.new("L", (50, 50), 60)
    out = np.asarray(warp(image, Similarity(1, 0, 100, 100), (200, 200), padding=padding), dtype=int)
    assert abs(out[125, 125] - 60) <= 1
    assert abs(out[125, 98] - near) <= 10
    assert abs(out[10, 10] - far) <= 1


def test_warp_refuses_what_it_cannot_do():
    image = Image.new("L", (50, 50))
    with pytest.raises(InputError, match="edge, fade, white, black"):
        warp(image, Similarity(1, 0, 0, 0), (10, 10), padding="mirror")
    with pytest.raises(InputError, match="outside the picture"):
        warp(image, Similarity(1, 0, 500, 0), (10, 10))
    with pytest.raises(InputError, match="mode CMYK"):
        warp(Image.new("CMYK", (50, 50)), Similarity(1, 0, 0, 0), (10, 10))


def test_a_template_is_plain_data():
    own = Template("own", 10, 20, (("nose", 5.0, 9.0),))
    assert own.scaled(1).array().tolist() == [[5, 9]]
