"""Which picture of one set belongs to which of the other."""

from pathlib import Path

from datasetviewer.models import Dataset
from evaluation.sets import Contents, DatasetSet, FolderSet, matched


def selection(*pairs, dataset="cufs"):
    """Contents of a dataset with these (pair key, image key)."""
    keys, names = zip(*pairs, strict=True)
    paths = tuple(Path("/store") / name for name in names)
    return Contents(DatasetSet(dataset, "test", "sketch"), Dataset(slug=dataset), paths, names, "d", keys)


def folder(*names):
    paths = tuple(Path("/mine") / name for name in names)
    return Contents(FolderSet("/mine"), None, paths, names, "d", tuple(path.stem for path in paths))


def test_selections_are_matched_by_the_whole_key_of_the_pair():
    first = selection(
        ("CUHK/f-005-01", "s/F2-005-01-sz1.png"), ("AR/m-001-1", "s/Mp-001-1.png"), ("AR/m-002-1", "x.png")
    )
    second = selection(("AR/m-001-1", "p/m-001-1.jpg"), ("CUHK/f-005-01", "p/f-005-01.jpg"), ("AR/f-005-01", "y.jpg"))
    found = matched(first, second)
    assert found.keys == ("CUHK/f-005-01", "AR/m-001-1")
    assert [path.name for path in found.reference] == ["F2-005-01-sz1.png", "Mp-001-1.png"]
    assert [path.name for path in found.candidate] == ["f-005-01.jpg", "m-001-1.jpg"]
    assert found.unmatched == ("x.png", "y.jpg")


def test_files_are_matched_with_the_last_part_of_the_key_in_any_case():
    reference = selection(("CUHK/f-005-01", "F2-005-01-sz1.jpg"), ("AR/m-001-1", "Mp-001-1-sz1.jpg"))
    found = matched(reference, folder("out/M-001-1.PNG", "out/f-005-01.png", "out/extra.png"))
    assert found.keys == ("f-005-01", "m-001-1")
    assert [path.name for path in found.candidate] == ["f-005-01.png", "M-001-1.PNG"]
    assert found.unmatched == ("out/extra.png",)


def test_files_named_after_the_other_files_are_matched_too():
    reference = selection(("CUHK/f-005-01", "s/F2-005-01-sz1.jpg"), ("AR/m-001-1", "s/Mp-001-1-sz1.jpg"))
    found = matched(reference, folder("F2-005-01-sz1.png", "Mp-001-1-sz1.png"))
    assert found.keys == ("f2-005-01-sz1", "mp-001-1-sz1")


def test_a_name_that_occurs_twice_says_nothing():
    found = matched(folder("a/1.png", "b/1.png", "2.png"), folder("1.png", "2.png"))
    assert found.keys == ("2",)
    assert found.unmatched == ("a/1.png", "b/1.png", "1.png")


def test_sets_with_nothing_in_common_have_no_pairs():
    found = matched(folder("a.png"), folder("b.png"))
    assert (found.keys, found.unmatched) == ((), ("a.png", "b.png"))
