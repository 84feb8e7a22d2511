import hashlib
import os
import shutil

import pytest
from PIL import Image as PillowImage

from datasetviewer import pictures
from datasetviewer.models import Dataset, DatasetImport, Image, Pair, Subject
from datasetviewer.selectors import image_path
from datasetviewer.services import dataset_import, dataset_remove, importing, reading
from datasetviewer.storage import dataset_folder, thumbnail_path
from tests.datasetviewer.conftest import draw_face
from workers.engine.errors import InputError

pytestmark = pytest.mark.django_db


def test_pairs_come_in_with_what_was_measured(cufs_folder):
    report = dataset_import(layout="cufs", path=cufs_folder)
    assert (report.pairs, report.images, report.subjects, report.added, report.skipped) == (6, 12, 6, 12, 0)
    sketch = Image.objects.get(key="CUHK/sketches/f1-005-01-sz1.jpg")
    original = (cufs_folder / sketch.key).read_bytes()
    assert (sketch.width, sketch.height, sketch.mode, sketch.format) == (40, 50, "L", "JPEG")
    assert (sketch.modality, sketch.split, sketch.source) == ("sketch", "test", "CUHK")
    assert sketch.sha256 == hashlib.sha256(original).hexdigest() and sketch.bytes == len(original)
    assert {image.key for image in sketch.pair.images.all()} == {sketch.key, "CUHK/photos/f1-005-01.jpg"}
    dataset = Dataset.objects.get()
    assert (dataset.slug, dataset.public, dataset.drawn) == ("cufs", False, False)
    assert "research" in dataset.terms and "Wang" in dataset.citation


def test_the_original_bytes_and_both_thumbnails_are_stored(cufs_folder):
    draw_face(cufs_folder / "AR/photos/w-001-1.jpg", 3, size=(400, 800))
    dataset_import(layout="cufs", path=cufs_folder)
    image = Image.objects.select_related("dataset").get(key="AR/photos/w-001-1.jpg")
    assert image_path(image).read_bytes() == (cufs_folder / image.key).read_bytes()
    for size, expected in ((160, (80, 160)), (320, (160, 320))):
        with PillowImage.open(thumbnail_path("cufs", image.sha256, size)) as thumbnail:
            assert (thumbnail.format, thumbnail.size) == ("WEBP", expected)


def test_equal_bytes_are_stored_once(paired_folder):
    root = paired_folder(2)
    shutil.copy(root / "photos/p000.jpg", root / "photos/p001.jpg")
    dataset_import(layout="folders", path=root, slug="mine")
    files = [path for path in (dataset_folder("mine") / "files").rglob("*") if path.is_file()]
    assert Image.objects.count() == 4 and len(files) == 3


def test_a_second_import_adds_nothing_and_says_so(cufs_folder, data_dir):
    dataset_import(layout="cufs", path=cufs_folder)
    before = {path: path.stat().st_mtime_ns for path in data_dir.rglob("*") if path.is_file()}
    rows = list(Image.objects.order_by("pk").values())
    report = dataset_import(layout="cufs", path=cufs_folder)
    assert (report.added, report.present, report.updated, report.restored) == (0, 12, 0, 0)
    assert "Nothing new" in report.headline()
    assert list(Image.objects.order_by("pk").values()) == rows
    assert (Pair.objects.count(), Subject.objects.count()) == (6, 6)
    assert {path: path.stat().st_mtime_ns for path in data_dir.rglob("*") if path.is_file()} == before


