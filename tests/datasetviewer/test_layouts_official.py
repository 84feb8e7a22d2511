"""CUFSF, WebCaricature, FS2K, the uncropped CUHK faces and one folder of pictures, drawn small."""

import json
from pathlib import Path

import pytest

from datasetviewer.layouts import ImageRecord, Problem, ProtocolList, load_layout
from datasetviewer.layouts.cufsf import feret_name
from datasetviewer.layouts.webcaricature import image_name, person_name
from tests.datasetviewer.conftest import draw_face
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


# --- WebCaricature -------------------------------------------------------------------------------------------------
POINTS = "\n".join(f"{20 + 3 * n} {30 + 4 * n}.5" for n in range(17))


@pytest.fixture
def web(tmp_path) -> Path:
    """Four persons with names that are hard, in the official tree."""
    root = tmp_path / "WebCaricature"
    images = root / "OriginalImages"
    for person, names in {
        "George W. Bush": ("C00001", "C00002", "P00001"),
        "P!nk": ("C00001", "P00001"),
        "Ban_Ki_moon": ("C00001", "P00001", "P00002"),
        "Jay-z": ("P00001",),
    }.items():
        for number, name in enumerate(names):
            draw_face(images / person / f"{name}.jpg", number, size=(100 + 7 * number, 120))
    for person, name in (("George W. Bush", "C00001"), ("Ban Ki moon", "P00002"), ("P!nk", "C00001")):
        path = root / "FacialPoints" / person / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(POINTS)
    return root


@pytest.mark.parametrize(
    ("text", "expected"),
    [("C00001", "C00001"), ("c00001.JPG ", "C00001"), ("P12.jpg", "P00012"), ("X1", None), ("", None)],
)
def test_lines_with_or_without_an_ending_name_the_same_picture(text, expected):
    assert image_name(text) == expected


def test_persons_keep_their_punctuation_and_underscores_are_spaces(web):
    records, problems = read("webcaricature", web)
    assert {record.subject for record in records.values()} == {"George W. Bush", "P!nk", "Ban Ki moon", "Jay-z"}
    assert len(records) == 9 and {record.pair for record in records.values()} == {None}
    assert records["OriginalImages/P!nk/C00001.jpg"].modality == "caricature"
    assert records["OriginalImages/Jay-z/P00001.jpg"].modality == "photo"
    assert person_name("George_W._Bush") == "George W. Bush"
    with_points = {key for key, record in records.items() if record.landmarks}
    assert with_points == {
        "OriginalImages/George W. Bush/C00001.jpg",
        "OriginalImages/Ban_Ki_moon/P00002.jpg",
        "OriginalImages/P!nk/C00001.jpg",
    }
    landmarks = records["OriginalImages/P!nk/C00001.jpg"].landmarks
    assert len(landmarks) == 17 and landmarks[1] == (23.0, 34.5)
    assert [problem for problem in problems if problem.skipped] == []


def test_the_same_person_twice_and_strange_files_are_named(web):
    draw_face(web / "OriginalImages/George_W._Bush/C00009.jpg")
    draw_face(web / "OriginalImages/P!nk/holiday.jpg")
    (web / "OriginalImages/P!nk/C00001.png").write_bytes(b"x")
    (web / "OriginalImages/readme.txt").write_text("x")
    _records, problems = read("webcaricature", web)
    reasons = {problem.path: problem.reason for problem in problems if problem.skipped}
    assert "same person" in reasons["OriginalImages/George_W._Bush"]
    assert "not named like" in reasons["OriginalImages/P!nk/holiday.jpg"]
    assert "same name" in reasons["OriginalImages/P!nk/C00001.png"]
    assert "beside the persons" in reasons["OriginalImages/readme.txt"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("1 2\n" * 16, "16 points"), ("1 2\n" * 16 + "a b", "not two numbers"), ("nan 2\n" * 17, "cannot be a place"),
     ("1 2 3\n" * 17, "not two numbers"), ("1 2\n" * 5000, "too large")],
)  # fmt: skip
def test_a_bad_landmark_file_costs_the_points_not_the_picture(web, text, words):
    (web / "FacialPoints/P!nk/C00001.txt").write_text(text)
    records, problems = read("webcaricature", web)
    assert records["OriginalImages/P!nk/C00001.jpg"].landmarks is None
    (problem,) = [problem for problem in problems if "landmarks" in problem.reason]
    assert words in problem.reason and not problem.skipped


def test_landmarks_of_other_pictures_are_seen_and_left_out(web):
    for path in (web / "OriginalImages").rglob("*.jpg"):
        draw_face(path, 1, size=(64, 64))  # everything scaled to one size; the points reach to 94
    records, problems = read("webcaricature", web)
    assert not any(record.landmarks for record in records.values())
    (problem,) = [problem for problem in problems if problem.path == "FacialPoints"]
    assert "all of these are 64x64" in problem.reason and not problem.skipped


