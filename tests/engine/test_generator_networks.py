"""Generators and discriminators against the papers: parameter counts, shapes of every level, where norms and dropout stand."""

import pytest
import torch
from torch import nn

from workers.engine.errors import InputError
from workers.engine.networks.blocks import Double, Halve, levels_of, parameter_count
from workers.engine.networks.modern import ResidualUNet
from workers.engine.networks.pix2pix import PatchDiscriminator, UNet
from workers.engine.networks.vae import LOG_VARIANCE, Vae, kl_divergence


def on_paper(build, *arguments, **options):
    """A network without memory for its weights: shapes and counts only."""
    with torch.device("meta"):
        return build(*arguments, **options)


def zeros(*shape):
    return torch.zeros(*shape, device="meta")


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({}, 54_413_955),
        ({"channels_out": 1}, 54_409_857),
        ({"channels_in": 1, "channels_out": 1}, 54_407_809),
        ({"norm": "instance"}, 54_409_603),
        ({"skips": False}, 39_075_459),
        ({"skips": False, "channels_out": 1}, 39_073_409),
        ({"size": 128}, 41_828_995),
    ],
)
def test_the_generator_has_the_parameters_of_the_paper(options, count):
    assert parameter_count(on_paper(UNet, **options)) == count


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({}, 2_768_705),
        ({"channels": 4}, 2_766_657),
        ({"channels": 3}, 2_765_633),
        ({"channels": 2}, 2_764_609),
        ({"norm": "instance"}, 2_767_809),
        ({"channels": 3, "norm": "instance"}, 2_764_737),
        ({"layers": 1}, 139_585),
    ],
)
def test_the_discriminator_has_the_parameters_of_the_paper(options, count):
    assert parameter_count(on_paper(PatchDiscriminator, **options)) == count


def test_the_two_halves_of_the_generator_count_as_they_should():
    unet, noskip = on_paper(UNet), on_paper(UNet, skips=False)
    assert parameter_count(unet.encoder) == parameter_count(noskip.encoder) == 19_537_664
    assert parameter_count(unet.decoder) == 34_876_291
    assert parameter_count(noskip.decoder) == 19_537_795
    running = [value for name, value in unet.named_buffers() if "running" in name]
    assert sum(value.numel() for value in running) == 9_856


def test_every_level_of_the_generator_has_its_shape():
    unet = on_paper(UNet).eval()
    encoded = {name: tuple(value.shape[1:]) for name, value in unet.encode(zeros(1, 3, 256, 256)).items()}
    assert encoded == {
        "en1": (64, 128, 128), "en2": (128, 64, 64), "en3": (256, 32, 32), "en4": (512, 16, 16),
        "en5": (512, 8, 8), "en6": (512, 4, 4), "en7": (512, 2, 2), "en8": (512, 1, 1),
    }  # fmt: skip
    seen = {}
    for name, layer in unet.decoder.items():
        layer.register_forward_hook(lambda _, __, out, name=name: seen.__setitem__(name, tuple(out.shape[1:])))
    assert unet(zeros(1, 3, 256, 256)).shape == (1, 3, 256, 256)
    assert seen == {
        "de1": (512, 2, 2), "de2": (512, 4, 4), "de3": (512, 8, 8), "de4": (512, 16, 16),
        "de5": (256, 32, 32), "de6": (128, 64, 64), "de7": (64, 128, 128), "de8": (3, 256, 256),
    }  # fmt: skip


def kinds(layer):
    return [type(part) for part in layer]


def test_outer_and_innermost_layers_have_no_norm_and_three_layers_drop():
    unet = on_paper(UNet)
    normed = {
        name for half in (unet.encoder, unet.decoder) for name, layer in half.items() if nn.BatchNorm2d in kinds(layer)
    }
    assert normed == {f"en{k}" for k in range(2, 8)} | {f"de{k}" for k in range(1, 8)}
    assert {name for name, layer in unet.decoder.items() if nn.Dropout in kinds(layer)} == {"de2", "de3", "de4"}
    assert kinds(unet.decoder["de2"]) == [nn.ReLU, Double, nn.BatchNorm2d, nn.Dropout]
    assert unet.decoder["de2"][-1].p == 0.5
    assert unet.decoder["de8"][1].bias is not None
    assert unet.encoder["en1"][0].bias is None and unet.encoder["en8"][1].bias is None


def test_the_discriminator_judges_patches_of_70_pixels():
    assert on_paper(PatchDiscriminator)(zeros(1, 6, 256, 256)).shape == (1, 1, 30, 30)
    torch.manual_seed(0)
    stages = [stage[0] for stage in PatchDiscriminator(norm="instance", width=4).stages]
    field = nn.Sequential(*stages)  # the convolutions alone: a normalisation would carry every pixel everywhere
    pictures = torch.rand(1, 6, 128, 128, requires_grad=True)
    field(pictures)[0, 0, 7, 7].backward()
    rows = pictures.grad[0].abs().sum(dim=(0, 2)).nonzero()
    assert int(rows.max() - rows.min()) + 1 == 70


def test_first_weights_are_small_and_normal():
    torch.manual_seed(0)
    weights = PatchDiscriminator().stages[2][0].weight
    assert float(weights.detach().std()) == pytest.approx(0.02, rel=0.02)


