"""Choosing by rank sum and by Pareto fronts, against scipy's ranks and the definition."""

import numpy as np
import pytest
import scipy.stats

from workers.engine.errors import InputError
from workers.engine.study.choice import placed


def order(table, lower, rule="rank_sum"):
    return [row.index for row in placed(table, lower, rule=rule)]


def test_one_metric_is_its_own_order_and_the_direction_counts():
    assert order([[3.0], [1.0], [2.0]], [True]) == [1, 2, 0]
    assert order([[3.0], [1.0], [2.0]], [False]) == [0, 2, 1]


def test_ranks_are_those_of_scipy_ties_included():
    table = np.random.default_rng(0).integers(0, 5, size=(20, 3)).astype(float)
    lower = [True, False, True]
    expected = scipy.stats.rankdata(np.where(lower, table, -table), axis=0)
    rows = placed(table, lower)
    for row in rows:
        assert row.ranks == pytest.approx(tuple(expected[row.index]))
        assert row.rank_sum == pytest.approx(expected[row.index].sum())
    assert [row.rank_sum for row in rows] == sorted(row.rank_sum for row in rows)


def test_a_large_unit_does_not_outweigh_a_small_one():
    table = [[1000.0, 0.1], [1001.0, 0.9], [2000.0, 0.8]]
    assert order(table, [True, False]) == order([[row[0] / 1e6, row[1] * 1e6] for row in table], [True, False])


def test_nobody_dominates_a_member_of_the_first_front():
    table = np.random.default_rng(1).normal(size=(40, 2))
    rows = placed(table, [True, True], rule="pareto")
    for row in rows:
        above = [
            other for other in rows
            if (table[other.index] <= table[row.index]).all() and (table[other.index] < table[row.index]).any()
        ]  # fmt: skip
        assert row.front == 1 + max((other.front for other in above), default=0)
    assert [row.front for row in rows] == sorted(row.front for row in rows)


def test_the_two_rules_can_differ():
    """The last one is best by one metric and worst by the other: on the front, yet low by rank sum."""
    table = [[2.0, 2.0], [3.0, 1.0], [4.0, 1.5], [1.0, 9.0]]
    assert order(table, [True, True])[-1] in {2, 3}
    fronts = {row.index: row.front for row in placed(table, [True, True], rule="pareto")}
    assert fronts == {0: 1, 1: 1, 2: 2, 3: 1}


def test_ties_keep_the_order_of_the_table():
    assert order([[1.0], [1.0], [1.0]], [True]) == [0, 1, 2]


@pytest.mark.parametrize("rule", ["rank_sum", "pareto"])
def test_nothing_to_choose_from(rule):
    assert placed([], [True], rule=rule) == []


def test_unknown_rules_and_holes_are_refused():
    with pytest.raises(InputError, match="Known: rank_sum, pareto"):
        placed([[1.0]], [True], rule="feeling")
    with pytest.raises(InputError, match="not a number"):
        placed([[float("nan")]], [True])
