"""Ticks in the grid: as CSV, as named sets, on the pages and through REST."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from datasetviewer.models import Image, ImageSet
from datasetviewer.selectors import image_set_images, picked_images
from datasetviewer.services import image_set_create
from workers.engine.errors import InputError
from workers.engine.protocol import set_digest

pytestmark = pytest.mark.django_db


def select(client, slug="open", **sent):
    return client.post(reverse("datasetviewer:dataset-select", args=[slug]), sent)


def rows(response):
    assert response["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def keys(response):
    return [row["key"] for row in rows(response)]


def said(client, response):
    """The text of the page that an answer leads to."""
    assert response.status_code == 302
    return client.get(response["Location"]).content.decode()


@pytest.fixture
def image_set(public_dataset, user):
    images = Image.objects.filter(dataset=public_dataset, modality="photo")
    return image_set_create(dataset=public_dataset, images=images, name="All photos", owner=user)


def test_ticks_become_a_table(client, public_dataset):
    pair = Image.objects.get(key="photos/p002.jpg").pair_id
    subject = Image.objects.get(key="photos/p004.jpg").subject_id
    image = Image.objects.get(key="sketches/p000.png").pk
    answer = select(client, action="csv", pick=[f"pair:{pair}", f"subject:{subject},image:{image}"])
    assert keys(answer) == [
        "photos/p002.jpg",
        "photos/p004.jpg",
        "sketches/p000.png",
        "sketches/p002.png",
        "sketches/p004.png",
    ]
    assert 'filename="open.csv"' in answer["Content-Disposition"]
    answer = select(client, action="csv", pick=[f"pair:{pair}"], keep="sketch")
    assert keys(answer) == ["sketches/p002.png"]


@pytest.mark.parametrize(
    ("query", "keep", "n"),
    [("split=test", "", 4), ("split=test", "photo", 2), ("", "", 10), ("by=image&modality=sketch", "", 5),
     ("by=person&q=p001", "", 2), ("split=test&sort=-person&by=image", "sketch", 2)],
)  # fmt: skip
def test_all_that_match_a_filter_can_be_taken(client, public_dataset, query, keep, n):
    assert len(rows(select(client, action="csv", everything="1", filter=query, keep=keep, pick="image:999"))) == n
    if not keep:
        assert len(rows(client.get(f"/datasets/open/images.csv?{query}"))) == n


def test_the_table_holds_what_is_known(client, public_dataset):
    Image.objects.filter(key="photos/p000.jpg").update(yaw=1.5, source="=cmd()")
    row = rows(client.get("/datasets/open/images.csv?modality=photo"))[0]
    image = Image.objects.get(key="photos/p000.jpg")
    assert (row["id"], row["subject"], row["pair"], row["split"], row["yaw"]) == (
        str(image.pk),
        "p000",
        "p000",
        "test",
        "1.5",
    )
    assert (row["sha256"], row["pitch"]) == (image.sha256, "")
    assert row["source"] == "'=cmd()", "a spreadsheet must not take it for a formula"


def test_a_misspelt_filter_gives_no_table(client, public_dataset):
    answer = client.get("/datasets/open/images.csv?split=exam")
    assert answer.status_code == 400 and "Choices: train, test" in answer.content.decode()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "No picture is selected"),
        ({"pick": "image:99999"}, "No picture is selected"),
        ({"pick": "image:x"}, "is not a picture, a pair or a person"),
        ({"pick": "face:1"}, "is not a picture, a pair or a person"),
        ({"pick": "image:" + "9" * 40}, "is not a picture, a pair or a person"),
        ({"everything": "1", "keep": "film"}, "There is no modality"),
    ],
)
@pytest.mark.parametrize("action", ["csv", "save"])
def test_a_wrong_selection_is_refused_with_a_sentence(client, public_dataset, user, sent, sentence, action):
    client.force_login(user)
    assert sentence in said(client, select(client, action=action, name="x", **sent))
    assert not ImageSet.objects.exists()


def test_pictures_of_another_dataset_cannot_be_taken(client, public_dataset, private_dataset):
    hidden = private_dataset.images.first()
    assert not picked_images(public_dataset, [f"image:{hidden.pk}", f"pair:{hidden.pair_id}"]).exists()
    assert select(client, "cufs", action="csv", everything="1").status_code == 404
    assert client.get("/datasets/cufs/images.csv").status_code == 404


def test_a_selection_becomes_a_named_set(client, public_dataset, user):
    client.force_login(user)
    answer = select(
        client, action="save", everything="1", filter="split=test", keep="photo", name=" Two  photos ", note="try"
    )
    image_set = ImageSet.objects.get()
    assert answer["Location"] == "/sets/two-photos/"
    assert (image_set.name, image_set.size, image_set.owner, image_set.dataset) == (
        "Two  photos",
        2,
        user,
        public_dataset,
    )
    assert image_set.digest == set_digest(image_set.images.values_list("sha256", flat=True))
    html = client.get("/sets/two-photos/").content.decode()
    assert html.count('class="tile-name"') == 2 and "{&quot;image_set&quot;: &quot;two-photos&quot;}" in html
    assert "Two  photos" in client.get("/sets/").content.decode()
    assert keys(client.get("/sets/two-photos/images.csv")) == ["photos/p000.jpg", "photos/p003.jpg"]


def test_a_visitor_is_asked_to_sign_in_before_saving(client, public_dataset):
    answer = select(client, action="save", everything="1", name="x")
    assert "sign-in" in answer["Location"] and not ImageSet.objects.exists()


@pytest.mark.parametrize(
    ("name", "slug"), [("Été & Co", "ete-co"), ("人", "set"), ("new", "set-new"), ("A_b", "a-b"), ("x" * 200, "x" * 58)]
)
def test_a_short_name_is_made_of_any_name(public_dataset, name, slug):
    images = Image.objects.all()
    assert image_set_create(dataset=public_dataset, images=images, name=name).slug == slug
    assert image_set_create(dataset=public_dataset, images=images, name=name).slug == f"{slug}-2"


@pytest.mark.parametrize(("given", "sentence"), [
    ({"name": " "}, "1 to 200 characters"), ({"name": "a", "slug": "Ü"}, "cannot be a set's short name"),
    ({"name": "a", "slug": "all-photos"}, "in use"), ({"name": "a", "slug": "new"}, "cannot be"),
])  # fmt: skip
def test_a_bad_name_is_refused(image_set, public_dataset, given, sentence):
    with pytest.raises(InputError, match=sentence):
        image_set_create(dataset=public_dataset, images=Image.objects.all(), **given)


def test_a_set_of_a_hidden_dataset_is_hidden(client, private_dataset, user, stranger):
    image_set = image_set_create(dataset=private_dataset, images=private_dataset.images.all(), name="mine", owner=user)
    for path in ("/sets/mine/", "/sets/mine/images.csv", "/api/v1/image-sets/mine/"):
        assert client.get(path).status_code == 404
    assert client.get("/api/v1/image-sets/").json()["count"] == 0
    client.force_login(stranger)
    assert client.get("/sets/mine/").status_code == 200
    assert client.get("/api/v1/images/", {"image_set": image_set.slug}).json()["count"] == 12


def test_the_owner_renames_deletes_and_takes_back(client, image_set, user):
    client.force_login(user)
    client.post("/sets/all-photos/", {"name": "Photos", "note": "five"})
    image_set.refresh_from_db()
    assert (image_set.name, image_set.note, image_set.slug) == ("Photos", "five", "all-photos")
    assert "1 to 200" in said(client, client.post("/sets/all-photos/", {"name": ""}))
    html = said(client, client.post("/sets/all-photos/delete/"))
    assert "can be restored" in html and "Deleted lately" in html
    assert client.get("/sets/all-photos/").status_code == 404
    client.post("/sets/all-photos/restore/")
    assert client.get("/sets/all-photos/").status_code == 200


def test_somebody_else_changes_nothing(client, image_set, stranger):
    client.force_login(stranger)
    assert "Save</button>" not in client.get("/sets/all-photos/").content.decode()
    for path in ("", "delete/"):
        assert client.post(f"/sets/all-photos/{path}", {"name": "x"}).status_code == 403
    client.logout()
    assert client.post("/sets/all-photos/delete/").status_code == 302
    image_set.refresh_from_db()
    assert (image_set.name, image_set.deleted) == ("All photos", None)


def test_what_was_deleted_long_ago_goes_for_good(client, image_set, public_dataset, user):
    from datasetviewer.services import image_set_delete

    other = image_set_create(dataset=public_dataset, images=Image.objects.all(), name="other", owner=user)
    image_set_delete(image_set=image_set)
    ImageSet.objects.filter(pk=image_set.pk).update(deleted=timezone.now() - timedelta(days=8))
    image_set_delete(image_set=other)
    assert list(ImageSet.objects.values_list("slug", flat=True)) == ["other"]


def test_a_set_that_lost_pictures_says_so(client, image_set):
    image_set_images(image_set).first().delete()
    assert "1 picture of this set is gone" in client.get("/sets/all-photos/").content.decode()


# --- REST


def api(client, method, path, status, **body):
    response = getattr(client, method)(f"/api/v1/image-sets/{path}", body, content_type="application/json")
    assert response.status_code == status, response.content
    return response.json() if response.content else None


def test_a_set_is_made_changed_deleted_and_restored_through_rest(client, public_dataset, user):
    client.force_login(user)
    ids = [image.pk for image in Image.objects.filter(modality="sketch")[:3]]
    made = api(client, "post", "", 201, dataset="open", name="Three", images=ids)
    assert (made["slug"], made["size"], made["owner"]) == ("three", 3, "alice")
    assert {image["id"] for image in client.get(made["images"]).json()["results"]} == set(ids)
    by_filter = api(
        client, "post", "", 201, dataset="open", name="F", slug="f", filter={"split": "test", "modality": "photo"}
    )
    assert by_filter["size"] == 2
    assert api(client, "patch", "three/", 200, note="n")["note"] == "n"
    assert client.get("/api/v1/image-sets/").json()["count"] == 2
    api(client, "delete", "three/", 204)
    api(client, "patch", "three/", 404, note="x")
    assert api(client, "post", "three/restore/", 200)["note"] == "n"


@pytest.mark.parametrize(("body", "status", "sentence"), [
    ({"dataset": "open", "name": "x"}, 400, "Give either images, a list of ids, or filter."),
    ({"dataset": "open", "name": "x", "images": [10**9]}, 400, "1 of the ids are not in open"),
    ({"dataset": "open", "name": "x", "images": []}, 400, "No picture is selected"),
    ({"dataset": "open", "name": "x", "images": ["a"]}, 400, "valid integer"),
    ({"dataset": "open", "name": "x", "filter": {"size": "3"}}, 400, "there is no filter 'size'"),
    ({"dataset": "open", "name": "x", "filter": {"split": "exam"}}, 400, "split=exam is not known"),
    ({"dataset": "nowhere", "name": "x", "images": [1]}, 404, "not visible to you"),
    ({"dataset": "open", "images": [1]}, 400, "name: This field is required."),
])  # fmt: skip
def test_a_wrong_set_is_refused_through_rest(client, public_dataset, user, body, status, sentence):
    client.force_login(user)
    assert sentence in api(client, "post", "", status, **body)["detail"]
    assert not ImageSet.objects.exists()


def test_rest_needs_a_sign_in_and_the_owner(client, image_set, stranger):
    api(client, "post", "", 401, dataset="open", name="x", filter={})
    api(client, "delete", "all-photos/", 401)
    client.force_login(stranger)
    api(client, "delete", "all-photos/", 403)
    api(client, "patch", "all-photos/", 403, name="y")
    assert ImageSet.objects.get().deleted is None
