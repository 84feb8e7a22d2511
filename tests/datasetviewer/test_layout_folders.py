import pytest

from datasetviewer.layouts import LAYOUTS, ImageRecord, Problem, load_layout
from tests.datasetviewer.conftest import draw_face
from workers.engine.errors import InputError


def read(root, **options):
    entries = list(load_layout("folders").read(root, **options))
    return [e for e in entries if isinstance(e, ImageRecord)], [e for e in entries if isinstance(e, Problem)]


def test_partners_are_found_by_name_whatever_the_case_and_ending(tmp_path):
    draw_face(tmp_path / "Photos/Anna.JPG", 1)
    draw_face(tmp_path / "sketches/anna.png", 2)
    draw_face(tmp_path / "caricatures/ANNA.webp", 3)
    records, problems = read(tmp_path)
    assert [(r.key, r.modality, r.subject, r.pair) for r in records] == [
        ("Photos/Anna.JPG", "photo", "Anna", "anna"),
        ("sketches/anna.png", "sketch", "Anna", "anna"),
        ("caricatures/ANNA.webp", "caricature", "Anna", "anna"),
    ]
    assert problems == []


def test_subfolders_keep_equal_names_apart(tmp_path):
    for group in ("a", "b"):
        draw_face(tmp_path / f"photos/{group}/1.jpg")
        draw_face(tmp_path / f"sketches/{group}/1.jpg")
    records, _ = read(tmp_path)
    assert sorted({(r.subject, r.pair) for r in records}) == [("a 1", "a/1"), ("b 1", "b/1")]


def test_dots_in_a_name_are_not_an_ending(tmp_path):
    draw_face(tmp_path / "photos/dr. phil.jpg")
    draw_face(tmp_path / "sketches/dr. phil.png")
    records, _ = read(tmp_path)
    assert {r.pair for r in records} == {"dr. phil"}


def test_a_picture_without_a_partner_comes_in_alone_with_a_remark(tmp_path):
    draw_face(tmp_path / "photos/a.jpg")
    draw_face(tmp_path / "sketches/b.jpg")
    records, problems = read(tmp_path)
    assert [r.pair for r in records] == [None, None]
    assert [(p.path, p.skipped) for p in problems] == [("photos/a.jpg", False), ("sketches/b.jpg", False)]


def test_a_second_ending_of_the_same_name_is_left_out(tmp_path):
    draw_face(tmp_path / "photos/a.jpg")
    draw_face(tmp_path / "photos/a.png")
    draw_face(tmp_path / "sketches/a.png")
    records, problems = read(tmp_path)
    assert [r.key for r in records] == ["photos/a.jpg", "sketches/a.png"]
    assert [(p.path, p.skipped) for p in problems] == [("photos/a.png", True)]


def test_a_single_folder_is_photos_without_remarks(tmp_path):
    draw_face(tmp_path / "1.jpg")
    draw_face(tmp_path / "more/2.jpg")
    records, problems = read(tmp_path)
    assert [(r.key, r.modality, r.pair) for r in records] == [("1.jpg", "photo", None), ("more/2.jpg", "photo", None)]
    assert problems == []


def test_the_split_file_names_faces_with_or_without_ending(paired_folder, tmp_path):
    root = paired_folder(3)
    (root / "split.csv").write_text("name,split\np000.jpg,train\nP001,testing\nghost,test\n")
    records, problems = read(root)
    assert {r.subject: r.split for r in records} == {"p000": "train", "p001": "test", "p002": ""}
    assert [p.reason.split(" (")[0] for p in problems] == [
        "names 1 faces that are not in the folder",
        "says nothing about 1 faces",
    ]


def test_an_empty_folder_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(InputError, match="There are no pictures in"):
        read(tmp_path)


def test_an_unknown_layout_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"Known layouts: .*cufs.*folders"):
        load_layout("imagenet")


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_states_its_facts(name):
    layout = load_layout(name)
    assert layout.TITLE
    assert isinstance(layout.TERMS, str) and isinstance(layout.CITATION, str)
    assert all(isinstance(count, int) for count in layout.OFFICIAL_COUNTS.values())
    assert callable(layout.read)
