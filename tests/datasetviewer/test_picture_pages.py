"""The pages of a person and of a picture, and the way from one to the next."""

import re
from html import unescape

import pytest
from django.urls import reverse

from datasetviewer.models import Image
from datasetviewer.services import dataset_import
from tests.datasetviewer.conftest import draw_face

pytestmark = pytest.mark.django_db


def page(client, name, *args, status=200, **params):
    response = client.get(reverse(f"datasetviewer:{name}", args=args), params)
    assert response.status_code == status, response.content.decode()[:500]
    return response.content.decode()


def tile_names(html):
    return re.findall(r'class="tile-name">([^<]*)<', html)


# --- person and picture


def test_a_person_shows_all_pictures(client, public_dataset):
    html = page(client, "subject-detail", "open", "p002")
    assert tile_names(html) == ["photo", "sketch"]


def test_names_with_spaces_and_signs_have_a_page(client, tmp_path):
    draw_face(tmp_path / "odd/P!nk & Dr. Phil?.jpg")
    dataset_import(layout="folders", path=tmp_path / "odd", slug="odd", public=True)
    image = Image.objects.get()
    html = page(client, "image-detail", "odd", image.pk)
    link = re.search(r'href="(/datasets/odd/subjects/[^"]*)"', html).group(1)
    assert client.get(unescape(link)).status_code == 200


def test_a_picture_stands_beside_its_partner_with_its_facts(client, public_dataset):
    image = Image.objects.get(key="sketches/p001.png")
    html = page(client, "image-detail", "open", image.pk)
    assert len(re.findall(r'<img src="/datasets/open/images/\d+/file', html)) == 2
    assert image.sha256 in html and "40 × 50" in html and "PNG, RGB" in html


def walk(html):
    previous, following = (re.search(rf'rel="{rel}"[^>]*href="([^"]*)"', html) for rel in ("prev", "next"))
    position = re.search(r'image-position">([^<]*)<', html).group(1)
    return previous and previous.group(1), following and following.group(1), position


@pytest.mark.parametrize("sort", ["key", "-key", "person", "-person", "split", "newest"])
def test_next_leads_through_the_grid_in_its_order(client, public_dataset, sort):
    names = tile_names(page(client, "dataset-detail", "open", sort=sort))
    first = Image.objects.get(subject__name=names[0], modality="photo")
    address, seen = f"/datasets/open/images/{first.pk}/?sort={sort}", []
    while address and len(seen) < 10:
        html = client.get(address).content.decode()
        seen.append(re.search(r"<h1>([^<]*)</h1>", html).group(1))
        back = walk(html)[0]
        assert (back is None) == (len(seen) == 1)
        assert walk(html)[2] == f"{len(seen)} of 5"
        address = walk(html)[1] and walk(html)[1].replace("&amp;", "&")
    assert seen == names


def test_next_keeps_filter_and_landmarks(client, public_dataset):
    Image.objects.update(landmarks=[[1, 2], [30.5, 40.25]])
    image = Image.objects.get(key="photos/p000.jpg")
    html = page(client, "image-detail", "open", image.pk, split="test", landmarks=1)
    following = Image.objects.get(key="photos/p003.jpg")
    assert walk(html) == (None, f"/datasets/open/images/{following.pk}/?split=test&amp;landmarks=1", "1 of 2")
    assert f'href="/datasets/open/images/{image.pk + 1}/?split=test&amp;landmarks=1"' in html, "the partner"


def test_a_sketch_stands_where_its_pair_is(client, public_dataset):
    sketch = Image.objects.get(key="sketches/p001.png")
    assert walk(page(client, "image-detail", "open", sketch.pk))[2] == "2 of 5"
    assert walk(page(client, "image-detail", "open", sketch.pk, modality="sketch"))[2] == "2 of 5"
    assert walk(page(client, "image-detail", "open", sketch.pk, modality="photo"))[2] == "not in this filter"
    assert walk(page(client, "image-detail", "open", sketch.pk, split="test"))[2] == "not in this filter"


def test_landmarks_are_drawn_when_asked_for(client, public_dataset):
    Image.objects.filter(key="photos/p000.jpg").update(landmarks=[[1, 2], [30.5, 40.25]])
    image = Image.objects.get(key="photos/p000.jpg")
    html = page(client, "image-detail", "open", image.pk)
    assert "<circle" not in html and 'href="?landmarks=1"' in html
    html = page(client, "image-detail", "open", image.pk, landmarks=1)
    assert re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', html) == [("1.00", "2.00"), ("30.50", "40.25")]
    assert 'viewBox="0 0 40 50"' in html
    bare = Image.objects.get(key="photos/p001.jpg")
    assert "andmarks=1" not in page(client, "image-detail", "open", bare.pk)


def test_the_image_page_costs_the_same_in_any_dataset(client, public_dataset, django_assert_num_queries):
    image = Image.objects.get(key="photos/p002.jpg")
    with django_assert_num_queries(8):
        page(client, "image-detail", "open", image.pk)
