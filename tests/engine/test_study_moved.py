"""How far faces moved between two checkpoints."""

import numpy as np
import pytest
from PIL import Image

from workers.engine.features import store
from workers.engine.study.moved import feature_distances, pixel_distances
from workers.engine.weights import sha256_of

EXTRACTOR = "dlib.face128"


@pytest.fixture
def drawings(tmp_path):
    """Four grey pictures a checkpoint; the third differs by 60 levels, the others not at all."""
    paths = {}
    for name, levels in (("before", (10, 50, 90, 130)), ("after", (10, 50, 150, 130))):
        paths[name] = [tmp_path / f"{name}{place}.png" for place in range(4)]
        for path, level in zip(paths[name], levels, strict=True):
            pixels = np.full((50, 40, 3), level, dtype=np.uint8)
            pixels[0, 0] = len(name)  # so that no two files are the same
            Image.fromarray(pixels).save(path)
    return paths["before"], paths["after"]


def keep(folder, paths, features, skipped=()):
    digests = [sha256_of(path) for path in paths]
    rows = [digest for path, digest in zip(paths, digests, strict=True) if path not in skipped]
    known = store.Known(
        tuple(rows), np.array(features, dtype=np.float32), {sha256_of(path): "no face" for path in skipped}
    )
    store.save(folder, store.set_key(digests, EXTRACTOR, "w"), known)


def test_pixels_tell_the_difference_in_grey_levels(drawings):
    distances = pixel_distances(*drawings)
    assert distances[2] == pytest.approx(60, abs=0.1)
    assert [distances[place] for place in (0, 1, 3)] == pytest.approx([0, 0, 0], abs=0.1)


def test_a_lost_picture_has_no_distance(drawings):
    drawings[1][0].unlink()
    distances = pixel_distances(*drawings)
    assert distances[0] is None
    assert None not in distances[1:]


def test_features_come_from_the_store_and_give_euclidean_distances(drawings, tmp_path):
    first, second = np.zeros((4, 3)), np.array([[3.0, 4.0, 0.0], [0, 0, 0], [1, 2, 2], [0, 0, 0]])
    keep(tmp_path, drawings[0], first)
    keep(tmp_path, drawings[1], second)
    assert feature_distances(*drawings, EXTRACTOR, "w", tmp_path) == pytest.approx([5, 0, 3, 0])


def test_a_picture_without_features_has_no_distance(drawings, tmp_path):
    keep(tmp_path, drawings[0], np.zeros((4, 3)))
    keep(tmp_path, drawings[1], np.ones((3, 3)), skipped=(drawings[1][1],))
    distances = feature_distances(*drawings, EXTRACTOR, "w", tmp_path)
    assert distances[1] is None
    assert distances[0] == pytest.approx(3**0.5)


@pytest.mark.parametrize("lost", ["entry", "picture", "weights"])
def test_without_the_features_of_both_there_is_no_answer(drawings, tmp_path, lost):
    keep(tmp_path, drawings[0], np.zeros((4, 3)))
    if lost != "entry":
        keep(tmp_path, drawings[1], np.zeros((4, 3)))
    if lost == "picture":
        drawings[0][0].unlink()
    assert feature_distances(*drawings, EXTRACTOR, "other" if lost == "weights" else "w", tmp_path) is None
