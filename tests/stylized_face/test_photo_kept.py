"""One photo behind several sketches: they are told from other photos, and deleting says what is still kept."""

import io
import zipfile

import pytest
from django.test import Client
from PIL import Image

from stylized_face.choosing import all_found
from stylized_face.selectors import by_face, stylizations_of_photo, stylizations_together
from stylized_face.services import stylization_delete, stylization_redraw, stylizations_create
from stylized_face.uploads import Sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_of_one_name(portrait, sent):
    """A zip of two photos of one size, called the same in two folders."""
    other = portrait.transpose(0)  # mirrored
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for folder, picture in (("first", portrait), ("second", other)):
            archive.writestr(f"{folder}/face.jpg", sent(picture).getvalue())
    stream.seek(0)
    return stream


def test_photos_of_one_name_and_size_are_shown_apart(two_of_one_name):
    made = stylizations_create(files=[Sent("photos.zip", two_of_one_name)], model="pencil", visitor="a")
    faces = by_face(stylizations_together(together=made.together), ["pencil"])
    assert [len(face.sketches) for face in faces] == [1, 1]


def test_sketches_of_one_photo_know_each_other_through_any_number_of_redrawings(create):
    first = create()
    second = stylization_redraw(first, model="lines", visitor=first.visitor)
    third = stylization_redraw(second, model="pencil", seed=3, visitor=first.visitor)
    other = create()
    assert {one.id for one in stylizations_of_photo(third)} == {first.id, second.id}
    assert stylizations_of_photo(other) == []
    stylization_delete(stylization=first)
    assert [one.id for one in stylizations_of_photo(third)] == [second.id]


def test_deleting_one_sketch_says_that_the_photo_is_kept_with_the_others(create, client):
    first = create()
    second = stylization_redraw(first, model="lines", visitor=first.visitor)
    session = client.session
    session["stylizations"] = [str(first.id), str(second.id)]
    session.save()
    answer = client.post(f"/sketch/{first.id}/delete/", follow=True)
    assert "1 other sketch of the photo is still there" in answer.content.decode()
    assert second.file("photo").is_file()
    answer = client.post(f"/sketch/{second.id}/delete/", follow=True)
    assert "The photo and the sketch were deleted." in answer.content.decode()
    assert not second.file("photo").exists()


def test_the_photo_goes_with_all_its_sketches_when_that_is_asked_for(create, client):
    first = create()
    second = stylization_redraw(first, model="lines", visitor=first.visitor)
    other = create()
    stranger = Client(REMOTE_ADDR="192.0.2.9")
    assert stranger.post(f"/sketch/{first.id}/delete/", {"whole": "photo"}).status_code == 403
    session = client.session
    session["stylizations"] = [str(first.id)]
    session.save()
    answer = client.post(f"/sketch/{first.id}/delete/", {"whole": "photo"}, follow=True)
    assert "2 sketches and their photos were deleted." in answer.content.decode()
    assert not first.folder.exists() and not second.folder.exists() and other.file("photo").is_file()


def test_small_faces_beside_large_ones_are_found(portrait):
    crowd = Image.new("RGB", (1600, 800), "white")
    crowd.paste(portrait, (0, 0))
    for column in range(5):
        crowd.paste(portrait.resize((120, 150)), (500 + 200 * column, 100))
    assert len(all_found(crowd)) == 6