def test_a_second_import_opens_no_stored_picture_again(cufs_folder, monkeypatch):
    dataset_import(layout="cufs", path=cufs_folder)

    def decode(content):
        raise AssertionError("a stored picture was decoded again")

    monkeypatch.setattr(reading, "read_picture", decode)
    assert dataset_import(layout="cufs", path=cufs_folder).present == 12


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:200]), "damaged"),
        (lambda path: path.write_bytes(b"<html>not a picture</html>"), "not a picture"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: PillowImage.new("RGB", (6000, 5000)).save(path), "30000000|6000x5000|megapixels"),
        (lambda path: os.truncate(path, pictures.MAX_BYTES + 1), "MB are taken"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_skipped(cufs_folder, spoil, reason):
    spoil(cufs_folder / "AR/photos/w-001-1.jpg")
    report = dataset_import(layout="cufs", path=cufs_folder)
    assert (report.added, report.skipped, report.pairs) == (11, 1, 5)
    (problem,) = report.problems
    assert problem.path == "AR/photos/w-001-1.jpg"
    assert any(word in problem.reason for word in reason.split("|")), problem.reason
    assert Image.objects.get(source="AR").pair is None


def test_a_folder_instead_of_a_file_is_named_and_skipped(cufs_folder):
    (cufs_folder / "AR/photos/w-001-1.jpg").unlink()
    (cufs_folder / "AR/photos/w-001-1.jpg").mkdir()
    report = dataset_import(layout="cufs", path=cufs_folder)
    assert "AR/photos/w-001-1.jpg" in [problem.path for problem in report.problems if problem.skipped]


def test_a_mended_file_comes_in_and_finds_its_partner(cufs_folder):
    path = cufs_folder / "AR/photos/w-001-1.jpg"
    good = path.read_bytes()
    path.write_bytes(good[:100])
    dataset_import(layout="cufs", path=cufs_folder)
    path.write_bytes(good)
    report = dataset_import(layout="cufs", path=cufs_folder)
    assert (report.added, report.pairs, report.skipped) == (1, 6, 0)
    assert Image.objects.filter(source="AR", pair__key="AR/w-001-1").count() == 2


def test_a_changed_file_is_reported_and_the_first_is_kept(cufs_folder):
    dataset_import(layout="cufs", path=cufs_folder)
    before = Image.objects.get(key="AR/photos/w-001-1.jpg")
    draw_face(cufs_folder / "AR/photos/w-001-1.jpg", 77)
    report = dataset_import(layout="cufs", path=cufs_folder)
    assert (report.added, report.skipped, report.pairs) == (0, 1, 6)
    assert "differs" in report.problems[0].reason
    after = Image.objects.get(pk=before.pk)
    assert (after.sha256, after.pair_id) == (before.sha256, before.pair_id)
    assert Image.objects.get(key="AR/sketches/Wp-001-1-sz1.jpg").pair_id == before.pair_id


def test_a_lost_file_or_thumbnail_is_restored(cufs_folder):
    dataset_import(layout="cufs", path=cufs_folder)
    first, second = Image.objects.select_related("dataset").order_by("key")[:2]
    image_path(first).unlink()
    thumbnail_path("cufs", second.sha256, 160).unlink()
    report = dataset_import(layout="cufs", path=cufs_folder)
    assert (report.added, report.present, report.restored) == (0, 12, 2)
    assert image_path(first).is_file() and thumbnail_path("cufs", second.sha256, 160).is_file()


def test_a_new_split_file_brings_rows_up_to_date(cufs_folder, tmp_path):
    dataset_import(layout="cufs", path=cufs_folder)
    other = tmp_path / "other.csv"
    other.write_text("database,identity,split\nAR,w-001-1,validation\n")
    report = dataset_import(layout="cufs", path=cufs_folder, split_file=other)
    assert (report.added, report.present, report.updated) == (0, 12, 12)
    assert set(Image.objects.filter(source="AR").values_list("split", "pair__split")) == {("validation", "validation")}
    assert set(Image.objects.exclude(source="AR").values_list("split", "pair__split")) == {("", "")}


class Killed(BaseException):
    """Stands for kill -9, or a job that was told to stop."""


@pytest.mark.parametrize("killed_at", [0, 1, 7, 23, 39])
def test_an_import_that_was_killed_goes_on_where_it_was(paired_folder, monkeypatch, data_dir, killed_at):
    root = paired_folder(20)
    monkeypatch.setattr(importing, "BATCH", 4)

    def kill(done, total, text):
        if done == killed_at:
            raise Killed

    with pytest.raises(Killed):
        dataset_import(layout="folders", path=root, slug="mine", report=kill)
    stored = Image.objects.count()
    assert stored == killed_at // 8 * 8
    assert Image.objects.filter(pair=None).count() == 0

    report = dataset_import(layout="folders", path=root, slug="mine")
    assert (report.added, report.present, report.pairs) == (40 - stored, stored, 20)
    assert not [path for path in data_dir.rglob(".*") if path.is_file()], "a temporary file was left"


def test_a_write_that_fails_leaves_no_half_file(paired_folder, data_dir, monkeypatch):
    root = paired_folder(2)

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(InputError, match="No space left on device"):
        dataset_import(layout="folders", path=root, slug="mine")
    assert Image.objects.count() == 0
    assert not [path for path in data_dir.rglob("*") if path.is_file()]


def test_progress_counts_every_picture_once(cufs_folder):
    calls = []
    dataset_import(layout="cufs", path=cufs_folder, report=lambda done, total, text: calls.append((done, total)))
    assert calls == [(done, 12) for done in range(13)]


def test_every_import_is_recorded_with_its_report(cufs_folder):
    dataset_import(layout="cufs", path=cufs_folder)
    row = DatasetImport.objects.get()
    assert (row.layout, row.path, row.job) == ("cufs", str(cufs_folder), None)
    assert (row.report["pairs"], row.report["added"]) == (6, 12)
    assert row.report["differences"] == {"pairs": -600, "CUHK": -184, "AR": -122, "XM2VTS": -294}


def test_a_wrong_folder_leaves_no_empty_dataset(tmp_path):
    with pytest.raises(InputError, match="does not look like CUFS"):
        dataset_import(layout="cufs", path=tmp_path)
    assert not Dataset.objects.exists()


@pytest.mark.parametrize("slug", ["Über", "a b", "-a", "import", "x" * 65, "../up"])
def test_a_short_name_that_cannot_stand_in_an_address_is_refused(cufs_folder, slug):
    with pytest.raises(InputError, match="cannot be a dataset's short name"):
        dataset_import(layout="cufs", path=cufs_folder, slug=slug)


def test_a_dataset_takes_no_folder_of_another_layout(cufs_folder, paired_folder):
    dataset_import(layout="cufs", path=cufs_folder)
    with pytest.raises(InputError, match="made with the layout cufs"):
        dataset_import(layout="folders", path=paired_folder(), slug="cufs")


def test_names_that_do_not_fit_are_named_and_skipped(paired_folder):
    root = paired_folder(1)
    draw_face(root / "photos" / ("x" * 210 + ".jpg"))
    report = dataset_import(layout="folders", path=root, slug="mine")
    assert (report.added, report.skipped) == (2, 1)


def test_publishing_happens_only_when_asked_and_is_not_undone(paired_folder):
    root = paired_folder(1)
    dataset_import(layout="folders", path=root, slug="mine")
    assert not Dataset.objects.get().public
    dataset_import(layout="folders", path=root, slug="mine", public=True)
    dataset_import(layout="folders", path=root, slug="mine")
    assert Dataset.objects.get().public


def test_removing_a_dataset_removes_its_files(cufs_folder, django_capture_on_commit_callbacks):
    dataset_import(layout="cufs", path=cufs_folder)
    with django_capture_on_commit_callbacks(execute=True):
        dataset_remove(dataset=Dataset.objects.get())
    assert not Image.objects.exists() and not dataset_folder("cufs").exists()


def test_a_rotated_photo_is_measured_upright(paired_folder):
    root = paired_folder(1)
    exif = PillowImage.Exif()
    exif[0x0112] = 6  # the camera was held upright
    PillowImage.new("RGB", (60, 30), "teal").save(root / "photos/p000.jpg", exif=exif)
    dataset_import(layout="folders", path=root, slug="mine")
    image = Image.objects.get(modality="photo")
    assert (image.width, image.height) == (30, 60)
    with PillowImage.open(thumbnail_path("mine", image.sha256, 160)) as thumbnail:
        assert thumbnail.size == (30, 60)
