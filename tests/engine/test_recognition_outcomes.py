"""Verification and identification over the parts of a protocol, against loops that anybody can read."""

from math import floor

import numpy as np
import pytest

from workers.engine.errors import InputError
from workers.engine.metrics.identification_outcome import identification_outcome
from workers.engine.metrics.mean_roc import mean_roc
from workers.engine.metrics.pair_scoring import Part, Pictures, scored
from workers.engine.metrics.paired import mean_interval, share_interval
from workers.engine.metrics.verification_outcome import verification_outcome


def pictures(n_persons=12, each=4, noise=1.1, seed=0, dimension=8):
    """`each` pictures of every person; the persons of picture i is i % n_persons."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(n_persons, dimension))
    persons = np.arange(n_persons * each) % n_persons
    features = (centres[persons] + noise * rng.normal(size=(len(persons), dimension))).astype(np.float32)
    return Pictures(features, np.ones(len(persons), dtype=bool), np.array([f"p{number}" for number in persons]))


def listed(known, name, seed, n=150, reported=True):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, len(known.persons), n)
    second = rng.integers(0, len(known.persons), n)
    twins = (first[: n // 3] + 12) % len(known.persons)
    second[: n // 3] = twins
    return Part(name, first, second, known.persons[first] == known.persons[second], reported)


def plain_score(one, other, distance):
    a, b = (np.asarray(each, dtype=np.float64) for each in (one, other))
    if distance == "cosine":
        return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
    return -float(np.sqrt(((a - b) ** 2).sum()))


def plain_sides(known, part, distance):
    """Lists of scores of same-person pairs and of others, pair by pair."""
    if part.same is not None:
        pairs = list(zip(part.first, part.second, strict=True))
    else:
        pairs = [(i, j) for i in part.first for j in part.second]
    same, different = [], []
    for i, j in pairs:
        value = plain_score(known.features[i], known.features[j], distance)
        (same if known.persons[i] == known.persons[j] else different).append(value)
    return same, different


def plain_rate(same, different, far):
    """Every threshold tried: the most that can be accepted while at most floor(n * far) others are."""
    allowed = floor(len(different) * far + 1e-9)
    best = 0.0
    for threshold in [*different, -np.inf]:
        if sum(score > threshold for score in different) <= allowed:
            best = max(best, sum(score > threshold for score in same) / len(same))
    return best


def plain_auc(same, different):
    wins = sum((a > b) + 0.5 * (a == b) for a in same for b in different)
    return wins / (len(same) * len(different))


def number(outcome, measure, part=""):
    (found,) = [value for value in outcome.values if (value.measure, value.part) == (measure, part)]
    return found


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
@pytest.mark.parametrize("all_pairs", [False, True])
def test_verification_over_folds_is_what_plain_loops_count(distance, all_pairs):
    known = pictures()
    if all_pairs:
        parts = [Part(str(fold), np.arange(fold, 48, 4), np.arange(fold + 1, 48, 4)) for fold in range(3)]
        parts = [Part(part.name, part.first, np.arange(12 + place, 48, 2)) for place, part in enumerate(parts)]
    else:
        parts = [listed(known, str(fold), fold) for fold in range(3)]
    found = verification_outcome([known], parts, [distance])
    plain = [plain_sides(known, part, distance) for part in parts]
    for part, (same, different) in zip(parts, plain, strict=True):
        assert number(found, "auc", part.name).value == pytest.approx(plain_auc(same, different))
        for far in (0.001, 0.01):
            assert number(found, f"vr@{far:g}", part.name).value == pytest.approx(plain_rate(same, different, far))
    aucs = [plain_auc(*sides) for sides in plain]
    assert number(found, "auc").value == pytest.approx(np.mean(aucs))
    assert number(found, "auc").deviation == pytest.approx(np.std(aucs, ddof=1))
    for place, part in enumerate(parts):
        others = [sides for other, sides in enumerate(plain) if other != place]
        grid = [step / 200 for step in range(-200, 201)] if distance == "cosine" else None
        grid = grid or [-np.inf, *sorted(score for sides in others for side in sides for score in side)]
        right = [
            sum(s > t for sides in others for s in sides[0]) + sum(s <= t for sides in others for s in sides[1])
            for t in grid
        ]
        threshold = grid[int(np.argmax(right))]
        same, different = plain[place]
        hits = sum(s > threshold for s in same) + sum(s <= threshold for s in different)
        assert number(found, "accuracy", part.name).value == pytest.approx(hits / (len(same) + len(different)))


def test_the_training_part_of_view_1_chooses_the_threshold_and_is_not_reported():
    known = pictures()
    train, test = listed(known, "train", 1, reported=False), listed(known, "test", 2)
    found = verification_outcome([known], [train, test], ["cosine"])
    assert {value.part for value in found.values} == {"test", ""}
    assert number(found, "accuracy").value == number(found, "accuracy", "test").value > 0.5
    assert number(found, "auc").deviation is None  # one part has no spread
    alone = verification_outcome([known], [test], ["cosine"])
    assert not [value for value in alone.values if value.measure == "accuracy"]  # nowhere to choose a threshold


def test_the_whole_says_that_a_part_has_too_few_pairs_for_a_rate():
    known = pictures()
    few, many = listed(known, "few", 1, n=60), listed(known, "many", 2, n=3000)
    found = verification_outcome([known], [few, many], ["cosine"])
    told = {value.part: value.details["too_few"] for value in found.values if value.measure == "vr@0.01"}
    assert told == {"few": True, "many": False, "": True}
    enough = verification_outcome([known], [many], ["cosine"])
    assert number(enough, "vr@0.01").details["too_few"] is False and "too_few" not in number(found, "auc").details


def test_pictures_without_features_are_rejected_and_told_apart():
    known = pictures(noise=0.4)
    part = listed(known, "all", 3, n=400)
    lost = np.ones(48, dtype=bool)
    lost[::5] = False
    found = verification_outcome([Pictures(known.features, lost, known.persons)], [part], ["cosine"])
    whole = verification_outcome([known], [part], ["cosine"])
    there = lost[part.first] & lost[part.second]
    value = number(found, "vr@0.01")
    most = there[part.same].mean()  # a pair without features is never accepted
    assert value.value <= most < number(whole, "vr@0.01").value
    rest = Part("all", part.first[there], part.second[there], part.same[there])
    without = verification_outcome([known], [rest], ["cosine"])
    assert value.details["found_only"] == pytest.approx(number(without, "vr@0.01").value)
    assert all(lost[pair.first] and lost[pair.second] for pair in (*found.false_accepts, *found.false_rejects))


def test_a_recogniser_for_each_fold_judges_its_own_fold():
    first, second = pictures(seed=1, noise=0.2), pictures(seed=2, noise=3.0)
    parts = [listed(first, str(fold), fold) for fold in range(2)]
    found = verification_outcome([first, second], parts, ["cosine", "cosine"])
    for place, known in enumerate((first, second)):
        alone = verification_outcome([known], parts, ["cosine"])
        for measure in ("auc", "accuracy", "vr@0.01"):
            assert number(found, measure, str(place)).value == number(alone, measure, str(place)).value
    assert number(found, "auc", "0").value > number(found, "auc", "1").value
    with pytest.raises(InputError, match="3 recognisers for 2 parts"):
        verification_outcome([first, second, first], parts, ["cosine"] * 3)


def test_the_hardest_pairs_are_those_with_the_surest_wrong_scores():
    known = pictures(noise=1.5)
    part = Part("all", np.arange(24), np.arange(24, 48))
    found = verification_outcome([known], [part], ["cosine"])
    pairs = [
        (plain_score(known.features[i], known.features[j], "cosine"), i, j) for i in range(24) for j in range(24, 48)
    ]
    wrong = sorted((pair for pair in pairs if known.persons[pair[1]] != known.persons[pair[2]]), reverse=True)
    missed = sorted(pair for pair in pairs if known.persons[pair[1]] == known.persons[pair[2]])
    assert [(pair.first, pair.second) for pair in found.false_accepts] == [pair[1:] for pair in wrong[:24]]
    assert [(pair.first, pair.second) for pair in found.false_rejects] == [pair[1:] for pair in missed[:24]]
    assert found.false_accepts[0].score == pytest.approx(wrong[0][0])
    assert found.false_accepts[0].wrong and not found.false_accepts[-1].wrong  # 528 others: 5 are let in at FAR 1 %
    assert sum(pair.wrong for pair in found.false_accepts) == 5


def test_the_mean_curve_goes_through_the_rates_of_the_folds():
    known = pictures()
    sides = [scored(known, listed(known, str(fold), fold, n=900), "cosine").sides for fold in range(3)]
    curve = mean_roc(sides)
    assert (curve.far[0], curve.far[-1], curve.rate[-1]) == (0.0, 1.0, 1.0)
    assert all(np.diff(curve.far) > 0) and all(np.diff(curve.rate) >= 0)
    for far in (0.001, 0.01, 0.5, 0.07):
        place = int(np.argmin(np.abs(np.array(curve.far) - far)))
        assert curve.far[place] == pytest.approx(far)
        rates = [plain_rate(list(same), list(different), far) for same, different in sides]
        assert curve.rate[place] == pytest.approx(np.mean(rates))
        assert curve.deviation[place] == pytest.approx(np.std(rates, ddof=1))
    assert len(curve.far) < 300


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_identification_is_what_plain_loops_find(distance):
    known = pictures(noise=1.3)
    gallery = np.array([i for i in range(24) if known.persons[i] not in ("p0", "p1")])  # two persons are not in it
    part = Part("all", np.arange(24, 48), gallery)
    found = identification_outcome([known], [part], [distance])
    ranks, strangers, firsts = [], [], []
    for probe in part.first:
        best = {}
        for other in gallery:
            score = plain_score(known.features[probe], known.features[other], distance)
            best[known.persons[other]] = max(score, best.get(known.persons[other], -np.inf))
        person = known.persons[probe]
        if person not in best:
            strangers.append(max(best.values()))
            continue
        ranks.append(1 + sum(score >= best[person] for other, score in best.items() if other != person))
        firsts.append((ranks[-1], best[person]))
    for k in (1, 5, 10):
        assert number(found, f"rank{k}").value == pytest.approx(np.mean([rank <= k for rank in ranks]))
    assert found.cmc == pytest.approx([np.mean([rank <= k for rank in ranks]) for k in range(1, 11)])
    assert number(found, "rank1").details["unknown"] == 4 and number(found, "rank1").details["persons"] == 10
    low, high = number(found, "rank1").low, number(found, "rank1").high
    assert low < number(found, "rank1").value < high
    # 4 strangers: at 10 % none of them may be let in, so a find has to beat all of them.
    expected = np.mean([rank == 1 and score > max(strangers) for rank, score in firsts])
    assert number(found, "dir@0.1").value == pytest.approx(expected) and number(found, "dir@0.1").details["too_few"]


def test_a_mistake_names_the_probe_who_it_was_taken_for_and_the_nearest_of_its_own_person():
    known = pictures(noise=1.3)
    part = Part("all", np.arange(24, 48), np.arange(24))
    found = identification_outcome([known], [part], ["euclidean"])
    assert found.mistakes
    leads = []
    for mistake in found.mistakes:
        distances = {i: -plain_score(known.features[mistake.probe], known.features[i], "euclidean") for i in range(24)}
        own = [i for i in range(24) if known.persons[i] == known.persons[mistake.probe]]
        others = [i for i in range(24) if i not in own]
        assert mistake.taken == min(others, key=distances.get) and mistake.own == min(own, key=distances.get)
        assert mistake.own_distance == pytest.approx(distances[mistake.own], rel=1e-5)
        assert mistake.other_distance == pytest.approx(distances[mistake.taken], rel=1e-5)
        leads.append(mistake.own_distance - mistake.other_distance)
    assert leads == sorted(leads, reverse=True) and min(leads) >= 0


def test_probes_and_gallery_without_features_count_as_not_recognised():
    known = pictures(noise=0.01)
    whole = Part("all", np.arange(24, 48), np.arange(24))
    assert number(identification_outcome([known], [whole], ["cosine"]), "rank1").value == 1.0
    lost = np.ones(48, dtype=bool)
    lost[[24, 25]] = False  # two probes
    lost[[2, 14]] = False  # both pictures of one person in the gallery, whom two probes look for
    found = identification_outcome([Pictures(known.features, lost, known.persons)], [whole], ["cosine"])
    assert number(found, "rank1").value == pytest.approx(20 / 24)
    assert found.cmc[-1] == pytest.approx(20 / 24)
    few = Part("few", np.array([24, 26, 28, 30]), np.array([0, 4, 6]))  # ten ranks of three persons
    assert number(
        identification_outcome([Pictures(known.features, lost, known.persons)], [few], ["cosine"]), "rank10"
    ).value == (pytest.approx(2 / 3))
    sure = [mistake for mistake in found.mistakes if mistake.own_distance is None]
    assert {known.persons[mistake.probe] for mistake in sure} == {"p2"} and sure[0].own == 2


def test_a_part_that_can_give_no_number_says_why():
    known = pictures()
    with pytest.raises(InputError, match="Part x has no pair of the same person"):
        verification_outcome([known], [Part("x", np.array([0]), np.array([1]))], ["cosine"])
    with pytest.raises(InputError, match="Part x has no pair of different persons"):
        verification_outcome([known], [Part("x", np.array([0]), np.array([12]))], ["cosine"])
    with pytest.raises(InputError, match="Part x: no probe is of a person in the gallery"):
        identification_outcome([known], [Part("x", np.array([0]), np.array([1]))], ["cosine"])
    with pytest.raises(InputError, match="no part to report"):
        verification_outcome([known], [Part("x", np.array([0]), np.array([1]), reported=False)], ["cosine"])


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"), [(1, 1, 0.025, 1), (0, 1, 0, 0.975), (270, 270, 0.98643, 1), (0, 30, 0, 0.11570)]
)
def test_a_share_of_all_or_none_has_the_exact_interval(hits, n, low, high):
    from scipy.stats import binomtest

    found = share_interval((np.arange(n) < hits).astype(float))
    exact = binomtest(hits, n).proportion_ci(method="exact")
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-5)


def test_a_share_in_between_has_the_interval_of_its_resamples():
    hits = (np.arange(40) < 31).astype(float)
    assert share_interval(hits) == mean_interval(hits)
