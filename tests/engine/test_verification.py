from fractions import Fraction

import numpy as np
import pytest

from workers.engine.errors import InputError
from workers.engine.metrics import verification
from workers.engine.metrics.verification import Fold, auc, best_threshold, every_pair, rate_at, roc, verify


def rate_by_brute_force(same, different, far):
    """The best rate of any threshold that lets in at most n * FAR, tried one by one over all scores."""
    allowed = Fraction(str(far)) * len(different)
    thresholds = [-np.inf, *sorted({*same, *different})]
    fitting = [t for t in thresholds if sum(score > t for score in different) <= allowed]
    return max(sum(score > t for score in same) / len(same) for t in fitting)


@pytest.mark.parametrize("far", [0, 0.001, 0.01, 0.1, 0.29, 0.5, 1])
@pytest.mark.parametrize("n", [1, 7, 99, 100, 101])
@pytest.mark.parametrize("ties", [False, True])
def test_false_accepts_are_counted_exactly(far, n, ties):
    rng = np.random.default_rng(n)
    same, different = rng.normal(0.5, 1, 40), rng.normal(0, 1, n)
    if ties:
        same, different = same.round(1), different.round(1)
    found = rate_at(same, different, far)
    assert found.rate == pytest.approx(rate_by_brute_force(same.tolist(), different.tolist(), far))
    assert found.accepted == (different > found.threshold).sum() <= Fraction(str(far)) * n


def test_the_published_off_by_one_is_not_repeated():
    different, same = np.arange(1000) / 1000, np.array([0.9985, 0.9995, 0.2])
    found = rate_at(same, different, 0.001)
    assert (found.accepted, found.rate) == (1, pytest.approx(2 / 3))  # int(n - 1 - n FAR) with >= accepts two
    assert rate_at(same, different, 0.01).accepted == 10
    assert rate_at(same, np.arange(100) / 100, 0.29).accepted == 29  # floating point makes 28 of it


def test_too_few_pairs_are_said():
    assert rate_at([1.0], np.zeros(999), 0.001).too_few
    assert not rate_at([1.0], np.zeros(1000), 0.001).too_few


def test_auc_counts_a_tie_as_half():
    assert auc([1, 2, 2], [2, 0]) == pytest.approx((0 + 1 + 0.5 + 1 + 0.5 + 1) / 6)
    assert auc([1, 1], [1, 1]) == 0.5
    rng = np.random.default_rng(0)
    same, different = rng.normal(0.4, 1, 60).round(1), rng.normal(0, 1, 80).round(1)
    greater = (same[:, None] > different).mean() + 0.5 * (same[:, None] == different).mean()
    assert auc(same, different) == pytest.approx(greater)


def test_the_area_under_the_roc_is_the_auc():
    rng = np.random.default_rng(1)
    same, different = rng.normal(0.4, 1, 60).round(1), rng.normal(0, 1, 80).round(1)
    far, rate = roc(same, different)
    assert (far[0], rate[0], far[-1], rate[-1]) == (0, 0, 1, 1)
    assert (np.diff(far) >= 0).all() and (np.diff(rate) >= 0).all()
    assert np.trapezoid(rate, far) == pytest.approx(auc(same, different))
    assert len(roc(rng.normal(size=3000), rng.normal(size=3000), points=100)[0]) <= 100


def test_the_threshold_is_the_most_accurate_one():
    rng = np.random.default_rng(2)
    same, different = rng.normal(0.3, 0.2, 50), rng.normal(0, 0.2, 70)

    def accuracy(t):
        return ((same > t).sum() + (different <= t).sum()) / 120

    exact, grid = best_threshold(same, different), best_threshold(same, different, grid=True)
    assert accuracy(exact) == max(accuracy(t) for t in [-np.inf, *same, *different])
    assert accuracy(grid) == max(accuracy(t) for t in np.round(np.arange(-1, 1.0025, 0.005), 3))
    assert grid * 200 == pytest.approx(round(grid * 200))


