"""Looking for persons by a part of their name, in the names that the last count wrote."""

import random
from uuid import uuid4

import pytest

from datasetviewer.filters import GridFilter
from datasetviewer.models import Dataset, Image, PersonNames, Subject
from datasetviewer.selectors import counting, grid, grid_images, grid_persons, names
from datasetviewer.selectors.names import find_persons, folded, packed
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
    with django_assert_max_num_queries(3):
        found = find_persons(persons, part)
    assert names_of(found.numbers) == looked_up(persons, part) and found.exact and not found.more
    with django_assert_max_num_queries(2):  # the names are at hand by now
        assert find_persons(persons, part) == found


def test_a_part_does_not_reach_from_one_name_into_the_next(persons):
    assert find_persons(persons, "p000p001").numbers == find_persons(persons, "p000\x00p001").numbers == []


def test_names_by_chance_are_found_at_their_place(persons):
    chance = random.Random(5)
    drawn = ["".join(chance.choice("abAB ") for _ in range(chance.randint(0, 6))) for _ in range(400)]
    stored, numbers = packed((7 * place + 2**40, name) for place, name in enumerate(drawn))
    PersonNames.objects.update(names=stored, subjects=numbers, version=uuid4())
    for part in ("a", "ab", "bba", "b b", "  ", "abab", "BABA"):
        expected = [7 * place + 2**40 for place, name in enumerate(drawn) if folded(part) in folded(name)]
        found = find_persons(persons, part)
        assert expected and (found.numbers, found.more, found.exact) == (expected, False, True)


def test_of_more_than_asked_for_the_first_and_one_are_told(persons, monkeypatch):
    for most, more in ((29, True), (30, False)):
        monkeypatch.setattr(names, "FOUND", most)
        found = find_persons(persons, "p0")
        assert (len(found.numbers), found.more, found.first) == (30, more, more)
    PersonNames.objects.all().delete()
    for most, more in ((29, True), (30, False)):
        monkeypatch.setattr(names, "FOUND", most)
        found = find_persons(persons, "p0")
        assert (len(found.numbers), found.more, found.first, found.exact) == (30, more, False, True)


def test_names_that_are_plain_need_no_second_look(db, paired_folder, django_assert_num_queries):
    dataset_import(layout="folders", path=paired_folder(3), slug="open")
    dataset = Dataset.objects.get(slug="open")
    find_persons(dataset, "p0")
    with django_assert_num_queries(1):
        found = find_persons(dataset, "P001")
    assert names_of(found.numbers) == {"p001"} and found.exact


def test_a_search_looks_into_all_datasets_it_may(persons, paired_folder):
    dataset_import(layout="folders", path=paired_folder(4, "other"), slug="other")
    other = Dataset.objects.get(slug="other")
    for _ in range(2):
        for asked in ([persons.pk], [other.pk], [persons.pk, other.pk]):
            expected = set(Subject.objects.filter(dataset__in=asked, name="p001").values_list("pk", flat=True))
            assert set(find_persons(asked, "p001").numbers) == expected
        PersonNames.objects.filter(dataset=other).delete()  # one of them was not counted yet


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
    assert find_persons(persons, "newco").numbers == []
    change(persons)
    assert not PersonNames.objects.exists()
    assert names_of(find_persons(persons, "newco").numbers) == {"newcomer"}
    assert dataset_recount_changed() == 1 and PersonNames.objects.exists()
    assert names_of(find_persons(persons, "newco").numbers) == {"newcomer"}


def renamed(old, new):
    subject = Subject.objects.get(name=old)
    subject.name = new
    subject.save()


@pytest.mark.parametrize("one", [True, False])
def test_who_is_gone_is_not_found(persons, one):
    assert names_of(find_persons(persons, "zoë").numbers) == {"Zoë"}
    gone = Subject.objects.filter(name="Zoë")
    gone.get().delete() if one else gone.delete()
    assert not PersonNames.objects.exists() and find_persons(persons, "zoë").numbers == []
    dataset_recount(dataset=persons)
    assert find_persons(persons, "zoë").numbers == []


