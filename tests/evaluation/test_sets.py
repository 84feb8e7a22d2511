import pytest

from evaluation.sets import DatasetSet, FolderSet, contents, from_json, label, parse, parse_text, to_json
from tests.engine.drawing import folder_of_blobs
from workers.engine.errors import InputError


def test_the_text_form_goes_both_ways():
    spec = parse_text("cufs:test:sketch:CUHK", "reference")
    assert spec == DatasetSet("cufs", "test", "sketch", "CUHK")
    assert str(spec) == "cufs:test:sketch:CUHK"
    assert from_json(to_json(spec)) == spec
    assert parse_text("cufs:all:photo", "reference") == DatasetSet("cufs", "all", "photo", "")


def test_a_folder_is_a_set_of_the_command_line(tmp_path):
    spec = parse_text(str(tmp_path), "reference")
    assert spec == FolderSet(str(tmp_path))
    assert from_json(to_json(spec)) == spec


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("checkpoint:0123456789ab@cufs:test",
         {"checkpoint": "0123456789ab", "dataset": "cufs", "split": "test"}),
        ("checkpoint:0123456789ab@cufs:all:CUHK",
         {"checkpoint": "0123456789ab", "dataset": "cufs", "split": "all", "source": "CUHK"}),
        ("upload:0b0e3c2e-4f6a-4a7e-9c5e-0d7a3b1c2d3e", {"upload": "0b0e3c2e-4f6a-4a7e-9c5e-0d7a3b1c2d3e"}),
        ("set:three", {"image_set": "three"}),
    ],
)  # fmt: skip
def test_every_form_is_the_same_as_text_and_as_json(text, value):
    spec = parse_text(text, "reference")
    assert spec == parse(value, "reference") == from_json(to_json(spec))
    assert (str(spec), to_json(spec)) == (text, value)


def test_an_uploaded_set_is_shown_by_its_name_and_is_the_same_set_without_it():
    number = "0b0e3c2e-4f6a-4a7e-9c5e-0d7a3b1c2d3e"
    spec = parse({"upload": number.upper(), "name": "mine"}, "candidate")
    assert spec == parse({"upload": number}, "candidate")
    assert (label(spec), str(spec)) == ("upload:mine", f"upload:{number}")


def test_split_and_source_may_be_left_out():
    assert parse({"dataset": "cufs", "modality": "photo"}, "reference") == DatasetSet("cufs", "all", "photo")
    everything = parse({"dataset": "cufs", "modality": "photo", "source": "all", "split": None}, "reference")
    assert everything == DatasetSet("cufs", "all", "photo")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "a set is an object such as"),
        ("cufs:test:sketch", "a set is an object such as"),
        ([], "a set is an object such as"),
        ({}, "dataset is missing"),
        ({"dataset": "cufs"}, "modality is missing"),
        ({"dataset": 7, "modality": "photo"}, "dataset is missing or not a text"),
        ({"dataset": "cufs", "modality": "foto"}, "Known: photo, sketch, caricature"),
        ({"dataset": "cufs", "modality": "photo", "split": "tset"}, "Known: train, test, validation, all"),
        ({"dataset": "cufs", "modality": "photo", "souce": "AR"}, "no entry 'souce'"),
        ({"dataset": "cufs", "modality": ["photo"]}, "modality is missing or not a text"),
        ({"folder": ""}, "folder is missing"),
        ({"folder": "/data", "split": "test"}, "no entry 'split'. Known: folder"),
        ({"upload": "7"}, "no uploaded set's number"),
        ({"upload": None}, "upload is missing"),
        ({"checkpoint": "0123456789AB", "dataset": "cufs", "split": "test"}, "12 digits of 0-9 and a-f"),
        ({"checkpoint": "0123456789ab", "split": "test"}, "dataset is missing"),
        ({"checkpoint": "0123456789ab", "dataset": "cufs", "split": "tset"}, "Known: train, test, validation, all"),
        ({"checkpoint": "0123456789ab", "dataset": "cufs", "modality": "photo"}, "no entry 'modality'"),
        ({"dataset": "cu\x00fs", "modality": "photo"}, "dataset is missing or not a text"),
    ],
)
def test_a_bad_specification_is_refused_with_its_name_first(value, said):
    with pytest.raises(InputError) as refused:
        parse(value, "candidate")
    assert str(refused.value).startswith("candidate: ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "checkpoint:0123456789ab", "checkpoint:0123456789ab@cufs", "checkpoint:x@cufs:test", "upload:7", "cufs", "cufs:test",
        "cufs:test:sketch:AR:more", "cufs::sketch", "/no/such/folder", "",
    ],
)  # fmt: skip
def test_a_bad_text_is_refused(text):
    with pytest.raises(InputError, match="reference: "):
        parse_text(text, "reference")


def test_the_pictures_of_a_set_are_found(dataset):
    found = contents(DatasetSet("faces", "all", "sketch"), "reference", everything=True)
    assert len(found.paths) == 20
    assert all(path.is_file() for path in found.paths)
    assert found.names[0].endswith(".png")
    source = contents(DatasetSet("faces", "all", "sketch", "AR"), "reference", everything=True)
    assert len(source.paths) == 10
    assert source.digest != found.digest


def test_the_digest_follows_the_pictures_not_the_words(dataset):
    by_split = contents(DatasetSet("faces", "test", "sketch"), "reference", everything=True)
    by_source = contents(DatasetSet("faces", "all", "sketch", "CUHK"), "reference", everything=True)
    assert by_split.digest == by_source.digest


def test_an_empty_set_says_what_there_is_instead(dataset):
    with pytest.raises(InputError) as refused:
        contents(DatasetSet("faces", "test", "caricature"), "candidate", everything=True)
    text = str(refused.value)
    assert "faces:test:caricature holds 0 pictures" in text
    assert "photo 12" in text and "sketch 20" in text and "train 10" in text


def test_unknown_names_are_refused_with_the_known_ones(dataset):
    with pytest.raises(InputError, match="Known: faces"):
        contents(DatasetSet("fazes", "test", "sketch"), "reference", everything=True)
    with pytest.raises(InputError, match=r"reference: .*AR, CUHK"):
        contents(DatasetSet("faces", "test", "sketch", "XM2VTS"), "reference", everything=True)


def test_a_private_dataset_does_not_exist_for_visitors(dataset, private_dataset, user):
    spec = DatasetSet("secret", "test", "sketch")
    assert contents(spec, "reference", user=user).dataset == private_dataset
    with pytest.raises(InputError) as refused:
        contents(spec, "reference", user=None)
    assert "Known: faces." in str(refused.value)


def test_a_folder_is_read(tmp_path):
    folder_of_blobs(tmp_path / "deep", range(3))
    found = contents(FolderSet(str(tmp_path)), "reference", everything=True)
    assert found.pair_keys == ("000", "001", "002")
    assert found.names == ("deep/000.png", "deep/001.png", "deep/002.png")
    folder_of_blobs(tmp_path / "one", [1])
    with pytest.raises(InputError, match="holds 1 picture"):
        contents(FolderSet(str(tmp_path / "one")), "reference", everything=True)
