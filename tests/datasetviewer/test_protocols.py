"""Lists as rows: read, stored as versions, applied, cut."""

import pytest

from datasetviewer.entries import Holdings, coverage_of, digest_of, read_list, unpack
from datasetviewer.models import Dataset, Image, Pair, Protocol
from datasetviewer.selectors import protocol_entries, protocol_get, protocol_rows, stored_coverage
from datasetviewer.services import (
    amount_of,
    dataset_import,
    protocol_apply,
    protocol_create,
    protocol_cut_validation,
    protocol_from_csv,
    split_draw,
)
from tests.datasetviewer.conftest import draw_face
from workers.engine.errors import InputError

pytestmark = pytest.mark.django_db


def test_a_digest_depends_on_every_entry_their_order_and_the_kind():
    rows = [("train", "a"), ("test", "b")]
    digest, content = digest_of("split", "image", rows)
    assert list(unpack(content)) == rows
    assert digest_of("split", "image", rows)[0] == digest
    others = [
        ("split", "image", rows[::-1]),
        ("split", "subject", rows),
        ("split", "image", [("train", "a"), ("test", "c")]),
    ]
    assert len({digest, *(digest_of(*other)[0] for other in others)}) == 4


def test_names_are_found_without_regard_to_endings_case_and_underscores():
    holdings = Holdings()
    holdings.add_image(1, "OriginalImages/Ban_Ki_moon/C00001.jpg", "Ban Ki moon", "caricature")
    holdings.add_image(2, "OriginalImages/Dr. Phil/C00001.JPG", "Dr. Phil", "caricature")
    holdings.add_image(3, "OriginalImages/Dr. Phil/P00001.png", "Dr. Phil", "photo")
    assert holdings.image("Ban Ki moon/C00001") == 1
    assert holdings.image("ban_ki_moon/c00001.png") == 1
    assert holdings.image("OriginalImages/Dr. Phil/C00001.JPG") == 2
    assert holdings.image("C00001") is None, "two pictures end so"
    assert holdings.image("P00001") == 3
    assert holdings.serves("verification", "subject", ("1", "Dr. Phil", "1", "1"))
    assert not holdings.serves("verification", "subject", ("1", "Dr. Phil", "2", "1"))
    assert holdings.serves("identification", "image", ("dev", "train", "Dr. Phil/*"))
    assert not holdings.serves("identification", "image", ("dev", "train", "Dr/*"))
    parts = coverage_of(
        "verification",
        "image",
        [("1", "Dr. Phil/C00001", "Dr. Phil/P00001", "1"), ("1", "X/C1", "Dr. Phil/P00001", "0")],
        holdings,
        {"1": 6},
    )
    assert [(part.part, part.entries, part.served, part.official, part.missing) for part in parts] == [
        ("1", 2, 1, 6, 1)
    ]


def test_the_split_of_cufs_becomes_a_protocol_with_its_official_counts(private_dataset):
    protocol = protocol_get(dataset=private_dataset, name="cufs-268-338")
    private_dataset.refresh_from_db()
    assert private_dataset.split_protocol == protocol
    assert (protocol.version, protocol.kind, protocol.unit, protocol.origin) == (1, "split", "pair", "imported")
    assert [(p.part, p.entries, p.served, p.official) for p in stored_coverage(protocol)] == [
        ("train", 3, 3, 268),
        ("test", 3, 3, 338),
    ]
    partition = protocol_get(dataset=private_dataset, name="cuhk-88-100")
    assert partition.counts == {"train": 88, "test": 2}
    assert {p.part: p.served for p in stored_coverage(partition)} == {"train": 2, "test": 2}


def test_importing_again_makes_no_new_version_and_a_changed_list_does(private_dataset, cufs_folder, tmp_path):
    dataset_import(layout="cufs", path=cufs_folder)
    assert Protocol.objects.filter(name="cufs-268-338").count() == 1
    other = tmp_path / "other.csv"
    other.write_text("database,identity,split\nAR,w-001-1,train\nCUHK,f-005-01,test\n")
    dataset_import(layout="cufs", path=cufs_folder, split_file=other)
    first, second = Protocol.objects.filter(name="cufs-268-338").order_by("version")
    private_dataset.refresh_from_db()
    assert second.version == 2 and first.body_id != second.body_id and private_dataset.split_protocol == second
    dataset_import(layout="cufs", path=cufs_folder)
    private_dataset.refresh_from_db()
    assert private_dataset.split_protocol == first and Protocol.objects.filter(name="cufs-268-338").count() == 2


def test_applying_sets_pictures_and_pairs_and_an_import_does_not_undo_it(private_dataset, cufs_folder):
    drawn, _ = split_draw(dataset=private_dataset, name="mine", train=2, seed=5)
    assert protocol_apply(protocol=drawn) == 12
    train = {name for split, name in protocol_rows(drawn) if split == "train"}
    assert len(train) == 2
    for image in Image.objects.select_related("subject", "pair"):
        expected = "train" if image.subject.name in train else "test"
        assert image.split == expected == image.pair.split
    draw_face(cufs_folder / "XM2VTS/photos/001_1_1.jpg", 40)
    draw_face(cufs_folder / "XM2VTS/sketches/001_1_1_sz1.jpg", 41)
    report = dataset_import(layout="cufs", path=cufs_folder)
    private_dataset.refresh_from_db()
    assert (report.added, report.updated) == (2, 0) and private_dataset.split_protocol == drawn
    assert set(Image.objects.filter(subject__name__in=train).values_list("split", flat=True)) == {"train"}
    assert set(
        Image.objects.filter(key__contains="001_1_1", source="XM2VTS")
        .exclude(key__contains="000")
        .values_list("split", flat=True)
    ) == {""}


