import shutil

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.engine.drawing import add_to_catalogue, blobs
from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.metrics import paired, paired_weights
from workers.engine.metrics.dists import Dists
from workers.engine.metrics.lpips import LpipsSqueeze
from workers.engine.networks import dists, lpips


@pytest.fixture(scope="module")
def real(shared_dir):
    return LpipsSqueeze(paired_weights.metric_weights("lpips.squeeze", shared_dir / "weights"), "cpu")


def made_up(trunk, seed=0):
    """A network of random numbers: for testing the machinery, never for a metric shown."""
    with torch.device("meta"):
        network = lpips.Lpips(trunk)
    generator = torch.Generator().manual_seed(seed)
    state = {
        key: torch.randn(value.shape, generator=generator) * (0.05 if value.ndim > 1 else 0.1)
        for key, value in network.state_dict().items()
    }
    network.load_state_dict(state, assign=True)
    return network.eval()


def test_the_real_weights_give_the_documented_values(real):
    torch.manual_seed(42)
    first, second = torch.rand(2, 3, 100, 100) * 2 - 1, torch.rand(2, 3, 100, 100) * 2 - 1
    with torch.inference_mode():
        found = real.network(first, second)
    assert found.tolist() == pytest.approx([0.1024, 0.0938], abs=5e-5)


def test_it_takes_pictures_and_is_zero_for_equal_ones(real):
    first = np.stack([blobs(1, size=(64, 72)), blobs(2, size=(64, 72))])
    found = real(first, np.stack([first[0], blobs(3, size=(64, 72))]))
    assert found[0] == 0
    assert 0.05 < found[1] < 1.5
    assert found[1] == pytest.approx(real(first[1:], blobs(3, size=(64, 72))[None])[0], rel=1e-5)


def test_the_parts_end_where_the_authors_look():
    # ReLU outputs of AlexNet and VGG-16 (relu1_2 ... relu5_3), fire modules of SqueezeNet, by torchvision's own layers.
    for trunk, last in (("alex", "ReLU"), ("vgg", "ReLU"), ("squeeze", "Fire")):
        with torch.device("meta"):
            network = lpips.Lpips(trunk)
        assert {type(part[-1]).__name__ for part in network.parts[1:]} == {last}
        assert type(network.parts[0][-1]).__name__ == "ReLU"
        assert [len(head) for head in network.heads] == list(lpips.TRUNKS[trunk].channels)


def test_the_distance_is_the_formula():
    network = made_up("alex")
    first, second = torch.rand(1, 3, 70, 66) * 2 - 1, torch.rand(1, 3, 70, 66) * 2 - 1
    total = 0.0
    with torch.inference_mode():
        planes = [(each - torch.tensor(lpips.MEAN)[:, None, None]) / torch.tensor(lpips.DEVIATION)[:, None, None]
                  for each in (first, second)]  # fmt: skip
        for part, head in zip(network.parts, network.heads, strict=True):
            planes = [part(each) for each in planes]
            unit = [each / (each.square().sum(dim=1, keepdim=True).sqrt() + 1e-10) for each in planes]
            difference = (unit[0] - unit[1]) ** 2
            total += functional.conv2d(difference, head[None, :, None, None]).mean().item()
        assert network(first, second).item() == pytest.approx(total, rel=1e-5)


@pytest.mark.parametrize("trunk", ["squeeze", "alex"])
def test_published_keys_fill_the_network(trunk):
    with torch.device("meta"):
        whole = lpips.TRUNKS[trunk].build(weights=None)
        network = lpips.Lpips(trunk)
    heads = {f"lin{i}.model.1.weight": torch.empty(1, c, 1, 1) for i, c in enumerate(lpips.TRUNKS[trunk].channels)}
    state = lpips.state_of(trunk, whole.state_dict(), heads)
    assert {key: value.shape for key, value in state.items()} == {
        key: value.shape for key, value in network.state_dict().items()
    }
    parts = [layer for part in network.parts for layer in part]
    assert [type(layer) for layer in parts] == [type(layer) for layer in list(whole.features)[: len(parts)]]


