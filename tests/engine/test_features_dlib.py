import numpy as np
import pytest
from PIL import Image

from tests.engine.drawing import folder_of_blobs
from workers.engine.errors import InputError
from workers.engine.features.extract import assemble, extract, known_features
from workers.engine.metrics.compare import compare
from workers.engine.weights import find, sha256_of

NAME = "dlib.face128"


@pytest.fixture(scope="module")
def portraits(shared_dir):
    """Photos and sketches of the same persons in the same order, by the naming of the data set."""
    folder = shared_dir / "data/cufs/XM2VTS"
    photos = sorted((folder / "photos").iterdir())[:4]
    return photos, [folder / "sketches" / f"{photo.stem}_sz1.jpg" for photo in photos]


def test_it_needs_no_weights_folder_and_knows_a_person_again(portraits):
    photos, sketches = (extract(paths, NAME) for paths in portraits)
    assert photos.features.shape == sketches.features.shape == (4, 128)
    distances = np.linalg.norm(photos.features[:, None] - sketches.features[None], axis=2)
    others = distances[~np.eye(4, dtype=bool)]
    assert np.diag(distances).mean() < others.mean()


def test_batch_size_and_order_do_not_matter(portraits):
    photos, _ = portraits
    one, many = extract(photos, NAME, batch_size=1), extract(photos[::-1], NAME, batch_size=3)
    np.testing.assert_array_equal(one.features, many.features[::-1])


def test_pictures_without_a_face_are_skipped_by_name(portraits, tmp_path):
    blank = folder_of_blobs(tmp_path, [1, 2])
    thin = tmp_path / "thin.png"
    Image.new("RGB", (300, 3)).save(thin)
    photos, sketches = portraits
    found = extract([blank[0], *photos, thin], NAME, store_dir=tmp_path / "store")
    assert found.keys == tuple(map(str, photos))
    assert [(skip.key, skip.reason) for skip in found.skipped] == [
        (str(blank[0]), "no frontal face was found in it"),
        (str(thin), "the picture is too small to hold a face"),
    ]
    assert extract([blank[0], *photos, thin], NAME, store_dir=tmp_path / "store").skipped == found.skipped
    measured = compare("fid", found, extract(sketches, NAME))
    said = [str(caution) for caution in measured.cautions]
    assert f"1 pictures were skipped, e.g. {blank[0].name}: no frontal face was found in it" in said
    assert any("8 pictures are JPEG" in text for text in said)
    assert measured.protocol.n_reference == 4


def test_two_faces_are_needed(portraits, tmp_path):
    photos, _ = portraits
    with pytest.raises(InputError, match=r"Of 3 pictures 1 can be used by dlib\.face128") as refused:
        extract([photos[0], *folder_of_blobs(tmp_path, [1, 2])], NAME)
    assert "001.png: no frontal face was found in it" in str(refused.value)


def test_no_face_at_all_is_refused_too(tmp_path):
    with pytest.raises(InputError, match="Of 2 pictures 0 can be used"):
        extract(folder_of_blobs(tmp_path, [1, 2]), NAME)


def test_a_set_without_a_face_is_assembled_where_that_is_allowed(tmp_path):
    paths = folder_of_blobs(tmp_path, [1, 2])
    names, digests = [path.name for path in paths], [sha256_of(path) for path in paths]
    found = find(NAME, None)
    known = known_features(list(zip(digests, paths, names, strict=True)), NAME, found, store_dir=tmp_path / "store")
    empty = assemble(names, digests, known, NAME, found.digest, least=0)
    assert (empty.features.shape, empty.keys, len(empty.skipped)) == ((0, 128), (), 2)
    with pytest.raises(InputError, match="Of 2 pictures 0 can be used"):
        assemble(names, digests, known, NAME, found.digest)


def test_a_huge_picture_gives_nearly_the_same_features(portraits, tmp_path):
    photos, _ = portraits
    with Image.open(photos[0]) as image:
        image.resize((image.width * 10, image.height * 10), Image.Resampling.BICUBIC).save(tmp_path / "huge.png")
    found = extract([photos[0], tmp_path / "huge.png", photos[1]], NAME)
    same, other = np.linalg.norm(found.features[0] - found.features[1:], axis=1)
    assert same < 0.3 < other
