"""SphereFace against a second way of computing it, with seeded random weights; none of these numbers is a metric."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.engine.state_dicts import filled, seeded, shapes_of
from workers.engine import catalogue, faces, weights
from workers.engine.errors import InputError
from workers.engine.features import aligned_face as aligned_faces
from workers.engine.features.extract import extract
from workers.engine.features.sphereface import Fc5
from workers.engine.geometry import TEMPLATES
from workers.engine.networks import sphereface

SMALL = {"widths": (4, 6, 8, 10), "numbers": 7}


def prelu(planes, slope):
    return torch.maximum(planes, torch.zeros(())) + slope[:, None, None] * torch.minimum(planes, torch.zeros(()))


@torch.inference_mode()
def test_the_network_is_the_table_of_the_paper():
    """Rows: 3x3, stride 2; then pairs of 3x3 with a shortcut, 1, 2, 4 and 1 of them; 512 at last."""
    network = sphereface.Sphere20a(**SMALL)
    state = seeded(shapes_of(network))
    filled(network, state)

    def layer(planes, name, stride):
        planes = functional.conv2d(planes, state[f"conv{name}.weight"], state[f"conv{name}.bias"], stride, 1)
        return prelu(planes, state[f"relu{name}.weight"])

    picture = torch.rand(2, 3, 112, 96, generator=torch.Generator().manual_seed(3)) * 2 - 1
    planes = picture
    for stage, names in ((1, "23"), (2, "23 45"), (3, "23 45 67 89"), (4, "23")):
        planes = layer(planes, f"{stage}_1", 2)
        for first, second in names.split():
            planes = planes + layer(layer(planes, f"{stage}_{first}", 1), f"{stage}_{second}", 1)
    assert planes.shape == (2, 10, 7, 6)
    expected = planes.reshape(2, -1) @ state["fc5.weight"].T + state["fc5.bias"]
    torch.testing.assert_close(network(picture), expected, rtol=1e-4, atol=1e-5)
    shifted = network(picture.to(memory_format=torch.channels_last))
    torch.testing.assert_close(shifted, expected, rtol=1e-4, atol=1e-5)


def test_it_has_the_published_number_of_parameters():
    shapes = sphereface.shapes()
    count = sum(int(np.prod(shape)) for shape in shapes.values())
    assert count == 22_670_656
    assert count + 227 * 512 == 22_786_880, "what SATNet counted with its classifier of 227 persons"
    assert shapes["conv3_9.weight"] == (256, 256, 3, 3) and shapes["fc5.weight"] == (512, 512 * 7 * 6)


def test_the_five_points_come_to_the_template_and_colours_are_exchanged(monkeypatch):
    template = TEMPLATES["sphereface"]
    places = 2.5 * template.array() + (40, 30)
    landmarks = np.zeros((68, 2))
    for parts, place in zip(((36, 39), (42, 45), (30,), (48,), (54,)), places, strict=True):
        landmarks[list(parts)] = place
    picture = np.zeros((420, 420, 3), dtype=np.uint8)
    for x, y in places.round().astype(int):
        picture[y - 9 : y + 10, x - 9 : x + 10] = (255, 128, 0)  # red, green, blue
    monkeypatch.setattr(aligned_faces, "find_faces", lambda _image: [faces.Face((0, 0, 1, 1), 1.0, landmarks)])
    planes = Fc5.prepare(object.__new__(Fc5), picture)
    assert planes.shape == (3, 112, 96)
    for x, y in template.array().round().astype(int):
        np.testing.assert_allclose(planes[:, y, x], [-127.5 / 128, 0.5 / 128, 127.5 / 128], atol=0.1)


def test_without_its_file_it_says_where_the_file_is_to_be_had(tmp_path):
    picture = tmp_path / "a.png"
    picture.write_bytes(b"never read")
    with pytest.raises(InputError, match=r"sphere20a_20171020.*") as caught:
        extract([picture, picture], "sphereface.fc5", weights_dir=tmp_path)
    assert "add_weights" in str(caught.value)


def test_a_fine_tuned_file_has_a_name_of_its_own(tmp_path):
    assert catalogue.extractor("sphereface.fc5@caricatures").dimension == 512
    with pytest.raises(InputError, match="caricatures"):
        weights.find("sphereface.fc5@caricatures", tmp_path)


def test_a_file_of_its_shape_is_taken_with_and_without_the_classifier_and_its_digest_told(tmp_path):
    state = seeded(sphereface.shapes())
    path = tmp_path / "sphere20a_20171020.pth"
    digests = set()
    for more in ({}, {"fc6.weight": torch.zeros(512, 9)}):
        torch.save(state | more, path)
        digests.add(weights.find("sphereface.fc5", tmp_path).digest)
        Fc5(weights.find("sphereface.fc5", tmp_path), "cpu")
    assert len(digests) == 2
    torch.save({"conv1_1.weight": torch.zeros(2)}, path)
    with pytest.raises(InputError):
        Fc5(weights.find("sphereface.fc5", tmp_path), "cpu")
