"""Reading the demo dataset's folder."""

import shutil
from pathlib import Path

import pytest

from datasetviewer.drawing import draw_demo
from datasetviewer.layouts import demo
from datasetviewer.layouts.records import ImageRecord, Problem
from workers.engine.errors import InputError


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("drawn")
    draw_demo(root, persons=4, seed=9)
    return root


@pytest.fixture
def folder(drawn, tmp_path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(drawn, tmp_path / "demo"))


def records(root: Path, **options) -> list[ImageRecord]:
    return [item for item in demo.read(root, **options) if isinstance(item, ImageRecord)]


def problems(root: Path) -> list[Problem]:
    return [item for item in demo.read(root) if isinstance(item, Problem)]


def test_it_yields_three_pictures_a_person_with_pair_split_and_landmarks(drawn):
    found = records(drawn)
    assert not problems(drawn)
    assert [record.modality for record in found[:3]] == ["photo", "sketch", "caricature"]
    assert [record.key for record in found[:2]] == ["photos/person-01.png", "sketches/person-01.png"]
    assert len(found) == 12 and len({record.key for record in found}) == 12
    assert {record.pair for record in found if record.subject == "person-02"} == {"person-02"}
    assert all(record.path.is_file() and len(record.landmarks) == 17 for record in found)
    splits = [record.split for record in found if record.modality == "photo"]
    assert sorted(splits) == ["test", "train", "train", "train"]


def test_photo_landmarks_name_the_eyes_of_the_template(drawn):
    for record in records(drawn):
        if record.modality == "photo":
            left = [sum(values) / 2 for values in zip(*record.landmarks[8:10], strict=True)]
            right = [sum(values) / 2 for values in zip(*record.landmarks[10:12], strict=True)]
            assert left == pytest.approx([75, 125], abs=2) and right == pytest.approx([125, 125], abs=2)


def test_a_folder_without_a_split_file_is_not_finished(folder):
    (folder / "split.csv").unlink()
    with pytest.raises(InputError, match="drawing was not finished"):
        list(demo.read(folder))


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="There is no folder"):
        list(demo.read(tmp_path / "nowhere"))


def test_a_missing_picture_is_reported_and_the_others_come_in(folder):
    (folder / "photos" / "person-03.png").unlink()
    assert [problem.path for problem in problems(folder)] == ["photos/person-03.png"]
    left = [record for record in records(folder) if record.subject == "person-03"]
    assert [record.modality for record in left] == ["sketch", "caricature"]
    assert {record.pair for record in left} == {None}


def test_a_picture_outside_the_folder_is_refused(folder):
    text = (folder / "split.csv").read_text()
    (folder / "split.csv").write_text(text.replace("photos/person-01.png", "../secret.png"))
    assert "no usable photo for 'person-01' in line 2" in problems(folder)[0].reason
    assert all(".." not in record.key for record in records(folder))


def test_pictures_come_in_without_landmarks_when_the_file_is_missing(folder):
    (folder / "landmarks.csv").unlink()
    assert [(problem.path, problem.skipped) for problem in problems(folder)] == [("landmarks.csv", False)]
    assert all(record.landmarks is None for record in records(folder))


@pytest.mark.parametrize("cells", ["1,2,3", ",".join(["1"] * 33 + ["east"]), ",".join(["1"] * 33 + ["nan"])])
def test_a_broken_landmark_line_is_named(folder, cells):
    (folder / "landmarks.csv").write_text(f"picture,x1\nphotos/person-01.png,{cells}\n")
    with pytest.raises(InputError, match=r"Line 2 of .*landmarks\.csv must be a picture's path and 34 numbers"):
        list(demo.read(folder))


def test_another_split_file_replaces_the_split(folder, tmp_path):
    other = tmp_path / "mine.csv"
    other.write_text("subject,split\nperson-01,validation\n")
    splits = {record.subject: record.split for record in records(folder, split_file=other)}
    assert splits == {"person-01": "validation", "person-02": "", "person-03": "", "person-04": ""}
