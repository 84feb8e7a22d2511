import numpy as np
import pytest

from workers.engine.errors import InputError
from workers.engine.metrics.frechet import frechet_distance
from workers.engine.metrics.gaussian import distance_of_statistics, factor_of
from workers.engine.metrics.moments import moments_of


def statistics(rows):
    moments = moments_of(rows)
    return moments.mean, moments.covariance


@pytest.mark.parametrize(("n1", "n2", "d"), [(60, 90, 20), (15, 60, 20), (60, 15, 20), (12, 9, 20), (21, 21, 20)])
def test_it_equals_the_distance_of_the_features(n1, n2, d):
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(n1, d)) @ rng.normal(size=(d, d)), rng.normal(size=(n2, d)) * 3 + 0.5
    value = distance_of_statistics(*statistics(first), *statistics(second))
    assert value == pytest.approx(frechet_distance(first, second), rel=1e-7)


def test_the_rank_is_found():
    rows = np.random.default_rng(2).normal(size=(12, 40))
    factor = factor_of(np.cov(rows, rowvar=False))
    assert factor.shape == (40, 11)
    np.testing.assert_allclose(factor @ factor.T, np.cov(rows, rowvar=False), atol=1e-12)


def test_the_closed_form_of_diagonal_gaussians():
    first, second = np.array([4.0, 0.0, 9.0]), np.array([1.0, 4.0, 0.0])
    value = distance_of_statistics([1, 2, 3], np.diag(first), [0, 2, 1], np.diag(second))
    assert value == pytest.approx(5 + np.sum((np.sqrt(first) - np.sqrt(second)) ** 2), rel=1e-12)


def test_not_commuting_covariances_have_their_closed_form():
    """Two-dimensional: Tr (S1 S2)^(1/2) = sqrt(Tr(S1 S2) + 2 sqrt(det S1 det S2)); exchanging axes of one matters."""
    first, second = np.array([[2.0, 0.7], [0.7, 1.0]]), np.array([[1.0, -0.4], [-0.4, 3.0]])
    root = np.sqrt(np.trace(first @ second) + 2 * np.sqrt(np.linalg.det(first) * np.linalg.det(second)))
    expected = np.trace(first) + np.trace(second) - 2 * root
    zero = np.zeros(2)
    assert distance_of_statistics(zero, first, zero, second) == pytest.approx(expected, rel=1e-12)
    turned = distance_of_statistics(zero, first[::-1, ::-1], zero, second)
    assert turned != pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("n", [8, 100])
def test_the_same_statistics_have_no_distance(n):
    own = statistics(np.random.default_rng(3).normal(size=(n, 20)))
    assert distance_of_statistics(*own, *own) <= 1e-7 * np.trace(own[1])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({0: np.zeros(3)}, "mu has 3 numbers and sigma the shape (2, 2)"),
        ({2: np.zeros(3), 3: np.eye(3)}, "2 numbers per picture and the candidate's 3"),
        ({1: [[1, 2], [0, 1]]}, "not symmetric"),
        ({3: [[-1, 0], [0, 1]]}, "negative variance"),
        ({3: [[np.nan, 0], [0, 1]]}, "not finite"),
    ],
)
def test_it_refuses_what_are_no_statistics(change, said):
    given = [np.zeros(2), np.eye(2), np.zeros(2), np.eye(2)]
    for place, value in change.items():
        given[place] = value
    with pytest.raises(InputError) as refused:
        distance_of_statistics(*given)
    assert said in str(refused.value)
