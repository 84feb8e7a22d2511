"""The pieces a training is made of, each against a closed form or an independent computation."""

import numpy as np
import pytest
import torch
import torch.nn.functional as functional
from PIL import Image
from torch import nn

from tests.engine.drawing import blobs
from tests.engine.pairs import made_pairs
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.families import canvas
from workers.engine.training import losses
from workers.engine.training.augment import Augmenter, changed, draw_change
from workers.engine.training.backgrounds import background
from workers.engine.training.diffaugment import DiffAugment
from workers.engine.training.pairs import PairPictures, PairStore, order, steps_of_an_epoch
from workers.engine.training.updating import Averaged, adam, learning_rate_factor, update

# ------------------------------------------------------------------------------------------------------------- canvas


def test_cufs_pictures_lie_in_rows_3_to_252_and_columns_28_to_227():
    picture = blobs(0, (200, 250))
    square, placement = canvas.square(picture, 256)
    assert square.shape == (256, 256, 3)
    assert np.array_equal(square[3:253, 28:228], picture)
    assert np.array_equal(square[:3, 28:228], np.repeat(picture[:1], 3, axis=0))  # borders continued
    assert np.array_equal(canvas.back(square, placement), picture)


def test_half_of_the_canvas_is_resized_with_antialiasing_and_never_stretched():
    stripes = np.zeros((250, 200, 3), dtype=np.uint8)
    stripes[:, ::2] = 255  # without antialiasing all columns would come out alike, black or white
    square, placement = canvas.square(stripes, 128)
    assert square.shape == (128, 128, 3)
    assert abs(square[20:100, 30:90].astype(float) - 127.5).max() < 8
    assert canvas.back(square, placement).shape == stripes.shape
    circle = np.hypot(*np.mgrid[-125:125, -100:100]) < 40
    small, _ = canvas.square(np.repeat(circle[..., None], 3, 2).astype(np.uint8) * 255, 128)
    inside = small[..., 0] > 127
    assert inside.any(axis=0).sum() == inside.any(axis=1).sum() == 40


def test_larger_pictures_are_shrunk_as_a_whole():
    square, placement = canvas.square(blobs(0, (500, 400)), 256)
    assert square.shape == (256, 256, 3)
    assert placement.shrunk and placement.fitted == (205, 256)
    with pytest.raises(InputError, match="at least 8"):
        canvas.square(blobs(0, (200, 4)), 256)


# ------------------------------------------------------------------------------------------------------------- losses


def test_adversarial_losses_are_those_of_the_papers():
    real, drawn = torch.tensor([1.5, -0.3]), torch.tensor([0.2, -2.0])
    cross = functional.binary_cross_entropy_with_logits
    expected = 0.5 * (cross(real, torch.ones(2)) + cross(drawn, torch.zeros(2)))
    torch.testing.assert_close(losses.discriminator_loss("vanilla", real, drawn), expected)
    torch.testing.assert_close(losses.generator_loss("vanilla", drawn), cross(drawn, torch.ones(2)))
    assert float(losses.discriminator_loss("lsgan", real, drawn)) == pytest.approx(
        0.5 * ((0.5**2 + 1.3**2) / 2 + (0.2**2 + 2**2) / 2)
    )
    assert float(losses.generator_loss("lsgan", drawn)) == pytest.approx((0.8**2 + 3**2) / 2)
    assert float(losses.discriminator_loss("hinge", real, drawn)) == pytest.approx((0 + 1.3) / 2 + (1.2 + 0) / 2)
    assert float(losses.generator_loss("hinge", drawn)) == pytest.approx(0.9)


def test_large_logits_stay_finite():
    far = torch.tensor([1e4])
    assert float(losses.discriminator_loss("vanilla", -far, far)) == pytest.approx(1e4)


def test_edges_are_scharrs():
    drawn, target = (
        torch.from_numpy(blobs(seed, (12, 10)).copy()).permute(2, 0, 1)[None].float() / 127.5 - 1 for seed in (1, 2)
    )

    def scharr(plane):
        from scipy.ndimage import convolve

        kernel = np.array([[3, 0, -3], [10, 0, -10], [3, 0, -3]]) / 16
        return np.stack([convolve(plane, each)[1:-1, 1:-1] for each in (kernel, kernel.T)])

    def half(plane):
        return plane.reshape(5, 2, 6, 2).mean(axis=(1, 3))

    grey = [picture[0].mean(dim=0).numpy().astype(np.float64) for picture in (drawn, target)]
    expected = sum(np.abs(scharr(each(grey[0])) - scharr(each(grey[1]))).mean() for each in (lambda plane: plane, half))
    assert float(losses.edge_loss(drawn, target)) == pytest.approx(expected, rel=1e-5)
    assert float(losses.edge_loss(drawn, drawn + 0.3)) == pytest.approx(0, abs=1e-6)  # brightness has no edges


