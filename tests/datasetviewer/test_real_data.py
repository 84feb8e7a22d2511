import csv
import time

import pytest

from datasetviewer.models import Dataset, Image, Pair, Subject
from datasetviewer.selectors import newest_protocols, stored_coverage
from datasetviewer.services import dataset_import


@pytest.mark.django_db
def test_the_real_cufs_comes_in_whole(shared_dir):
    root = shared_dir / "data" / "cufs"
    began = time.monotonic()
    report = dataset_import(layout="cufs", path=root)
    assert time.monotonic() - began < 60
    with (root / "split.csv").open(newline="") as file:
        expected = {(row["photo"], row["sketch"]): row["split"] for row in csv.DictReader(file)}
    found = {}
    for pair in Pair.objects.prefetch_related("images"):
        keys = {image.modality: image.key for image in pair.images.all()}
        found[keys["photo"], keys["sketch"]] = pair.split
    assert found == expected
    assert (report.pairs, report.images, report.skipped) == (484, 968, 0)
    assert set(Image.objects.values_list("width", "height")) == {(200, 250)}

    again = dataset_import(layout="cufs", path=root)
    assert (again.added, again.present, again.pairs) == (0, 968, 484)


def protocol_parts(name: str) -> dict[str, tuple[int, int, int | None]]:
    """Part -> (in the list, served, official)."""
    (protocol,) = newest_protocols(Dataset.objects.get()).filter(name=name)
    return {part.part: (part.entries, part.served, part.official) for part in stored_coverage(protocol)}


@pytest.mark.django_db
def test_the_real_cufs_brings_its_split_as_a_protocol(shared_dir):
    dataset_import(layout="cufs", path=shared_dir / "data/cufs")
    assert protocol_parts("cufs-268-338") == {"train": (214, 214, 268), "test": (270, 270, 338)}
    assert protocol_parts("cuhk-88-100") == {"train": (88, 70, 88), "test": (80, 80, 100)}


@pytest.mark.django_db
def test_the_real_uncropped_faces_come_in_by_themselves(shared_dir):
    report = dataset_import(layout="cufs-uncropped", path=shared_dir / "data/cufs/CUHK_uncropped")
    assert (report.pairs, report.images, report.skipped, report.differences) == (16, 32, 0, {"pairs": -172})
    assert protocol_parts("cuhk-88-100")["test"] == (16, 16, 100)


@pytest.mark.django_db
def test_the_real_cufsf_sketches_come_in_without_photos(shared_dir):
    report = dataset_import(layout="cufsf", path=shared_dir / "data/cufsf")
    assert (report.images, report.pairs, report.subjects, report.skipped) == (32, 0, 32, 0)
    assert report.differences == {"pairs": -1194, "subjects": -1162}
    assert any("FERET" in problem.reason for problem in report.problems)


@pytest.mark.django_db
def test_the_real_webcaricature_persons_keep_their_names_and_lists(shared_dir):
    root = shared_dir / "data/webcaricature"
    names = [path.name[0] for path in (root / "OriginalImages").rglob("*.jpg")]
    report = dataset_import(layout="webcaricature", path=root)
    assert (report.images, report.subjects, report.skipped) == (len(names), 22, 0)
    differences = {"subjects": 22 - 252, "caricatures": names.count("C") - 6042, "photos": names.count("P") - 5974}
    assert report.differences == differences
    assert protocol_parts("warpgan-126-126")["train"][0::2] == (126, 126)
    assert protocol_parts("warpgan-126-126")["test"][0::2] == (126, 126)
    ban = Subject.objects.get(name="Ban Ki moon")
    assert sorted(ban.images.values_list("modality", flat=True)) == ["caricature", "photo"]
    assert Image.objects.get(key="OriginalImages/Woody Allen/P00002.jpg").mode == "L"
