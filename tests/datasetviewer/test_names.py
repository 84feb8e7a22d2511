"""Looking for persons by a part of their name, in the names that the last count wrote."""

import random

import pytest

from datasetviewer.filters import GridFilter
from datasetviewer.models import Dataset, Image, PersonNames, Subject
from datasetviewer.selectors import filtering, grid_images, grid_persons
from datasetviewer.selectors.names import folded, packed, persons_named, persons_perhaps_named
from datasetviewer.services import dataset_import, dataset_recount, dataset_recount_changed

pytestmark = pytest.mark.django_db
ODD = [
    "Ban Ki moon",
    "ban",
    "BAN",
    "a_b%c",
    "axbyc",
    "Straße",
    "STRASSE",
    "Zoë",
    "zoe",
    "王小明",
    "O'Neil, Jr.",
    "a\\b",
]


@pytest.fixture
def persons(paired_folder) -> Dataset:
    """Thirty persons p000 ... and some with odd names, counted."""
    dataset_import(layout="folders", path=paired_folder(30), slug="open", public=True)
    dataset = Dataset.objects.get(slug="open")
    for name in ODD:
        Subject.objects.create(dataset=dataset, name=name)
    dataset_recount(dataset=dataset)
    return dataset


def looked_up(dataset, part):
    return set(Subject.objects.filter(dataset=dataset, name__icontains=part).values_list("name", flat=True))


def names_of(numbers):
    return set(Subject.objects.filter(pk__in=numbers).values_list("name", flat=True))


@pytest.mark.parametrize(
    "part", ["p00", "P00", "ban", "ki m", "_", "%", "x", "str", "ss", "ß", "ë", "小", "'", "\\", "no"]
)
def test_the_stored_names_find_whom_the_rows_say(persons, part, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        found = persons_named(persons, part, 300)
    assert names_of(found) == looked_up(persons, part)
    assert looked_up(persons, part) <= names_of(persons_perhaps_named(persons, part, 300))


def test_a_part_does_not_reach_from_one_name_into_the_next(persons):
    assert persons_named(persons, "p000p001", 300) == [] and persons_named(persons, "p000\x00p001", 300) == []


def test_names_by_chance_are_found_at_their_place(persons):
    chance = random.Random(5)
    names = ["".join(chance.choice("abAB ") for _ in range(chance.randint(0, 6))) for _ in range(400)]
    stored, numbers = packed((7 * place + 2**40, name) for place, name in enumerate(names))
    PersonNames.objects.update(names=stored, subjects=numbers)
    for part in ("a", "ab", "bba", "b b", "  ", "abab", "BABA"):
        expected = [7 * place + 2**40 for place, name in enumerate(names) if folded(part) in folded(name)]
        assert expected and persons_perhaps_named(persons, part, 400) == expected
        assert persons_perhaps_named(persons, part, len(expected)) == expected
        assert persons_perhaps_named(persons, part, len(expected) - 1) is None


def test_more_than_asked_for_is_none_with_and_without_stored_names(persons):
    for _ in range(2):
        assert persons_named(persons, "p0", 29) is None and len(persons_named(persons, "p0", 30)) == 30
        PersonNames.objects.all().delete()


@pytest.mark.parametrize(
    "change",
    [
        lambda dataset: Subject.objects.create(dataset=dataset, name="newcomer"),
        lambda dataset: Subject.objects.bulk_create([Subject(dataset=dataset, name="newcomer")]),
        lambda dataset: Subject.objects.filter(name="p001").update(name="newcomer"),
        lambda dataset: renamed("p001", "newcomer"),
    ],
)
def test_a_new_name_is_found_at_once_and_after_the_next_count(persons, change):
    assert persons_named(persons, "newco", 300) == []
    change(persons)
    assert not PersonNames.objects.exists()
    assert names_of(persons_named(persons, "newco", 300)) == {"newcomer"}
    assert dataset_recount_changed() == 1 and PersonNames.objects.exists()
    assert names_of(persons_named(persons, "newco", 300)) == {"newcomer"}


def renamed(old, new):
    subject = Subject.objects.get(name=old)
    subject.name = new
    subject.save()


def test_who_is_gone_is_not_found(persons):
    Subject.objects.filter(name="Zoë").delete()
    assert PersonNames.objects.exists() and persons_named(persons, "zoë", 300) == []


def test_names_of_an_older_version_are_written_by_the_sweeper(persons):
    PersonNames.objects.all().delete()
    assert dataset_recount_changed() == 1 and PersonNames.objects.count() == 1


@pytest.mark.parametrize("few", [0, 3, 300])
@pytest.mark.parametrize("many", [0, 5, 5000])
@pytest.mark.parametrize("part", ["p00", "1", "nobody"])
def test_few_or_many_it_is_the_same_pictures_and_number(persons, client, monkeypatch, few, many, part):
    monkeypatch.setattr(filtering, "FEW_PERSONS", few)
    monkeypatch.setattr(filtering, "MANY_PERSONS", many)
    expected = sorted(Image.objects.filter(subject__name__icontains=part).values_list("key", flat=True))
    shown = GridFilter(by="image", q=part)
    assert [image.key for image in grid_images(persons, shown)] == expected
    assert {person.name for person in grid_persons(persons, shown)} == looked_up(persons, part)
    answer = client.get("/api/v1/images/", {"dataset": "open", "q": part}).json()
    assert ([image["key"] for image in answer["results"]], answer["count"]) == (expected, len(expected))
    page = client.get("/datasets/open/", {"by": "image", "q": part}).context["page"]
    assert page.paginator.count == len(expected)