def test_gaps_and_differences_to_the_lists_of_names_are_said(web):
    draw_face(web / "OriginalImages/Jay-z/P00004.jpg")
    names = web / "Filenames/Jay-z"
    names.mkdir(parents=True)
    (names / "file_p.txt").write_text("P00001.jpg\nP00002\n")
    _records, problems = read("webcaricature", web)
    reasons = " ".join(problem.reason for problem in problems)
    assert "lacks 2 pictures by the gaps in their numbers (the first: Jay-z/P00002)" in reasons
    assert "names 1 pictures that are not there (the first: Jay-z/P00002)" in reasons
    assert "does not name 1 pictures that are there (the first: Jay-z/P00004)" in reasons


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def web_protocols(web) -> Path:
    verification = web / "EvaluationProtocols/FaceVerification"
    pairs = "2\nP!nk\tC00001\tP00001\nBan_Ki_moon\tC00001.jpg\tP00002.jpg\n"
    pairs += "P!nk\tC00001\tJay-z\tP00001\nGeorge W. Bush\tC00002\tP!nk\tP00001\n"
    write(verification / "Restricted/RestrictedView1_DevTrain.txt", pairs)
    write(
        verification / "Restricted/RestrictedView1_DevTest.txt",
        "1\nP!nk\tC00001\tP00001\nP!nk\tC00001\tJay-z\tP00009\n",
    )
    write(verification / "Restricted/RestrictedView2.txt", pairs * 10)
    write(verification / "UnRestricted/UnRestrictedView1_DevTrain.txt", "2\nP!nk\t1\t1\nBan Ki moon\t1\t2\n")
    write(verification / "UnRestricted/UnRestrictedView2.txt", "10\n" + "1\nP!nk\t1\t1\n" * 10)
    identification = web / "EvaluationProtocols/FaceIdentification"
    write(identification / "FR_Train_dev.txt", "P!nk\t1\t1\nJay-z\t25\t30\n")
    write(identification / "C2P/FR_Gallery_C2P_dev.txt", "Ban Ki moon\tP00001\n")
    write(identification / "C2P/FR_Probe_C2P_dev.txt", "Ban Ki moon\tC00001\n")
    return web


def test_all_protocols_of_webcaricature_are_read(web_protocols):
    found = lists("webcaricature", web_protocols)
    assert set(found) == {
        "verification-restricted-view1", "verification-restricted-view2", "verification-unrestricted-view1",
        "verification-unrestricted-view2", "identification-c2p-view1", "warpgan-126-126",
    }  # fmt: skip
    view1 = found["verification-restricted-view1"].rows
    assert view1[:3] == (
        ("train", "P!nk/C00001", "P!nk/P00001", "1"),
        ("train", "Ban Ki moon/C00001", "Ban Ki moon/P00002", "1"),
        ("train", "P!nk/C00001", "Jay-z/P00001", "0"),
    )
    assert [row[0] for row in view1] == ["train"] * 4 + ["test"] * 2
    view2 = found["verification-restricted-view2"].rows
    assert len(view2) == 40 and view2[-1][0] == "10"
    assert found["verification-unrestricted-view1"].rows == (
        ("train", "P!nk", "1", "1"),
        ("train", "Ban Ki moon", "1", "2"),
    )
    assert len(found["verification-unrestricted-view2"].rows) == 10
    assert found["identification-c2p-view1"].rows == (
        ("dev", "train", "P!nk/*"), ("dev", "train", "Jay-z/*"),
        ("dev", "gallery", "Ban Ki moon/P00001"), ("dev", "probe", "Ban Ki moon/C00001"),
    )  # fmt: skip
    warpgan = found["warpgan-126-126"]
    assert set(warpgan.rows) == {
        ("train", "P!nk"), ("train", "Jay-z"), ("test", "Ban Ki moon"), ("test", "George W. Bush"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2\nP!nk\tC00001\tP00001\n", "announces 4 entries, but only 1 follow"),
        ("many\n", "must be the number of entries"),
        ("1\nP!nk C00001\nP!nk\tC00001\tJay-z\tP00001\n", "Line 2 is not name, picture, picture"),
        ("1\nP!nk\tC00001\tP00001\nP!nk\tC00001\tP00002\n", "Line 3 is not name, picture, name, picture"),
    ],
)
def test_a_protocol_file_that_is_broken_is_named_and_only_it_left_out(web_protocols, text, words):
    write(web_protocols / "EvaluationProtocols/FaceVerification/Restricted/RestrictedView2.txt", text)
    entries = list(load_layout("webcaricature").protocols(web_protocols))
    (problem,) = [entry for entry in entries if isinstance(entry, Problem)]
    assert problem.path.endswith("RestrictedView2.txt") and words in problem.reason
    names = {entry.name for entry in entries if isinstance(entry, ProtocolList)}
    assert "verification-restricted-view2" not in names and "verification-restricted-view1" in names


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
