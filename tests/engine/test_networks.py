"""Every network against an independent one with the same seeded random weights; none of these numbers is a metric."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models import squeezenet1_1

from tests.engine.drawing import blobs, made_up_state
from tests.engine.independent import independent_inception
from tests.engine.state_dicts import filled, picture_of, seeded, shapes_of
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.features import inception as inception_features
from workers.engine.features import network as network_features
from workers.engine.features import vggface as vggface_features
from workers.engine.features.extractors import load
from workers.engine.networks import edgeface, inception, squeezenet, vggface
from workers.engine.weights import ExtractorWeights, WeightsFile


@pytest.fixture
def made_up(monkeypatch):
    """Call it to load an extractor with a state dict in the place of its file."""

    def load_with(name, state):
        monkeypatch.setattr(network_features, "read_state", lambda _file: state)
        entry = catalogue.serving(name)[0]
        return load(name, ExtractorWeights((WeightsFile(entry, Path(entry.filename), ""),), ""), "cpu")

    return load_with


@torch.inference_mode()
def test_inception_up_to_the_final_pooling_equals_an_independent_network(monkeypatch):
    state = made_up_state(whole=True)
    ours = inception.InceptionToPool3().eval()
    ours.load_state_dict(inception.fold(state, ours))
    theirs = independent_inception(state, monkeypatch)
    inputs = picture_of(139)
    found, expected = ours(inputs), theirs(inputs)
    assert found.shape == expected.shape == (2, 2048, 3, 3)
    assert (found - expected).norm() < 1e-4 * expected.norm()
    assert torch.equal(ours(inputs, "mixed6e"), inception.InceptionToMixed6e.forward(ours, inputs))


def test_inception_has_the_published_number_of_weights():
    shapes = inception.full_shapes()
    convolutions = [shape for key, shape in shapes.items() if key.endswith("conv.weight")]
    assert len(convolutions) == 94
    assert sum(map(np.prod, convolutions)) == 21_751_136  # torchvision's inception_v3 without AuxLogits and fc


@torch.inference_mode()
def test_the_three_ways_of_preparing_feed_one_network(made_up, monkeypatch):
    state = made_up_state()
    names = ("inception.mixed6e", "inception.mixed6e_tf1", "inception.mixed6e_clean")
    monkeypatch.setattr(inception_features, "SIDE", 107)
    extractors = [made_up(name, state) for name in names]
    picture = blobs(0, size=(60, 80)).copy()
    prepared = [extractor.prepare(picture) for extractor in extractors]
    assert all(each.shape == (3, 107, 107) and each.min() > -1.01 and each.max() < 1.01 for each in prepared)
    rows = [extractor.features([one])[0] for extractor, one in zip(extractors, prepared, strict=True)]
    assert len({row.tobytes() for row in rows}) == 3
    np.testing.assert_array_equal(extractors[1].features([prepared[0]])[0], rows[0])


def test_every_inception_row_is_its_layer_of_its_network():
    for name, network, layer in (
        ("pool1", inception.InceptionToMixed6e, "pool1"),
        ("pool2", inception.InceptionToMixed6e, "pool2"),
        ("mixed6e_clean", inception.InceptionToMixed6e, "mixed6e"),
        ("pool3", inception.InceptionToPool3, "pool3"),
        ("pool3_tf1", inception.InceptionToPool3, "pool3"),
        ("pool3_clean", inception.InceptionToPool3, "pool3"),
    ):
        built = getattr(inception_features, catalogue.extractor(f"inception.{name}").module.rpartition(".")[2])
        assert (built.network_class, built.layer) == (network, layer)


SMALL_VGG = {"widths": (4, 6, 8, 10, 12), "hidden": 16, "people": 5, "side": 64}


def independent_vgg(state):
    """The layers one after the other, as the paper's table lists them."""
    layers, inputs, number = [], 3, 0
    for block, (width, depth) in enumerate(zip(SMALL_VGG["widths"], (2, 2, 3, 3, 3), strict=True), start=1):
        for layer in range(1, depth + 1):
            convolution = nn.Conv2d(inputs, width, 3, padding=1)
            convolution.load_state_dict({part: state[f"conv{block}_{layer}.{part}"] for part in ("weight", "bias")})
            layers += [convolution, nn.ReLU()]
            inputs, number = width, number + 1
        layers.append(nn.MaxPool2d(2))
    assert number == 13
    layers.append(nn.Flatten())
    for name, (rows, columns) in {"fc6": (16, 48), "fc7": (16, 16), "fc8": (5, 16)}.items():
        linear = nn.Linear(columns, rows)
        linear.load_state_dict({part: state[f"{name}.{part}"] for part in ("weight", "bias")})
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


