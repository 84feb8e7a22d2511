"""Pages of GET /api/v1/images/: by number and by cursor, and answers that have not changed."""

import pytest

from datasetviewer.models import Image
from datasetviewer.selectors import counting

pytestmark = pytest.mark.django_db


def walk(client, address, meanwhile=lambda: None):
    """The keys on all pages from this address on."""
    keys = []
    while address:
        answer = client.get(address).json()
        keys.append([image["key"] for image in answer["results"]])
        address = answer["next"]
        meanwhile()
    return keys


def test_a_cursor_leads_through_everything_and_back(client, public_dataset, private_dataset, user):
    client.force_login(user)
    pages = walk(client, "/api/v1/images/?cursor=&page_size=5")
    assert [len(page) for page in pages] == [5, 5, 5, 5, 2]
    everything = list(Image.objects.order_by("dataset_id", "key").values_list("key", flat=True))
    assert [key for page in pages for key in page] == everything
    first = client.get("/api/v1/images/?cursor=&page_size=5").json()
    assert first["previous"] is None and first["count"] == 22
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    back = client.get(third["previous"]).json()
    assert back["results"] == second["results"]
    assert client.get(back["previous"]).json()["results"] == first["results"]
    assert client.get(client.get(back["previous"]).json()["next"]).json()["results"] == second["results"]


def test_a_cursor_neither_skips_nor_repeats_while_pictures_come_and_go(client, public_dataset):
    before = set(Image.objects.values_list("key", flat=True))
    added = iter(range(100))

    def meanwhile():
        image = Image.objects.get(key="photos/p000.jpg")
        number = next(added)
        image.pk, image.key = None, f"{'a' if number % 2 else 'z'}-{number}.jpg"
        Image.objects.bulk_create([image])

    seen = [key for page in walk(client, "/api/v1/images/?dataset=open&cursor=&page_size=3", meanwhile) for key in page]
    assert len(seen) == len(set(seen)) and before <= set(seen)


@pytest.mark.parametrize(
    "cursor", ["x", "bnVsbA", "WyJhZnRlciIsMSwyXQ", "WyJhZnRlciIsIjEiLCJhIl0", "é", "W10", "WyJhZnRlciIsMV0"]
)
def test_a_broken_cursor_is_refused_with_a_sentence(client, public_dataset, cursor):
    answer = client.get("/api/v1/images/", {"cursor": cursor})
    assert answer.status_code == 400 and "This is not a cursor" in answer.json()["detail"]


def test_past_what_is_counted_the_pages_go_on_by_cursor(client, public_dataset, monkeypatch):
    monkeypatch.setattr(counting.counted, "__defaults__", (4,))
    Image.objects.update(yaw=1.0)
    first = client.get("/api/v1/images/?yaw_min=0&page_size=2").json()
    assert (first["count"], first["count_is_minimum"]) == (4, True)
    pages = walk(client, "/api/v1/images/?yaw_min=0&page_size=2")
    assert [key for page in pages for key in page] == list(Image.objects.order_by("key").values_list("key", flat=True))


def test_counts_do_not_come_from_what_is_hidden(client, public_dataset, private_dataset):
    assert client.get("/api/v1/images/").json()["count"] == 10
    Image.objects.filter(dataset=public_dataset).update(split="train")  # its counts are dropped
    assert client.get("/api/v1/images/", {"split": "train"}).json()["count"] == 10


@pytest.mark.parametrize(
    "path", ["datasets/", "datasets/open/", "images/", "images/{}/", "datasets/open/statistics/", "image-sets/"]
)
def test_an_answer_that_has_not_changed_is_not_sent_again(client, public_dataset, path):
    address = f"/api/v1/{path}".format(Image.objects.get(key="photos/p001.jpg").pk)
    tag = client.get(address)["ETag"]
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    if "image" in path and "sets" not in path:
        Image.objects.filter(key="photos/p001.jpg").update(split="validation")
        changed = client.get(address, headers={"If-None-Match": tag})
        assert changed.status_code == 200 and changed["ETag"] != tag


@pytest.mark.parametrize(("params", "sentence"), [
    ({"colour": "red"}, "colour: 'red' is not known. Choices: colour, grey."),
    ({"yaw_min": "400"}, "yaw_min"),
    ({"width_min": "wide"}, "width_min: Enter a number."),
    ({"reason": "ugly"}, "Choices: side_face, outside, too_far, excluded."),
])  # fmt: skip
def test_a_bad_filter_is_400(client, public_dataset, params, sentence):
    answer = client.get("/api/v1/images/", params)
    assert answer.status_code == 400 and sentence in answer.json()["detail"]
