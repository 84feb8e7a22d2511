"""The coefficients against scipy.stats, the intervals against what they promise."""

import numpy as np
import pytest
import scipy.stats

from workers.engine.errors import InputError
from workers.engine.study.correlation import agreement, block_counts, block_length, differences

REFERENCES = {
    "pearson": scipy.stats.pearsonr,
    "spearman": scipy.stats.spearmanr,
    "kendall": scipy.stats.kendalltau,
}


def drawn(n, seed, *, ties=False):
    draw = np.random.default_rng(seed)
    x = draw.normal(size=n)
    y = 0.6 * x + draw.normal(size=n)
    return (np.round(x), np.round(y)) if ties else (x, y)


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("n", [4, 10, 57])
def test_coefficients_are_those_of_scipy(name, ties, n):
    x, y = drawn(n, 7 + n, ties=ties)
    found = getattr(agreement([(x, y)]), name)
    assert found.value == pytest.approx(REFERENCES[name](x, y).statistic, abs=1e-12)


@pytest.mark.parametrize("name", REFERENCES)
def test_the_resamples_by_counts_are_those_of_repeated_points(name):
    """The interval's ends are the percentiles of scipy's coefficient over the same resamples, drawn point by point."""
    x, y = drawn(12, 3)
    counts = block_counts([12], 300)
    values = []
    for row in counts.astype(int):
        values.append(REFERENCES[name](np.repeat(x, row), np.repeat(y, row)).statistic)
    found = getattr(agreement([(x, y)], resamples=300), name)
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(values, [2.5, 97.5])), abs=1e-9)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_units_and_offsets_do_not_matter(scale):
    x, y = drawn(20, 5)
    plain, other = agreement([(x, y)]), agreement([(x * scale + 3 * scale, y)])
    for one, two in zip(plain.coefficients, other.coefficients, strict=True):
        assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high), abs=1e-6)


def test_a_line_has_one_everywhere_and_a_falling_one_minus_one():
    x = np.arange(20.0)
    for coefficient in agreement([(x, 3 * x - 1)]).coefficients:
        assert (coefficient.value, coefficient.low, coefficient.high) == pytest.approx((1, 1, 1))
    assert [c.value for c in agreement([(x, -x)]).coefficients] == pytest.approx([-1, -1, -1])


def test_a_constant_series_has_no_coefficient():
    x = np.arange(10.0)
    for coefficient in agreement([(x, np.full(10, 0.1))]).coefficients:
        assert (coefficient.value, coefficient.low, coefficient.high) == (None, None, None)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_points_have_no_coefficient(n):
    found = agreement([(list(range(n)), list(range(n)))])
    assert found.n == n
    assert found.few
    assert [c.value for c in found.coefficients] == [None] * 3


def test_three_points_have_a_coefficient_and_no_interval():
    found = agreement([([1, 2, 3], [1, 3, 2])]).kendall
    assert found.value == pytest.approx(1 / 3)
    assert (found.low, found.high) == (None, None)


def test_many_points_take_fewer_resamples():
    x, y = drawn(1000, 1)
    assert agreement([(x[:100], y[:100])]).resamples == 2000
    assert agreement([(x, y)]).resamples == 200


def test_no_run_at_all():
    assert agreement([]).n == 0


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    """Independent points (block length 4): of 200 intervals for rho = 0.6 between 85 and 99 % hold it."""
    draw = np.random.default_rng(11)
    held = 0
    for _ in range(200):
        x = draw.normal(size=60)
        y = 0.6 * x + 0.8 * draw.normal(size=60)
        found = agreement([(x, y)], resamples=300).pearson
        held += found.low <= 0.6 <= found.high
    assert 0.85 <= held / 200 <= 0.99


def test_neighbours_that_resemble_each_other_widen_the_interval():
    """Unrelated slow walks: on average the blocks say less is known than scipy does for independent points."""
    draw = np.random.default_rng(2)
    ratios = []
    for _ in range(20):
        x, y = np.cumsum(draw.normal(size=(2, 64)), axis=1)
        blocks = agreement([(x, y)], resamples=300).pearson
        independent = scipy.stats.pearsonr(x, y).confidence_interval(0.95)
        ratios.append((blocks.high - blocks.low) / (independent.high - independent.low))
    assert np.median(ratios) > 1.2


def test_blocks_stay_inside_their_run_and_every_point_is_drawn_equally_often():
    counts = block_counts([10, 0, 5], 4000)
    assert counts.shape == (4000, 15)
    assert (counts[:, :10].sum(axis=1) == 10).all()
    assert (counts[:, 10:].sum(axis=1) == 5).all()
    assert counts.mean(axis=0) == pytest.approx(np.ones(15), abs=0.08)


@pytest.mark.parametrize(("n", "length"), [(1, 1), (2, 2), (8, 2), (9, 3), (27, 3), (28, 4), (1000, 10)])
def test_block_length_is_the_cube_root_rounded_up(n, length):
    assert block_length(n) == length


def test_differences_go_from_each_point_to_the_next():
    assert differences([5, 3, 4]) == [-2, 1]
    assert differences([1]) == []


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([([1, 2], [1])], "different lengths"),
        ([([1, 2, 3], [1, 2, float("nan")])], "not a number"),
        ([(range(1001), range(1001))], "at most 1000"),
    ],
)
def test_bad_series_are_refused_in_words(runs, said):
    with pytest.raises(InputError, match=said):
        agreement(runs)
