import numpy as np
import pytest

from workers.engine.errors import InputError
from workers.engine.features.extract import FeatureSet, Skipped
from workers.engine.metrics import recognition
from workers.engine.metrics.paired_features import Keyed, measure_ranks


def ranks_one_by_one(probes, probe_keys, gallery, gallery_keys, cosine):
    """The rank of each probe's person, by sorting persons; slowly."""
    found = []
    for probe, key in zip(probes, probe_keys, strict=True):
        nearest = {}
        for row, person in zip(gallery, gallery_keys, strict=True):
            if cosine:
                distance = 1 - probe @ row / np.linalg.norm(probe) / np.linalg.norm(row)
            else:
                distance = np.linalg.norm(probe - row)
            nearest[person] = min(nearest.get(person, np.inf), distance)
        order = sorted(nearest, key=nearest.__getitem__)
        found.append(order.index(key) + 1 if key in nearest else 0)
    return found


@pytest.mark.parametrize("distance", recognition.DISTANCES)
def test_ranks_are_those_of_sorting_persons(distance, monkeypatch):
    monkeypatch.setattr(recognition, "BLOCK", 60)  # several blocks of probes
    rng = np.random.default_rng(1)
    probes, gallery = rng.normal(size=(12, 5)), rng.normal(size=(20, 5)) + 0.3
    probe_keys = [f"p{i}" for i in rng.integers(0, 14, 12)]
    gallery_keys = [f"p{i}" for i in rng.integers(0, 12, 20)]
    found = recognition.ranks(probes, probe_keys, gallery, gallery_keys, distance)
    expected = ranks_one_by_one(probes, probe_keys, gallery, gallery_keys, distance == "cosine")
    assert found.rank.tolist() == expected
    assert 0 in expected and max(expected) > 3
    assert found.persons == len(set(gallery_keys))
    known = np.array([rank for rank in expected if rank])
    assert found.curve(12) == pytest.approx([(known <= k).mean() for k in range(1, 13)])
    assert found.curve(found.persons)[-1] == 1


def test_distances_are_those_asked_for():
    found = recognition.ranks([[3.0, 0.0]], ["a"], [[0.0, 4.0], [3.0, 1.0]], ["a", "b"])
    assert (found.own[0], found.other[0], found.nearest[0], found.rank[0]) == (5.0, 1.0, 1, 2)
    found = recognition.ranks([[3.0, 0.0]], ["a"], [[0.0, 4.0], [-3.0, 0.0]], ["a", "b"], "cosine")
    assert (found.own[0], found.other[0], found.rank[0]) == (1.0, 2.0, 1)


def test_a_gallery_that_is_the_probes_is_recognised_wholly():
    rows = np.random.default_rng(2).normal(size=(9, 4))
    assert recognition.ranks(rows, list("abcdefghi"), rows, list("abcdefghi")).share(1) == 1


def test_a_tie_counts_against():
    found = recognition.ranks([[0.0]], ["a"], [[1.0], [-1.0]], ["a", "b"])
    assert found.rank.tolist() == [2]


def test_the_open_set_rate_by_hand():
    # Known a: own 1, b: own 3 and a nearer stranger of the gallery; unknown probes at 2 and at 6 from their nearest.
    gallery, keys = [[0.0], [10.0], [20.0]], ["a", "b", "c"]
    found = recognition.ranks([[1.0], [13.0], [2.0], [26.0]], ["a", "b", "x", "y"], gallery, keys)
    assert found.other[2:].tolist() == [2.0, 6.0]
    assert recognition.open_set_rate(found, 0.0) == (0.5, 2.0)  # nobody let in: nearer than 2
    assert recognition.open_set_rate(found, 0.5) == (1.0, 6.0)  # one of two
    assert recognition.open_set_rate(found, 1.0) == (1.0, float("inf"))
    with pytest.raises(InputError, match="probes of others"):
        recognition.open_set_rate(recognition.ranks([[1.0]], ["a"], gallery, keys), 0.1)


def test_confusions_are_sorted_by_how_sure_they_are():
    gallery, keys = [[0.0], [10.0], [20.0]], ["a", "b", "c"]
    found = recognition.ranks([[8.0], [11.0], [14.0]], ["a", "b", "c"], gallery, keys)
    wrong = recognition.confusions(found)
    assert [(each.probe, each.nearest, each.rank, each.margin) for each in wrong] == [(0, 1, 2, 6.0), (2, 1, 2, 2.0)]
    assert len(recognition.confusions(found, most=1)) == 1


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="2 rows and 1 keys"):
        recognition.ranks([[1.0], [2.0]], ["a"], [[1.0]], ["a"])
    with pytest.raises(InputError, match="Known: euclidean, cosine"):
        recognition.ranks([[1.0]], ["a"], [[1.0]], ["a"], "manhattan")
    with pytest.raises(InputError, match="has no direction"):
        recognition.ranks([[0.0]], ["a"], [[1.0]], ["a"], "cosine")
    with pytest.raises(InputError, match="keys must be the same"):
        recognition.ranks([[1.0]], ["a"], [[1.0]], ["b"]).share(1)


