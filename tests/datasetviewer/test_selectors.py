import pytest
from django.contrib.auth.models import AnonymousUser

from datasetviewer.models import Dataset
from datasetviewer.selectors import (
    dataset_counts,
    dataset_may_publish,
    dataset_visible_to,
    image_path,
    images_select,
)
from workers.engine.errors import InputError

pytestmark = pytest.mark.django_db


def test_visitors_see_public_datasets_only(private_dataset, public_dataset, stranger):
    assert list(dataset_visible_to(AnonymousUser())) == [public_dataset]
    assert set(dataset_visible_to(stranger)) == {private_dataset, public_dataset}


def test_staff_and_the_owner_may_publish(private_dataset, user, stranger, staff):
    may = {who: dataset_may_publish(who, private_dataset) for who in (user, stranger, staff, AnonymousUser())}
    assert may == {user: True, stranger: False, staff: True, AnonymousUser(): False}


def test_a_dataset_without_an_owner_is_not_everybodys(public_dataset, stranger):
    assert public_dataset.owner is None and not dataset_may_publish(stranger, public_dataset)


@pytest.mark.parametrize(
    ("split", "modality", "source", "keys"),
    [
        ("test", "sketch", "", ["AR/sketches/Wp-001-1-sz1.jpg", "CUHK/sketches/M-063-01-SZ1.jpg",
                                "CUHK/sketches/f1-005-01-sz1.jpg"]),
        ("test", "sketch", "AR", ["AR/sketches/Wp-001-1-sz1.jpg"]),
        ("validation", "photo", "", []),
    ],
)  # fmt: skip
def test_a_set_is_selected_in_the_order_of_its_keys(private_dataset, split, modality, source, keys):
    images = images_select(dataset=private_dataset, split=split, modality=modality, source=source)
    assert [image.key for image in images] == keys


@pytest.mark.parametrize("everything", ["", "all"])
def test_all_and_nothing_mean_every_image(private_dataset, everything):
    assert images_select(dataset="cufs", split=everything, modality=everything, source=everything).count() == 12
    assert images_select(dataset="cufs", split=everything, modality="photo").count() == 6


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ({"split": "exam"}, "'exam' here. Choices: train, test, validation, all"),
        ({"modality": "film"}, "'film' here. Choices: photo, sketch, caricature, all"),
        ({"source": "FERET"}, "'FERET' here. Choices: AR, CUHK, XM2VTS, all"),
        ({"dataset": "nowhere"}, "There is no dataset 'nowhere'"),
    ],
)
def test_an_unknown_part_of_a_set_is_refused_with_the_known_ones(private_dataset, what, sentence):
    with pytest.raises(InputError, match=sentence):
        images_select(**{"dataset": private_dataset, "split": "all", "modality": "photo"} | what)


def test_the_path_is_absolute_and_holds_the_picture(private_dataset, cufs_folder):
    for image in images_select(dataset=private_dataset, split="all", modality="all").select_related("dataset"):
        path = image_path(image)
        assert path.is_absolute() and path.read_bytes() == (cufs_folder / image.key).read_bytes()


def test_counts_are_by_source_split_and_modality(private_dataset, django_assert_num_queries):
    with django_assert_num_queries(1):
        counts = dataset_counts(private_dataset)
    rows = [(row.source, row.split, row.photos, row.sketches, row.total) for row in counts.rows]
    assert rows == [
        ("AR", "test", 1, 1, 2),
        ("CUHK", "train", 2, 2, 4),
        ("CUHK", "test", 2, 2, 4),
        ("XM2VTS", "train", 1, 1, 2),
    ]
    assert (counts.total, counts.sources, counts.modalities) == (12, ("AR", "CUHK", "XM2VTS"), ("photo", "sketch"))
    assert (counts.rows[0].photo_percent, counts.rows[1].photo_percent) == (25, 50)


def test_counts_of_an_empty_dataset_are_empty(db):
    empty = Dataset.objects.create(slug="empty", name="Empty", layout="folders")
    assert (dataset_counts(empty).rows, dataset_counts(empty).total) == ((), 0)
