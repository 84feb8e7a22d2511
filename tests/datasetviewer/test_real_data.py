import csv
import time

import pytest

from datasetviewer.models import Image, Pair
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