@pytest.mark.parametrize(
    ("name", "file"),
    [("lpips.squeeze", "squeezenet1_1_features"), ("lpips.alex", "alexnet-owt-7be5be79"), ("dists", "vgg16-397923af")],
)
def test_missing_weights_are_refused_with_the_command(name, file, tmp_path):
    pairs = paired.Pairs(("a", "b"), (tmp_path,) * 2, (tmp_path,) * 2)
    with pytest.raises(InputError) as refused:
        paired.measure([name], pairs, weights_dir=tmp_path)
    assert f"The weights of {name} are missing" in str(refused.value)
    assert f"{file}.pth" in str(refused.value)
    assert "python manage.py add_weights" in str(refused.value)


def test_the_weights_are_part_of_the_protocol(shared_dir, tmp_path, monkeypatch):
    folder = shared_dir / "weights"
    digest = paired_weights.metric_digest("lpips.squeeze", folder)
    assert len(digest) == 64
    for stem in (catalogue.WEIGHTS[stem].stem for stems in catalogue.metric("lpips.squeeze").weights for stem in stems):
        if (folder / catalogue.WEIGHTS[stem].filename).is_file():
            shutil.copy(folder / catalogue.WEIGHTS[stem].filename, tmp_path)
    heads = tmp_path / "lpips_v0.1_squeeze_heads.pth"
    heads.write_bytes(heads.read_bytes() + b" ")
    add_to_catalogue(monkeypatch, "lpips_v0.1_squeeze_heads", heads)
    assert paired_weights.metric_digest("lpips.squeeze", tmp_path) != digest
    assert paired_weights.metric_digest("ssim", None) == ""


def test_dists_is_the_formula_of_its_stages():
    # One stage of two channels by hand: means (1, 3) and (3, 3), variances (0, 4) and (0, 4), covariance (0, -4).
    first = torch.tensor([[[[1.0, 1.0]], [[1.0, 5.0]]]])
    second = torch.tensor([[[[3.0, 3.0]], [[5.0, 1.0]]]])
    texture, structure = dists._compared(first, second)
    assert texture[0].tolist() == pytest.approx([6 / 10, 1], abs=1e-6)
    assert structure[0].tolist() == pytest.approx([1, -1], abs=1e-6)


def test_the_pooling_of_dists_is_a_weighted_norm():
    planes = torch.arange(1.0, 17.0).reshape(1, 1, 4, 4)
    window = np.outer([0.25, 0.5, 0.25], [0.25, 0.5, 0.25])
    padded = np.pad(np.arange(1.0, 17.0).reshape(4, 4) ** 2, 1)
    expected = [[np.sqrt((window * padded[r : r + 3, c : c + 3]).sum()) for c in (0, 2)] for r in (0, 2)]
    assert dists._pooled(planes)[0, 0].numpy() == pytest.approx(np.array(expected), rel=1e-5)


def test_dists_takes_torchvisions_keys_and_is_zero_for_equal_pictures(tmp_path, monkeypatch):
    from torchvision import models

    with torch.device("meta"):
        shapes = {key: value.shape for key, value in models.vgg16(weights=None).features.state_dict().items()}
    generator = torch.Generator().manual_seed(0)
    backbone = {f"features.{key}": torch.randn(shape, generator=generator) * 0.02 for key, shape in shapes.items()}
    weights = {name: torch.rand(shape, generator=generator) for name, shape in dists.shapes().items()}
    with torch.device("meta"):
        network = dists.Dists()
    network.load_state_dict(dists.state_of(backbone, weights), assign=True)
    measure = object.__new__(Dists)
    measure.device, measure.network = torch.device("cpu"), network.eval()
    first, second = blobs(1, size=(32, 32))[None], blobs(2, size=(32, 32))[None]
    assert measure(first, first)[0] == pytest.approx(0, abs=1e-5)
    assert measure(first, second)[0] == pytest.approx(measure(second, first)[0], rel=1e-4)
    assert measure(first, second)[0] > 1e-3
