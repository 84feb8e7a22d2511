"""CUFSF, FS2K, the uncropped CUHK faces and one folder of pictures, drawn small."""

import json
from pathlib import Path

import pytest

from datasetviewer.layouts import ImageRecord, Problem, ProtocolList, load_layout
from datasetviewer.layouts.cufsf import feret_name
from workers.engine.errors import InputError


def read(layout: str, root: Path, **more) -> tuple[dict[str, ImageRecord], list[Problem]]:
    entries = list(load_layout(layout).read(root, **more))
    records = {entry.key: entry for entry in entries if isinstance(entry, ImageRecord)}
    assert len(records) == sum(isinstance(entry, ImageRecord) for entry in entries), "a key came twice"
    return records, [entry for entry in entries if isinstance(entry, Problem)]


def lists(layout: str, root: Path, **more) -> dict[str, ProtocolList]:
    return {
        entry.name: entry for entry in load_layout(layout).protocols(root, **more) if isinstance(entry, ProtocolList)
    }


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


# --- CUFSF ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("00002_930831_fa", ("00002", "930831", "fa", "")),
        ("00002_930831_FA_a", ("00002", "930831", "fa", "a")),
        ("00002fa010_930831", ("00002", "930831", "fa", "")),
        ("00029fb010a_930831", ("00029", "930831", "fb", "a")),
        ("00002_930831_hl", None),
        ("2_930831_fa", None),
    ],
)
def test_both_forms_of_a_feret_name_say_the_same(stem, expected):
    found = feret_name(stem)
    assert (found and (found.person, found.date, found.pose, found.letter)) == expected


def test_sketches_come_in_alone_and_photos_pair_by_person_date_and_pose(tmp_path):
    touch(
        tmp_path / "sketches/00002_930831_fa.jpg",
        tmp_path / "sketches/00003_931230_fa.jpg",
        tmp_path / "sketches/00004_931230_fb_a.jpg",
    )
    records, problems = read("cufsf", tmp_path)
    assert {record.pair for record in records.values()} == {None} and len(records) == 3
    assert [problem.skipped for problem in problems] == [False] and "FERET's" in problems[0].reason

    touch(
        tmp_path / "photos/00002fa010_930831.jpg",  # the grey form of the same picture
        tmp_path / "photos/00003_940101_fa.jpg",  # the same person, another day
        tmp_path / "photos/00004_931230_fb_a.jpg",
        tmp_path / "photos/00099_931230_fa.jpg",  # nobody drew this person
        tmp_path / "photos/group.jpg",
    )
    records, problems = read("cufsf", tmp_path)
    pairs = {}
    for record in records.values():
        pairs.setdefault(record.pair, []).append((record.subject, record.modality))
    assert pairs["00002_930831_fa"] == [("00002", "photo"), ("00002", "sketch")]
    assert pairs["00004_931230_fb_a"] == [("00004", "photo"), ("00004", "sketch")]
    assert pairs[None] == [("00003", "sketch")]
    left_out = {problem.path: problem.reason for problem in problems if problem.skipped}
    assert set(left_out) == {"photos/00003_940101_fa.jpg", "photos/00099_931230_fa.jpg", "photos/group.jpg"}
    assert "was not drawn from it" in left_out["photos/00003_940101_fa.jpg"]
    assert "no sketch" in left_out["photos/00099_931230_fa.jpg"]


def test_cufsf_takes_a_list_of_names_or_persons_as_its_split(tmp_path):
    touch(tmp_path / "sketches/00002_930831_fa.jpg", tmp_path / "sketches/00003_931230_fa.jpg")
    (tmp_path / "split.csv").write_text("name,split\n00002_930831_fa.jpg,train\n3,test\n00077,test\n")
    records, problems = read("cufsf", tmp_path)
    assert {record.subject: record.split for record in records.values()} == {"00002": "train", "00003": "test"}
    assert any("1 persons who are not in the folder" in problem.reason for problem in problems)
    (found,) = lists("cufsf", tmp_path).values()
    assert (found.name, found.unit, dict(found.official)) == ("cufsf-250-944", "subject", {"train": 250, "test": 944})
    assert found.rows == (("train", "00002"), ("test", "00003"), ("test", "00077"))
    (tmp_path / "split.csv").write_text("name,split\nsomebody,train\n")
    with pytest.raises(InputError, match=r"Line 2 .* neither a FERET file name nor a person"):
        read("cufsf", tmp_path)


