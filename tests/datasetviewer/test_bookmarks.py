"""Bookmarks: a page far into a dataset is the page that counting from the beginning finds."""

import random

import pytest
from django.urls import reverse

from datasetviewer.filters import SORTS, Choices, read_filter
from datasetviewer.models import Bookmarks, Dataset, DatasetSummary, Image, PersonNames, Subject
from datasetviewer.selectors import bookmarks as reading
from datasetviewer.selectors import dataset_counts, grid_images, grid_page, grid_persons, neighbours, walking
from datasetviewer.services import bookmarks as writing
from datasetviewer.services import dataset_recount, dataset_recount_changed

pytestmark = pytest.mark.django_db
ROWS = 160
FILTERS = [
    {},
    {"by": "image"},
    {"by": "image", "split": "test"},
    {"by": "image", "split": "none", "colour": "grey"},
    {"modality": "sketch", "source": "AR"},
    {"by": "image", "verdict": "rejected", "reason": "side_face"},
    {"by": "image", "points": "has", "split": "train"},
]


@pytest.fixture(autouse=True)
def short_steps(monkeypatch):
    """A mark every seven rows, read from the fifth row on."""
    monkeypatch.setattr(writing, "STEP", 7)
    monkeypatch.setattr(reading, "NEAR", 5)


