"""/sketch/ and what hangs below it."""

import re
import subprocess
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from datasetviewer.pictures import COSTLY
from stylized_face.api.creating import StylizationInputSerializer
from stylized_face.models import Stylization
from tests.stylized_face.conftest import named

pytestmark = pytest.mark.django_db


def test_the_upload_page_works_without_javascript(client):
    answer = client.get("/sketch/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'enctype="multipart/form-data"' in page and 'type="file"' in page
    assert re.search(r'name="model" value="pencil"\s+checked', page)
    assert "style=" not in page and "onclick" not in page


def test_the_page_and_the_description_of_the_api_tell_the_limits_that_hold(client, settings):
    told = [f"{kind} {most / 1e6:g}" for kind, most in COSTLY.items()]
    told += [f"{settings.UPLOAD_MAX_BYTES // 1024**2} MiB", f"{settings.UPLOAD_MAX_PIXELS / 1e6:g} megapixels"]
    for words in (client.get("/sketch/").content.decode(), StylizationInputSerializer().fields["photo"].help_text):
        assert [one for one in told if one not in words] == []


@pytest.mark.parametrize(("hours", "words"), [(24, "after 24 hours"), (0.01, "after 1 minute"), (48, "after 48 hours")])
def test_the_privacy_note_tells_the_retention_that_holds(client, settings, hours, words):
    settings.UPLOAD_RETENTION_HOURS = hours
    assert words in client.get("/sketch/").content.decode()


def test_sending_a_photo_leads_to_its_page(client, sent, portrait):
    answer = client.post("/sketch/", {"photo": sent(portrait), "model": "pencil", "strength": "1.5", "seed": "4"})
    row = Stylization.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/sketch/{row.id}/")
    assert (row.strength, row.seed) == (1.5, 4)
    page = client.get(answer.url).content.decode()
    assert f'hx-get="/sketch/{row.id}/live/?view=slider"' in page
    assert "<noscript>" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "No photo was sent"),
        ({"photo": named(b"")}, "empty"),
        ({"photo": named(b"GIF89a" + bytes(50))}, "a GIF file"),
        ({"photo": named(b"\xff\xd8" + bytes(10_500_000))}, "larger than 10 MiB"),
        ({"photo": named(b"x"), "model": "pensil"}, "pensil"),
    ],
)
def test_what_cannot_be_used_is_said_on_the_page(client, fields, words):
    answer = client.post("/sketch/", fields)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Stylization.objects.exists()


def test_too_many_are_told_when_to_come_back(client, sent, portrait, settings):
    settings.VISITOR_SKETCHES_PER_HOUR = 1
    client.post("/sketch/", {"photo": sent(portrait)})
    answer = client.post("/sketch/", {"photo": sent(portrait)})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    assert "Come back in 60 minutes" in answer.content.decode()


def test_a_form_without_csrf_token_is_refused(sent, portrait):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/sketch/", {"photo": sent(portrait)}).status_code == 403
    assert not Stylization.objects.exists()


def test_the_live_part_stops_polling_at_the_end(client, create, run_jobs):
    stylization = create()
    url = f"/sketch/{stylization.id}/live/"
    waiting = client.get(url)
    assert waiting.status_code == 200
    assert 'hx-trigger="every 1s"' in waiting.content.decode()
    run_jobs("interactive")
    done = client.get(url)
    page = done.content.decode()
    assert done.status_code == 286
    assert "hx-trigger" not in page
    assert "data-slider" in page and f"/sketch/{stylization.id}/files/sketch.png?download" in page


def test_a_failure_card_says_why_and_what_next(client, drawn):
    stylization = drawn(Image.new("RGB", (200, 200)))
    page = client.get(f"/sketch/{stylization.id}/").content.decode()
    assert "No face was found" in page and "Try another photo" in page
    assert "data-slider" not in page


