import numpy as np
import pytest

from workers.engine.errors import InputError
from workers.engine.metrics.cmmd import cmmd
from workers.engine.metrics.kid import KidResampler, by_subsets, kid


def by_pairs(first, second, kernel):
    """Gretton's equation 3 with loops over pairs."""
    n, m = len(first), len(second)
    xx = sum(kernel(first[i], first[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    yy = sum(kernel(second[i], second[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    xy = sum(kernel(x, y) for x in first for y in second) / (n * m)
    return xx + yy - 2 * xy


def cubic(x, y):
    return (np.dot(x, y) / len(x) + 1) ** 3


def bell(x, y):
    return np.exp(-np.sum((x - y) ** 2) / 200)


@pytest.fixture
def sets():
    rng = np.random.default_rng(1)
    return rng.normal(size=(23, 7)) * 2, rng.normal(size=(31, 7)) + np.linspace(0, 2, 7)


def test_kid_equals_the_sum_over_pairs(sets):
    assert kid(*sets) == pytest.approx(by_pairs(*sets, cubic), rel=1e-10)


def test_cmmd_equals_the_sum_over_pairs(sets):
    assert cmmd(*sets) == pytest.approx(1000 * by_pairs(*sets, bell), rel=1e-9)


def test_blocks_change_nothing(sets, monkeypatch):
    whole = kid(*sets), cmmd(*sets)
    monkeypatch.setattr("workers.engine.metrics.kernel.BLOCK", 100)  # 3 rows at a time
    assert (kid(*sets), cmmd(*sets)) == pytest.approx(whole, rel=1e-11)


def test_the_distance_is_symmetric_but_the_sets_are_not_mixed_up(sets):
    first, second = sets
    assert kid(first, second) == pytest.approx(kid(second, first), rel=1e-10)
    assert kid(first, second[:, ::-1]) != pytest.approx(kid(first, second), rel=1e-2)


def test_kid_of_two_gaussians_tends_to_its_closed_form():
    """x ~ N(0, 1), y ~ N(1, 1) in one dimension: E(xy + 1)^3 over independent pairs is a polynomial of moments."""
    rng = np.random.default_rng(2)

    def expected(first, second):  # E[(xy+1)^3] = E x^3 E y^3 + 3 E x^2 E y^2 + 3 E x E y + 1
        return first[2] * second[2] + 3 * first[1] * second[1] + 3 * first[0] * second[0] + 1

    zero, one = (0.0, 1.0, 0.0), (1.0, 2.0, 4.0)  # E x, E x^2, E x^3
    truth = expected(zero, zero) + expected(one, one) - 2 * expected(zero, one)
    values = [kid(rng.normal(size=(300, 1)), rng.normal(size=(400, 1)) + 1) for _ in range(60)]
    assert np.mean(values) == pytest.approx(truth, abs=4 * np.std(values) / np.sqrt(60))


@pytest.mark.parametrize("metric", [kid, cmmd])
def test_it_is_unbiased_and_not_clipped(metric):
    rng = np.random.default_rng(3)
    values = [metric(rng.normal(size=(20, 5)), rng.normal(size=(30, 5))) for _ in range(300)]
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(300)
    assert min(values) < 0


def test_subsets_scatter_around_the_exact_value(sets):
    rng = np.random.default_rng(4)
    first, second = rng.normal(size=(400, 6)), rng.normal(size=(300, 6)) + 0.7
    mean, deviation, size = by_subsets(first, second)
    assert size == 100
    assert mean == pytest.approx(kid(first, second), abs=4 * deviation / 10)
    assert 0 < deviation < abs(mean)
    assert by_subsets(first, second) == (mean, deviation, size)
    assert by_subsets(*sets)[2] == 11  # half of the smaller set: the whole set again and again has no spread
    assert KidResampler(first, second).details()["subset_std"] == deviation


@pytest.mark.parametrize("metric", [kid, cmmd])
def test_one_picture_is_too_few(metric):
    with pytest.raises(InputError, match="candidate has 1 pictures; this metric needs at least 2"):
        metric(np.zeros((3, 2)), np.zeros((1, 2)))
