"""Choosing among checkpoints by one or several metrics. Loads numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError

RULES = ("rank_sum", "pareto")


@dataclass(frozen=True)
class Placed:
    """A candidate and where it came.

    `index` is its row in the table handed in, `ranks` its place under each metric (1 is best, ties share the mean of
    their places), `rank_sum` their sum, `front` 1 when no other is at least as good everywhere and better somewhere,
    2 when only those of front 1 are, and so on.
    """

    index: int
    ranks: tuple[float, ...]
    rank_sum: float
    front: int


def placed(
    table: Sequence[Sequence[float]], lower_is_better: Sequence[bool], *, rule: str = "rank_sum"
) -> list[Placed]:
    """All candidates, best first. `table` is (candidates, metrics).

    rank_sum: by the sum of the ranks under each metric (Borda's count), so that no unit outweighs another.
    pareto: by front first, the rank sum inside a front.
    What is still tied keeps the order of the table. InputError for an unknown rule and for values that are not finite.
    """
    if rule not in RULES:
        raise InputError(f"There is no rule {str(rule)[:40]!r}. Known: {', '.join(RULES)}.")
    values = np.asarray(table, dtype=np.float64).reshape(len(table), len(lower_is_better))
    if not np.isfinite(values).all():
        raise InputError("A candidate has a value that is not a number; leave it out.")
    costs = np.where(np.asarray(lower_is_better, dtype=bool), values, -values)
    ranks = np.stack([_ranks(column) for column in costs.T], axis=1) if costs.size else np.empty(costs.shape)
    fronts = _fronts(costs)
    rows = [Placed(index, tuple(row.tolist()), float(row.sum()), fronts[index]) for index, row in enumerate(ranks)]
    by_sum = sorted(rows, key=lambda row: row.rank_sum)
    return by_sum if rule == "rank_sum" else sorted(by_sum, key=lambda row: row.front)


def _ranks(costs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """1 for the smallest; ties share the mean of their places."""
    smaller = (costs[None, :] < costs[:, None]).sum(axis=1)
    same = (costs[None, :] == costs[:, None]).sum(axis=1)
    return smaller + (same + 1) / 2


def _fronts(costs: npt.NDArray[np.float64]) -> list[int]:
    """Peel off the rows that no other row dominates, again and again; the number of the round is the front."""
    dominates = (costs[:, None] <= costs[None]).all(axis=2) & (costs[:, None] < costs[None]).any(axis=2)
    fronts = np.zeros(len(costs), dtype=int)
    number = 0
    while (fronts == 0).any():
        number += 1
        left = fronts == 0
        dominated = (dominates & left[:, None]).any(axis=0)
        fronts[left & ~dominated] = number
    return fronts.tolist()
