import numpy as np
import pytest

from workers.engine.errors import InputError
from workers.engine.metrics.fid_inf import FidInfResampler, fid_inf, fitted
from workers.engine.metrics.frechet import frechet_distance


def test_a_line_is_fitted_and_judged():
    x = np.array([1.0, 1.5, 2.0, 2.5])
    line = fitted(x, 3 + 2 * x)
    assert (line.intercept, line.slope, line.r_squared) == pytest.approx((3, 2, 1))
    bent = fitted(x, 3 + 2 * x + np.array([0.3, -0.3, -0.3, 0.3]))
    assert bent.r_squared < 0.97
    assert bent.standard_error > 0.3
    slope, intercept = np.polyfit(x, np.array([1.0, 5, 2, 4]), 1)
    assert (fitted(x, np.array([1.0, 5, 2, 4])).intercept) == pytest.approx(intercept)
    assert (fitted(x, np.array([1.0, 5, 2, 4])).slope) == pytest.approx(slope)


def test_it_is_nearer_to_the_truth_than_the_biased_distance():
    """Two known Gaussians, n well above d: the distance of 600 is half too large, the extrapolated one is not."""
    deviations = np.linspace(0.5, 1.5, 40)
    truth = np.sum((deviations - deviations[::-1]) ** 2) * 0.01 + 0.4
    mixed = np.sqrt(0.01) * (deviations[::-1] - deviations) + deviations  # so that the deviations differ by a tenth
    plain, extrapolated = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        first = rng.normal(size=(600, 40)) * deviations
        second = rng.normal(size=(800, 40)) * mixed + 0.1
        plain.append(frechet_distance(first, second))
        extrapolated.append(fid_inf(first, second))
    assert np.mean(plain) > 1.5 * truth
    assert abs(np.mean(extrapolated) - truth) < 0.2 * (np.mean(plain) - truth)


def test_the_quality_of_the_fit_stands_in_the_details():
    rng = np.random.default_rng(1)
    details = FidInfResampler(rng.normal(size=(400, 10)), rng.normal(size=(400, 10)) + 0.2).details()
    assert 0.5 < details["r_squared"] <= 1
    assert details["standard_error"] > 0
    assert details["slope"] > 0  # the bias falls with n


def test_it_is_repeatable_and_needs_ten_pictures():
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=(30, 4)), rng.normal(size=(20, 4))
    assert fid_inf(first, second) == fid_inf(first, second)
    with pytest.raises(InputError, match="at least 10"):
        fid_inf(first, second[:9])