def test_pictures_are_served_locked_down(client, drawn):
    stylization = drawn()
    for name in ("photo", "aligned", "sketch"):
        answer = client.get(f"/sketch/{stylization.id}/files/{name}.png")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "private" in answer.headers["Cache-Control"]
        assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    download = client.get(f"/sketch/{stylization.id}/files/sketch.png?download")
    assert download.headers["Content-Disposition"].startswith("attachment")


def test_no_other_file_is_served(client, create, own_data_folder):
    stylization = create()
    (own_data_folder / "secret_key.png").write_bytes(b"secret")
    for tail in (
        "sketch.png",
        "aligned.png",
        "job.png",
        "photo.jpg",
        "../../secret_key.png",
        "..%2f..%2fsecret_key.png",
    ):
        assert client.get(f"/sketch/{stylization.id}/files/{tail}").status_code == 404, tail
    assert client.get(f"/sketch/{stylization.id}/files/photo.png").status_code == 200


def test_unknown_expired_and_deleted_are_404_everywhere(client, create):
    expired = create()
    Stylization.objects.filter(id=expired.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    for id in (expired.id, uuid.uuid4()):
        for tail in ("", "live/", "files/photo.png"):
            assert client.get(f"/sketch/{id}/{tail}").status_code == 404
        for tail in ("delete/", "cancel/"):
            assert client.post(f"/sketch/{id}/{tail}").status_code == 404


def test_the_maker_deletes_even_from_another_address(client, sent, portrait):
    answer = client.post("/sketch/", {"photo": sent(portrait)})
    row = Stylization.objects.get()
    gone = client.post(f"{answer.url}delete/", REMOTE_ADDR="192.0.2.77", follow=True)
    assert gone.redirect_chain == [("/sketch/", 302)]
    assert "were deleted" in gone.content.decode()
    assert not row.folder.exists()
    assert client.get(answer.url).status_code == 404


def test_somebody_else_sees_no_buttons_and_can_neither_delete_nor_cancel(client, create):
    stylization = create(visitor="somebody else", name="private-name.jpg")
    page = client.get(f"/sketch/{stylization.id}/").content.decode()
    assert "delete/" not in page and "cancel/" not in page and "private-name" not in page
    assert client.post(f"/sketch/{stylization.id}/delete/").status_code == 403
    assert client.post(f"/sketch/{stylization.id}/cancel/").status_code == 403
    assert client.get(f"/sketch/{stylization.id}/delete/").status_code == 405
    assert stylization.folder.exists()


def test_the_maker_stops_the_drawing(client, sent, portrait, run_jobs):
    answer = client.post("/sketch/", {"photo": sent(portrait)})
    stopped = client.post(f"{answer.url}cancel/", follow=True)
    assert "The drawing was stopped" in stopped.content.decode()
    assert run_jobs("interactive") == []


def test_my_sketches_are_listed_to_me_alone(client, sent, portrait, run_jobs):
    answer = client.post("/sketch/", {"photo": sent(portrait)})
    run_jobs("interactive")
    assert f'href="{answer.url}"' in client.get("/sketch/").content.decode()
    assert answer.url not in Client().get("/sketch/").content.decode()


def test_the_curl_snippet_is_one_safe_shell_word_a_field(client, sent, portrait):
    answer = client.post("/sketch/", {"photo": sent(portrait, name="it's $(me).jpg")})
    context = client.get(answer.url).context
    curl, python = context["curl"], context["python"]
    words = subprocess.run(
        ["bash", "-c", f'curl() {{ printf "%s\\n" "$@"; }}; {curl}'], capture_output=True, text=True, check=True
    )
    assert words.stdout.splitlines() == [
        "-F", "photo=@it's $(me).jpg", "-F", "model=pencil", "-F", "seed=0", "-F", "strength=1.0",
        "http://testserver/api/v1/stylizations/",
    ]  # fmt: skip
    compile(python, "snippet", "exec")
