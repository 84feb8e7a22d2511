import math
from importlib import import_module

import numpy as np
import pytest

from workers.engine import catalogue
from workers.engine.metrics.frechet import frechet_distance
from workers.engine.metrics.frechet_resampling import FrechetResampler
from workers.engine.metrics.kid import kid
from workers.engine.metrics.resampling import MOST, how_many, interval, resampler, split_floor

METRICS = [metric for metric in catalogue.METRICS.values() if not metric.paired]


def nothing():
    pass


def function(metric):
    module, _, name = metric.module.rpartition(".")
    return getattr(import_module(module), name)


def counts(n, resamples, seed):
    rng = np.random.default_rng(seed)
    return rng.multinomial(n, np.full(n, 1 / n), size=resamples).astype(float)


def repeated(rows, w):
    return np.repeat(rows, w.astype(int), axis=0)


@pytest.fixture
def sets():
    rng = np.random.default_rng(1)
    return rng.normal(size=(37, 9)) * np.linspace(2, 0.2, 9), rng.normal(size=(44, 9)) + 0.4


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_each_picture_once_is_the_metric_itself(metric, sets):
    first, second = sets
    prepared = resampler(metric, first, second)
    (value,) = prepared.values(np.ones((1, 37)), np.ones((1, 44)), nothing)
    assert value == pytest.approx(function(metric)(first, second), rel=1e-9)


@pytest.mark.parametrize("shape", [(20, 25, 60), (20, 90, 60), (70, 25, 60), (37, 44, 9), (150, 170, 9)])
def test_frechet_resamples_equal_repeating_the_rows(shape):
    """The means move with the resample, and so do both covariances: measured the plain way, on repeated rows."""
    n1, n2, d = shape
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=(n1, d)) @ rng.normal(size=(d, d)) + 3, rng.normal(size=(n2, d)) * 2
    w, v = counts(n1, 4, 3), counts(n2, 4, 4)
    values = FrechetResampler(first, second).values(w, v, nothing)
    for value, rows, columns in zip(values, w, v, strict=True):
        plain = frechet_distance(repeated(first, rows), repeated(second, columns))
        assert value == pytest.approx(plain, rel=1e-8)


def test_frechet_resamples_by_eigenvalues_are_good_to_six_digits(monkeypatch):
    rng = np.random.default_rng(5)
    first, second = rng.normal(size=(40, 60)), rng.normal(size=(30, 60)) * 2 + 1
    w, v = counts(40, 3, 6), counts(30, 3, 7)
    exact = FrechetResampler(first, second).values(w, v, nothing)
    monkeypatch.setattr("workers.engine.metrics.frechet_resampling.EXACT", 5)
    np.testing.assert_allclose(FrechetResampler(first, second).values(w, v, nothing), exact, rtol=1e-6)


@pytest.mark.parametrize("name", ["kid", "cmmd"])
def test_kernel_resamples_leave_a_picture_and_its_copies_out(name, sets):
    metric = catalogue.metric(name)
    first, second = sets
    w, v = counts(37, 3, 8), counts(44, 3, 9)
    values = resampler(metric, first, second).values(w, v, nothing)
    kernel = {"kid": lambda x, y: (x @ y / 9 + 1) ** 3, "cmmd": lambda x, y: 1000 * np.exp(-((x - y) @ (x - y)) / 200)}

    def within(rows, weights):
        pairs = [(i, j) for i in range(len(rows)) for j in range(len(rows)) if i != j]
        total = sum(weights[i] * weights[j] * kernel[name](rows[i], rows[j]) for i, j in pairs)
        return total / sum(weights[i] * weights[j] for i, j in pairs)

    for value, rows, columns in zip(values, w, v, strict=True):
        between = sum(
            rows[i] * columns[j] * kernel[name](x, y) for i, x in enumerate(first) for j, y in enumerate(second)
        ) / (rows.sum() * columns.sum())
        assert value == pytest.approx(within(first, rows) + within(second, columns) - 2 * between, rel=1e-9)


