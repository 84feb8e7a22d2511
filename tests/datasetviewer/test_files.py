import io

import pytest
from django.urls import reverse
from PIL import Image as PillowImage

from datasetviewer.models import Image
from datasetviewer.selectors import image_path

pytestmark = pytest.mark.django_db


def body(response):
    return b"".join(response.streaming_content)


def address(name, image, *more):
    return reverse(f"datasetviewer:{name}", args=[image.dataset.slug, image.pk, *more])


@pytest.fixture
def public_image(public_dataset):
    return public_dataset.images.get(key="photos/p001.jpg")


@pytest.fixture
def private_image(private_dataset):
    return private_dataset.images.get(key="AR/photos/w-001-1.jpg")


def test_the_file_is_the_one_imported(client, public_image):
    response = client.get(address("image-file", public_image))
    assert response["Content-Type"] == "image/jpeg"
    assert body(response) == image_path(public_image).read_bytes()
    assert response["X-Content-Type-Options"] == "nosniff"
    assert 'filename="p001.jpg"' in response["Content-Disposition"]


def test_a_thumbnail_is_webp(client, public_image):
    response = client.get(address("image-thumbnail", public_image, 320))
    assert response["Content-Type"] == "image/webp"
    with PillowImage.open(io.BytesIO(body(response))) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("WEBP", (40, 50))


@pytest.mark.parametrize("size", [0, 1, 161, 4000])
def test_other_sizes_do_not_exist(client, public_image, size):
    assert client.get(address("image-thumbnail", public_image, size)).status_code == 404


def test_public_pictures_may_be_cached_for_ever_and_vary_with_nobody(client, public_image):
    response = client.get(address("image-file", public_image))
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Cookie" not in response.get("Vary", "")


def test_private_pictures_stay_in_the_browser(client, private_image, user):
    client.force_login(user)
    assert client.get(address("image-file", private_image))["Cache-Control"].startswith("private")


def test_the_tag_is_the_digest_and_saves_the_transfer(client, public_image):
    first = client.get(address("image-file", public_image))
    assert first["ETag"] == f'"{public_image.sha256}"'
    again = client.get(address("image-file", public_image), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and again["ETag"] == first["ETag"]
    assert client.get(address("image-file", public_image), headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_known_tag_does_not_open_a_private_picture(client, private_image):
    response = client.get(address("image-file", private_image), headers={"If-None-Match": f'"{private_image.sha256}"'})
    assert response.status_code == 404


def test_a_lost_file_is_404_and_no_trace(client, public_image):
    image_path(public_image).unlink()
    assert client.get(address("image-file", public_image)).status_code == 404


def test_only_reading_is_possible(client, public_image):
    assert client.post(address("image-file", public_image)).status_code == 405
    assert client.head(address("image-file", public_image)).status_code == 200


def test_a_withdrawn_dataset_closes_its_files(client, public_image):
    public_image.dataset.public = False
    public_image.dataset.save()
    assert client.get(address("image-thumbnail", public_image, 160)).status_code == 404


def test_a_name_with_signs_makes_a_sane_header(client, public_image):
    Image.objects.filter(pk=public_image.pk).update(key='photos/a"b\n小.jpg')
    response = client.get(address("image-file", public_image))
    assert response.status_code == 200 and "\n" not in response["Content-Disposition"]
