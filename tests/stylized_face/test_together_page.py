"""/sketch/together/<id>/: everything that was asked for at once."""

import io
import uuid
import zipfile

import pytest
from django.test import Client

from stylized_face.models import Stylization

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(client, sent, portrait):
    """Two photos by the pencil and the first also by lines, of this client's browser, waiting."""
    together = uuid.uuid4()
    for name in ("one.jpg", "two.jpg"):
        client.post("/sketch/", {"photo": sent(portrait, name=name)})
    Stylization.objects.update(together=together, model="pencil")
    first = Stylization.objects.get(name="one.jpg")
    client.post(f"/sketch/{first.id}/redraw/", {"model": "lines"})
    Stylization.objects.filter(together=None).update(together=together)
    return together


def body(answer) -> str:
    return answer.content.decode()


def test_it_asks_for_itself_until_the_last_is_drawn(client, group, run_jobs):
    url = f"/sketch/together/{group}/"
    page = body(client.get(url))
    assert "0 of 3 sketches are ready" in page and f'hx-get="{url}live/"' in page
    assert "Next in the queue" in page and "Number 3 in the queue" in page
    assert client.get(f"{url}live/").status_code == 200
    run_jobs("interactive")
    done = client.get(f"{url}live/")
    assert done.status_code == 286
    assert "3 of 3 sketches are ready" in body(done) and "hx-get" not in body(done)


def test_sketches_of_one_photo_stand_in_one_row(client, group, run_jobs):
    run_jobs("interactive")
    rows = client.get(f"/sketch/together/{group}/").context["faces"]
    assert [(row.first.name, {one.model for one in row.sketches}) for row in rows] == [
        ("one.jpg", {"pencil", "lines"}), ("two.jpg", {"pencil"}),
    ]  # fmt: skip


def test_one_that_failed_says_why_beside_those_that_are_ready(client, group, run_jobs):
    broken = Stylization.objects.get(name="two.jpg")
    broken.file("photo").unlink()
    run_jobs("interactive")
    page = body(client.get(f"/sketch/together/{group}/"))
    assert "2 of 3 sketches are ready" in page and "1 could not be drawn" in page and "was deleted before" in page


def test_the_zip_holds_every_finished_sketch(client, group, run_jobs):
    url = f"/sketch/together/{group}/sketches.zip"
    assert client.get(url).status_code == 404
    run_jobs("interactive")
    answer = client.get(url)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        assert all(archive.read(name).startswith(b"\x89PNG") for name in names)
    assert sorted(name[3:] for name in names) == ["one-lines.png", "one-pencil.png", "two-pencil.png"]


def test_others_see_the_sketches_but_neither_names_nor_buttons(group, run_jobs):
    run_jobs("interactive")
    stranger = Client(REMOTE_ADDR="192.0.2.9")
    page = body(stranger.get(f"/sketch/together/{group}/"))
    assert "3 of 3 sketches are ready" in page
    assert "one.jpg" not in page and "delete/" not in page
    with zipfile.ZipFile(
        io.BytesIO(b"".join(stranger.get(f"/sketch/together/{group}/sketches.zip").streaming_content))
    ) as archive:
        assert not any("one" in name or "two" in name for name in archive.namelist())
    assert stranger.post(f"/sketch/together/{group}/delete/").status_code == 403
    assert Stylization.objects.filter(removed=None).count() == 3


def test_one_shared_sketch_does_not_open_the_others(client, group):
    one = Stylization.objects.first()
    assert str(group) in body(client.get(f"/sketch/{one.id}/"))
    assert str(group) not in body(Client(REMOTE_ADDR="192.0.2.9").get(f"/sketch/{one.id}/"))


def test_all_are_deleted_at_once(client, group):
    folders = [one.folder for one in Stylization.objects.all()]
    answer = client.post(f"/sketch/together/{group}/delete/", follow=True)
    assert "3 sketches and their photos were deleted" in body(answer)
    assert not any(folder.exists() for folder in folders)
    gone = client.get(f"/sketch/together/{group}/")
    assert gone.status_code == 404 and "There is no sketch at this address" in body(gone)


def test_an_unknown_group_is_404_everywhere(client, db):
    url = f"/sketch/together/{uuid.uuid4()}/"
    for tail in ("", "live/", "sketches.zip"):
        assert client.get(url + tail).status_code == 404
    assert client.post(f"{url}delete/").status_code == 404
