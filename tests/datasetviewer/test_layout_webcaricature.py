"""WebCaricature: pictures, points, lists of names and its protocols."""

from pathlib import Path

import pytest

from datasetviewer.layouts import ImageRecord, Problem, ProtocolList, load_layout
from datasetviewer.layouts.webcaricature import image_name, person_name
from tests.datasetviewer.conftest import draw_face


def read(layout: str, root: Path, **more) -> tuple[dict[str, ImageRecord], list[Problem]]:
    entries = list(load_layout(layout).read(root, **more))
    records = {entry.key: entry for entry in entries if isinstance(entry, ImageRecord)}
    assert len(records) == sum(isinstance(entry, ImageRecord) for entry in entries), "a key came twice"
    return records, [entry for entry in entries if isinstance(entry, Problem)]


def lists(layout: str, root: Path, **more) -> dict[str, ProtocolList]:
    return {
        entry.name: entry for entry in load_layout(layout).protocols(root, **more) if isinstance(entry, ProtocolList)
    }


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