@pytest.mark.parametrize("name", ["precision", "recall", "coverage"])
def test_neighbours_of_parts_are_those_of_the_smaller_sets(name, sets):
    """Counts of 0 and 1 choose pictures: the same as measuring the chosen ones alone, however few are listed."""
    metric = catalogue.metric(name)
    first, second = sets
    rng = np.random.default_rng(10)
    w, v = (rng.random((5, n)) < 0.6 for n in (37, 44))
    values = resampler(metric, first, second).values(w.astype(float), v.astype(float), nothing)
    plain = [function(metric)(first[rows], second[columns]) for rows, columns in zip(w, v, strict=True)]
    assert values == pytest.approx(plain, abs=1e-12)
    assert len(set(plain)) > 1


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_has_an_interval_and_a_floor(metric, sets):
    first, second = sets
    value = function(metric)(first, second)
    prepared = resampler(metric, first, second)
    found = interval(metric, value, prepared, 37, 44, nothing)
    assert found.low <= value <= found.high
    assert found.low < found.high
    assert metric.lowest <= found.low and found.high <= metric.highest
    assert found == interval(metric, value, prepared, 37, 44, nothing)
    floor = split_floor(metric, first, nothing)
    assert (floor.n1, floor.n2) == (18, 18)
    assert math.isfinite(floor.value)


def test_the_floor_is_the_metric_between_halves(sets, monkeypatch):
    monkeypatch.setattr("workers.engine.metrics.resampling.SPLITS", 1)
    first, _ = sets
    seen = []
    monkeypatch.setattr(FrechetResampler, "values", lambda self, w, v, tell: seen.append((w, v)) or np.array([7.0]))
    assert split_floor(catalogue.metric("fid"), first, nothing).value == 7
    ((w, v),) = seen
    assert w.sum() == v.sum() == 18
    assert not (w * v).any()  # no picture is in both halves
    monkeypatch.undo()
    value = frechet_distance(first[w[0] > 0], first[v[0] > 0])
    assert FrechetResampler(first, first).values(w, v, nothing)[0] == pytest.approx(value, rel=1e-9)


def test_a_reference_too_small_to_halve_has_no_floor():
    rows = np.random.default_rng(11).normal(size=(7, 2))
    assert split_floor(catalogue.metric("precision"), rows, nothing) is None
    assert split_floor(catalogue.metric("fid"), rows, nothing) is not None


@pytest.mark.parametrize("name", ["fid", "kid"])
def test_the_interval_covers_the_average_of_new_samples(name):
    """120 experiments: about 95 % of the intervals hold the average value that sets of these sizes have."""
    metric = catalogue.metric(name)
    deviations = np.linspace(1.5, 0.2, 30)

    def draw(seed):
        rng = np.random.default_rng(seed)
        return rng.normal(size=(40, 30)) * deviations, rng.normal(size=(50, 30)) * deviations[::-1] + 0.3

    average = np.mean([function(metric)(*draw(seed)) for seed in range(1000, 1600)])
    held = 0
    for seed in range(120):
        first, second = draw(seed)
        value = function(metric)(first, second)
        found = interval(metric, value, resampler(metric, first, second), 40, 50, nothing)
        held += found.low <= average <= found.high
    assert 0.85 <= held / 120 <= 1.0


def test_larger_sets_have_narrower_intervals():
    rng = np.random.default_rng(12)
    first, second = rng.normal(size=(400, 5)), rng.normal(size=(400, 5)) + 0.5
    metric = catalogue.metric("kid")

    def width(n):
        pair = first[:n], second[:n]
        found = interval(metric, kid(*pair), resampler(metric, *pair), n, n, nothing)
        return found.high - found.low

    assert 1.6 < width(100) / width(400) < 2.6  # one over the root of n


@pytest.mark.parametrize(
    "metric", [metric for metric in METRICS if metric.minimum == 2], ids=lambda metric: metric.name
)
def test_two_pictures_have_an_interval_too(metric):
    first, second = np.random.default_rng(13).normal(size=(2, 2, 4))
    value = function(metric)(first, second)
    found = interval(metric, value, resampler(metric, first, second), 2, 2, nothing)
    assert math.isfinite(found.low) and math.isfinite(found.high)


def test_large_sets_get_fewer_resamples():
    assert how_many(1e8) == MOST
    assert how_many(4e9) == 100
    assert how_many(1e15) == 20


def test_a_stop_is_heard_while_resampling(sets):
    class Stop(Exception):
        pass

    def stop():
        raise Stop

    for metric in METRICS:
        with pytest.raises(Stop):
            interval(metric, 0.0, resampler(metric, *sets), 37, 44, stop)
