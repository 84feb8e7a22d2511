"""Looking at what a recipe makes before the whole dataset is aligned."""

import html
import io
import json
import re

import numpy as np
import pytest
from django.urls import reverse
from PIL import Image as Picture

from datasetviewer.models import AlignedImage, Dataset, Image
from datasetviewer.services.aligning import pictures_align
from datasetviewer.services.alignment import alignment_prepare
from datasetviewer.storage import file_path
from workers.engine.alignment import template_from_text
from workers.engine.geometry import TEMPLATES

from .marking import marked_dataset

OWN = json.dumps({"name": "mine", "width": 60, "height": 70, "points": {"left_eye": [20, 30], "right_eye": [40, 30]}})
PAGE = reverse("datasetviewer:dataset-align", args=["faces"])


@pytest.fixture
def dataset(db, user) -> Dataset:
    return marked_dataset(user)


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    return client


def address(image: Image) -> str:
    return reverse("datasetviewer:image-aligned", args=["faces", image.pk])


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Picture.open(io.BytesIO(content)))


@pytest.mark.parametrize(
    ("recipe", "template"),
    [
        ({"template": "satnet", "padding": "white"}, TEMPLATES["satnet"]),
        ({"template": "sphereface", "padding": "fade"}, TEMPLATES["sphereface"]),
        ({"template": "own", "own": OWN}, template_from_text(OWN)),
    ],
)
def test_the_preview_is_to_the_pixel_what_the_job_stores(signed_in, dataset, user, recipe, template):
    padding = recipe.get("padding", "edge")
    derived, _new = alignment_prepare(parent=dataset, template=template, padding=padding, owner=user)
    pictures_align(dataset=derived)
    copies = list(AlignedImage.objects.filter(image__dataset=derived).select_related("image", "origin"))
    assert len(copies) > 3
    for copy in copies:
        answer = signed_in.get(address(copy.origin), recipe)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        stored = file_path(derived.slug, copy.image.sha256, copy.image.format).read_bytes()
        assert pixels(answer.content).shape[:2] == template.size[::-1]
        np.testing.assert_array_equal(pixels(answer.content), pixels(stored))


def test_the_page_shows_the_result_beside_the_picture_by_the_recipe_of_its_address(signed_in, dataset):
    recipe = {"template": "sphereface", "padding": "black", "r": "0.05"}
    seen = signed_in.get(PAGE, recipe).text
    results = [html.unescape(found) for found in re.findall(r'<span class="crop-result"><img src="([^"]+)"', seen)]
    assert len(results) == 6 and all(found.endswith("?template=sphereface&padding=black") for found in results)
    shape = pixels(signed_in.get(results[0]).content).shape
    assert shape[:2] == (112, 96)
    assert "left out: " in seen, "with r it says whom the filter leaves out"
    assert seen.count('id="id_preview_template"') == 1 and seen.count('id="id_template"') == 1
    # The form for making it starts from what is looked at, and the links to other templates keep the rest.
    assert seen.count('<option value="black" selected>') == 2
    assert "?template=cufs&amp;padding=black&amp;r=0.05" in seen
    assert "left out: " not in signed_in.get(PAGE, recipe | {"r": ""}).text


def test_what_was_sent_and_refused_is_what_is_shown(signed_in, dataset):
    seen = signed_in.post(PAGE, {"template": "cufs", "padding": "black", "slug": "Bad Name"})
    assert seen.status_code == 400 and "?template=cufs&amp;padding=black" in seen.text


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        ({"template": "round"}, "Select a valid choice"),
        ({"padding": "blue"}, "Select a valid choice"),
        ({"template": "own", "own": "{"}, "not valid JSON"),
        ({"template": "own"}, "not valid JSON"),
        ({"r": "9"}, "less than or equal to 1"),
    ],
)
def test_a_recipe_that_will_not_do_is_said_and_the_usual_one_is_shown(signed_in, dataset, recipe, sentence):
    seen = signed_in.get(PAGE, recipe)
    assert seen.status_code == 200 and sentence in seen.text
    assert "?template=satnet&amp;padding=edge" in seen.text
    answer = signed_in.get(address(dataset.images.exclude(five=None).first()), recipe)
    assert answer.status_code == 400 and sentence in answer.text


def test_a_picture_without_landmarks_has_no_preview(signed_in, dataset):
    answer = signed_in.get(address(dataset.images.get(five__isnull=True)))
    assert answer.status_code == 400 and "has no landmarks" in answer.text


def test_a_damaged_file_ends_in_a_sentence(signed_in, dataset):
    image = dataset.images.exclude(five=None).first()
    file_path("faces", image.sha256, image.format).write_bytes(b"nothing")
    answer = signed_in.get(address(image))
    assert answer.status_code == 400 and "Traceback" not in answer.text
    file_path("faces", image.sha256, image.format).unlink()
    assert signed_in.get(address(image)).status_code == 400


def test_nobody_else_sees_it_and_nothing_is_there_by_another_name(client, dataset, stranger):
    image = dataset.images.exclude(five=None).first()
    assert client.get(address(image)).status_code == 404
    client.force_login(stranger)
    assert client.get(address(image)).status_code == 200  # whoever is signed in may look
    assert client.get(reverse("datasetviewer:image-aligned", args=["faces", 999_999])).status_code == 404
    assert client.post(address(image)).status_code == 405


def test_the_page_without_landmarks_or_rights_offers_no_preview(client, dataset):
    Dataset.objects.update(public=True)
    assert "crop-result" in client.get(PAGE).text  # visitors of a public dataset look, too
    Image.objects.update(five=None, landmarks=None, landmark_source="")
    assert "crop-result" not in client.get(PAGE).text