def test_the_vaes_pixel_loss_is_summed_over_a_picture():
    drawn, target = torch.zeros(2, 3, 4, 4), torch.full((2, 3, 4, 4), 0.5)
    assert float(losses.summed_pixel_loss("l1", drawn, target)) == pytest.approx(0.5 * 48)
    assert float(losses.summed_pixel_loss("l2", drawn, target)) == pytest.approx(0.25 * 48)


def test_feature_loss_averages_over_layers():
    layers = [torch.zeros(1, 2, 3, 3), torch.zeros(1, 4, 2, 2)]
    other = [torch.full_like(layers[0], 2.0), torch.full_like(layers[1], 4.0)]
    assert float(losses.feature_loss(layers, other)) == 3.0


# ------------------------------------------------------------------------------------------------------------ updates


def test_the_learning_rate_stays_and_then_falls_in_a_line():
    factors = [learning_rate_factor(epoch, 200, 0) for epoch in range(200)]
    assert factors[:100] == [1.0] * 100 and factors[-1] == pytest.approx(1 / 101)
    steps = np.diff(factors[99:])
    assert steps == pytest.approx(steps[0]) and steps[0] < 0
    assert {learning_rate_factor(epoch, 10, 10) for epoch in range(10)} == {1.0}


def test_averaged_weights_follow_with_a_growing_memory():
    network = nn.Sequential(nn.Linear(1, 1, bias=False), nn.BatchNorm1d(1))
    with torch.no_grad():
        network[0].weight.fill_(0.0)
    averaged, expected = Averaged(network, 0.9), 0.0
    for step in range(1, 200):
        with torch.no_grad():
            network[0].weight.fill_(float(step))
            network[1].running_mean.fill_(step)
        averaged.follow(network, step)
        keep = min(0.9, step / (step + 10))
        expected = keep * expected + (1 - keep) * step
    assert float(averaged.network[0].weight) == pytest.approx(expected, rel=1e-5)
    assert float(averaged.network[1].running_mean) == 199
    assert not averaged.network.training and not any(value.requires_grad for value in averaged.network.parameters())


@pytest.mark.parametrize(("longest", "length"), [(0.0, 5.0), (1.0, 1.0)])
def test_long_gradients_are_shortened(longest, length, monkeypatch):
    network = nn.Linear(2, 1, bias=False)
    network.weight.grad = torch.tensor([[3.0, 4.0]])
    optimiser, seen = adam(network, 1e-3, (0.9, 0.999)), []
    monkeypatch.setattr(optimiser, "step", lambda: seen.append(network.weight.grad.norm().item()))
    update(network, optimiser, lambda parameters: None, longest)
    assert seen == [pytest.approx(length, rel=1e-4)]
    assert network.weight.grad is None


# --------------------------------------------------------------------------------------------------------- diffaugment


def test_real_and_drawn_pairs_are_changed_alike_and_gradients_pass():
    torch.manual_seed(0)
    pairs = torch.rand(4, 6, 32, 32, requires_grad=True)
    augment = DiffAugment(pairs[:, :3])
    first = augment(pairs)
    assert torch.equal(first, augment(pairs)) and first.shape == pairs.shape
    assert not torch.equal(first, pairs)
    first.sum().backward()
    assert pairs.grad.abs().sum() > 0
    same = DiffAugment(pairs[:, :3], active=False)
    assert same(pairs) is pairs


def test_source_and_drawing_of_a_pair_are_shifted_and_cut_together():
    torch.manual_seed(1)
    ramp = torch.linspace(0.1, 1, 32 * 32).view(1, 1, 32, 32).expand(3, 3, 32, 32)
    changed_pairs = DiffAugment(ramp)(torch.cat([ramp, ramp], dim=1))
    torch.testing.assert_close(changed_pairs[:, :3], changed_pairs[:, 3:])
    empty = (changed_pairs == 0).all(dim=1).float().mean(dim=(1, 2))
    assert (empty > 0.05).all() and (empty < 0.5).all()  # a cut-out of half the side is up to a quarter
    assert len({round(float(share), 3) for share in empty}) > 1  # every pair is changed in its own way


# ----------------------------------------------------------------------------------------------------- augmentation


def options(**given):
    return catalogue.options_checked("pix2pix.tiny", given)


@pytest.fixture
def store(tmp_path):
    return PairStore(made_pairs(tmp_path, 4), 32)


def test_a_store_is_as_much_larger_than_the_network_as_286_is_than_256(tmp_path):
    pairs = made_pairs(tmp_path, 1, (200, 250))
    assert [PairStore(pairs, size).side for size in (256, 128, 32)] == [286, 143, 36]
    kept = PairStore(pairs, 256)[0]
    assert np.array_equal(kept.source[18:268, 43:243], np.asarray(Image.open(pairs[0].source)))