def test_an_image_list_moves_single_pictures_and_leaves_the_others_without_a_split(private_dataset):
    rows = [("validation", "AR/photos/w-001-1.jpg"), ("train", "AR/sketches/Wp-001-1-sz1.jpg")]
    protocol, _ = protocol_create(
        dataset=private_dataset, name="few", kind="split", unit="image", rows=rows, origin="uploaded"
    )
    assert protocol_apply(protocol=protocol) == 2
    assert dict(Image.objects.exclude(split="").values_list("key", "split")) == {name: split for split, name in rows}
    assert Pair.objects.get(key="AR/w-001-1").split == "validation"
    assert not Pair.objects.exclude(key="AR/w-001-1").exclude(split="").exists()


def test_a_validation_part_is_cut_by_person_reproducibly_as_a_new_version(db, paired_folder):
    dataset_import(layout="folders", path=paired_folder(9), slug="mine")
    dataset = Dataset.objects.get()
    before = protocol_get(dataset=dataset, name="own-split")
    cut, created = protocol_cut_validation(protocol=before, amount=2, seed=3)
    again, created_again = protocol_cut_validation(protocol=before, amount=2, seed=3)
    assert created and not created_again and again == cut and cut.version == 2
    moved = {name for split, name in protocol_rows(cut) if split == "validation"}
    # Both pictures of a person move together.
    assert {name.split("/")[-1][:4] for name in moved} == {"p" + name.split("/p")[-1][:3] for name in moved}
    assert (len(moved) == 4 and cut.counts == {"test": 6, "validation": 4, "train": 8}) or sum(
        cut.counts.values()
    ) == 18
    assert "seed 3" in cut.description
    assert list(protocol_rows(before)) != list(protocol_rows(cut)), "the first version is as it was"
    with pytest.raises(InputError, match="has a validation part already"):
        protocol_cut_validation(protocol=cut, amount=1, seed=1)
    with pytest.raises(InputError, match="some must stay"):
        protocol_cut_validation(protocol=before, amount=6, seed=1)


@pytest.mark.parametrize(("text", "value"), [("20", 20), ("0.1", 0.1), ("10%", 0.1), (" 3 ", 3)])
def test_amounts(text, value):
    assert amount_of(text) == value


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "200%", "nan", "inf", "many", "٣"])
def test_amounts_that_are_none(text):
    with pytest.raises(InputError, match="neither a number of persons"):
        amount_of(text)


@pytest.mark.parametrize(
    ("text", "kind", "unit", "words"),
    [
        ("", "split", "image", "no column split, name"),
        ("split,name\n", "split", "image", "no entries"),
        ("split,name\ntrain,a\nexam,b\n", "split", "image", "Line 3 .*'exam'. Known: train, test, validation"),
        ("split,name\ntrain,a\ntest,a\n", "split", "image", "Line 3 .* again, after line 2"),
        ("split,name\ntrain,\n", "split", "image", "Line 2 .* nothing in the column name"),
        ("part,first,second,same\n1,a,b,maybe\n", "verification", "image", "same must be 1"),
        ("part,name,caricatures,photos\n1,a,x,2\n", "verification", "subject", "must be a number"),
        ("part,role,name\n1,judge,a\n", "identification", "image", "'judge'. Known: train, gallery, probe"),
        ("name\na\n", "list", "face", "cannot name 'face'"),
        ("name\na\n", "poem", "image", "no kind of list 'poem'"),
        ("name\n" + "x" * 400 + "\n", "list", "image", "at most 300"),
    ],
)
def test_a_list_with_a_mistake_is_refused_with_its_line(text, kind, unit, words):
    with pytest.raises(InputError, match=words):
        read_list(text, kind=kind, unit=unit, where="mine.csv")


def test_a_list_of_another_dataset_is_refused_with_an_example(private_dataset, user):
    with pytest.raises(
        InputError, match=r"Nothing that the list names is in cufs. A name here looks like 'AR-w-001-1'"
    ):
        protocol_from_csv(
            dataset=private_dataset,
            name="x",
            kind="split",
            unit="subject",
            content=b"split,name\ntrain,anna\n",
            file_name="x.csv",
            owner=user,
        )
    with pytest.raises(InputError, match="not text in UTF-8"):
        protocol_from_csv(
            dataset=private_dataset,
            name="x",
            kind="split",
            unit="subject",
            content=b"\xff\xfe",
            file_name="x.csv",
            owner=user,
        )


def test_a_large_verification_list_is_stored_small_and_counted(private_dataset):
    rows = [(str(1 + n % 10), "AR/photos/w-001-1", f"nobody/C{n:06}", str(n % 2)) for n in range(60_000)]
    protocol, _ = protocol_create(
        dataset=private_dataset, name="large", kind="verification", unit="image", rows=rows, origin="uploaded"
    )
    assert len(protocol.body.content) < 400_000 and protocol.entries == 60_000
    page, total = protocol_entries(protocol, part="3", missing_only=True, start=5990, limit=60)
    assert total == 6000 and len(page) == 10 and not any(served for _row, served in page)
