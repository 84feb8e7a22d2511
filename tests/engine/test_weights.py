import pickle
import shutil

import pytest
import torch

from tests.engine.drawing import add_to_catalogue, made_up_state
from workers.engine import catalogue, weights
from workers.engine.errors import InputError


def saved(folder, state, name="candidate.pth"):
    path = folder / name
    torch.save(state, path)
    return path


@pytest.mark.parametrize("name", ["inception.mixed6e", catalogue.PARTIAL_INCEPTION])
def test_it_adds_the_right_file_under_its_own_name(name, made_up_file, made_up_weights, tmp_path):
    given = shutil.copy(made_up_file, tmp_path / "downloaded.bin")
    added = weights.add(name, given, tmp_path / "weights")
    assert added.path == tmp_path / "weights" / f"{catalogue.PARTIAL_INCEPTION}.pth"
    assert added.path.read_bytes() == made_up_file.read_bytes()
    weights.add(name, given, tmp_path / "weights")  # twice is harmless
    assert [path.name for path in (tmp_path / "weights").iterdir()] == [added.path.name]
    assert weights.find("inception.mixed6e", tmp_path / "weights").files[0].path == added.path


def test_it_refuses_another_file_naming_both_digests(tmp_path):
    given = tmp_path / "other.pth"
    given.write_bytes(b"something else")
    with pytest.raises(InputError) as refused:
        weights.add("inception.mixed6e", given, tmp_path / "weights")
    text = str(refused.value)
    assert weights.sha256_of(given)[:8] in text
    assert "7eef0416" in text and "6726825d" in text and "fid_inception_2015_upto_mixed6e.pth" in text
    assert not (tmp_path / "weights").exists()


def test_it_says_which_file_it_is_when_it_is_a_known_one(made_up_file, made_up_weights, tmp_path):
    with pytest.raises(InputError, match=f"By its digest it is {catalogue.PARTIAL_INCEPTION}.pth"):
        weights.add(catalogue.FULL_INCEPTION, made_up_file, tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda state: state.pop("Mixed_6e.branch_pool.bn.bias"), "lacks Mixed_6e.branch_pool.bn.bias"),
        (lambda state: state.update({"Mixed_9z.conv.weight": torch.zeros(1)}), "has unexpected Mixed_9z.conv.weight"),
        (lambda state: state.update({"Mixed_7a.branch3x3_1.conv.weight": torch.zeros(1)}), "has unexpected Mixed_7a"),
        (lambda state: state.update({"Conv2d_1a_3x3.conv.weight": torch.zeros(32, 3, 5, 5)}), "has another shape for"),
        (lambda state: state.update({"Conv2d_1a_3x3.conv.weight": "text"}), "not a table of named weights"),
    ],
)
def test_it_refuses_a_file_that_does_not_fit_the_network(change, said, tmp_path, monkeypatch):
    state = made_up_state()
    change(state)
    given = saved(tmp_path, state)
    add_to_catalogue(monkeypatch, catalogue.PARTIAL_INCEPTION, given)
    with pytest.raises(InputError, match=said):
        weights.add("inception.mixed6e", given, tmp_path / "weights")
    assert not (tmp_path / "weights").exists()


def test_the_full_file_may_go_on_past_the_layers_in_use(tmp_path, monkeypatch):
    state = made_up_state() | {
        "Mixed_7c.branch1x1.conv.weight": torch.zeros(320, 2048, 1, 1),
        "fc.weight": torch.zeros(1008, 8),
        "Conv2d_1a_3x3.bn.num_batches_tracked": torch.tensor(0),
    }
    given = saved(tmp_path, state)
    add_to_catalogue(monkeypatch, catalogue.FULL_INCEPTION, given)
    weights.add("inception.mixed6e", given, tmp_path / "weights")
    found = weights.find("inception.mixed6e", tmp_path / "weights")
    assert found.files[0].entry.stem == catalogue.FULL_INCEPTION


def test_it_never_runs_code_from_a_file(tmp_path, monkeypatch):
    class Harmful:
        def __reduce__(self):
            return (open, (str(tmp_path / "harmed"), "w"))

    given = tmp_path / "harmful.pth"
    given.write_bytes(pickle.dumps(Harmful()))
    add_to_catalogue(monkeypatch, catalogue.PARTIAL_INCEPTION, given)
    with pytest.raises(InputError, match=r"harmful\.pth could not be loaded as weights"):
        weights.add("inception.mixed6e", given, tmp_path / "weights")
    assert not (tmp_path / "harmed").exists()


def test_it_refuses_a_missing_file_and_an_unknown_name(tmp_path):
    with pytest.raises(InputError, match="There is no file"):
        weights.add("inception.mixed6e", tmp_path / "nowhere.pth", tmp_path)
    with pytest.raises(InputError, match=r"Known: .*inception\.mixed6e"):
        weights.add("inception.pool9", tmp_path / "nowhere.pth", tmp_path)


@pytest.mark.parametrize("given", [None, "empty"])
def test_missing_weights_say_which_file_and_how_to_add_it(given, tmp_path):
    with pytest.raises(InputError) as refused:
        weights.find("inception.mixed6e", tmp_path if given else None)
    text = str(refused.value)
    assert "python manage.py add_weights inception.mixed6e FILE" in text
    assert "fid_inception_2015_upto_mixed6e.pth" in text
    assert "https://github.com/mseitzer/pytorch-fid/releases" in text


def test_a_damaged_file_is_not_used(made_up_file, made_up_weights, tmp_path):
    path = tmp_path / made_up_file.name
    path.write_bytes(made_up_file.read_bytes()[:-1])
    with pytest.raises(InputError, match="is present, but it is not that file"):
        weights.find("inception.mixed6e", tmp_path)


def test_the_face_descriptor_needs_no_weights_folder():
    found = weights.find("dlib.face128", None)
    assert [file.path.suffix for file in found.files] == [".dat", ".dat"]
    assert len(found.digest) == 64


def test_the_digest_follows_the_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"one")
    first = weights.sha256_of(path)
    path.write_bytes(b"three")
    assert weights.sha256_of(path) != first