# --- FS2K ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def fs2k(tmp_path) -> Path:
    root = tmp_path / "FS2K"
    touch(
        root / "photo/photo1/image0001.jpg", root / "sketch/sketch1/sketch0001.jpg",
        root / "photo/photo2/image0001.JPG", root / "sketch/sketch2/sketch0001.png",
        root / "photo/photo3/image0007.jpg", root / "photo/photo3/portrait.jpg",
    )  # fmt: skip
    (root / "anno_train.json").write_text(json.dumps([{"image_name": "photo1/image0001", "style": 0, "smile": 1}]))
    (root / "anno_test.json").write_text(
        json.dumps(
            [{"image_name": "photo2/image0001.jpg", "style": 1}, {"image_name": "photo3/image0099"}, {"style": 1}]
        )
    )
    return root


def test_fs2k_pairs_by_style_and_number_with_attributes_and_split(fs2k):
    records, problems = read("fs2k", fs2k)
    pairs = {}
    for record in records.values():
        pairs.setdefault(record.pair, []).append((record.modality, record.split, record.source))
    assert pairs["photo1/image0001"] == [("photo", "train", "style 1"), ("sketch", "train", "style 1")]
    assert pairs["photo2/image0001"] == [("photo", "test", "style 2"), ("sketch", "test", "style 2")]
    assert pairs[None] == [("photo", "", "style 3")]
    assert records["sketch/sketch1/sketch0001.jpg"].attributes == {"style": 0, "smile": 1}
    reasons = " ".join(problem.reason for problem in problems)
    for words in (
        "not named like a photo of FS2K",
        "entry 3 names no picture",
        "name 1 faces that are not in",
        "no sketch",
    ):
        assert words in reasons
    found = lists("fs2k", fs2k)["fs2k-1058-1046"]
    assert found.rows == (("train", "photo1/image0001"), ("test", "photo2/image0001"), ("test", "photo3/image0099"))


@pytest.mark.parametrize("text", ["{", "{}", "[" * 100_000, "\xff"])
def test_a_broken_annotation_list_costs_the_split_not_the_pictures(fs2k, text):
    (fs2k / "anno_train.json").write_text(text, encoding="latin-1")
    records, problems = read("fs2k", fs2k)
    assert len(records) == 5 and records["photo/photo1/image0001.jpg"].split == ""
    assert any(problem.path == "anno_train.json" and "JSON" in problem.reason for problem in problems)


# --- the uncropped CUHK faces, and one folder ----------------------------------------------------------------------
def test_uncropped_faces_are_a_layout_of_their_own_with_the_official_partition(tmp_path):
    root = tmp_path / "CUHK_uncropped"
    for photo, sketch in (("f-005-01.jpg", "F2-005-01-sz1.jpg"), ("f1-005-01.JPG", "f1-005-01-sz1.jpg")):
        touch(root / "photos" / photo, root / "sketches" / sketch)
    inside, _problems = read("cufs-uncropped", root)
    from_above, _problems = read("cufs-uncropped", tmp_path)
    assert inside.keys() == from_above.keys() and len(inside) == 4
    assert {record.pair for record in inside.values()} == {"CUHK/f-005-01", "CUHK/f1-005-01"}
    partition = lists("cufs-uncropped", root)["cuhk-88-100"]
    train = [name for split, name in partition.rows if split == "train"]
    assert len(train) == 88 and "CUHK/f-005-01" in train and "CUHK/m-020-01" not in train
    assert ("test", "CUHK/f1-005-01") in partition.rows


def test_one_folder_of_pictures_takes_persons_from_subfolders_and_the_modality_from_its_name(tmp_path):
    root = tmp_path / "my sketches"
    touch(root / "anna/1.jpg", root / "anna/2.jpg", root / "ben.png", root / "notes.txt")
    (root / "split.csv").write_text("name,split\nanna/1,train\nben.png,test\nclara,test\n")
    records, problems = read("images", root)
    assert {key: (record.subject, record.modality, record.split) for key, record in records.items()} == {
        "anna/1.jpg": ("anna", "sketch", "train"),
        "anna/2.jpg": ("anna", "sketch", ""),
        "ben.png": ("ben", "sketch", "test"),
    }
    assert any("1 pictures that are not in the folder (the first: clara)" in problem.reason for problem in problems)
    assert lists("images", root)["own-split"].rows == (("train", "anna/1.jpg"), ("test", "ben.png"))


@pytest.mark.parametrize("layout", ["cufsf", "webcaricature", "fs2k", "cufs-uncropped", "images"])
def test_a_folder_of_another_kind_is_refused_with_what_was_missed(tmp_path, layout):
    (tmp_path / "stuff").mkdir()
    (tmp_path / "stuff/notes.txt").write_text("x")
    with pytest.raises(InputError, match=r"does not look like|no pictures"):
        read(layout, tmp_path / "stuff")
    with pytest.raises(InputError, match="There is no folder"):
        read(layout, tmp_path / "nowhere")