def test_spectral_norm_bounds_every_convolution_but_the_last():
    torch.manual_seed(0)
    discriminator = PatchDiscriminator(6, width=8, norm="spectral").train()
    for _ in range(15):
        discriminator(torch.rand(2, 6, 32, 32))
    for stage in discriminator.eval().stages[:-1]:
        largest = torch.linalg.matrix_norm(stage[0].weight.detach().flatten(1), 2)
        assert float(largest) == pytest.approx(1, abs=0.1)


def test_the_vae_is_the_published_one_layer_by_layer():
    vae = on_paper(Vae)
    assert parameter_count(vae) == 15_357_091
    assert parameter_count(vae.encoder) == 6_274_560
    assert parameter_count(vae.mean) == parameter_count(vae.log_variance) == 2_097_408
    assert [parameter_count(layer) for layer in vae.encoder.values()] == [
        1_920, 74_112, 295_680, 1_181_184, 2_360_832, 2_360_832,
    ]  # fmt: skip
    assert [parameter_count(layer) for layer in vae.decoder.values()] == [
        1_049_344, 1_049_344, 1_049_344, 1_049_344, 524_672, 131_264, 32_864, 1_539,
    ]  # fmt: skip
    assert kinds(vae.decoder["de8"]) == [Double, nn.Tanh]
    assert kinds(vae.decoder["de2"]) == [Double, nn.BatchNorm2d, nn.Dropout, nn.ReLU]
    assert {name for name, layer in vae.decoder.items() if nn.Dropout in kinds(layer)} == {"de2", "de3", "de4"}
    seen = []
    for layer in [*vae.encoder.values(), *vae.decoder.values()]:
        layer.register_forward_hook(lambda _, __, out: seen.append(tuple(out.shape[1:])))
    assert vae.eval()(zeros(1, 3, 256, 256)).shape == (1, 3, 256, 256)
    assert seen == [
        (64, 128, 128), (128, 64, 64), (256, 32, 32), (512, 16, 16), (512, 8, 8), (512, 4, 4),
        (256, 2, 2), (256, 4, 4), (256, 8, 8), (256, 16, 16), (128, 32, 32), (64, 64, 64), (32, 128, 128), (3, 256, 256),
    ]  # fmt: skip


def test_the_vae_draws_its_code_in_training_and_takes_the_mean_otherwise():
    torch.manual_seed(0)
    vae = Vae(32, width=4, code=8, halvings=3, dropout=0.0)
    pictures = torch.rand(4, 3, 32, 32)
    assert not torch.equal(vae.train()(pictures), vae(pictures))
    vae.eval()
    torch.testing.assert_close(vae(pictures), vae.decode(vae.encode(pictures)[0]), rtol=0, atol=0)
    with torch.no_grad():
        vae.log_variance.bias.fill_(1e6)
    assert float(vae.encode(pictures)[1].detach().max()) == LOG_VARIANCE


def test_a_single_picture_can_be_trained_on():
    for network in (Vae(32, width=4, code=8, halvings=3), UNet(32, width=4), UNet(32, width=4, norm="instance")):
        assert torch.isfinite(network.train()(torch.rand(1, 3, 32, 32))).all()


def test_kl_divergence_is_the_closed_form():
    mean, deviation = torch.tensor([[0.5, -1.0], [0.0, 2.0]]), torch.tensor([[1.0, 2.0], [0.5, 1.5]])
    expected = torch.distributions.kl_divergence(
        torch.distributions.Normal(mean, deviation), torch.distributions.Normal(0.0, 1.0)
    )
    assert float(kl_divergence(mean, 2 * deviation.log())) == pytest.approx(float(expected.sum(1).mean()), rel=1e-6)


def test_the_modern_generator_is_small_enough_to_ship():
    generator = on_paper(ResidualUNet)
    assert parameter_count(generator) == 5_318_019
    assert parameter_count(generator) * 2 <= 16 * 2**20  # bytes in half precision
    assert not [module for module in generator.modules() if isinstance(module, (nn.ConvTranspose2d, nn.BatchNorm2d))]
    assert generator(zeros(2, 3, 128, 96)).shape == (2, 3, 128, 96)


def test_sizes_that_do_not_fit_are_refused_with_a_sentence():
    assert [levels_of(size) for size in (32, 128, 256)] == [5, 7, 8]
    with pytest.raises(InputError, match="power of two"):
        levels_of(200)
    with pytest.raises(InputError, match="128x128 pixels, not 256x256"):
        on_paper(UNet, 128)(zeros(1, 3, 256, 256))
    with pytest.raises(InputError, match="16 divides, not 40x32"):
        on_paper(ResidualUNet)(zeros(1, 3, 32, 40))


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("size", [2, 4, 8, 16])
def test_small_planes_as_one_matrix_are_the_same_convolution(size, bias):
    torch.manual_seed(0)
    for ours, plain in ((Halve(3, 5, bias=bias), torch.conv2d), (Double(3, 5, bias=bias), torch.conv_transpose2d)):
        planes = torch.rand(2, 3, size, size, requires_grad=True)
        expected = plain(planes, ours.weight, ours.bias, 2, 1)
        found = ours(planes)
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
        towards = torch.rand_like(found)
        asked = (planes, *ours.parameters())
        for mine, theirs in zip(
            torch.autograd.grad(found, asked, towards), torch.autograd.grad(expected, asked, towards), strict=True
        ):
            torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)
