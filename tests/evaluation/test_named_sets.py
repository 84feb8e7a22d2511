"""An image set of the dataset viewer as the set of an evaluation."""

import pytest

from datasetviewer.models import Image
from datasetviewer.services import image_set_create, image_set_delete
from evaluation import sets
from evaluation.sets import NamedSet
from workers.engine.errors import InputError

pytestmark = pytest.mark.django_db


@pytest.fixture
def named(dataset, user):
    images = Image.objects.filter(dataset=dataset, modality="photo").order_by("key")
    return image_set_create(
        dataset=dataset, images=Image.objects.filter(pk__in=images.values("pk")[:3]), name="Three", owner=user
    )


def test_a_named_set_is_read_from_json_and_from_text():
    spec = NamedSet("three")
    assert sets.parse({"image_set": "three"}, "reference") == spec == sets.parse_text("set:three", "reference")
    assert (str(spec), sets.from_json(sets.to_json(spec))) == ("set:three", spec)


@pytest.mark.parametrize("value", [{"image_set": 3}, {"image_set": "three", "split": "test"}])
def test_a_named_set_has_nothing_beside_its_name(value):
    with pytest.raises(InputError, match="image_set"):
        sets.parse(value, "candidate")


def test_its_pictures_are_those_picked(named, user):
    found = sets.contents(NamedSet("three"), "reference", user=user)
    assert (len(found.paths), found.dataset, found.digest) == (3, named.dataset, named.digest)


def test_an_unknown_or_deleted_set_is_refused_with_the_known_ones(named, user):
    with pytest.raises(InputError, match="reference: there is no image set 'other'\\. Known: three"):
        sets.contents(NamedSet("other"), "reference", user=user)
    image_set_delete(image_set=named)
    with pytest.raises(InputError, match="there is no image set 'three'"):
        sets.contents(NamedSet("three"), "reference", user=user)


def test_a_set_of_a_hidden_dataset_is_not_there_for_visitors(named):
    named.dataset.public = False
    named.dataset.save()
    with pytest.raises(InputError, match="there is no image set"):
        sets.contents(NamedSet("three"), "reference", user=None)


def test_a_set_that_lost_pictures_is_not_measured(named, user):
    named.images.first().delete()
    with pytest.raises(InputError, match="1 of the 3 pictures of set:three are gone"):
        sets.contents(NamedSet("three"), "reference", user=user)