@torch.inference_mode()
def test_every_layer_of_vggface_equals_the_table_of_the_paper():
    state = {key: 8 * value for key, value in seeded(shapes_of(vggface.VggFace(**SMALL_VGG))).items()}
    theirs = independent_vgg(state)
    inputs = 100 * picture_of(64)
    ends = {"pool5": -6, "fc6": -5, "relu6": -4, "fc7": -3, "relu7": -2, "fc8": -1}
    for layer, end in ends.items():
        ours = vggface.VggFace(layer, **SMALL_VGG)
        filled(ours, {key: state[key] for key in ours.state_dict()})
        found = ours.to(memory_format=torch.channels_last)(inputs.to(memory_format=torch.channels_last)).flatten(1)
        expected = theirs[: len(theirs) + end + 1](inputs)
        assert expected.abs().max() > 0
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_vggface_has_the_published_number_of_parameters():
    with torch.device("meta"):
        network = vggface.VggFace()
        count = {until: sum(p.numel() for p in vggface.VggFace(until).parameters()) for until in ("pool5", "fc6")}
        shape = vggface.VggFace("pool5")(torch.empty(1, 3, 224, 224)).shape
    assert sum(p.numel() for p in network.parameters()) == 145_002_878
    assert count == {"pool5": 14_714_688, "fc6": 117_479_232}
    assert shape == (1, 512, 7, 7)
    assert vggface.shapes()["fc6.weight"] == (4096, 25_088)
    assert "fc8.weight" not in vggface.shapes()


def test_the_means_of_vggface_are_bound_to_colours():
    """Pure red and pure blue: what each plane holds tells which mean it lost. (Parkhi et al.: R 129.1863, B 93.5940.)"""
    prepare = vggface_features.Fc6.prepare
    for colour, expected in (
        ((255, 0, 0), (255 - 129.1863, -104.7624, -93.5940)),
        ((0, 0, 255), (-129.1863, -104.7624, 255 - 93.5940)),
    ):
        picture = np.full((30, 40, 3), colour, dtype=np.uint8)
        planes = prepare(None, picture)
        assert planes.shape == (3, 224, 224)
        np.testing.assert_allclose(planes.mean(dim=(1, 2)), expected, atol=1e-3)
        np.testing.assert_allclose(planes.std(dim=(1, 2)), 0, atol=1e-4)


@torch.inference_mode()
def test_pool5_is_flattened_by_channel_then_row_then_column_and_averaged_by_channel():
    planes = torch.arange(2 * 512 * 49.0).reshape(2, 512, 7, 7)
    for row, expected in (
        (vggface_features.Pool5, planes.flatten(1)),
        (vggface_features.Pool5Avg, planes.mean((2, 3))),
    ):
        extractor = object.__new__(row)
        extractor.network = lambda inputs: inputs
        found = extractor.forward(planes.to(memory_format=torch.channels_last))
        torch.testing.assert_close(found, expected)


@torch.inference_mode()
def test_squeezenet_equals_torchvision(made_up):
    state = {key: 5 * value for key, value in seeded(squeezenet.shapes()).items()}
    ours = filled(squeezenet.SqueezeNet(), state)
    theirs = squeezenet1_1(weights=None).features.eval()
    theirs.load_state_dict({key.removeprefix("features."): value for key, value in state.items()})
    inputs = picture_of(96)
    taps, expected = ours.taps(inputs), inputs
    assert [tap.shape[1] for tap in taps] == [64, 128, 256, 384, 384, 512, 512]
    for number, layer in enumerate(theirs):
        expected = layer(expected)
        if number in (1, 4, 7, 9, 10, 11, 12):
            tap = taps[(1, 4, 7, 9, 10, 11, 12).index(number)]
            torch.testing.assert_close(tap, expected, rtol=1e-4, atol=1e-6)
    extractor = made_up("squeezenet.fire12", state)
    row = extractor.features([inputs[0]])[0]
    np.testing.assert_allclose(row, expected[0].mean(dim=(1, 2)), rtol=1e-3, atol=1e-6)


# What timm 1.0.31's edgenext_x_small with 512 outputs gives for the seeded weights and pictures below.
FROM_TIMM = {
    (0, 0): 0.6400811672210693, (0, 1): -0.2258409559726715, (0, 2): 0.03196395933628082, (0, 3): -0.31030339002609253,
    (1, 508): 0.10690687596797943, (1, 509): -0.10267506539821625, (1, 510): -0.16166174411773682,
    (1, 511): -0.3477814197540283,
}  # fmt: skip


@torch.inference_mode()
def test_edgeface_equals_the_numbers_of_timm():
    network = filled(edgeface.EdgeFaceXs(), seeded(edgeface.shapes()))
    found = network(picture_of(112))
    assert sum(p.numel() for p in network.parameters()) == 2_242_620
    for place, expected in FROM_TIMM.items():
        assert float(found[place]) == pytest.approx(expected, abs=1e-4)


def test_weights_that_do_not_fit_are_refused_in_words(made_up):
    state = seeded(squeezenet.shapes())
    state["features.0.weight"] = torch.zeros(1)
    with pytest.raises(InputError, match=r"squeezenet1_1_features\.pth does not fit the network"):
        made_up("squeezenet.fire12", state)
    del state["features.0.weight"]
    with pytest.raises(InputError, match=r"does not fit the network: 'features\.0\.weight'"):
        made_up("squeezenet.fire12", state)