def folds_of(rng, n_folds, rows, size):
    half = rows // 2
    every = np.array(
        [(i, j) for i in range(half) for j in range(half, rows)]
    )  # no pair and its reverse, whose scores tie

    def pairs():
        return rng.permutation(every)[:size]

    return [Fold(pairs(), pairs()) for _ in range(n_folds)]


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_folds_give_mean_and_deviation_and_choose_the_threshold_on_the_others(distance):
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(30, 6))
    folds = folds_of(rng, 4, 30, 25)
    found = verify(rows, folds, distance=distance, fars=(0.1,))

    def similarity(pair):
        a, b = rows[pair[0]], rows[pair[1]]
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b) if distance == "cosine" else -np.linalg.norm(a - b)

    scored = [[np.array([similarity(p) for p in side]) for side in (f.positives, f.negatives)] for f in folds]
    accuracies = []
    for left_out, (same, different) in enumerate(scored):
        others = [each for place, each in enumerate(scored) if place != left_out]
        threshold = best_threshold(
            np.concatenate([o[0] for o in others]), np.concatenate([o[1] for o in others]), grid=distance == "cosine"
        )
        accuracies.append(((same > threshold).sum() + (different <= threshold).sum()) / 50)
    summary = found.summary()
    assert summary["accuracy"] == pytest.approx((np.mean(accuracies), np.std(accuracies, ddof=1)))
    areas = [auc(*each) for each in scored]
    assert summary["auc"] == pytest.approx((np.mean(areas), np.std(areas, ddof=1)))
    rates = [rate_at(*each, 0.1).rate for each in scored]
    assert summary["vr@0.1"] == pytest.approx((np.mean(rates), np.std(rates, ddof=1)))
    assert found.warnings() == []


def test_a_rate_that_the_pairs_cannot_support_is_warned_of():
    rng = np.random.default_rng(4)
    found = verify(rng.normal(size=(20, 4)), folds_of(rng, 2, 20, 50))
    assert len(found.warnings()) == 2  # 0.1 % and 1 % of 50
    assert "FAR 0.001 cannot be measured in 2 of 2 folds: with 50 pairs" in found.warnings()[0]
    alone = verify(rng.normal(size=(20, 4)), folds_of(rng, 1, 20, 50))
    assert "accuracy" not in alone.summary()  # no other fold to choose the threshold on


def test_every_pair_of_the_unrestricted_protocol_is_formed():
    fold = every_pair({"a": [0, 1], "b": [2]}, {"a": [3], "b": [4, 5], "c": [6]})
    assert sorted(map(tuple, fold.positives.tolist())) == [(0, 3), (1, 3), (2, 4), (2, 5)]
    assert len(fold.negatives) == 3 * 4 - 4
    assert not {(0, 3), (2, 4)} & set(map(tuple, fold.negatives.tolist()))
    with pytest.raises(InputError, match="No person has pictures on both sides"):
        every_pair({"a": [0]}, {"b": [1]})


def test_a_recogniser_that_has_seen_the_persons_is_called_leaky():
    folds = [["ann", "bob"], ["cid"]]
    assert verification.label_of(["cid", "dan"], folds, retrained=False) == "leaky"
    assert verification.label_of(["dan"], folds, retrained=False) == "unseen"
    assert verification.label_of(["cid", "dan"], folds, retrained=True) == "per-fold"


def test_bad_input_is_refused():
    rows, pair = np.eye(3), np.array([[0, 1]])
    with pytest.raises(InputError, match="names row 3; the features have 3 rows"):
        verify(rows, [Fold(np.array([[0, 3]]), pair)])
    with pytest.raises(InputError, match=r"of shape \(n, 2\)"):
        verify(rows, [Fold(np.zeros((0, 2), int), pair)])
    with pytest.raises(InputError, match="There are no folds"):
        verify(rows, [])
    with pytest.raises(InputError, match="Known: euclidean, cosine"):
        verify(rows, [Fold(pair, pair)], distance="angle")
    with pytest.raises(InputError, match="between 0 and 1"):
        rate_at([1.0], [0.0], 1.5)
