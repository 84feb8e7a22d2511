"""A network with codes draws the mean, one of its drawings by seed, or one on the way between two."""

import numpy as np
import pytest
import torch

from tests.engine.untrained import untrained_checkpoint
from workers.engine.families.codes import Code, noise
from workers.engine.families.use import open_checkpoint
from workers.engine.networks.vae import Vae


@pytest.fixture(scope="module")
def vae(tmp_path_factory):
    return open_checkpoint(untrained_checkpoint(tmp_path_factory.mktemp("vae") / "c", "vae.tiny", scale=3.0), "cpu")


@pytest.fixture(scope="module")
def faces():
    return list(np.random.default_rng(1).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8))


def test_seed_0_is_the_mean_which_is_what_evaluations_measure(vae, faces):
    for plain, chosen in zip(vae.apply(faces), vae.apply(faces, codes=[Code()] * 3), strict=True):
        assert np.array_equal(plain, chosen)


def test_a_seed_draws_the_same_whatever_stands_beside_it(vae, faces):
    together = vae.apply(faces, 2, [Code(5), Code(6), Code(7)])
    alone = [vae.apply([face], 1, [Code(seed)])[0] for face, seed in zip(faces, (5, 6, 7), strict=True)]
    for one, other in zip(together, alone, strict=True):
        assert np.abs(one.astype(int) - other).max() <= 1
    assert not np.array_equal(*vae.apply(faces[:1] * 2, codes=[Code(5), Code(6)]))


def test_the_ends_of_a_way_are_the_two_seeds_and_its_middle_is_neither(vae, faces):
    face = faces[:1]
    start, end = vae.apply(face * 2, codes=[Code(5), Code(6)])
    ends = vae.apply(face * 2, codes=[Code(5, 6, 0.0), Code(5, 6, 1.0)])
    assert np.abs(ends[0].astype(int) - start).max() <= 1 and np.abs(ends[1].astype(int) - end).max() <= 1
    (middle,) = vae.apply(face, codes=[Code(5, 6, 0.5)])
    assert not np.array_equal(middle, start) and not np.array_equal(middle, end)


def test_the_code_is_the_mean_plus_noise_times_the_standard_deviation(vae, faces):
    network = vae.network
    assert isinstance(network, Vae)
    pictures = vae.prepared(faces)
    added = torch.from_numpy(np.random.default_rng(2).standard_normal((3, vae.code)).astype(np.float32))
    mean, log_variance = network.encode(pictures)
    expected = network.decode(mean + added * torch.sqrt(torch.exp(log_variance)))
    assert torch.allclose(network(pictures, added), expected, atol=1e-5)


def test_a_way_leads_along_the_sphere(monkeypatch):
    """Two codes at a right angle: halfway both have the share sqrt(1/2), and the length stays."""
    axes = {1: np.array([3.0, 0.0, 0.0]), 2: np.array([0.0, 3.0, 0.0])}
    monkeypatch.setattr("workers.engine.families.codes._drawn", lambda seed, size: axes.get(seed, np.zeros(size)))
    halfway, third, from_mean = noise([Code(1, 2, 0.5), Code(1, 2, 1 / 3), Code(0, 2, 0.25)], 3).numpy()
    assert np.allclose(halfway, [3 / np.sqrt(2), 3 / np.sqrt(2), 0])
    assert np.allclose(third, [3 * np.cos(np.pi / 6), 3 * np.sin(np.pi / 6), 0])
    assert np.allclose(from_mean, [0, 0.75, 0]), "from the mean the way is straight"


def test_normal_numbers_stay_as_long_as_they_are():
    lengths = noise([Code(1, 2, step / 10) for step in range(11)], 256).norm(dim=1)
    assert lengths.min() > 0.97 * min(lengths[0], lengths[-1])
    straight = (noise([Code(1)], 256) / 2 + noise([Code(2)], 256) / 2).norm()
    assert straight < 0.8 * lengths[5], "as a straight line would not"


def test_the_spread_multiplies_the_distance_from_the_mean():
    one, half, none = noise([Code(4), Code(4, spread=0.5), Code(4, spread=0.0)], 16)
    assert torch.allclose(half, one / 2) and not none.any()
    assert torch.equal(noise([Code(4)], 16)[0], one)


def test_a_network_without_codes_draws_as_ever(tmp_path, faces):
    generator = open_checkpoint(untrained_checkpoint(tmp_path / "c"), "cpu")
    assert generator.code == 0
    assert np.array_equal(generator.apply(faces), generator.apply(faces, codes=[Code(1), Code(2), Code(3)]))
