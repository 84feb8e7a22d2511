import numpy as np
import pytest
import scipy.linalg

from workers.engine.errors import InputError
from workers.engine.metrics.frechet import frechet_distance, nuclear_norm, root_of_covariances


def by_square_root(first, second):
    """The textbook form, by scipy's matrix square root."""
    cov1, cov2 = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    root = scipy.linalg.sqrtm(cov1 @ cov2)
    shift = first.mean(axis=0) - second.mean(axis=0)
    return float(shift @ shift + np.trace(cov1) + np.trace(cov2) - 2 * np.trace(root).real)


def sample(n, mean, deviations, seed=0):
    """n points whose sample mean and sample covariance are exactly `mean` and diag(deviations^2)."""
    points = np.random.default_rng(seed).normal(size=(n, len(mean)))
    points -= points.mean(axis=0)
    orthonormal, _ = np.linalg.qr(points)
    return orthonormal * np.sqrt(n - 1) * np.asarray(deviations) + np.asarray(mean)


def test_it_equals_the_closed_form_of_two_gaussians():
    mean1, mean2 = np.array([1.0, -2.0, 0.5, 0.0]), np.array([0.0, 2.0, 0.5, 3.0])
    dev1, dev2 = np.array([1.0, 2.0, 0.1, 3.0]), np.array([0.5, 4.0, 0.3, 3.0])
    expected = np.sum((mean1 - mean2) ** 2) + np.sum((dev1 - dev2) ** 2)  # commuting covariances
    value = frechet_distance(sample(50, mean1, dev1, seed=1), sample(31, mean2, dev2, seed=2))
    assert value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("n1", "n2", "d"), [(60, 90, 12), (40, 40, 39), (200, 90, 30)])
def test_it_agrees_with_the_matrix_square_root(n1, n2, d):
    rng = np.random.default_rng(5)
    first = rng.normal(size=(n1, d)) @ rng.normal(size=(d, d)) + rng.normal(size=d)
    second = rng.normal(size=(n2, d)) @ rng.normal(size=(d, d))
    assert frechet_distance(first, second) == pytest.approx(by_square_root(first, second), rel=1e-7)


@pytest.mark.parametrize(("n1", "n2", "d"), [(20, 30, 50), (20, 80, 50), (80, 20, 50)])
def test_it_agrees_with_the_matrix_square_root_when_rank_deficient(n1, n2, d):
    rng = np.random.default_rng(6)
    first, second = rng.normal(size=(n1, d)), rng.normal(size=(n2, d)) * 2 + 1
    # The square root of a singular product is itself only good to about 1e-6; ours is compared within that.
    assert frechet_distance(first, second) == pytest.approx(by_square_root(first, second), rel=1e-5)


def test_few_and_many_rows_agree_where_both_forms_apply():
    """Padding with zero columns changes nothing in the distance but turns n >= d into n < d."""
    rng = np.random.default_rng(7)
    first, second = rng.normal(size=(60, 20)), rng.normal(size=(45, 20)) * 1.5 + 0.3
    padded = [np.hstack([features, np.zeros((len(features), 50))]) for features in (first, second)]
    assert frechet_distance(*padded) == pytest.approx(frechet_distance(first, second), rel=1e-11)


def test_it_is_exact_with_columns_that_are_always_zero_or_repeated():
    rng = np.random.default_rng(8)
    first, second = rng.normal(size=(60, 20)), rng.normal(size=(45, 20)) * 1.5 + 0.3
    wide = [np.hstack([features, np.zeros((len(features), 10))]) for features in (first, second)]  # still n >= d
    assert frechet_distance(*wide) == pytest.approx(frechet_distance(first, second), rel=1e-11)
    doubled = [np.hstack([features, features]) for features in (first, second)]  # twice the distance
    assert frechet_distance(*doubled) == pytest.approx(2 * frechet_distance(first, second), rel=1e-11)


def test_it_is_exact_over_a_wide_spectrum():
    """Deviations over nine decades: the squared quick form loses the small ones, so the exact form must take over."""
    dev1, dev2 = np.logspace(0, -9, 40), np.logspace(0, -9, 40)[::-1]
    value = frechet_distance(sample(90, np.zeros(40), dev1, seed=1), sample(80, np.zeros(40), dev2, seed=2))
    assert value == pytest.approx(np.sum((dev1 - dev2) ** 2), rel=1e-12)


