"""The rule for jumps on drawn series."""

import numpy as np
import pytest

from workers.engine.errors import InputError
from workers.engine.study.jumps import jumps


def descent(n=40, noise=1.0, seed=0):
    """A curve as trainings give it: 300 falling towards 60, with noise on top."""
    draw = np.random.default_rng(seed)
    return 60 + 240 * np.exp(-np.arange(n) / 8) + noise * draw.normal(size=n)


def places(values):
    return [jump.index for jump in jumps(values)]


def test_a_spike_is_a_step_up_and_a_step_down():
    values = descent()
    values[25] += 40
    assert places(values) == [25, 26]
    up, down = jumps(values)
    assert up.step > 30
    assert down.step < -30
    assert up.score > 3.5 > -3.5 > down.score


def test_a_new_level_is_one_step():
    values = descent()
    values[20:] += 30
    assert places(values) == [20]


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_the_steep_beginning_is_no_jump(noise):
    assert places(descent(noise=noise)) == []


@pytest.mark.parametrize("place", [4, 38, 39])
def test_a_new_level_near_the_ends_is_seen(place):
    values = np.linspace(80, 60, 40) + np.random.default_rng(4).normal(size=40)
    values[place:] += 50
    assert places(values) == [place]


def test_at_the_beginning_only_a_step_away_from_the_rest_counts():
    """A first value far off cannot be told from the steep beginning of training; a spike right after it can."""
    values = np.linspace(80, 60, 40) + np.random.default_rng(4).normal(size=40)
    off, spike = values.copy(), values.copy()
    off[0] += 50
    spike[1] += 50
    assert places(off) == []
    assert places(spike) == [1]


def test_plain_noise_is_rarely_called_a_jump():
    """Of the steps of 200 drawn descents fewer than 3 in 100 are flagged."""
    found = sum(len(jumps(descent(seed=seed))) for seed in range(200))
    assert found / (200 * 39) < 0.03


def test_the_unit_does_not_matter():
    values = descent()
    values[25] += 40
    assert places(values * 1e-6) == places(values) == places(values * 1e6 + 5e6)


def test_a_flat_line_with_one_step_has_that_step():
    """More than half of the residuals are zero here, so the median deviation says nothing."""
    assert places([5.0] * 10 + [6.0] * 10) == [10]


@pytest.mark.parametrize("values", [[], [1.0], [3.0] * 30, [1, 2, 3, 100, 5, 6], list(np.linspace(9, 1, 30))])
def test_too_few_points_and_even_curves_have_none(values):
    assert jumps(values) == []


def test_a_curve_with_a_hole_is_refused():
    with pytest.raises(InputError, match="not a number"):
        jumps([1.0, float("inf")])
