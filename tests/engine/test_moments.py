import tracemalloc

import numpy as np
import pytest

from workers.engine.errors import InputError
from workers.engine.metrics.moments import gathered, moments_of


@pytest.fixture
def rows():
    """Far from zero on purpose: sums of squares would lose ten digits here."""
    return np.random.default_rng(1).normal(size=(500, 6)) * np.array([1, 2, 0.01, 5, 1, 1]) + 1e5


def assert_same(moments, rows):
    assert moments.n == len(rows)
    np.testing.assert_allclose(moments.mean, rows.mean(axis=0), rtol=1e-12)
    expected = np.cov(rows, rowvar=False)
    np.testing.assert_allclose(moments.covariance, expected, rtol=1e-6, atol=1e-6 * np.sqrt(expected.max()) * 1e-3)


@pytest.mark.parametrize("cuts", [[], [250], [1], [1, 2, 3, 499], list(range(50, 500, 50)), [7, 300]])
def test_parts_of_any_size_give_the_moments_of_the_whole(cuts, rows):
    assert_same(gathered(np.split(rows, cuts)), rows)


def test_the_order_of_parts_and_rows_makes_no_difference(rows):
    rng = np.random.default_rng(2)
    shuffled = rows[rng.permutation(len(rows))]
    parts = [moments_of(part) for part in np.split(shuffled, [3, 100, 230])]
    once = parts[0].merged(parts[1]).merged(parts[2]).merged(parts[3])
    other = parts[3].merged(parts[1]).merged(parts[2].merged(parts[0]))
    np.testing.assert_allclose(once.covariance, other.covariance, rtol=1e-9, atol=1e-12)
    assert_same(once, rows)


def test_float32_features_are_gathered_in_float64():
    rows = (np.random.default_rng(3).normal(size=(4000, 3)) + 300).astype(np.float32)
    found = gathered(np.split(rows, 40))
    assert found.scatter.dtype == np.float64
    np.testing.assert_allclose(found.covariance, np.cov(rows.astype(np.float64), rowvar=False), rtol=1e-9, atol=1e-9)


def test_memory_does_not_grow_with_the_number_of_pictures():
    def peak(batches):
        rng = np.random.default_rng(4)
        tracemalloc.start()
        gathered(rng.normal(size=(100, 64)) for _ in range(batches))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(500) < 1.1 * peak(50)  # 50,000 rows and 5,000


@pytest.mark.parametrize("bad", [[], [np.zeros((0, 3))], [np.zeros((3, 2)), np.zeros((3, 3))], [[[1, np.nan]]]])
def test_it_refuses_what_has_no_moments(bad):
    with pytest.raises(InputError):
        gathered(bad)


def test_one_row_has_no_covariance():
    with pytest.raises(InputError, match="at least 2"):
        _ = moments_of([[1.0, 2.0]]).covariance
