"""POST /api/v1/stylizations/"""

import pytest
from rest_framework.test import APIClient

from stylized_face.models import Stylization
from tests.stylized_face.conftest import named
from tests.stylized_face.hostile import refused_files

pytestmark = pytest.mark.django_db
URL = "/api/v1/stylizations/"
REFUSED = refused_files()


def post(api, photo, **fields):
    return api.post(URL, {"photo": photo, **fields}, format="multipart")


def test_it_accepts_a_photo_from_a_visitor(api, sent, portrait):
    answer = post(api, sent(portrait, name="me.jpg"), model="pencil", seed=5)
    assert answer.status_code == 202, answer.content
    body = answer.json()
    stylization = Stylization.objects.get()
    assert answer.headers["Location"] == f"http://testserver{URL}{stylization.id}/"
    assert body["state"] == "queued" and body["queue_position"] == 1
    assert (body["seed"], body["strength"], body["result"]) == (5, 1.0, None)
    stranger = APIClient(REMOTE_ADDR="192.0.2.9").get(answer.headers["Location"])
    assert stranger.status_code == 200 and "me.jpg" not in stranger.content.decode()
    assert stylization.owner is None
    assert len(stylization.visitor) == 64 and "127.0.0.1" not in stylization.visitor


def test_a_signed_in_user_owns_it(api, sent, portrait, user):
    api.force_authenticate(user)
    assert post(api, sent(portrait)).status_code == 202
    row = Stylization.objects.get()
    assert (row.owner, row.job.owner, row.visitor) == (user, user, "")


@pytest.mark.parametrize("case", REFUSED)
def test_hostile_files_are_refused_with_a_reason(api, case, own_data_folder):
    content, words = REFUSED[case]
    words = "no zip archive" if case == "zip named jpg" else words  # zips are taken, this is none
    answer = post(api, named(content, "portrait.jpg"))
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    assert not Stylization.objects.exists()
    assert not list(own_data_folder.glob("stylizations/*"))


def test_a_polyglot_is_reduced_to_its_pixels(api, sent, portrait):
    jpeg = sent(portrait).getvalue() + b"<html><script>alert('polyglot')</script></html>"
    assert post(api, named(jpeg, "x.html")).status_code == 202
    stored = Stylization.objects.get().file("photo").read_bytes()
    assert stored.startswith(b"\x89PNG") and b"script" not in stored and b"html" not in stored


def test_the_place_in_the_exif_data_is_gone_and_its_orientation_applied(api, sent, portrait):
    from PIL import Image

    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0)})
    turned = portrait.rotate(90, expand=True)  # how a camera held upright stores it
    assert post(api, sent(turned, exif=exif, comment=b"SecretComment")).status_code == 202
    row = Stylization.objects.get()
    content = row.file("photo").read_bytes()
    assert b"Secret" not in content and b"eXIf" not in content
    assert (row.width, row.height) == (400, 500)
    with Image.open(row.file("photo")) as stored:
        assert stored.getexif() == {}


def test_no_photo_and_photo_as_text_are_refused(api):
    for fields in ({}, {"photo": "a text"}, {"picture": named(b"x")}):
        answer = api.post(URL, fields, format="multipart")
        assert answer.status_code == 400
        assert "No photo was sent" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("model", "pensil", "Known: pencil"),
        ("seed", "x", "seed"),
        ("seed", "-1", "seed"),
        ("seed", str(2**31), "seed"),
        ("strength", "5", "strength"),
        ("strength", "nan", "strength"),
    ],
)
def test_bad_options_are_named(api, sent, portrait, field, value, words):
    answer = post(api, sent(portrait), **{field: value})
    assert answer.status_code == 400
    assert words in answer.json()["detail"]


def test_json_is_the_wrong_kind_of_request(api):
    assert api.post(URL, {"photo": "x"}, format="json").status_code == 415


def test_what_is_sent_cannot_be_put_or_deleted_as_a_whole(api):
    assert api.put(URL).status_code == 405
    assert api.delete(URL).status_code == 405


def test_too_many_get_429_with_retry_after(api, sent, portrait, settings):
    settings.VISITOR_SKETCHES_PER_HOUR = 1
    assert post(api, sent(portrait)).status_code == 202
    answer = post(api, sent(portrait))
    assert answer.status_code == 429
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert answer.json()["detail"] == (
        "1 sketch an hour is allowed. Come back in 60 minutes. Signed-in users may make more."
    )


def test_one_visitor_does_not_use_up_the_limit_of_another(api, sent, portrait, settings):
    settings.VISITOR_SKETCHES_PER_HOUR = 1
    for address in ("192.0.2.1", "192.0.2.2", "2001:db8:0:1::1", "2001:db8:0:2::1"):
        assert api.post(URL, {"photo": sent(portrait)}, format="multipart", REMOTE_ADDR=address).status_code == 202
    # The same /64 is the same visitor; a header that anybody can write changes nothing.
    same = api.post(URL, {"photo": sent(portrait)}, format="multipart", REMOTE_ADDR="2001:db8:0:1::99")
    assert same.status_code == 429
    # A server that listens to both kinds of addresses is told IPv4 ones in the clothes of IPv6.
    mapped = [
        api.post(URL, {"photo": sent(portrait)}, format="multipart", REMOTE_ADDR=f"::ffff:192.0.2.{number}").status_code
        for number in (1, 7, 8)
    ]
    assert mapped == [429, 202, 202]
    headers = {"X-Forwarded-For": "198.51.100.9"}
    forged = api.post(URL, {"photo": sent(portrait)}, format="multipart", REMOTE_ADDR="192.0.2.1", headers=headers)
    assert forged.status_code == 429


def test_the_same_idempotency_key_makes_one_sketch(api, sent, portrait):
    answers = [
        api.post(URL, {"photo": sent(portrait)}, format="multipart", headers={"Idempotency-Key": "k1"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Stylization.objects.count() == 1


def test_a_session_without_csrf_token_is_refused(sent, portrait, user):
    api = APIClient(enforce_csrf_checks=True)
    api.force_login(user)
    assert post(api, sent(portrait)).status_code == 403