def test_too_many_pairs_for_the_memory_are_read_when_they_are_shown(tmp_path, monkeypatch, store):
    monkeypatch.setattr("workers.engine.training.pairs.MEMORY", 0)
    other = PairStore(store.pairs, 32)
    assert other._kept is None
    assert np.array_equal(other[2].source, store[2].source) and np.array_equal(other[2].target, store[2].target)


def test_every_epoch_shows_every_pair_once_in_its_own_order():
    epochs = [order(10, seed=3, epoch=epoch) for epoch in range(3)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3 and order(10, 3, 1) == epochs[1]
    assert [steps_of_an_epoch(10, 4), steps_of_an_epoch(10, 4, processes=2), steps_of_an_epoch(3, 4, 2)] == [3, 2, 1]


def test_without_options_a_pair_is_only_cut_from_the_middle(store):
    augmenter = Augmenter(store, options(crop=False, flip=False), seed=0, photo=True)
    source, target = augmenter.batch([1, 2], step=5)
    assert source.dtype == torch.float32 and source.shape == (2, 3, 32, 32)
    expected = torch.from_numpy(store[1].source[2:34, 2:34].copy()).permute(2, 0, 1) / 127.5 - 1
    torch.testing.assert_close(source[0], expected)
    assert float(target.min()) >= -1 and float(target.max()) <= 1


def test_chance_belongs_to_the_step_and_the_place_alone(store):
    augmenter = Augmenter(store, options(warp=True, colour=1, grey=0.5), seed=9, photo=True)
    whole = augmenter.batch([0, 1, 2, 3], step=7)
    part = augmenter.batch([1, 3], step=7, places=[1, 3])
    assert torch.equal(part[0], whole[0][[1, 3]]) and torch.equal(part[1], whole[1][[1, 3]])
    assert not torch.equal(augmenter.batch([0, 1, 2, 3], step=8)[0], whole[0])


@pytest.mark.parametrize("warp", [False, True])
def test_both_pictures_of_a_pair_are_moved_alike(warp):
    picture = blobs(3, (36, 36))
    for seed in range(6):
        change = draw_change(options(warp=warp), 4, True, (seed,))
        source, target = changed(PairPictures(picture, picture), change, 32)
        assert torch.equal(source, target)


def test_a_warp_of_nothing_is_the_plain_cut():
    from dataclasses import replace

    picture = blobs(3, (36, 36))
    for flip in (False, True):
        plain = replace(draw_change(options(), 4, True, (0,)), top=1, left=3, flip=flip, warp=False)
        warped = replace(plain, warp=True, bend=np.zeros((2, 5, 5), dtype=np.float32))
        for one, other in zip(
            changed(PairPictures(picture, picture), plain, 32),
            changed(PairPictures(picture, picture), warped, 32),
            strict=True,
        ):
            torch.testing.assert_close(one, other, rtol=0, atol=1e-3)


def test_only_photos_are_recoloured():
    picture = blobs(4, (36, 36))
    given = options(colour=1, grey=1, background=1, crop=False, flip=False)
    plain = changed(PairPictures(picture, picture), draw_change(options(crop=False, flip=False), 4, True, (1,)), 32)
    of_photo = changed(PairPictures(picture, picture), draw_change(given, 4, True, (1,)), 32)
    of_sketch = changed(PairPictures(picture, picture), draw_change(given, 4, False, (1,)), 32)
    assert torch.equal(of_photo[1], plain[1]) and not torch.equal(of_photo[0], plain[0])
    assert torch.equal(of_sketch[0], plain[0])
    torch.testing.assert_close(of_photo[0][0], of_photo[0][1])  # grey


def portrait(ground=(40, 90, 200)):
    """A plain ground with a head and shoulders of other colours."""
    picture = np.full((60, 48, 3), ground, dtype=np.uint8)
    rows, columns = np.mgrid[:60, :48]
    picture[np.hypot((rows - 26) / 1.3, columns - 24) < 13] = (220, 180, 150)
    picture[(rows > 46) & (abs(columns - 24) < 21)] = (30, 30, 30)
    return picture


def test_a_plain_background_is_found_and_the_subject_is_not():
    found = background(portrait())
    assert found[2, 2] == 255 and found[20, 3] > 250
    assert found[26, 24] == 0 and found[55, 24] == 0
    noise = np.random.default_rng(0).integers(0, 256, (60, 48, 3), dtype=np.uint8)
    assert not background(noise).any()


def test_another_background_leaves_the_subject_as_it_is():
    picture = portrait()
    source = np.concatenate([picture, background(picture)[..., None]], axis=2)[:48]
    change = draw_change(options(background=1, crop=False, flip=False), 0, True, (2,))
    shown, _ = changed(PairPictures(source, picture[:48]), change, 48)
    before = torch.from_numpy(picture[:48].copy()).permute(2, 0, 1) / 127.5 - 1
    torch.testing.assert_close(shown[:, 26, 24], before[:, 26, 24])
    assert (shown[:, 2, 2] - before[:, 2, 2]).abs().max() > 0.1
