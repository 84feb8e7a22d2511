import csv
import shutil

import pytest

from datasetviewer.layouts import ImageRecord, Problem, load_layout
from datasetviewer.layouts.cufs import identity_of
from tests.datasetviewer.conftest import FACES, draw_face
from workers.engine.errors import InputError


def read(root, **options):
    entries = list(load_layout("cufs").read(root, **options))
    return [e for e in entries if isinstance(e, ImageRecord)], [e for e in entries if isinstance(e, Problem)]


def pairs_of(records):
    pairs: dict[str, dict[str, str]] = {}
    for record in records:
        if record.pair:
            pairs.setdefault(record.pair, {})[record.modality] = record.key
    return pairs


@pytest.mark.parametrize(
    ("source", "stem", "modality", "identity"),
    [
        ("CUHK", "f-005-01", "photo", "f-005-01"),
        ("CUHK", "F2-005-01-sz1", "sketch", "f-005-01"),
        ("CUHK", "f2-005-01-sz1", "sketch", "f-005-01"),
        ("CUHK", "f2-005-01", "photo", "f-005-01"),
        ("CUHK", "f1-005-01", "photo", "f1-005-01"),
        ("CUHK", "F1-005-01-SZ1", "sketch", "f1-005-01"),
        ("CUHK", "M2-008-01-sz1", "sketch", "m-008-01"),
        ("CUHK", "f12-005-01", "photo", None),
        ("CUHK", "f-005-01-sz1", "photo", None),
        ("CUHK", "holiday", "photo", None),
        ("AR", "m-002-1", "photo", "m-002-1"),
        ("AR", "Mp-002-1-sz1", "sketch", "m-002-1"),
        ("AR", "wp-001-1-sz1", "sketch", "w-001-1"),
        ("XM2VTS", "000_1_1", "photo", "000_1_1"),
        ("XM2VTS", "000_1_1_sz1", "sketch", "000_1_1"),
        ("XM2VTS", "m-002-1", "photo", None),
    ],
)
def test_a_file_name_gives_the_name_of_the_face(source, stem, modality, identity):
    assert identity_of(source, stem, modality=modality) == identity


def test_photo_and_sketch_of_each_face_find_each_other(cufs_folder):
    records, problems = read(cufs_folder)
    expected = {
        f"{source}/{identity}": {"photo": f"{source}/photos/{photo}", "sketch": f"{source}/sketches/{sketch}"}
        for source, photo, sketch, identity, _split in FACES
    }
    assert pairs_of(records) == expected
    assert problems == []


def test_two_persons_with_the_same_number_stay_two_persons(cufs_folder):
    records, _ = read(cufs_folder)
    assert {r.subject for r in records if "005" in r.subject} == {"CUHK-f-005-01", "CUHK-f1-005-01"}


def test_it_takes_the_split_from_the_split_file(cufs_folder):
    records, _ = read(cufs_folder)
    assert {(r.source, r.subject.removeprefix(f"{r.source}-"), r.split) for r in records} == {
        (source, identity, split) for source, _p, _s, identity, split in FACES
    }


