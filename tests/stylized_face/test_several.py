"""Several photos at once, and zips of them: all that can be drawn is, the rest is named with why."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from stylized_face.models import Stylization
from stylized_face.services import LimitReached, stylizations_create
from stylized_face.uploads import Sent
from tests.stylized_face.conftest import named
from workers.engine.errors import InputError
from workers.models import Job, JobState

pytestmark = pytest.mark.django_db
URL = "/api/v1/stylizations/"


@pytest.fixture
def small(sent, portrait):
    """A photo as upload, small enough that many are quick."""
    picture = portrait.resize((160, 200))
    return lambda name="me.jpg": sent(picture, name=name)


def packed(*members: tuple[str, bytes], name: str = "photos.zip") -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members:
            archive.writestr(member, content)
    return named(stream.getvalue(), name)


def left_behind(folder):
    return [path.name for path in folder.glob("stylizations/*")]


def test_several_photos_share_a_page_and_each_has_its_own_job(client, small):
    answer = client.post("/sketch/", {"photo": [small("a.jpg"), small("b.jpg"), small("c.jpg")], "model": "lines"})
    rows = list(Stylization.objects.order_by("created"))
    assert [row.name for row in rows] == ["a.jpg", "b.jpg", "c.jpg"]
    (together,) = {row.together for row in rows}
    assert together and (answer.status_code, answer.url) == (302, f"/sketch/together/{together}/")
    assert len({row.job_id for row in rows}) == 3 and {row.model for row in rows} == {"lines"}
    assert all(row.file("photo").is_file() for row in rows)


def test_one_photo_is_no_group(client, small):
    answer = client.post("/sketch/", {"photo": small()})
    row = Stylization.objects.get()
    assert (answer.url, row.together) == (f"/sketch/{row.id}/", None)


def test_every_group_member_is_drawn(small, run_jobs):
    made = stylizations_create(files=[Sent("a", small()), Sent("b", small())], model="pencil", visitor="v")
    assert [job.state for job in run_jobs("interactive")] == [JobState.SUCCEEDED] * 2
    assert all(row.file("sketch").is_file() for row in made.stylizations)


def test_bad_ones_among_several_are_named_and_the_good_ones_drawn(client, small, own_data_folder):
    photos = [small("good.jpg"), named(b"GIF89a" + bytes(60), "moving.gif"), named(b"", "empty.jpg"), small("fine.jpg")]
    answer = client.post("/sketch/", {"photo": photos}, follow=True)
    page = answer.content.decode()
    assert "2 files could not be used." in page
    assert "moving.gif: The file is a GIF file" in page and "empty.jpg: The file is empty" in page
    rows = Stylization.objects.all()
    assert {row.name for row in rows} == {"good.jpg", "fine.jpg"}
    assert sorted(left_behind(own_data_folder)) == sorted(str(row.id) for row in rows)


def test_one_that_is_too_large_does_not_take_the_others_along(client, small, settings):
    settings.UPLOAD_MAX_BYTES = 400_000
    photos = [small("one.jpg"), named(b"\xff\xd8" + bytes(500_000), "huge.jpg"), small("two.jpg")]
    page = client.post("/sketch/", {"photo": photos}, follow=True).content.decode()
    assert "huge.jpg: The file is larger than" in page
    assert {row.name for row in Stylization.objects.all()} == {"one.jpg", "two.jpg"}


def test_when_no_file_can_be_used_each_reason_is_said_and_nothing_is_kept(client, own_data_folder):
    answer = client.post("/sketch/", {"photo": [named(b"GIF89a" + bytes(60), "a.gif"), named(b"%PDF-1.4", "b.pdf")]})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "None of the files" in page and "a.gif: The file is a GIF" in page and "b.pdf: The file is a PDF" in page
    assert not Stylization.objects.exists() and not Job.objects.exists() and not left_behind(own_data_folder)


def test_more_than_twenty_are_cut_and_named(client, small, settings):
    settings.VISITOR_SKETCHES_PER_HOUR = 50
    answer = client.post("/sketch/", {"photo": [small(f"{n}.jpg") for n in range(22)]}, follow=True)
    assert Stylization.objects.count() == 20
    assert "20.jpg: At most 20 photos" in answer.content.decode()


def test_files_that_are_too_much_together_are_refused_as_a_whole(client, settings, own_data_folder):
    settings.UPLOAD_MAX_BYTES = 150_000
    answer = client.post("/sketch/", {"photo": [named(b"\xff\xd8" + bytes(140_000), f"{n}.jpg") for n in range(10)]})
    assert answer.status_code == 400 and "together" in answer.content.decode()
    assert not Stylization.objects.exists() and not left_behind(own_data_folder)


def test_files_under_another_name_are_not_read(client, small):
    answer = client.post(
        "/sketch/", {"photo": small("me.jpg"), "other": [named(bytes(100_000), f"{n}") for n in range(9)]}
    )
    assert answer.status_code == 302 and Stylization.objects.count() == 1


def test_all_are_counted_before_any_is_stored_and_it_is_said_how_many_are_left(
    small, settings, own_data_folder, create
):
    settings.VISITOR_SKETCHES_PER_HOUR = 3
    first = create()
    Stylization.objects.update(created=timezone.now() - timedelta(minutes=50))
    files = [Sent(f"{n}", small()) for n in range(3)]
    with pytest.raises(LimitReached, match=r"You have 2 left, and 3 were asked for.*in 10 minutes") as caught:
        stylizations_create(files=files, visitor="v")
    assert 590 < caught.value.seconds <= 600
    assert left_behind(own_data_folder) == [str(first.id)]
    assert len(stylizations_create(files=files[:2], visitor="v").stylizations) == 2


def test_more_than_an_hours_worth_is_no_matter_of_waiting(small, settings):
    settings.VISITOR_SKETCHES_PER_HOUR = 2
    with pytest.raises(InputError, match=r"2 sketches an hour are allowed\. 3 were asked for"):
        stylizations_create(files=[Sent(f"{n}", small()) for n in range(3)], visitor="v")


def test_what_comes_in_meanwhile_counts_and_nothing_of_the_group_stays(small, settings, monkeypatch, own_data_folder):
    """The limit is looked at again with the rows: two submissions at once do not both fit."""
    from stylized_face.services import creating

    settings.VISITOR_SKETCHES_PER_HOUR = 3
    real = creating.upload_photo

    def slow(stream):
        if not Stylization.objects.exists():
            creating.stylization_create(photo=small(), visitor="v")
            creating.stylization_create(photo=small(), visitor="v")
        return real(stream)

    files = [Sent(f"{n}", small()) for n in range(2)]
    monkeypatch.setattr(
        creating, "upload_photo", lambda stream: slow(stream) if stream is files[0].stream else real(stream)
    )
    with pytest.raises(LimitReached):
        stylizations_create(files=files, visitor="v")
    assert Stylization.objects.count() == 2 and len(left_behind(own_data_folder)) == 2


def test_a_failing_database_leaves_no_files_of_the_group(small, monkeypatch, own_data_folder):
    calls = []

    def fail(**_):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("no database")
        from workers.queue import enqueue

        return enqueue(**_)

    monkeypatch.setattr("stylized_face.services.creating.enqueue", fail)
    with pytest.raises(RuntimeError):
        stylizations_create(files=[Sent("a", small()), Sent("b", small())], visitor="v")
    assert not Stylization.objects.exists() and not Job.objects.exists() and not left_behind(own_data_folder)


def test_a_zip_with_folders_is_opened_and_what_is_no_picture_is_named(client, small, own_data_folder):
    photo = small().getvalue()
    zipped = packed(
        ("trip/a.jpg", photo), ("trip/deep/b.jpeg", photo), ("trip/notes.txt", b"hello"), ("__MACOSX/trip/._a.jpg", b"x"),
        ("trip/broken.jpg", photo[: len(photo) // 2]),
    )  # fmt: skip
    answer = client.post("/sketch/", {"photo": zipped}, follow=True)
    rows = list(Stylization.objects.order_by("name"))
    assert [row.name for row in rows] == ["a.jpg", "b.jpeg"] and len({row.together for row in rows}) == 1
    page = answer.content.decode()
    assert "2 files could not be used" in page and "notes.txt" in page and "broken.jpg: The picture is damaged" in page
    assert "MACOSX" not in page
    assert sorted(left_behind(own_data_folder)) == sorted(str(row.id) for row in rows)


def test_a_zip_of_one_photo_has_the_page_of_several(client, small):
    answer = client.post("/sketch/", {"photo": packed(("me.jpg", small().getvalue()), name="me.jpg")})
    assert answer.url == f"/sketch/together/{Stylization.objects.get().together}/"


def bomb() -> io.BytesIO:
    return packed(("a.jpg", b"\xff\xd8" + bytes(30_000_000)))


def too_many() -> io.BytesIO:
    return packed(*((f"{n}.jpg", b"x") for n in range(201)))


def locked() -> io.BytesIO:
    content = bytearray(packed(("a.jpg", b"x" * 50)).getvalue())
    content[6] |= 1
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1
    return named(bytes(content))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (bomb, "times its size"),
        (too_many, "at most 200"),
        (locked, "encrypted"),
        (lambda: packed(("../../a.jpg", b"x")), "leads out of it"),
        (lambda: packed(("/etc/a.jpg", b"x")), "leads out of it"),
        (lambda: packed(("a.txt", b"x")), "no picture"),
        (lambda: packed(), "no files"),
        (lambda: packed(("inner.zip", packed(("a.jpg", b"x")).getvalue())), "no picture"),
        (lambda: named(b"PK\x03\x04" + bytes(300), "x.zip"), "no zip archive"),
        (lambda: named(packed(("a.jpg", b"x" * 9000)).getvalue()[:60], "x.zip"), "no zip archive"),
    ],
)
def test_hostile_zips_are_refused_with_a_reason_and_leave_nothing(client, own_data_folder, make, words):
    answer = client.post("/sketch/", {"photo": make()})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Stylization.objects.exists() and not left_behind(own_data_folder)


def test_a_zip_may_be_larger_than_a_photo_but_not_without_end(client, small, settings):
    settings.UPLOAD_MAX_BYTES = 100_000
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for n in range(6):
            picture = io.BytesIO()
            Image.effect_noise((160, 200), 90 + n).convert("RGB").save(picture, "JPEG", quality=95)
            archive.writestr(f"{n}.jpg", picture.getvalue())
    assert 100_000 < len(stream.getvalue()) < 700_000
    assert client.post("/sketch/", {"photo": named(stream.getvalue(), "a.zip")}).status_code == 302
    assert Stylization.objects.count() == 6
    endless = named(stream.getvalue() + bytes(900_000), "a.zip")
    answer = client.post("/sketch/", {"photo": endless})
    assert answer.status_code == 400 and "together" in answer.content.decode()


# --- REST -----------------------------------------------------------------------------------------------------------
def test_rest_answers_several_with_a_list_and_what_was_refused(small):
    api = APIClient()
    photos = [small("a.jpg"), named(b"GIF89a" + bytes(60), "b.gif"), small("c.jpg")]
    answer = api.post(URL, {"photo": photos, "model": "pencil"}, format="multipart")
    assert answer.status_code == 202, answer.content
    body = answer.json()
    rows = list(Stylization.objects.order_by("created"))
    assert body["together"] == str(rows[0].together)
    assert [one["id"] for one in body["stylizations"]] == [str(row.id) for row in rows]
    assert body["page"] == f"http://testserver/sketch/together/{rows[0].together}/"
    assert answer.headers["Location"] == f"http://testserver{URL}together/{rows[0].together}/"
    assert len(api.get(answer.headers["Location"]).json()["stylizations"]) == 2
    (refused,) = body["refused"]
    assert refused["name"] == "b.gif" and "a GIF file" in refused["reason"]


def test_rest_takes_a_zip_and_honours_the_idempotency_key(small):
    api = APIClient()
    content = packed(("a.jpg", small().getvalue()), ("b.jpg", small().getvalue())).getvalue()
    first, again = (
        api.post(URL, {"photo": named(content, "a.zip")}, format="multipart", headers={"Idempotency-Key": "k"})
        for _ in range(2)
    )
    assert first.json() == again.json() and len(first.json()["stylizations"]) == 2
    assert Stylization.objects.count() == 2


def test_rest_takes_points_and_the_choice_of_a_face_with_one_photo(sent, portrait):
    api = APIClient()
    points = "[[150,250],[250,250],[200,318],[160,361],[240,361]]"
    body = api.post(URL, {"photo": sent(portrait), "points": points}, format="multipart").json()
    assert Stylization.objects.get(id=body["id"]).points == [[150, 250], [250, 250], [200, 318], [160, 361], [240, 361]]
    body = api.post(URL, {"photo": sent(portrait), "face": "1"}, format="multipart").json()
    assert Stylization.objects.get(id=body["id"]).face_index == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"points": "["}, "five pairs"),
        ({"points": "[" * 3000}, "five pairs"),
        ({"points": "[[NaN,1],[1,1],[1,1],[1,1],[1,1]]"}, "outside the photo"),
        ({"points": "[[900,250],[250,250],[200,318],[160,361],[240,361]]"}, "outside the photo, which is 400"),
        ({"face": "-1"}, "face"),
        ({"face": "x"}, "face"),
        ({"face": "9" * 40}, "face"),
    ],
)
def test_rest_refuses_points_and_faces_that_cannot_be(sent, portrait, fields, words, own_data_folder):
    answer = APIClient().post(URL, {"photo": sent(portrait), **fields}, format="multipart")
    assert answer.status_code == 400 and words in answer.json()["detail"]
    assert not Stylization.objects.exists() and not left_behind(own_data_folder)


def test_rest_wants_points_and_faces_with_one_photo_only(small):
    answer = APIClient().post(URL, {"photo": [small(), small()], "face": "0"}, format="multipart")
    assert answer.status_code == 400 and "belong to one photo" in answer.json()["detail"]
    assert not Stylization.objects.exists()


def test_the_schema_tells_of_several_photos_and_both_answers(client):
    schema = client.get("/api/schema/?format=json").json()
    post = schema["paths"][URL]["post"]
    fields = schema["components"]["schemas"]["StylizationInput"]["properties"]
    assert fields["photo"]["type"] == "array" and fields["photo"]["items"]["format"] == "binary"
    assert {"points", "face", "model", "seed", "strength"} <= set(fields)
    answer = post["responses"]["202"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
    choices = {one["$ref"].split("/")[-1] for one in schema["components"]["schemas"][answer]["oneOf"]}
    assert choices == {"Stylization", "Submission"}
