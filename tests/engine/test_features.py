import numpy as np
import pytest
import torch
from PIL import Image

from tests.engine.drawing import blobs, folder_of_blobs, made_up_state
from tests.engine.independent import independent_to_mixed6e
from workers.engine.errors import InputError
from workers.engine.features import extract as extraction
from workers.engine.features.extract import extract
from workers.engine.features.pictures import pictures_below, read_picture
from workers.engine.metrics.compare import compare
from workers.engine.networks.inception import InceptionToMixed6e, fold

NAME = "inception.mixed6e"
RECORDED = 0.865002  # torch 2.15 on a CPU


def test_the_folded_network_equals_an_independent_one_with_batch_normalisation(monkeypatch):
    state = made_up_state()
    ours = InceptionToMixed6e().eval()
    ours.load_state_dict(fold(state, ours))
    ours = ours.to(memory_format=torch.channels_last)
    theirs = independent_to_mixed6e(state, monkeypatch)
    picture = torch.rand(2, 3, 299, 299, generator=torch.Generator().manual_seed(1)) * 2 - 1
    with torch.inference_mode():
        mine, expected = ours(picture), theirs(picture)
    assert mine.shape == (2, 768, 17, 17)
    error = (mine - expected).norm() / expected.norm()
    assert error < 1e-4


def test_features_follow_the_documented_preprocessing(made_up_weights, tmp_path, monkeypatch):
    paths = folder_of_blobs(tmp_path / "set", range(2), size=(60, 80))
    found = extract(paths, NAME, weights_dir=made_up_weights)
    assert found.features.shape == (2, 768)
    assert found.features.dtype == np.float32
    picture = torch.from_numpy(blobs(0, size=(60, 80)).astype(np.float32)).permute(2, 0, 1)[None] / 255
    resized = torch.nn.functional.interpolate(picture, size=(299, 299), mode="bilinear", align_corners=False)
    with torch.inference_mode():
        planes = independent_to_mixed6e(made_up_state(), monkeypatch)(2 * resized - 1)
    expected = torch.nn.functional.adaptive_avg_pool2d(planes, 1).flatten().numpy()
    assert np.linalg.norm(found.features[0] - expected) < 1e-4 * np.linalg.norm(expected)


@pytest.mark.parametrize(("name", "layers"), [("inception.pool1", 4), ("inception.pool2", 7)])
def test_early_layers_are_those_of_the_independent_to_mixed6e(name, layers, made_up_weights, tmp_path, monkeypatch):
    paths = folder_of_blobs(tmp_path / "set", range(2), size=(299, 299))
    found = extract(paths, name, weights_dir=made_up_weights)
    picture = torch.from_numpy(blobs(1, size=(299, 299)).astype(np.float32)).permute(2, 0, 1)[None] / 127.5 - 1
    with torch.inference_mode():
        expected = independent_to_mixed6e(made_up_state(), monkeypatch)[:layers](picture).mean(dim=(2, 3)).numpy()[0]
    assert found.features.shape == (2, len(expected))
    assert np.linalg.norm(found.features[1] - expected) < 1e-4 * np.linalg.norm(expected)


def test_batch_size_and_order_do_not_matter(made_up_weights, tmp_path):
    paths = folder_of_blobs(tmp_path / "set", range(5))
    one = extract(paths, NAME, weights_dir=made_up_weights, batch_size=1)
    many = extract(paths[::-1], NAME, weights_dir=made_up_weights, batch_size=4)
    assert many.keys == one.keys[::-1]
    np.testing.assert_allclose(many.features[::-1], one.features, rtol=1e-4, atol=1e-5 * np.abs(one.features).max())


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "I;16", "LA", "CMYK", "1"])
def test_every_kind_of_picture_is_read_as_rgb(mode, tmp_path):
    grey = np.array([[0, 255, 0, 255]] * 3, dtype=np.uint8)
    if mode == "I;16":
        image = Image.fromarray(grey.astype(np.uint16) * 257)
    else:
        image = Image.fromarray(grey).convert("RGB" if mode in {"P", "CMYK", "RGBA"} else "L").convert(mode)
    path = tmp_path / ("picture.tif" if mode == "CMYK" else "picture.png")
    image.save(path)
    with Image.open(path) as stored:
        assert stored.mode.split(";")[0] == mode.split(";")[0]
    picture = read_picture(path)
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture, np.repeat(grey[:, :, None], 3, axis=2))


def test_transparency_becomes_white(tmp_path):
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (read_picture(tmp_path / "clear.png") == 255).all()


def test_the_orientation_of_a_phone_is_applied(tmp_path):
    image = Image.new("RGB", (6, 2), "black")
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.jpg", exif=exif)
    assert read_picture(tmp_path / "turned.jpg").shape == (6, 2, 3)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n broken"])
def test_an_unreadable_file_is_named(content, made_up_weights, tmp_path):
    paths = folder_of_blobs(tmp_path, range(2))
    (tmp_path / "broken.png").write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.png cannot be read"):
        extract([*paths, tmp_path / "broken.png"], NAME, weights_dir=made_up_weights)


def test_a_truncated_file_is_named(made_up_weights, tmp_path):
    paths = folder_of_blobs(tmp_path, range(2), size=(200, 200))
    paths[1].write_bytes(paths[1].read_bytes()[:400])
    with pytest.raises(InputError, match=r"001\.png cannot be read"):
        extract(paths, NAME, weights_dir=made_up_weights)


def test_a_missing_file_is_named(made_up_weights, tmp_path):
    with pytest.raises(InputError, match=r"gone\.png cannot be read"):
        extract([tmp_path / "gone.png"], NAME, weights_dir=made_up_weights)