def test_a_split_file_from_elsewhere_goes_first(cufs_folder, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("\ufeffDatabase,Identity,Split\ncuhk,F-005-01,val\nAR,w-001-1,train\n", encoding="utf-8")
    records, problems = read(cufs_folder, split_file=other)
    assert {r.subject: r.split for r in records if r.split} == {"CUHK-f-005-01": "validation", "AR-w-001-1": "train"}
    assert [(p.path, p.skipped) for p in problems] == [("other.csv", False)]
    assert "4 faces" in problems[0].reason


def test_a_missing_partner_is_reported_and_the_other_comes_in_alone(cufs_folder):
    (cufs_folder / "AR/photos/w-001-1.jpg").unlink()
    (cufs_folder / "XM2VTS/sketches/000_1_1_sz1.jpg").unlink()
    records, problems = read(cufs_folder)
    alone = {r.key: r.pair for r in records if r.source != "CUHK"}
    assert alone == {"AR/sketches/Wp-001-1-sz1.jpg": None, "XM2VTS/photos/000_1_1.jpg": None}
    assert {(p.path, p.skipped) for p in problems} == {
        ("AR/sketches/Wp-001-1-sz1.jpg", False),
        ("XM2VTS/photos/000_1_1.jpg", False),
    }


def test_the_official_download_without_photo_folders_still_reads(cufs_folder):
    shutil.rmtree(cufs_folder / "AR/photos")
    records, problems = read(cufs_folder)
    assert [r.key for r in records if r.source == "AR"] == ["AR/sketches/Wp-001-1-sz1.jpg"]
    assert ("AR", "has no folder photos.") in [(p.path, p.reason) for p in problems]


def test_the_uncropped_faces_are_not_mixed_in(cufs_folder):
    draw_face(cufs_folder / "CUHK_uncropped/photos/f1-001-01.jpg")
    records, problems = read(cufs_folder)
    assert not [r for r in records if "uncropped" in r.key.casefold()]
    assert [(p.path, p.skipped) for p in problems] == [("CUHK_uncropped", False)]


def test_the_uncropped_folder_reads_by_itself(tmp_path):
    root = tmp_path / "CUHK_uncropped"
    draw_face(root / "photos/f1-001-01.jpg")
    draw_face(root / "sketches/f1-001-01-sz1.jpg")
    records, _ = read(root)
    assert [(r.key, r.pair, r.source) for r in records] == [
        ("photos/f1-001-01.jpg", "CUHK/f1-001-01", "CUHK"),
        ("sketches/f1-001-01-sz1.jpg", "CUHK/f1-001-01", "CUHK"),
    ]


def test_a_second_file_for_the_same_face_is_left_out(cufs_folder):
    draw_face(cufs_folder / "CUHK/sketches/f2-005-01-sz1.jpg", 7)
    records, problems = read(cufs_folder)
    assert pairs_of(records)["CUHK/f-005-01"]["sketch"] == "CUHK/sketches/F2-005-01-sz1.jpg"
    assert [(p.path, p.skipped) for p in problems] == [("CUHK/sketches/f2-005-01-sz1.jpg", True)]


def test_files_that_do_not_belong_are_named(cufs_folder):
    (cufs_folder / "CUHK/photos/readme.txt").write_text("hello")
    (cufs_folder / "CUHK/photos/Thumbs.db").write_text("droppings")
    draw_face(cufs_folder / "CUHK/photos/holiday.jpg")
    _, problems = read(cufs_folder)
    assert {p.path for p in problems if p.skipped} == {"CUHK/photos/readme.txt", "CUHK/photos/holiday.jpg"}


def test_a_folder_of_something_else_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(InputError, match="does not look like CUFS"):
        read(tmp_path)
    with pytest.raises(InputError, match="There is no folder"):
        read(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([["database", "identity"], ["CUHK", "f-005-01"]], "no column split"),
        ([["database", "identity", "split"], ["CUHK", "f-005-01", "exam"]], "Line 2 .* 'exam'"),
        ([["database", "identity", "split"], ["FERET", "1", "test"]], "Line 2 .* 'FERET'"),
        ([["database", "identity", "split"], ["CUHK", "anna", "test"]], "'anna' is not a face's name"),
        ([["database", "identity", "split"], ["AR", "w-001-1", "test"], ["AR", "W-001-1", "train"]], "second split"),
    ],
)
def test_a_wrong_split_file_is_refused_with_its_line(cufs_folder, lines, sentence):
    with (cufs_folder / "split.csv").open("w", newline="") as file:
        csv.writer(file).writerows(lines)
    with pytest.raises(InputError, match=sentence):
        read(cufs_folder)


def test_keys_are_unique_and_do_not_name_this_machine(cufs_folder):
    records, _ = read(cufs_folder)
    keys = [r.key for r in records]
    assert len(keys) == len(set(keys)) == 12
    assert not [key for key in keys if key.startswith("/") or "\\" in key or str(cufs_folder) in key]
