import numpy as np
import pytest
import torch
from PIL import Image

from tests.engine.drawing import folder_of_blobs
from workers.engine import faces
from workers.engine.features import aligned_face as aligned_faces
from workers.engine.features.edgeface import ARCFACE, EdgeFaceXs512
from workers.engine.features.extract import extract
from workers.engine.features.extractors import NotUsable

NAME = "edgeface.xs512"


def test_sketches_know_their_persons_again(shared_dir):
    """Unaligned pairs, real weights: what the file's description found for 15 of 16."""
    folder = shared_dir / "data/cufs/CUHK_uncropped"
    photos = sorted((folder / "photos").iterdir())[::4]
    sketches = sorted((folder / "sketches").iterdir())[::4]
    sets = [extract(paths, NAME, weights_dir=shared_dir / "weights").features for paths in (photos, sketches)]
    first, second = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in sets)
    likeness = second @ first.T
    assert (likeness.argmax(axis=1) == np.arange(len(photos))).sum() >= 3
    others = likeness[~np.eye(len(photos), dtype=bool)]
    assert np.diag(likeness).mean() > others.mean() + 0.15


def test_the_five_points_come_to_the_template(monkeypatch):
    """White dots at the landmarks of a turned and enlarged face lie at ArcFace's places in what the network is given."""
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    places = 2.5 * ARCFACE.array() @ turn.T + (130, 40)
    landmarks = np.zeros((68, 2))
    for parts, place in zip(((36, 39), (42, 45), (30,), (48,), (54,)), places, strict=True):
        landmarks[list(parts)] = place
    picture = np.zeros((420, 420, 3), dtype=np.uint8)
    for x, y in places.round().astype(int):
        picture[y - 4 : y + 5, x - 4 : x + 5] = (255, 128, 0)
    found = [faces.Face((0, 0, 1, 1), 1.0, landmarks)]
    monkeypatch.setattr(aligned_faces, "find_faces", lambda _image: found)
    planes = EdgeFaceXs512.prepare(object.__new__(EdgeFaceXs512), picture)
    assert planes.shape == (3, 112, 112)
    for x, y in ARCFACE.array().round().astype(int):
        np.testing.assert_allclose(planes[:, y, x], [1, 128 / 127.5 - 1, -1], atol=0.15)
    assert (planes[0] > 0).sum() < 5 * 30


def test_pictures_without_a_face_are_not_usable(tmp_path):
    extractor = object.__new__(EdgeFaceXs512)
    (path,) = folder_of_blobs(tmp_path, [1])
    with pytest.raises(NotUsable, match="no frontal face was found"):
        extractor.prepare(np.array(Image.open(path)))
    with pytest.raises(NotUsable, match="too small"):
        extractor.prepare(np.zeros((300, 3, 3), dtype=np.uint8))


def test_the_real_weights_give_the_numbers_of_timm(shared_dir):
    """timm 1.0.31, edgenext_x_small with this file; measured once, to the last digit the same."""
    from workers.engine.networks.edgeface import EdgeFaceXs

    network = EdgeFaceXs()
    network.load_state_dict(torch.load(shared_dir / "weights/edgeface_xs_fp32.pth", weights_only=True))
    inputs = torch.rand(2, 3, 112, 112, generator=torch.Generator().manual_seed(3)) * 2 - 1
    with torch.inference_mode():
        found = network.eval()(inputs)
    np.testing.assert_allclose(found[0, :3], [-0.0264960, 0.0537905, 0.0539921], atol=1e-4)
    np.testing.assert_allclose(found[1, -3:], [-0.1068977, 0.0663850, -0.0795934], atol=1e-4)
