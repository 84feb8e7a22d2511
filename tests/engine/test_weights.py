import pickle
import shutil

import pytest
import torch
from safetensors.torch import save_file

from tests.engine.drawing import add_to_catalogue, made_up_state
from workers.engine import catalogue, weights, weights_adding
from workers.engine.errors import InputError
from workers.engine.networks import vggface


def saved(folder, state, name="candidate.pth"):
    path = folder / name
    torch.save(state, path)
    return path


@pytest.mark.parametrize("name", ["inception.mixed6e", catalogue.PARTIAL_INCEPTION])
def test_it_adds_the_right_file_under_its_own_name(name, made_up_file, made_up_weights, tmp_path):
    given = shutil.copy(made_up_file, tmp_path / "downloaded.bin")
    added = weights_adding.add(name, given, tmp_path / "weights")
    assert added.path == tmp_path / "weights" / f"{catalogue.PARTIAL_INCEPTION}.pth"
    assert added.path.read_bytes() == made_up_file.read_bytes()
    weights_adding.add(name, given, tmp_path / "weights")  # twice is harmless
    assert [path.name for path in (tmp_path / "weights").iterdir()] == [added.path.name]
    assert weights.find("inception.mixed6e", tmp_path / "weights").files[0].path == added.path


def test_it_refuses_another_file_naming_both_digests(tmp_path):
    given = tmp_path / "other.pth"
    given.write_bytes(b"something else")
    with pytest.raises(InputError) as refused:
        weights_adding.add("inception.mixed6e", given, tmp_path / "weights")
    text = str(refused.value)
    assert weights.sha256_of(given)[:8] in text
    assert "7eef0416" in text and "6726825d" in text and "fid_inception_2015_upto_mixed6e.pth" in text
    assert not (tmp_path / "weights").exists()


def test_it_says_which_file_it_is_when_it_is_a_known_one(made_up_file, made_up_weights, tmp_path):
    with pytest.raises(InputError, match=f"By its digest it is {catalogue.PARTIAL_INCEPTION}.pth"):
        weights_adding.add(catalogue.FULL_INCEPTION, made_up_file, tmp_path)


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
        weights_adding.add("inception.mixed6e", given, tmp_path / "weights")
    assert not (tmp_path / "weights").exists()


def test_the_full_file_may_go_on_to_the_classifier_but_must_reach_the_final_pooling(tmp_path, monkeypatch):
    state = made_up_state(whole=True) | {
        "fc.weight": torch.zeros(1008, 8),
        "Conv2d_1a_3x3.bn.num_batches_tracked": torch.tensor(0),
    }
    given = saved(tmp_path, state)
    add_to_catalogue(monkeypatch, catalogue.FULL_INCEPTION, given)
    weights_adding.add("inception.mixed6e", given, tmp_path / "weights")
    for name in ("inception.mixed6e", "inception.pool3", "inception.pool3_clean"):
        assert weights.find(name, tmp_path / "weights").files[0].entry.stem == catalogue.FULL_INCEPTION
    del state["Mixed_7c.branch_pool.bn.bias"]
    short = saved(tmp_path, state, "short.pth")
    add_to_catalogue(monkeypatch, catalogue.FULL_INCEPTION, short)
    with pytest.raises(InputError, match=r"lacks Mixed_7c\.branch_pool\.bn\.bias"):
        weights_adding.add("inception.pool3", short, tmp_path / "more")


def test_the_published_fid_refuses_the_partial_file_with_the_command_to_run(made_up_weights):
    weights.find("inception.mixed6e", made_up_weights)
    with pytest.raises(InputError, match=r"python manage.py fetch_weights inception.pool3, or: .*add_weights"):
        weights.find("inception.pool3", made_up_weights)


def test_one_file_is_found_by_stem_and_the_first_present_of_several(tmp_path, made_up_file, made_up_weights):
    stems = (catalogue.FULL_INCEPTION, catalogue.PARTIAL_INCEPTION)
    assert weights.find_file(stems, made_up_weights).path == made_up_file
    assert weights.find_file(catalogue.PARTIAL_INCEPTION, made_up_weights).path == made_up_file
    with pytest.raises(
        InputError, match=r"The weights of lpips.alex are missing: .*fetch_weights alexnet-owt-7be5be79"
    ):
        weights.find_file("alexnet-owt-7be5be79", tmp_path, needed_by="lpips.alex")


