import numpy as np
import pytest

from tests.engine import plain_similarity
from tests.engine.test_similarity import OTHER, PICTURE, rgb, smooth
from workers.engine.errors import InputError
from workers.engine.metrics import scoot


def test_a_worked_example():
    # Each 2x2 cell has black above white. Counted: right neighbours (1,1) and (6,6) once each; upward, and to both upper
    # diagonals, (6,1) four times. Means 1/4, 1/4 and 1 round to 0, 0 and 1: contrast 25, energy 1. An even picture has 0 and 1.
    striped = np.tile(np.array([[0, 0], [255, 255]], np.uint8), (4, 4))
    even = np.full((8, 8), 90, np.uint8)
    assert scoot.textures(striped[None])[0].tolist() == [25.0] * 16 + [1.0] * 16
    assert scoot.textures(even[None])[0].tolist() == [0.0] * 16 + [1.0] * 16
    assert scoot.scoot(rgb(even), rgb(striped)) == pytest.approx(1 / (1 + 100))  # root of 16 times 25 squared


def test_neighbours_are_looked_for_upwards():
    # White above black: (1,6) instead of (6,1). The contrast is the same, but (1,6) and (6,1) together would halve the energy.
    upside_down = np.tile(np.array([[255, 255], [0, 0]], np.uint8), (4, 4))
    assert scoot.textures(upside_down[None])[0].tolist() == [25.0] * 16 + [1.0] * 16


@pytest.mark.parametrize("value", [0, 42, 43, 84, 85, 127, 128, 169, 170, 212, 213, 254, 255])
def test_levels_split_255_into_six(value):
    assert scoot.LEVEL_OF[value] == min(6, int(np.floor(6 * value / 255 + 1))) - 1


def test_levels_begin_where_a_split_of_256_would_not():
    assert [int(scoot.LEVEL_OF[value]) for value in (85, 170, 213)] == [2, 4, 5]
    assert [int(value * 6 // 256) for value in (85, 170, 213)] == [1, 3, 4]


@pytest.mark.parametrize("size", [(64, 80), (51, 47), (33, 30)])
def test_it_is_the_definition_exactly(size):
    first, second = smooth(1, *size), smooth(2, *size)
    assert scoot.scoot(rgb(first), rgb(second))[0] == pytest.approx(plain_similarity.scoot(first, second), abs=1e-12)
    assert scoot.textures(first[None])[0].reshape(2, 16).T.ravel() == pytest.approx(plain_similarity.texture(first))


def test_the_short_cuts_of_others_give_another_number():
    def without_rounding(picture):
        counts = []
        for rows in np.array_split(picture, 4):
            for cell in np.array_split(rows, 4, axis=1):
                levels = np.minimum(6, np.floor(6 * cell.astype(float) / 255 + 1)).astype(int) - 1
                steps = ((0, 1), (-1, 1), (-1, 0), (-1, -1))
                total = sum(plain_similarity._occurrences(levels, *step) for step in steps)
                a, b = np.indices((6, 6))
                share = total / total.sum()
                counts += [((a - b) ** 2 * share).sum(), (share**2).sum()]
        return np.array(counts)

    other = 1 / (1 + np.linalg.norm(without_rounding(PICTURE) - without_rounding(OTHER)))
    ours = scoot.scoot(rgb(PICTURE), rgb(OTHER))[0]
    assert ours == pytest.approx(plain_similarity.scoot(PICTURE, OTHER), abs=1e-12)
    assert abs(ours - other) > 1e-4


def test_a_small_picture_is_refused():
    with pytest.raises(InputError, match="at least 8 a side"):
        scoot.scoot(rgb(smooth(1, 6, 30)), rgb(smooth(2, 6, 30)))