def features(rows, names, skipped=(), extractor="dlib.face128"):
    digests = tuple(f"{name:0>64}" for name in names)
    found = np.asarray(rows, np.float32)
    return FeatureSet(extractor, "w" * 64, found, tuple(names), digests, tuple(Skipped(s, "no face") for s in skipped))


def test_rank_metrics_count_a_picture_without_a_face_as_not_recognised():
    reference = Keyed(
        features([[0, 0], [10, 0], [20, 0]], ["r1", "r2", "r3"], ["r4"]),
        {"r1": "a", "r2": "b", "r3": "c", "r4": "d"},
    )
    candidate = Keyed(
        features([[1, 0], [9, 5], [2, 0], [0, 9]], ["c1", "c2", "c3", "c4"], ["c5"]),
        {"c1": "a", "c2": "b", "c3": "c", "c4": "d", "c5": "e"},
    )
    (rank1, rank5), mistakes = measure_ranks(["rank1", "rank5"], reference, candidate)
    assert dict(zip(rank1.keys, rank1.values, strict=True)) == {"a": 1, "b": 1, "c": 0, "d": 0}
    assert (rank1.value, rank5.value) == (0.5, 0.75)  # d's own picture has no face: never found
    assert (rank1.details["persons"], rank1.details["not_found"]) == (4, 1)
    assert (rank1.protocol.n_reference, rank1.protocol.n_candidate) == (4, 4)
    assert [(each.key, each.taken_for, each.rank) for each in mistakes] == [("c", "a", 3)]
    assert [caution.code for caution in rank1.cautions] == ["skipped", "unmatched"]
    assert rank1.interval.low < 0.5 < rank1.interval.high


def test_a_candidate_without_any_face_found_is_recognised_nowhere():
    reference = Keyed(features([[0, 0], [9, 0]], ["r1", "r2"]), {"r1": "a", "r2": "b"})
    candidate = Keyed(features([[0, 0], [9, 0]], ["c1", "c2"], ["c3"]), {"c1": "x", "c2": "b", "c3": "a"})
    ((rank1,), _) = measure_ranks(["rank1"], reference, candidate)
    assert dict(zip(rank1.keys, rank1.values, strict=True)) == {"b": 1, "a": 0}


def test_candidates_without_any_face_at_all_are_recognised_in_no_case():
    reference = Keyed(features([[0, 0], [9, 0]], ["r1", "r2"]), {"r1": "a", "r2": "b"})
    candidate = Keyed(features(np.empty((0, 2)), [], ["c1", "c2"]), {"c1": "a", "c2": "b"})
    ((rank1, rank10), mistakes) = measure_ranks(["rank1", "rank10"], reference, candidate)
    assert (rank1.value, rank10.value, mistakes) == (0.0, 0.0, [])
    assert (rank1.keys, rank1.values, rank1.details["not_found"]) == (("a", "b"), (0.0, 0.0), 2)
    assert (rank1.interval.low, rank1.interval.high) == (0.0, pytest.approx(1 - 0.025**0.5))


def test_a_gallery_without_any_face_is_refused():
    reference = Keyed(features(np.empty((0, 2)), [], ["r1", "r2"]), {"r1": "a", "r2": "b"})
    candidate = Keyed(features([[0, 0], [9, 0]], ["c1", "c2"]), {"c1": "a", "c2": "b"})
    with pytest.raises(InputError, match=r"Of 2 pictures 0 can be used by dlib\.face128; 1 is needed\. r1: no face\."):
        measure_ranks(["rank1"], reference, candidate)


def test_sets_that_do_not_belong_together_are_refused():
    reference = Keyed(features([[0], [1]], ["r1", "r2"]), {"r1": "a", "r2": "b"})
    other = Keyed(features([[0], [1]], ["c1", "c2"]), {"c1": "x", "c2": "y"})
    with pytest.raises(InputError, match="0 pictures of the candidate have the key"):
        measure_ranks(["rank1"], reference, other)
    network = Keyed(features([[0], [1]], ["c1", "c2"], extractor="inception.pool1"), {"c1": "a", "c2": "b"})
    with pytest.raises(InputError, match="different extractors"):
        measure_ranks(["rank1"], reference, network)
