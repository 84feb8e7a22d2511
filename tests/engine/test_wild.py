"""Studio photos made to look as if taken anywhere."""

import numpy as np
import pytest
import torch

from workers.engine.catalogue import options_checked
from workers.engine.training.augment import Augmenter
from workers.engine.training.pairs import PairStore
from workers.engine.training.wild import degraded, lit, scenery, wild

from .pairs import made_pairs

SIZE = 48


@pytest.fixture
def other():
    return np.random.default_rng(5).integers(0, 256, (SIZE + 6, SIZE + 6, 3), dtype=np.uint8)


@pytest.fixture
def portrait():
    """A grey disc on white; the fourth plane marks the white."""
    axis = torch.arange(SIZE) - SIZE / 2
    head = (axis[None, :] ** 2 + axis[:, None] ** 2) < 15**2
    picture = torch.where(head, 90.0, 255.0).expand(3, SIZE, SIZE)
    return torch.cat([picture, (~head)[None].float() * 255])


def test_the_same_seed_makes_the_same_photo_and_another_seed_another(portrait, other):
    assert torch.equal(wild(portrait, other, 3), wild(portrait, other, 3))
    assert not torch.equal(wild(portrait, other, 3), wild(portrait, other, 4))


def test_every_photo_stays_within_its_values_and_its_size(portrait, other):
    for seed in range(60):
        made = wild(portrait, other, seed)
        assert made.shape == (3, SIZE, SIZE) and made.dtype == torch.float32
        assert torch.isfinite(made).all() and made.min() >= 0 and made.max() <= 255


def test_the_background_changes_far_more_than_the_head(portrait, other):
    inside = portrait[3] == 0
    core = torch.zeros_like(inside)
    core[SIZE // 2 - 4 : SIZE // 2 + 4, SIZE // 2 - 4 : SIZE // 2 + 4] = True
    corner = torch.zeros_like(inside)
    corner[:6, :6] = True
    of_head, of_ground = [], []
    for seed in range(40):
        made = wild(portrait, other, seed)
        of_head.append(made[:, core].mean())
        of_ground.append(made[:, corner].mean())
    assert np.std(of_ground) > 1.5 * np.std(of_head) and np.mean(of_ground) < 200


def test_no_rim_of_the_old_background_is_left_around_the_head(other, monkeypatch):
    monkeypatch.setattr("workers.engine.training.wild.scenery", lambda size, other, rng: torch.zeros(3, size, size))
    axis = torch.arange(SIZE) - SIZE / 2
    head = (axis[None, :] ** 2 + axis[:, None] ** 2) < 15**2
    photo = torch.where(head, 0.0, 255.0).expand(3, SIZE, SIZE)
    for seed in range(30):
        made = wild(torch.cat([photo, (~head)[None].float() * 255]), other, seed)
        assert made.max() < 160, seed


def test_without_a_plane_for_the_background_only_light_and_faults_change(portrait, other):
    for seed in range(20):
        made = wild(portrait[:3], other, seed)
        assert made.shape == (3, SIZE, SIZE)
        # Light multiplies: a white corner stays brighter than the grey head wherever the light comes from.
        assert made[:, :4, :4].mean() > made[:, SIZE // 2 - 4 : SIZE // 2 + 4, SIZE // 2 - 4 : SIZE // 2 + 4].mean()


def test_all_kinds_of_scenery_are_drawn_and_none_is_the_same(other):
    scenes = [scenery(SIZE, other, np.random.default_rng(seed)) for seed in range(40)]
    assert all(scene.shape == (3, SIZE, SIZE) and torch.isfinite(scene).all() for scene in scenes)
    spreads = sorted(float(scene.std(dim=(1, 2)).mean()) for scene in scenes)
    assert spreads[0] < 30 < spreads[-1]
    assert len({round(float(scene.mean()), 3) for scene in scenes}) == len(scenes)


def test_light_is_uneven_and_faults_keep_the_mean(portrait):
    grey = torch.full((3, SIZE, SIZE), 128.0)
    slopes = [lit(grey, np.random.default_rng(seed)).std() for seed in range(20)]
    assert min(slopes) > 0 and max(slopes) > 15
    for seed in range(20):
        assert abs(degraded(grey.clone(), np.random.default_rng(seed)).mean() - 128) < 3


def test_only_source_photos_become_wild_and_the_sketch_never_does(tmp_path):
    pairs = made_pairs(tmp_path, 3)
    still = {"flip": False, "crop": False, "warp": False, "colour": 0, "grey": 0, "background": 0}
    given = options_checked("pix2pix.modern", {**still, "wild": 1})
    plain = options_checked("pix2pix.modern", {**still, "wild": 0})
    store = PairStore(pairs, 32, with_background=True)
    changed = Augmenter(store, given, 1, photo=True).batch([0, 1], 7)
    same = Augmenter(store, plain, 1, photo=True).batch([0, 1], 7)
    from_sketch = Augmenter(store, given, 1, photo=False).batch([0, 1], 7)
    assert not torch.equal(changed[0], same[0]) and torch.equal(changed[1], same[1])
    assert torch.equal(from_sketch[0], same[0])
