"""Every preset of the catalogue, by walking it."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
import torch

from tests.engine.drawing import blobs
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.families import build
from workers.engine.families.family import Batch, Surroundings
from workers.engine.families.use import draw
from workers.engine.networks.blocks import parameter_count
from workers.engine.training.session import autocasting

CPU = torch.device("cpu")
COUNTS = {
    "pix2pix.unet256": {"generator": 54_413_955, "discriminator": 2_768_705},
    "pix2pix.noskip256": {"generator": 39_075_459, "discriminator": 2_768_705},
    "pix2pix.modern": {"generator": 5_318_019, "discriminator": 1_559_089},
    "pix2pix.tiny": {"generator": 261_715, "discriminator": 11_625},
    "vae.seed": {"generator": 15_357_091},
    "vae.tiny": {"generator": 41_879},
}


@pytest.fixture(scope="module", params=sorted(catalogue.PRESETS))
def networks(request):
    """Networks of a preset at its smallest size, and the name of the preset."""
    torch.manual_seed(0)
    option = catalogue.preset(request.param).option("size")
    return request.param, build.family(request.param, {"size": min(option.choices)}).networks(), min(option.choices)


def test_every_preset_is_counted_here():
    assert COUNTS.keys() == catalogue.PRESETS.keys()


@pytest.mark.parametrize("name", sorted(catalogue.PRESETS))
def test_parameters_and_shapes_are_the_stated_ones(name):
    found = build.describe(name)
    assert {part: network["parameters"] for part, network in found["networks"].items()} == COUNTS[name]
    size = found["options"]["size"]["value"]
    assert found["networks"]["generator"]["output"] == [3, size, size]


def test_gradient_reaches_every_parameter(networks):
    name, parts, size = networks
    for part, network in parts.items():
        network.train().zero_grad(set_to_none=True)
        pictures = torch.rand(2, 6 if part == "discriminator" else 3, size, size) * 2 - 1
        if name.startswith("vae"):
            drawn, mean, log_variance = network.with_code(pictures)
            (drawn.square().mean() + mean.square().mean() + log_variance.square().mean()).backward()
        else:
            network(pictures).square().mean().backward()
        silent = [key for key, value in network.named_parameters() if value.grad is None or not value.grad.any()]
        network.zero_grad(set_to_none=True)
        # A bias in front of a normalisation is taken away again; the VAE's layers are stated with one.
        assert not [key for key in silent if not key.endswith("bias")], part
        assert all(float(value.detach().abs().max()) < 10 for value in network.parameters())


def test_a_picture_is_drawn_alike_alone_and_in_a_batch(networks):
    _, parts, size = networks
    generator = parts["generator"].eval()
    pictures = torch.rand(8 if size < 128 else 3, 3, size, size) * 2 - 1
    with torch.inference_mode():
        together = generator(pictures)
        alone = torch.cat([generator(picture[None]) for picture in pictures[:2]])
        again = generator(pictures[:2])
    torch.testing.assert_close(together[:2], alone, rtol=0, atol=1e-5)
    torch.testing.assert_close(again, together[:2], rtol=0, atol=1e-5)  # and no chance is left


def test_weights_survive_being_written_and_read(networks, tmp_path):
    from safetensors.torch import load_file, save_file

    name, parts, size = networks
    state = parts["generator"].state_dict()
    save_file({key: value.contiguous() for key, value in state.items()}, tmp_path / "weights.safetensors")
    family = build.family(name, {"size": size})
    with torch.device("meta"):
        other = family.generator()
    other.load_state_dict(load_file(tmp_path / "weights.safetensors"), assign=True)
    assert other.state_dict().keys() == state.keys()
    assert all(torch.equal(value, state[key]) for key, value in other.state_dict().items())


@pytest.mark.parametrize("name", ["pix2pix.tiny", "vae.tiny"])
@pytest.mark.parametrize("parts", [1, 2])
def test_a_step_changes_every_network(name, parts):
    torch.manual_seed(0)
    family = build.family(name, {"batch": 4, "kl_warmup": 0} if name.startswith("vae") else {"batch": 4})
    networks = family.networks()
    before = {part: [value.detach().clone() for value in network.parameters()] for part, network in networks.items()}
    learner = family.learner(networks, around())
    source, target = torch.rand(2, 4, 3, 32, 32)
    batches = [Batch(s, t, share=1 / parts) for s, t in zip(source.chunk(parts), target.chunk(parts), strict=True)]
    losses, drawn = learner.step(batches, epoch=1.0)
    assert drawn.shape == (4 // parts, 3, 32, 32) and not drawn.requires_grad
    assert all(torch.isfinite(value) and not value.requires_grad for value in losses.values())
    for part, network in networks.items():
        assert any(not torch.equal(one, other) for one, other in zip(before[part], network.parameters(), strict=True))
        assert all(value.requires_grad and value.grad is None for value in network.parameters())


def test_parts_of_a_batch_add_up_to_its_gradient(monkeypatch):
    gradients = []

    def record(network, optimiser, reduce, longest):
        gradients[-1].append(torch.cat([value.grad.flatten() for value in network.parameters()]))
        optimiser.zero_grad(set_to_none=True)

    monkeypatch.setattr("workers.engine.families.adversarial.update", record)
    source, target = torch.rand(2, 4, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    for parts in (1, 2):
        torch.manual_seed(0)
        family = build.family("pix2pix.tiny", {"norm": "instance", "dropout": 0})
        gradients.append([])
        batches = [Batch(s, t, share=1 / parts) for s, t in zip(source.chunk(parts), target.chunk(parts), strict=True)]
        family.learner(family.networks(), around()).step(batches, epoch=0.0)
    for whole, added in zip(*gradients, strict=True):
        torch.testing.assert_close(added, whole, rtol=1e-3, atol=1e-6)


def test_the_modern_preset_learns_with_all_its_losses():
    torch.manual_seed(0)
    family = build.family("pix2pix.modern", {"size": 128})
    networks = family.networks()
    learner = family.learner(networks, around())
    source, target = torch.rand(2, 1, 3, 64, 64)
    losses, _ = learner.step([Batch(source, target)], epoch=0.0)
    assert losses.keys() == {"discriminator", "gan", "l1", "edges", "features"}
    assert learner.loss_networks == ()


def test_bfloat16_is_close_to_float32_and_keeps_weights_in_float32():
    torch.manual_seed(0)
    family = build.family("pix2pix.tiny", {"dropout": 0})
    generator = family.generator().train()
    pictures = torch.rand(2, 3, 32, 32)
    with autocasting("bfloat16", CPU)():
        rough = generator(pictures)
    assert rough.dtype == torch.bfloat16
    with autocasting("auto", CPU)():
        exact = generator(pictures)
    assert exact.dtype == torch.float32
    assert float((rough.float() - exact).detach().abs().mean()) < 0.02
    assert {value.dtype for value in generator.parameters()} == {torch.float32}


def test_a_network_in_training_mode_is_not_drawn_with():
    with pytest.raises(ValueError, match="eval"):
        draw(build.family("pix2pix.tiny", {}).generator(), [blobs(0)], 32, CPU)


def test_a_network_that_gives_no_numbers_is_refused():
    generator = build.family("pix2pix.tiny", {}).generator().eval()
    with torch.no_grad():
        next(generator.parameters()).fill_(float("nan"))
    with pytest.raises(InputError, match="no numbers"):
        draw(generator, [blobs(0)], 32, CPU)


@pytest.mark.parametrize("size", [(40, 50), (16, 30), (31, 17)])
def test_drawings_have_the_size_of_their_pictures(size):
    generator = build.family("pix2pix.tiny", {}).generator().eval()
    [drawn] = draw(generator, [blobs(1, size)], 32, CPU)
    assert drawn.shape == (size[1], size[0], 3) and drawn.dtype == np.uint8


@pytest.mark.parametrize("preset", catalogue.PRESETS.values(), ids=lambda preset: preset.name)
def test_every_option_is_explained_and_its_default_is_allowed(preset):
    assert dataclasses.is_dataclass(preset) and preset.title and preset.note.endswith(".")
    for option in preset.options:
        assert option.kind in {"int", "float", "bool", "choice"}
        assert option.title and option.help.endswith(".")
        assert option.checked(option.default) == option.default
        assert option.checked(str(option.default)) == option.default
    assert len({option.name for option in preset.options}) == len(preset.options)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"epoch": 3}, "no option named 'epoch'. Known: background, batch"),
        ({"lr": "quick"}, "lr must be a number, not 'quick'"),
        ({"lr": "inf"}, "finite"),
        ({"batch": 1.5}, "whole number"),
        ({"batch": True}, "must be a number"),
        ({"epochs": 0}, "between 1 and 10000"),
        ({"flip": "perhaps"}, "yes or no"),
        ({"size": 64}, "one of 32"),
        ({"decay_from": 5, "epochs": 4}, "only 4 epochs"),
    ],
)
def test_a_wrong_option_is_named(given, said):
    with pytest.raises(InputError) as refused:
        catalogue.options_checked("pix2pix.tiny", given)
    assert said in str(refused.value)


def test_an_unknown_preset_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"Known: pix2pix\.modern"):
        catalogue.options_checked("pix2pix", {})


def test_the_tables_load_no_torch():
    code = (
        "import sys; from workers.engine import catalogue; import workers.engine.training.plan, "
        "workers.engine.families.checkpoint_file, workers.engine.families.build; "
        "catalogue.options_checked('vae.seed', {}); print('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def around():
    return Surroundings(CPU, autocasting("float32", CPU), lambda parameters: None, lambda: None)


def test_counts_are_those_of_real_networks():
    for name in ("pix2pix.tiny", "vae.tiny"):
        for part, network in build.family(name, {}).networks().items():
            assert parameter_count(network) == COUNTS[name][part]