def test_names_of_an_older_version_are_written_by_the_sweeper(persons):
    PersonNames.objects.all().delete()
    assert dataset_recount_changed() == 1 and PersonNames.objects.count() == 1


def test_those_whose_pictures_come_first_come_first(persons):
    Image.objects.filter(key="photos/p029.jpg").update(key="a.jpg")
    Image.objects.filter(key="sketches/p017.png").update(key="b.png")
    dataset_recount(dataset=persons)
    stored = PersonNames.objects.get()
    assert bytes(stored.names).split(names.END)[:2] == [b"p029", b"p000"]
    assert bytes(stored.single_names).split(names.END)[:3] == [b"p029", b"p017", b"p000"]
    Image.objects.filter(key="b.png").update(key="sketches/p017.png")
    dataset_recount(dataset=persons)
    assert bytes(PersonNames.objects.get().single_names) == b"", "the same as among pairs"


@pytest.mark.parametrize("by", ["pair", "image", "person"])
def test_few_or_many_it_is_the_same_pictures_in_the_same_order(persons, client, monkeypatch, by):
    """With many, the pages before the limit are those of few, and the number says that there are more."""
    for place, key in enumerate(["a.jpg", "b.jpg", "zz.jpg"]):  # names and keys go different ways
        Image.objects.filter(key=f"photos/p0{place}9.jpg").update(key=key)
    Image.objects.filter(key="photos/p010.jpg").update(pair=None)
    dataset_recount(dataset=persons)
    for part in ("p00", "p0", "1", "ban", "nobody"):
        shown = GridFilter(by=by, q=part)
        if by == "person":
            whole: list = sorted(looked_up(persons, part))
        else:
            rows = Image.objects.filter(subject__name__icontains=part, **({"lead": True} if by == "pair" else {}))
            whole = sorted(rows.values_list("key", flat=True))
        for most in (1, 7, 14, 500):
            for module in (names, counting, grid):
                monkeypatch.setattr(module, "FOUND", most)
            if by == "person":
                assert [person.name for person in grid_persons(persons, shown)] == whole
            else:
                assert [image.key for image in grid_images(persons, shown)] == whole
            more = len(looked_up(persons, part)) > most and len(whole) > most
            seen, paginator = paged(client, by=by, q=part, size=12)
            assert (paginator.count, paginator.more) == ((most, True) if more else (len(whole), False))
            assert seen == whole[: len(seen)] and len(seen) >= paginator.count


def paged(client, **params):
    """What stands in the tiles of all pages, persons by name and pictures by key; and the paginator."""
    key_of = dict(Image.objects.values_list("pk", "key"))
    seen, number = [], 1
    while True:
        context = client.get("/datasets/open/", params | {"page": number}).context
        for tile in context["tiles"]:
            seen.append(tile.name if params["by"] == "person" else key_of[int(tile.address.split("/")[4])])
        if not context["page"].has_next():
            return seen, context["page"].paginator
        number += 1


@pytest.mark.parametrize("most", [1, 7, 500])
def test_the_api_leads_through_all_that_a_search_finds(persons, client, monkeypatch, most, paired_folder):
    dataset_import(layout="folders", path=paired_folder(4, "other"), slug="another", public=True)
    for module in (names, counting, grid):
        monkeypatch.setattr(module, "FOUND", most)
    for asked in ({"dataset": "open"}, {}):
        rows = Image.objects.filter(subject__name__icontains="p0", dataset__slug__startswith=asked.get("dataset", ""))
        expected = list(rows.order_by("dataset_id", "key").values_list("pk", flat=True))
        answer = client.get("/api/v1/images/", asked | {"q": "p0", "page_size": 4}).json()
        assert answer["count"] == min(most, len(expected)) and answer.get("count_is_minimum", False) == (most < 30)
        seen = [image["id"] for image in answer["results"]]
        while answer["next"]:
            answer = client.get(answer["next"]).json()
            seen += [image["id"] for image in answer["results"]]
        assert seen == expected
