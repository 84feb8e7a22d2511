"""GET and DELETE /api/v1/stylizations/{id}/, POST .../cancel/, GET /api/v1/models/"""

import io
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from stylized_face.models import Stylization

pytestmark = pytest.mark.django_db


def url(stylization, tail=""):
    return f"/api/v1/stylizations/{stylization.id}/{tail}"


def test_it_tells_the_queue_position(api, create):
    create()
    second = create()
    body = api.get(url(second)).json()
    assert (body["state"], body["queue_position"], body["result"]) == ("queued", 2, None)
    assert body["eta_seconds"] is None  # no worker is alive, so nobody knows


def test_it_gives_the_addresses_of_the_result(api, drawn):
    stylization = drawn(seed=2)
    body = api.get(url(stylization)).json()
    assert (body["state"], body["progress"], body["queue_position"]) == ("succeeded", 1.0, None)
    assert len(body["face_box"]) == 4 and len(body["eyes"]) == 2
    for name in ("sketch", "aligned", "photo"):
        answer = api.get(body["result"][name])
        with Image.open(io.BytesIO(b"".join(answer.streaming_content))) as picture:
            assert picture.size == (400, 500)
    assert api.get(body["page"]).status_code == 200


def test_a_failure_brings_its_sentence(api, drawn):
    body = api.get(url(drawn(Image.new("RGB", (200, 200))))).json()
    assert (body["state"], body["result"]) == ("failed", None)
    assert "No face was found" in body["message"]


def test_unknown_deleted_and_expired_are_404(api, create, here):
    gone, expired = create(visitor=here), create()
    assert api.delete(url(gone)).status_code == 204
    Stylization.objects.filter(id=expired.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    unknown = Stylization(id=uuid.uuid4())
    for one in (gone, expired, unknown):
        assert api.get(url(one)).status_code == 404
        assert api.delete(url(one)).status_code == 404
        assert api.post(url(one, "cancel/")).status_code == 404
    assert api.get("/api/v1/stylizations/not-an-id/").status_code == 404


def test_a_visitor_deletes_what_was_made_from_the_same_address(api, create, here):
    stylization = create(visitor=here)
    assert api.delete(url(stylization)).status_code == 204
    assert not stylization.folder.exists()


def test_another_visitor_may_look_but_not_delete_or_cancel(api, create):
    stylization = create(visitor="somebody else")
    assert api.get(url(stylization)).status_code == 200
    for answer in (api.delete(url(stylization)), api.post(url(stylization, "cancel/"))):
        assert answer.status_code == 403
        assert "Only who made this sketch" in answer.json()["detail"]
    assert stylization.folder.exists()


def test_a_users_sketch_is_deleted_by_its_owner_or_staff_alone(api, create, user, stranger, staff, here):
    stylization = create(owner=user)
    assert api.delete(url(stylization)).status_code == 403
    api.force_authenticate(stranger)
    assert api.delete(url(stylization)).status_code == 403
    api.force_authenticate(user)
    assert api.delete(url(stylization)).status_code == 204
    api.force_authenticate(staff)
    assert api.delete(url(create(owner=user))).status_code == 204


def test_cancel_stops_a_waiting_drawing(api, create, here, run_jobs):
    stylization = create(visitor=here)
    answer = api.post(url(stylization, "cancel/"))
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert run_jobs("interactive") == []
    assert api.post(url(stylization, "cancel/")).json()["state"] == "cancelled"


def test_put_is_not_allowed(api, create):
    assert api.put(url(create()), {}).status_code == 405


def test_models_are_listed_with_their_provenance(api):
    models = api.get("/api/v1/models/").json()
    pencil = next(model for model in models if model["id"] == "pencil")
    assert pencil["kind"] == "classical"
    assert "no training" in pencil["provenance"]


def test_every_listed_model_draws(api, portrait):
    from stylized_face.jobs import draw

    for model in api.get("/api/v1/models/").json():
        assert draw(portrait, model=model["id"]).sketch.size == (400, 500)


def test_the_schema_describes_the_multipart_request(api):
    schema = api.get("/api/schema/?format=json").json()
    post = schema["paths"]["/api/v1/stylizations/"]["post"]
    reference = post["requestBody"]["content"]["multipart/form-data"]["schema"]["$ref"].rsplit("/", 1)[1]
    body = schema["components"]["schemas"][reference]
    photo = body["properties"]["photo"]
    assert photo.get("items", photo)["format"] == "binary"
    assert {"202", "400", "429"} <= set(post["responses"])