def filled(slug: str, chance: random.Random, rows: int = ROWS) -> Dataset:
    """Rows without files; keys, names and numbers go different ways."""
    dataset = Dataset.objects.create(slug=slug, name=slug, layout="folders", public=True)
    names = [f"person {chance.randint(0, 10**6)}" for _ in range(rows // 4)]
    subjects = Subject.objects.bulk_create(Subject(dataset=dataset, name=name) for name in dict.fromkeys(names))
    Image.objects.bulk_create(drawn(dataset, chance.choice(subjects), chance, place) for place in range(rows))
    dataset_recount(dataset=dataset)
    return dataset


def drawn(dataset: Dataset, subject: Subject, chance: random.Random, place: int) -> Image:
    rejected = chance.random() < 0.2
    return Image(
        dataset=dataset, subject=subject, modality=chance.choice(["photo", "sketch"]), sha256=f"{place:064x}",
        split=chance.choice(["train", "test", ""]), source=chance.choice(["AR", "CUHK"]), width=4, height=5, bytes=9,
        key=f"{chance.randint(0, 10**6)}/{place}.png", mode=chance.choice(["RGB", "L"]), format="PNG",
        landmark_source=chance.choice(["", "read"]), verdict="rejected" if rejected else "kept",
        verdict_reason=chance.choice(["side_face", "outside"]) if rejected else "",
    )  # fmt: skip


@pytest.fixture
def dataset() -> Dataset:
    return filled("open", random.Random(11))


def shown_by(params, sort):
    choices = Choices(("train", "test", ""), ("photo", "sketch"), ("AR", "CUHK"))
    shown, ignored = read_filter({"sort": sort, "size": "12"} | params, choices)
    assert not ignored
    return shown


@pytest.mark.parametrize("sort", list(SORTS))
def test_every_page_is_what_counting_from_the_beginning_finds(dataset, sort, monkeypatch):
    counts = dataset_counts(dataset)
    for params in FILTERS:
        shown = shown_by(params, sort)
        expected = [image.pk for image in grid_images(dataset, shown)]
        seen = []
        for number in range(1, len(expected) // 12 + 2):
            _page, tiles = grid_page(dataset, shown, counts, number)
            seen += [tile.image.pk for tile in tiles]
        assert seen == expected and len(expected) > 12, params
        for start in (0, 6, 13, len(expected) - 1, len(expected), len(expected) + 20):
            images = grid_images(dataset, shown)
            assert reading.keys_between(images, dataset, shown, start, start + 5) == expected[start : start + 5]


@pytest.mark.parametrize("sort", list(SORTS))
def test_the_place_of_a_picture_is_told_without_counting(dataset, sort, monkeypatch):
    monkeypatch.setattr(walking, "COUNTED", 3)
    counts = dataset_counts(dataset)
    for params in FILTERS:
        shown = shown_by(params, sort)
        images = list(grid_images(dataset, shown).select_related("subject", "dataset"))
        for place, image in enumerate(images, start=1):
            if place % 5 == 0 or place in (1, len(images)):
                walk = neighbours(image, [], shown, counts)
                assert (walk.position, walk.total) == (place, len(images)), params


def test_a_page_in_the_middle_reads_few_rows(dataset, django_assert_num_queries):
    shown = shown_by({"by": "image"}, "key")
    images = grid_images(dataset, shown)
    with django_assert_num_queries(3) as asked:
        reading.keys_between(images, dataset, shown, 100, 112)
    assert "LIMIT 12 OFFSET 2" in asked.captured_queries[-1]["sql"]  # 100 = 14 * 7 + 2


@pytest.mark.parametrize("sort", ["person", "-person"])
def test_persons_are_reached_too(dataset, sort):
    shown = shown_by({"by": "person"}, sort)
    expected = [person.name for person in grid_persons(dataset, shown)]
    persons = grid_persons(dataset, shown)
    for start in (0, 5, 17, len(expected) - 2, len(expected) + 3):
        found = reading.persons_between(persons, dataset, shown, start, start + 6)
        assert [person.name for person in found] == expected[start : start + 6]


def test_several_datasets_are_one_list_in_the_api(client, dataset):
    filled("second", random.Random(12), 48)
    filled("hidden", random.Random(13), 48)
    Dataset.objects.filter(slug="hidden").update(public=False)
    filled("third", random.Random(14), 48)
    for asked in ({}, {"split": "test"}, {"dataset": "second"}):
        rows = Image.objects.exclude(dataset__slug="hidden").order_by("dataset_id", "key")
        rows = rows.filter(**{"dataset__slug" if name == "dataset" else name: value for name, value in asked.items()})
        expected, seen = list(rows.values_list("pk", flat=True)), []
        address = "/api/v1/images/"
        answer = client.get(address, asked | {"page_size": 9}).json()
        while True:
            seen += [image["id"] for image in answer["results"]]
            if not answer["next"]:
                break
            answer = client.get(answer["next"]).json()
        assert seen == expected and answer["count"] == len(expected)


@pytest.mark.parametrize(
    "change",
    [
        lambda image: Image.objects.filter(pk=image.pk).delete(),
        lambda image: image.delete(),
        lambda image: image.subject.delete(),
        lambda image: Subject.objects.filter(pk=image.subject_id).delete(),
        lambda image: Image.objects.filter(pk=image.pk).update(key="0.png"),
        lambda image: Image.objects.filter(pk=image.pk).update(split=""),
        lambda image: Subject.objects.filter(pk=image.subject_id).update(name="aaa"),
        lambda image: Image.objects.bulk_create([drawn(image.dataset, image.subject, random.Random(3), 999)]),
    ],
)
def test_after_a_change_pages_are_right_at_once_and_marked_again_by_the_sweeper(dataset, change):
    change(Image.objects.order_by("key")[20])
    assert not Bookmarks.objects.exists()
    for written in (0, 1):
        assert Bookmarks.objects.exists() == bool(written)
        for sort in ("-key", "person"):
            shown, counts = shown_by({"by": "image"}, sort), dataset_counts(dataset)
            expected = [image.pk for image in grid_images(dataset, shown)]
            pages = [grid_page(dataset, shown, counts, number)[1] for number in range(1, len(expected) // 12 + 2)]
            assert [tile.image.pk for page in pages for tile in page] == expected
        if not written:
            assert dataset_recount_changed() == 1 and dataset_recount_changed() == 0


def test_a_change_while_the_bookmarks_are_made_keeps_them_out(dataset, monkeypatch):
    from datasetviewer.services import counts

    before = counts.orders_now

    def slow(of):
        found = before(of)
        Image.objects.filter(key=Image.objects.first().key).delete()
        return found

    monkeypatch.setattr(counts, "orders_now", slow)
    dataset_recount(dataset=dataset)
    monkeypatch.undo()
    assert not Bookmarks.objects.exists() and not PersonNames.objects.exists() and not DatasetSummary.objects.exists()
    assert dataset_recount_changed() == 1 and Bookmarks.objects.count() == len(reading.WALKS) + 1


def test_a_mark_whose_row_is_gone_is_passed_over(dataset):
    """Another process may delete rows between two queries of a page."""
    shown = shown_by({"by": "image"}, "key")
    stored = Bookmarks.objects.get(walk="key")
    Bookmarks.objects.filter(pk=stored.pk).update(rows=bytes(len(stored.rows)))
    expected = [image.pk for image in grid_images(dataset, shown)]
    assert reading.keys_between(grid_images(dataset, shown), dataset, shown, 60, 70) == expected[60:70]
    assert reading.place_of(dataset.images.order_by("key")[60], grid_images(dataset, shown), shown) is None


def test_an_empty_dataset_is_counted_too():
    dataset = Dataset.objects.create(slug="empty", name="empty", layout="folders", public=True)
    assert dataset_recount(dataset=dataset).images == 0 and Bookmarks.objects.count() == len(reading.WALKS) + 1
    shown = shown_by({}, "key")
    assert reading.keys_between(grid_images(dataset, shown), dataset, shown, 60, 70) == []


def test_a_large_dataset_has_no_more_marks_than_a_page_of_memory_holds():
    placed = ((number, number % 3) for number in range(1_000_000))
    rows, before = writing.marked(placed, 1_000_000, 3)
    assert len(rows) // 8 == 512 and len(before) == 513 * 3 * 4
    assert list(reading.numbers(before, "I"))[-3:] == [333_334, 333_333, 333_333]


@pytest.mark.parametrize("params", [{}, {"sort": "split"}, {"by": "person"}, {"q": "9"}])
def test_a_far_page_costs_the_same_whatever_the_dataset_holds(client, params, django_assert_num_queries):
    cost = []
    for slug, rows in (("small", 240), ("large", 480)):
        filled(slug, random.Random(1), rows)
        address = reverse("datasetviewer:dataset-detail", args=[slug])
        client.get(address, params)
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as asked:
            assert client.get(address, params | {"size": 12, "page": 3}).context["page"].number == 3
        cost.append(len(asked))
    assert cost[0] == cost[1]
