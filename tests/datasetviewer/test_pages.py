"""The list of datasets, the grid, who sees what, publishing, and the form for imports."""

import re

import pytest
from django.urls import reverse

from datasetviewer.models import Dataset, Image
from datasetviewer.services import dataset_import
from tests.datasetviewer.conftest import draw_face

pytestmark = pytest.mark.django_db


def page(client, name, *args, status=200, **params):
    response = client.get(reverse(f"datasetviewer:{name}", args=args), params)
    assert response.status_code == status, response.content.decode()[:500]
    return response.content.decode()


def tile_names(html):
    return re.findall(r'class="tile-name">([^<]*)<', html)


# --- list


def test_without_datasets_the_list_says_how_to_import_one(client):
    assert "manage.py import_dataset" in page(client, "dataset-list")


def test_the_list_shows_counts_and_pictures_of_what_is_visible(client, private_dataset, public_dataset, user):
    html = page(client, "dataset-list")
    assert "5 pairs" in html and html.count("<img") == 6
    assert private_dataset.name not in html
    client.force_login(user)
    html = page(client, "dataset-list")
    assert "6 pairs" in html and html.count("<img") == 12 and "for signed-in users" in html


def test_the_list_costs_the_same_for_many_datasets(client, paired_folder, django_assert_num_queries):
    root = paired_folder(2)
    dataset_import(layout="folders", path=root, slug="d0", public=True)
    with django_assert_num_queries(3):
        page(client, "dataset-list")
    for number in range(1, 5):
        dataset_import(layout="folders", path=root, slug=f"d{number}", public=True)
    with django_assert_num_queries(3):
        page(client, "dataset-list")


def test_a_drawn_dataset_is_always_labelled(client, public_dataset):
    Dataset.objects.update(drawn=True)
    label = "drawn by code, not photographs"
    image = Image.objects.first()
    assert label in page(client, "dataset-list")
    assert label in page(client, "dataset-detail", "open")
    assert label in page(client, "subject-detail", "open", image.subject.name)
    assert label in page(client, "image-detail", "open", image.pk)


# --- who sees what


@pytest.mark.parametrize("name", ["dataset-detail", "subject-detail", "image-detail", "image-file", "image-thumbnail"])
def test_a_private_dataset_is_not_there_for_visitors(client, private_dataset, stranger, name):
    image = Image.objects.first()
    args = {
        "dataset-detail": ["cufs"],
        "subject-detail": ["cufs", image.subject.name],
        "image-detail": ["cufs", image.pk],
        "image-file": ["cufs", image.pk],
        "image-thumbnail": ["cufs", image.pk, 160],
    }[name]
    address = reverse(f"datasetviewer:{name}", args=args)
    assert client.get(address).status_code == 404
    client.force_login(stranger)
    assert client.get(address).status_code == 200


def test_an_image_is_found_under_its_own_dataset_only(client, private_dataset, public_dataset):
    hidden = private_dataset.images.first()
    for name, more in (("image-detail", []), ("image-file", []), ("image-thumbnail", [160])):
        assert client.get(reverse(f"datasetviewer:{name}", args=["open", hidden.pk, *more])).status_code == 404


def test_unknown_things_are_404(client, public_dataset):
    page(client, "dataset-detail", "nowhere", status=404)
    page(client, "subject-detail", "open", "nobody", status=404)
    page(client, "image-detail", "open", 10**9, status=404)


# --- grid


def test_the_grid_shows_photo_and_sketch_of_each_pair(client, public_dataset):
    html = page(client, "dataset-detail", "open")
    assert tile_names(html) == ["p000", "p001", "p002", "p003", "p004"]
    assert "1–5 of 5" in html
    images = re.findall(r"<img [^>]*>", html)
    assert len(images) == 10
    assert all('width="40" height="50"' in image and "alt=" in image for image in images)
    assert sum('loading="lazy"' in image for image in images) == 8


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"split": "test"}, ["p000", "p003"]),
        ({"split": "train", "sort": "-key"}, ["p004", "p002", "p001"]),
        ({"q": "P00", "size": "12", "sort": "-person"}, ["p004", "p003", "p002", "p001", "p000"]),
        ({"q": "2"}, ["p002"]),
        ({"modality": "sketch", "split": "test"}, ["p000", "p003"]),
        ({"split": "all", "modality": "all"}, ["p000", "p001", "p002", "p003", "p004"]),
    ],
)
def test_the_address_holds_filter_and_order(client, public_dataset, params, names):
    assert tile_names(page(client, "dataset-detail", "open", **params)) == names


def test_source_filters_what_came_from_one_database(client, private_dataset, user):
    client.force_login(user)
    assert tile_names(page(client, "dataset-detail", "cufs", source="AR")) == ["AR-w-001-1"]


def test_a_modality_shows_single_pictures(client, public_dataset):
    html = page(client, "dataset-detail", "open", modality="sketch")
    assert len(re.findall(r"<img ", html)) == 5 and "photo of" not in html


def test_pictures_without_a_split_can_be_asked_for(client, public_dataset):
    Image.objects.filter(subject__name="p001").update(split="")
    assert tile_names(page(client, "dataset-detail", "open", split="none")) == ["p001"]


def test_a_picture_without_a_partner_has_its_place_in_the_grid(client, paired_folder):
    root = paired_folder(1)
    draw_face(root / "sketches/alone.png", 5)
    dataset_import(layout="folders", path=root, slug="open", public=True)
    assert tile_names(page(client, "dataset-detail", "open")) == ["p000", "alone"]