@pytest.mark.parametrize("power", [0.5, 1.0, 1.5])
def test_the_quick_form_serves_spectra_that_fall_like_those_of_real_features(power):
    """At 5,000 x 2048 the other form takes a minute. Rotated, so that no axis is an eigenvector."""
    rng = np.random.default_rng(12)
    turned, _ = np.linalg.qr(rng.normal(size=(150, 150)))
    deviations = np.arange(1, 151.0) ** -power
    first, second = ((rng.normal(size=(400, 150)) * deviations) @ turned for _ in range(2))
    first, second = ((rows - rows.mean(axis=0)) / np.sqrt(399) for rows in (first, second))
    spread = float(np.sum(first**2) + np.sum(second**2))
    quick = root_of_covariances(first.T @ first, second.T @ second, spread)
    assert quick is not None
    assert abs(quick - nuclear_norm(first @ second.T)) < 1e-11 * spread


def test_it_is_symmetric_and_tells_scale_from_shift():
    rng = np.random.default_rng(9)
    first, second = rng.normal(size=(30, 8)), rng.normal(size=(25, 8)) * 3 + 1
    assert frechet_distance(first, second) == pytest.approx(frechet_distance(second, first), rel=1e-12)
    # An asymmetric case: all reference rows in one direction, all candidate rows in another. Swapping the columns of
    # one set only must matter, swapping those of both must not.
    skewed = first * np.array([9, 1, 1, 1, 1, 1, 1, 1])
    swapped = skewed[:, ::-1]
    assert frechet_distance(skewed, second) != pytest.approx(frechet_distance(swapped, second), rel=1e-3)
    assert frechet_distance(skewed, second) == pytest.approx(frechet_distance(swapped, second[:, ::-1]), rel=1e-12)


@pytest.mark.parametrize("n", [10, 60])
def test_a_translation_is_its_squared_length(n):
    features = np.random.default_rng(10).normal(size=(n, 20))
    shift = np.linspace(-1, 2, 20)
    assert frechet_distance(features, features + shift) == pytest.approx(np.sum(shift**2), rel=1e-9)


@pytest.mark.parametrize("n", [5, 40, 400])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_identical_sets_have_no_distance(n, scale):
    features = np.random.default_rng(11).normal(size=(n, 40)).astype(np.float32) * scale
    trace = float(np.var(features, axis=0, ddof=1).sum())
    assert 0 <= frechet_distance(features, features) <= 1e-8 * trace
    assert frechet_distance(features, features[::-1]) <= 1e-8 * trace


def test_constant_sets_are_compared_by_their_means():
    assert frechet_distance(np.zeros((3, 4)), np.ones((5, 4))) == 4.0
    assert frechet_distance(np.zeros((9, 2)), np.ones((5, 2))) == 2.0


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (np.zeros((3, 4)), np.zeros((3, 5)), "4 numbers per picture and the candidate 5"),
        (np.zeros((1, 4)), np.zeros((3, 4)), "reference has 1 pictures"),
        (np.zeros((3, 4)), np.zeros((0, 4)), "candidate has 0 pictures"),
        (np.zeros(4), np.zeros((3, 4)), "shape (4,)"),
        (np.zeros((3, 0)), np.zeros((3, 0)), "shape (3, 0)"),
        (np.zeros((3, 2)), np.array([[0, 1], [np.nan, 1], [0, 0]]), "row 1"),
        (np.array([[0, np.inf], [1, 1]]), np.zeros((3, 2)), "not finite"),
        (np.array([[0, 1e200], [1, 1]]), np.zeros((3, 2)), "too large"),
        ([["a", "b"]], np.zeros((3, 2)), "not an array of numbers"),
    ],
)
def test_it_refuses_bad_input_in_a_sentence(first, second, said):
    with pytest.raises(InputError) as refused:
        frechet_distance(first, second)
    assert said in str(refused.value)


@pytest.mark.parametrize("n", [20, 200])
def test_features_of_single_precision_are_computed_in_double(n):
    rng = np.random.default_rng(5)
    first, second = (rng.normal(size=(n, 40)).astype(np.float32) + shift for shift in (0, 1000))
    assert first.dtype == second.dtype == np.float32
    wide = frechet_distance(first.astype(np.float64), second.astype(np.float64))
    assert frechet_distance(first, second) == pytest.approx(wide, rel=1e-13)


def test_a_single_precision_number_that_is_not_finite_is_named():
    features = np.zeros((5, 3), dtype=np.float32)
    features[3, 1] = np.nan
    with pytest.raises(InputError, match=r"candidate features contain .* row 3"):
        frechet_distance(np.zeros((5, 3)), features)