@pytest.fixture
def small_vggface(monkeypatch):
    """VGG-Face of a few numbers behind the real name, and a file that fits it."""
    monkeypatch.setattr(vggface, "shapes", lambda: {"fc6.weight": (4, 3), "fc7.weight": (2, 4)})
    return {"fc6.weight": torch.ones(4, 3), "fc7.weight": torch.ones(2, 4), "fc8.weight": torch.ones(7, 2)}


@pytest.mark.parametrize("save", [torch.save, save_file], ids=["torch", "safetensors"])
def test_a_fine_tuned_file_is_used_under_its_own_name(save, small_vggface, tmp_path):
    given = tmp_path / "tuned"
    save(small_vggface, given)
    added = weights_adding.add("vggface.fc6", given, tmp_path / "weights", "mine-2")
    assert added.path.name == "vgg_face_dag@mine-2" + (".pth" if save is torch.save else ".safetensors")
    found = weights.find("vggface.relu7@mine-2", tmp_path / "weights")
    assert found.files[0].path == added.path
    assert found.digest == weights.sha256_of(given)
    assert weights_adding.read_state(added.path).keys() == small_vggface.keys()
    weights_adding.add("vggface.fc6", given, tmp_path / "weights", "mine-2")  # twice is harmless
    with pytest.raises(InputError, match=r"The weights of vggface.fc6 are missing"):
        weights.find("vggface.fc6", tmp_path / "weights")
    with pytest.raises(InputError, match=r"add_weights vggface.fc6 FILE --name other"):
        weights.find("vggface.fc6@other", tmp_path / "weights")


def test_a_fine_tuned_file_never_takes_the_place_of_another(small_vggface, tmp_path):
    first, second = saved(tmp_path, small_vggface, "one"), tmp_path / "two"
    save_file(small_vggface, second)
    weights_adding.add("vggface.fc6", first, tmp_path / "weights", "mine")
    with pytest.raises(InputError, match=r"is another file .* Choose another name"):
        weights_adding.add("vggface.fc6", second, tmp_path / "weights", "mine")


@pytest.mark.parametrize(
    ("name", "variant", "said"),
    [
        ("vggface.fc6", "Mine", "cannot be used: small letters"),
        ("vggface.fc6", "../up", "cannot be used: small letters"),
        ("inception.pool3", "mine", r"takes no files under names of their own\. These do: sphereface.*vggface"),
    ],
)
def test_own_names_are_checked(name, variant, said, small_vggface, tmp_path):
    given = saved(tmp_path, small_vggface)
    with pytest.raises(InputError, match=said):
        weights_adding.add(name, given, tmp_path / "weights", variant)
    assert not (tmp_path / "weights").exists()


def test_a_file_without_a_published_digest_stands_in_the_protocol_by_its_own(small_vggface, tmp_path):
    given = saved(tmp_path, small_vggface)
    weights_adding.add("vggface.fc6", given, tmp_path / "weights")
    found = weights.find("vggface.fc6", tmp_path / "weights")
    assert found.files[0].path.name == "vgg_face_dag.pth"
    assert found.digest == weights.sha256_of(given)
    small_vggface["fc7.weight"] = torch.zeros(3, 3)
    with pytest.raises(InputError, match=r"has another shape for fc7\.weight"):
        weights_adding.add("vggface.fc6", saved(tmp_path, small_vggface), tmp_path / "weights")


def test_it_never_runs_code_from_a_file(tmp_path, monkeypatch):
    class Harmful:
        def __reduce__(self):
            return (open, (str(tmp_path / "harmed"), "w"))

    given = tmp_path / "harmful.pth"
    given.write_bytes(pickle.dumps(Harmful()))
    add_to_catalogue(monkeypatch, catalogue.PARTIAL_INCEPTION, given)
    with pytest.raises(InputError, match=r"harmful\.pth could not be loaded as weights"):
        weights_adding.add("inception.mixed6e", given, tmp_path / "weights")
    assert not (tmp_path / "harmed").exists()


def test_it_refuses_a_missing_file_and_an_unknown_name(tmp_path):
    with pytest.raises(InputError, match="There is no file"):
        weights_adding.add("inception.mixed6e", tmp_path / "nowhere.pth", tmp_path)
    with pytest.raises(InputError, match=r"Known: .*inception\.mixed6e"):
        weights_adding.add("inception.pool9", tmp_path / "nowhere.pth", tmp_path)


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
