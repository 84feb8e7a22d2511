import dataclasses

import numpy as np
import pytest

from tests.engine.drawing import folder_of_blobs
from workers.engine.errors import InputError
from workers.engine.features.extract import extract
from workers.engine.features.shards import merged, slices, statistics_by_shards
from workers.engine.metrics.compare import compare
from workers.engine.metrics.gaussian import distance_of_statistics
from workers.engine.statistics import statistics_of

NAME = "inception.pool1"


@pytest.mark.parametrize(("n", "size"), [(0, 4), (1, 4), (2, 4), (4, 4), (5, 4), (9, 4), (1000, 7), (2049, 1024)])
def test_slices_cover_everything_once(n, size):
    pieces = slices(n, size)
    assert [i for piece in pieces for i in range(piece.start, piece.stop)] == list(range(n))
    assert all(piece.stop - piece.start <= size for piece in pieces)
    assert n < 2 or all(piece.stop - piece.start >= 2 for piece in pieces)


@pytest.fixture
def sets(made_up_weights, tmp_path):
    """(paths of the reference, features of the candidate, how to extract)."""
    paths = folder_of_blobs(tmp_path / "reference", range(33))
    candidate = folder_of_blobs(tmp_path / "candidate", range(40, 60))

    def work(some, **options):
        return extract(some, NAME, weights_dir=made_up_weights, device="cpu", **options)

    return paths, work(candidate), work


def test_one_shard_and_eight_batch_1_and_32_and_any_order_give_the_same_number(sets, tmp_path):
    paths, candidate, work = sets
    at_once = work(paths, batch_size=32)
    whole = compare("fid", at_once, candidate)
    pieces = [paths[piece] for piece in slices(len(paths), 5)]
    assert len(pieces) == 7
    parts = [work(piece, batch_size=1, store_dir=tmp_path / "store") for piece in pieces]
    shuffled = merged([parts[i] for i in (3, 0, 6, 1, 5, 2, 4)])
    sharded = compare("fid", shuffled, candidate)
    assert sharded.value == pytest.approx(whole.value, rel=1e-6)
    assert sharded.protocol.fingerprint() == whole.protocol.fingerprint()
    assert (sharded.interval.low, sharded.floor.value) == pytest.approx(
        (whole.interval.low, whole.floor.value), rel=1e-5
    )
    for metric in ("kid", "density", "coverage"):
        assert compare(metric, shuffled, candidate).value == pytest.approx(
            compare(metric, at_once, candidate).value, rel=1e-6
        )


def test_a_lost_worker_costs_one_slice(sets, tmp_path, monkeypatch):
    paths, _, work = sets
    pieces = [paths[piece] for piece in slices(len(paths), 8)]
    for piece in pieces[:-1]:
        work(piece, store_dir=tmp_path / "store")
    computed = []
    from workers.engine.features import extract as extraction

    compute = extraction._compute
    monkeypatch.setattr(extraction, "_compute", lambda some, *rest: computed.extend(some) or compute(some, *rest))
    merged([work(piece, store_dir=tmp_path / "store") for piece in pieces])
    assert len(computed) == len(pieces[-1])


def test_statistics_by_shards_are_those_of_the_whole(sets):
    paths, candidate, work = sets
    whole, other = statistics_of(work(paths)), statistics_of(candidate)
    sharded = statistics_by_shards(paths, work, size=6)
    assert (sharded.n, sharded.extractor, sharded.set_digest) == (33, NAME, whole.set_digest)

    def distance(found):
        return distance_of_statistics(found.mean, found.covariance, other.mean, other.covariance)

    assert distance(sharded) == pytest.approx(distance(whole), rel=1e-6)


def test_parts_of_different_networks_are_not_merged(sets):
    _, candidate, _ = sets
    with pytest.raises(InputError, match="different extractors"):
        merged([candidate, dataclasses.replace(candidate, weights_digest="other")])
    with pytest.raises(InputError, match="no features"):
        merged([])
    assert np.array_equal(merged([candidate]).features, candidate.features)
