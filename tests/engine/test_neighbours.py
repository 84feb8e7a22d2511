import numpy as np
import pytest

from workers.engine.errors import InputError
from workers.engine.metrics.neighbours import coverage, density, precision, recall


def distance(x, y):
    return np.sqrt(np.sum((x - y) ** 2))


def radius(rows, i, k):
    return sorted(distance(rows[i], other) for j, other in enumerate(rows) if j != i)[k - 1]


def inside(points, centres, k):
    return np.mean([any(distance(x, c) <= radius(centres, i, k) for i, c in enumerate(centres)) for x in points])


def expected(reference, candidate):
    """The four numbers by loops over the definitions."""
    balls = [radius(reference, i, 5) for i in range(len(reference))]
    hits = [[distance(c, x) < ball for c, ball in zip(reference, balls, strict=True)] for x in candidate]
    return {
        precision: inside(candidate, reference, 3),
        recall: inside(reference, candidate, 3),
        density: np.sum(hits) / (5 * len(candidate)),
        coverage: np.mean(np.any(hits, axis=0)),
    }


@pytest.fixture
def sets():
    """The candidates fill a corner of the reference, and a few lie outside: no two of the four numbers are equal."""
    rng = np.random.default_rng(5)
    outside = rng.normal(size=(6, 3)) + 5
    return rng.normal(size=(41, 3)), np.vstack([rng.normal(size=(19, 3)) * 0.5 + 0.8, outside])


@pytest.mark.parametrize("metric", [precision, recall, density, coverage])
def test_it_follows_the_definition(metric, sets):
    assert metric(*sets) == pytest.approx(expected(*sets)[metric], abs=1e-12)


def test_the_four_tell_different_things(sets):
    values = [metric(*sets) for metric in (precision, recall, density, coverage)]
    assert len({round(value, 6) for value in values}) == 4
    assert precision(*sets) == pytest.approx(recall(*sets[::-1]))
    assert precision(*sets) != pytest.approx(precision(*sets[::-1]))
    assert coverage(*sets) != pytest.approx(coverage(*sets[::-1]))


@pytest.mark.parametrize("metric", [precision, recall, density, coverage])
def test_blocks_change_nothing(metric, sets, monkeypatch):
    whole = metric(*sets)
    monkeypatch.setattr("workers.engine.metrics.neighbours.BLOCK", 60)  # one or two rows at a time
    assert metric(*sets) == pytest.approx(whole, abs=1e-12)


def test_extremes():
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(60, 4))
    for metric in (precision, recall, density, coverage):
        assert metric(rows, rows + 100) == 0
        assert metric(rows, rows.copy()) == pytest.approx(1)
    collapsed = np.repeat(rows[:1], 60, axis=0)
    assert precision(rows, collapsed) == 1
    assert recall(rows, collapsed) == pytest.approx(1 / 60)
    assert coverage(rows, collapsed) < 0.3


@pytest.mark.parametrize(("metric", "least"), [(precision, 4), (recall, 4), (density, 6), (coverage, 6)])
def test_too_few_pictures_are_refused_by_the_name_of_the_set(metric, least):
    rows = np.random.default_rng(3).normal(size=(10, 2))
    assert 0 <= metric(rows[:least], rows[:least]) < 2
    with pytest.raises(InputError, match=f"candidate has {least - 1} pictures; this metric needs at least {least}"):
        metric(rows, rows[: least - 1])
    with pytest.raises(InputError, match="reference has"):
        metric(rows[: least - 1], rows)