def test_an_unknown_filter_is_ignored_with_a_sentence_that_lists_the_choices(client, public_dataset):
    html = page(client, "dataset-detail", "open", split="exam", sort="beauty", size="7", modality="film")
    assert "split=exam is not known and was ignored. Choices: train, test." in html
    assert html.count("was ignored") == 4
    assert len(tile_names(html)) == 5


def test_what_is_typed_is_escaped(client, public_dataset):
    html = page(client, "dataset-detail", "open", split="<script>alert(1)</script>", q='"><script>')
    assert "<script>alert" not in html and '"><script>' not in html


def test_a_filter_without_matches_says_how_to_see_all(client, public_dataset):
    assert "Nothing matches this filter" in page(client, "dataset-detail", "open", q="zebra")


def test_pages_keep_the_filter(client, paired_folder):
    dataset_import(layout="folders", path=paired_folder(30), slug="open", public=True)
    html = page(client, "dataset-detail", "open", size=12, sort="-key", page=2)
    assert tile_names(html) == [f"p{number:03}" for number in range(17, 5, -1)]
    links = re.findall(r'class="page-link"[^>]*href="\?([^"]*)"', html)
    assert links and all("size=12" in link and "sort=-key" in link for link in links)
    assert tile_names(page(client, "dataset-detail", "open", size=12, page=99))[-1] == "p029"
    assert tile_names(page(client, "dataset-detail", "open", size=12, page="x"))[0] == "p000"


def test_the_grid_costs_the_same_whatever_its_size(client, paired_folder, user, django_assert_num_queries):
    dataset_import(layout="folders", path=paired_folder(30), slug="open")
    client.force_login(user)
    for params in ({"size": 12}, {"size": 48}, {"size": 48, "modality": "photo"}):
        with django_assert_num_queries(9 if "modality" not in params else 8):
            page(client, "dataset-detail", "open", **params)


def test_an_empty_dataset_says_how_to_fill_it(client):
    Dataset.objects.create(slug="empty", name="Empty", layout="folders", public=True)
    assert "import_dataset folders PATH --name empty" in page(client, "dataset-detail", "empty")


def test_terms_citation_and_counts_stand_on_the_page(client, private_dataset, user):
    client.force_login(user)
    html = page(client, "dataset-detail", "cufs")
    assert "For research on face sketch synthesis" in html and "Wang" in html
    assert html.count('count-bar"') == 4


def test_pages_have_no_inline_style_or_script(client, public_dataset):
    image = Image.objects.first()
    for html in (
        page(client, "dataset-list"),
        page(client, "dataset-detail", "open"),
        page(client, "image-detail", "open", image.pk, landmarks=1),
        page(client, "subject-detail", "open", image.subject.name),
    ):
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=", html)


# --- publishing


def publish(client, slug, public):
    return client.post(reverse("datasetviewer:dataset-publish", args=[slug]), {"public": public})


def test_the_owner_publishes_and_withdraws(client, private_dataset, user):
    client.force_login(user)
    assert "Publish to everybody" in page(client, "dataset-detail", "cufs")
    assert publish(client, "cufs", "1").status_code == 302
    client.logout()
    page(client, "dataset-detail", "cufs")
    client.force_login(user)
    publish(client, "cufs", "0")
    client.logout()
    page(client, "dataset-detail", "cufs", status=404)


def test_somebody_else_may_not_publish(client, private_dataset, stranger):
    client.force_login(stranger)
    assert "Publish to everybody" not in page(client, "dataset-detail", "cufs")
    assert publish(client, "cufs", "1").status_code == 403
    private_dataset.refresh_from_db()
    assert not private_dataset.public


def test_a_visitor_is_asked_to_sign_in_and_changes_nothing(client, public_dataset):
    response = publish(client, "open", "0")
    assert response.status_code == 302 and "sign-in" in response["Location"]
    public_dataset.refresh_from_db()
    assert public_dataset.public


def test_publishing_needs_a_post_and_a_token(client, private_dataset, user, django_user_model):
    from django.test import Client

    client.force_login(user)
    address = reverse("datasetviewer:dataset-publish", args=["cufs"])
    assert client.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post(address, {"public": "1"}).status_code == 403


def test_a_value_that_is_neither_changes_nothing(client, private_dataset, user):
    client.force_login(user)
    publish(client, "cufs", "maybe")
    private_dataset.refresh_from_db()
    assert not private_dataset.public


# --- the form for imports


def test_the_import_form_needs_a_sign_in(client):
    response = client.get(reverse("datasetviewer:dataset-import"))
    assert response.status_code == 302 and "sign-in" in response["Location"]


def test_a_sent_in_import_leads_to_its_dataset(client, user, cufs_folder, settings):
    cufs_folder.rename(settings.DATASETS_ROOT / "CUFS")
    client.force_login(user)
    assert '<option value="CUFS">' in page(client, "dataset-import")
    response = client.post(reverse("datasetviewer:dataset-import"), {"layout": "cufs", "path": "CUFS", "slug": ""})
    assert response["Location"].startswith("/datasets/cufs/")
    html = page(client, "dataset-detail", "cufs")
    assert "job-progress" in html and "hx-get" in html


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"layout": "cufs", "path": "../../etc"}, "There is no folder"),
        ({"layout": "imagenet", "path": "x"}, "Select a valid choice"),
        ({"layout": "cufs", "path": ""}, "This field is required"),
        ({"layout": "cufs", "path": "here", "slug": "Ümlaut"}, "cannot be a dataset"),
    ],
)
def test_a_wrong_import_is_refused_with_a_sentence(client, user, settings, sent, sentence):
    (settings.DATASETS_ROOT / "here").mkdir()
    client.force_login(user)
    response = client.post(reverse("datasetviewer:dataset-import"), sent)
    assert response.status_code == 400 and sentence in response.content.decode()
    assert not Dataset.objects.exists()
