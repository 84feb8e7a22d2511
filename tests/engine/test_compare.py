import dataclasses

import numpy as np
import pytest

from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.features.extract import FeatureSet
from workers.engine.metrics.compare import compare


def feature_set(seed, n=30, shift=0.0, extractor="inception.pool1", suffix=".png"):
    rows = (np.random.default_rng(seed).normal(size=(n, 8)) + shift).astype(np.float32)
    names = tuple(f"{seed}-{i}{suffix}" for i in range(n))
    digests = tuple(f"{seed:032d}{i:032d}" for i in range(n))
    return FeatureSet(extractor, "w" * 64, rows, names, digests, ())


def shuffled(features, seed=9):
    order = np.random.default_rng(seed).permutation(len(features.keys))
    return dataclasses.replace(
        features,
        features=features.features[order],
        keys=tuple(features.keys[i] for i in order),
        digests=tuple(features.digests[i] for i in order),
    )


def codes(measured):
    return [caution.code for caution in measured.cautions]


@pytest.mark.parametrize("name", [name for name, metric in catalogue.METRICS.items() if not metric.paired])
def test_the_order_of_the_pictures_makes_no_difference(name):
    first, second = feature_set(1), feature_set(2, shift=0.5)
    once, again = compare(name, first, second), compare(name, shuffled(first), shuffled(second, 3))
    assert (once.value, once.interval, once.floor, once.details) == (
        again.value,
        again.interval,
        again.floor,
        again.details,
    )


@pytest.mark.parametrize("name", ["precision", "recall", "density", "coverage"])
def test_reference_and_candidate_are_not_exchanged(name):
    first, second = feature_set(1, n=40), feature_set(2, n=25, shift=0.6)
    second = dataclasses.replace(second, features=second.features * 0.4)
    module, _, function = catalogue.metric(name).module.rpartition(".")
    plain = getattr(__import__(module, fromlist=[function]), function)
    assert compare(name, first, second).value == plain(first.features, second.features)
    assert compare(name, first, second).value != compare(name, second, first).value


def test_other_real_pictures_give_a_second_floor():
    first, second, train = feature_set(1), feature_set(2, shift=2), feature_set(3, n=50)
    halves = compare("fid", first, second).floor
    measured = compare("fid", first, second, other_real=train)
    other = measured.train_floor
    assert measured.floor == halves
    assert measured.all_details()["train_floor"] == other.value and measured.all_details()["train_floor_n2"] == 50
    assert "train_floor" not in compare("fid", first, second).all_details()
    assert (halves.n1, halves.n2, halves.repeats) == (15, 15, 10)
    assert (other.n1, other.n2, other.repeats) == (30, 50, 1)
    assert other.value == pytest.approx(compare("fid", first, train).value)
    assert other.value < halves.value < compare("fid", first, second).value  # small halves push it up
    with pytest.raises(InputError, match="different extractors"):
        compare("fid", first, second, other_real=feature_set(3, extractor="inception.pool2"))


def test_warnings_fit_the_metric():
    few, many = feature_set(1, n=7), feature_set(2, n=12)
    assert codes(compare("fid", few, many)) == ["rank_deficient", "different_n"]
    assert codes(compare("kid", few, many)) == []
    assert codes(compare("cmmd", few, many)) == ["not_clip"]
    assert codes(compare("coverage", few, many)) == ["different_n"]
    assert codes(compare("kid", few, feature_set(3, n=7, suffix=".JPG"))) == ["jpeg"]
    assert "identical" in codes(compare("kid", many, shuffled(many)))
    bent = compare("fid_inf", feature_set(1, n=20), feature_set(4, n=20))
    assert ("poor_fit" in codes(bent)) == (bent.details["r_squared"] < 0.98)


def test_mixed_sizes_are_told_once():
    first, second = feature_set(1), feature_set(2)
    same = [(200, 250)] * 30
    assert codes(compare("kid", first, second, sizes=(same, same))) == []
    mixed = compare("kid", first, second, sizes=(same, [*same[:-1], (1024, 768)]))
    assert codes(mixed) == ["mixed_sizes"]
    assert "2 different sizes (200x250, 1024x768)" in str(mixed.cautions[0])
    assert codes(compare("kid", first, second, sizes=(same, [(256, 256)] * 30))) == ["other_sizes"]


def test_too_few_pictures_for_a_metric_are_refused():
    with pytest.raises(InputError, match="candidate has 5 pictures; this metric needs at least 6"):
        compare("density", feature_set(1), feature_set(2, n=5))


def test_a_metric_of_pairs_is_no_metric_of_sets():
    with pytest.raises(InputError, match="two by two"):
        compare("ssim", feature_set(1), feature_set(2))


def test_a_stop_is_heard():
    class Stop(Exception):
        pass

    calls = []

    def tell():
        calls.append(1)
        if len(calls) == 20:
            raise Stop

    with pytest.raises(Stop):
        compare("fid", feature_set(1), feature_set(2), tell=tell)


@pytest.mark.parametrize("text", catalogue.CAUTIONS.values())
def test_every_warning_can_be_filled(text):
    import re

    names = re.findall(r"%\((\w+)\)s", text)
    assert "%(" not in text % dict.fromkeys(names, "x")