def test_one_picture_is_too_few(made_up_weights, tmp_path):
    with pytest.raises(InputError, match="Of 1 pictures 1 can be used"):
        extract(folder_of_blobs(tmp_path, [1]), NAME, weights_dir=made_up_weights)


def test_a_batch_size_of_zero_is_refused(tmp_path):
    with pytest.raises(InputError, match="at least 1"):
        extract(folder_of_blobs(tmp_path, [1]), NAME, batch_size=0)


def test_progress_is_told_and_may_stop_the_work(made_up_weights, tmp_path):
    paths = folder_of_blobs(tmp_path, range(4))
    told = []
    extract(paths, NAME, weights_dir=made_up_weights, batch_size=2, report=lambda *count: told.append(count))
    assert told[-1] == (4, 4)
    assert {(2, 4)} <= set(told)
    assert [done for done, _ in told] == sorted(done for done, _ in told)

    class Stop(BaseException):
        pass

    def stop(done, total):
        if done >= 2:
            raise Stop

    with pytest.raises(Stop):
        extract(paths, NAME, weights_dir=made_up_weights, batch_size=2, report=stop)


def test_the_store_answers_without_computing(made_up_weights, tmp_path, monkeypatch):
    paths = folder_of_blobs(tmp_path / "set", range(3))
    first = extract(paths, NAME, weights_dir=made_up_weights, store_dir=tmp_path / "store")
    with monkeypatch.context() as patched:
        patched.setattr(extraction, "load", lambda *_: pytest.fail("the network was loaded"))
        again = extract(paths[::-1], NAME, weights_dir=made_up_weights, store_dir=tmp_path / "store")
    np.testing.assert_array_equal(again.features, first.features[::-1])
    assert again.keys == first.keys[::-1]


def test_a_changed_picture_is_computed_anew(made_up_weights, tmp_path):
    paths = folder_of_blobs(tmp_path / "set", range(3))
    first = extract(paths, NAME, weights_dir=made_up_weights, store_dir=tmp_path / "store")
    Image.fromarray(blobs(99)).save(paths[0])
    second = extract(paths, NAME, weights_dir=made_up_weights, store_dir=tmp_path / "store")
    assert not np.allclose(first.features[0], second.features[0])
    np.testing.assert_allclose(first.features[1:], second.features[1:], rtol=1e-4, atol=1e-5)


def test_a_damaged_entry_is_written_again(made_up_weights, tmp_path):
    paths = folder_of_blobs(tmp_path / "set", range(3))
    first = extract(paths, NAME, weights_dir=made_up_weights, store_dir=tmp_path / "store")
    (entry,) = (tmp_path / "store").rglob("*.npz")
    entry.write_bytes(entry.read_bytes()[:200])
    again = extract(paths, NAME, weights_dir=made_up_weights, store_dir=tmp_path / "store")
    np.testing.assert_array_equal(again.features, first.features)
    assert entry.stat().st_size > 200
    assert [path.name for path in entry.parent.iterdir()] == [entry.name]  # no temporary file stays


def test_a_picture_that_occurs_twice_has_two_rows(made_up_weights, tmp_path):
    paths = folder_of_blobs(tmp_path / "set", range(2))
    found = extract([*paths, paths[0]], NAME, weights_dir=made_up_weights)
    assert len(found.keys) == 3
    np.testing.assert_array_equal(found.features[0], found.features[2])


def test_a_comparison_says_what_to_beware_of(made_up_weights, tmp_path):
    first = extract(folder_of_blobs(tmp_path / "one", range(3)), NAME, weights_dir=made_up_weights)
    second = extract(folder_of_blobs(tmp_path / "two", range(10, 14)), NAME, weights_dir=made_up_weights)
    measured = compare("fid", first, second)
    assert measured.value > 0
    assert [caution.code for caution in measured.cautions] == ["rank_deficient", "different_n"]
    assert "3 pictures for 768 numbers" in str(measured.cautions[0])
    assert (measured.protocol.n_reference, measured.protocol.n_candidate) == (3, 4)
    same = compare("fid", first, first)
    assert same.value == pytest.approx(0, abs=1e-6)
    assert "identical" in [caution.code for caution in same.cautions]
    third = extract(folder_of_blobs(tmp_path / "three", range(20, 24)), NAME, weights_dir=made_up_weights)
    other = compare("fid", first, third)
    assert other.protocol.fingerprint() == measured.protocol.fingerprint()
    assert other.candidate_digest != measured.candidate_digest


def test_folders_are_read_deeply_and_in_any_case(tmp_path):
    folder_of_blobs(tmp_path / "deep" / "er", [1])
    (tmp_path / "deep" / "er" / "001.png").rename(tmp_path / "deep" / "er" / "001.PNG")
    folder_of_blobs(tmp_path, [2])
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden.png").write_text("no picture")
    assert [path.name for path in pictures_below(tmp_path)] == ["002.png", "001.PNG"]
    with pytest.raises(InputError, match="no folder"):
        pictures_below(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no pictures"):
        pictures_below(tmp_path / "empty")


def test_real_sketches_give_the_recorded_distance(shared_dir):
    """Eight sketches each of two sources, real weights: guards network, weights and preprocessing together."""
    sketches = [sorted((shared_dir / "data/cufs" / name / "sketches").iterdir())[:8] for name in ("CUHK", "XM2VTS")]
    sets = [extract(paths, NAME, weights_dir=shared_dir / "weights") for paths in sketches]
    assert compare("fid", *sets).value == pytest.approx(RECORDED, rel=1e-3)
