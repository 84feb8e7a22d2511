"""POST stylizations/{id}/redraw/ and all/, GET stylizations/ and together/{id}/, and what the answers tell."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from stylized_face.models import Stylization
from stylized_face.offered import models_available

pytestmark = pytest.mark.django_db

LIST = "/api/v1/stylizations/"


def url(stylization, tail=""):
    return f"{LIST}{stylization.id}/{tail}"


def test_a_finished_one_tells_what_was_found_and_where_its_downloads_are(api, drawn, here):
    stylization = drawn(visitor=here)
    body = api.get(url(stylization)).json()
    assert len(body["transform"]) == 4 and body["points"] is None and body["face"] is None
    assert [set(face) for face in body["found"]] == [{"box", "points"}]
    assert body["quality"]["face"]["faces"] == 1 and "network" in body["seconds"]
    assert body["quality"]["identity"]["network"] in {"dlib.face128", "edgeface.xs512"}
    for address in body["downloads"].values():
        assert api.get(address).headers["Content-Type"] == "image/png"


def test_warnings_come_with_their_sentence(api, create, run_jobs):
    stylization = create()
    run_jobs("interactive")
    report = {"warnings": [{"code": "side_face", "value": 41.2, "limit": 30.0}], "identity": None}
    Stylization.objects.filter(id=stylization.id).update(quality=report)
    (warning,) = api.get(url(stylization)).json()["quality"]["warnings"]
    assert (warning["code"], warning["value"]) == ("side_face", 41.2)
    assert "turned aside by about 41 degrees" in warning["text"]


def test_it_is_drawn_again_with_what_is_sent_and_the_rest_kept(api, create, here):
    first = create(visitor=here, seed=3, strength=1.5)
    points = [[150, 250], [250, 250], [200, 305], [160, 360], [240, 360]]
    answer = api.post(url(first, "redraw/"), {"model": "lines", "points": points})
    assert answer.status_code == 202
    body = answer.json()
    assert answer.headers["Location"].endswith(f"/stylizations/{body['id']}/") and body["id"] != str(first.id)
    assert (body["model"], body["seed"], body["strength"], body["points"]) == ("lines", 3, 1.5, points)
    again = api.post(f"{LIST}{body['id']}/redraw/", {"seed": 4}).json()
    assert (again["model"], again["seed"], again["points"]) == ("lines", 4, points)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": "pensil"}, "There is no model"),
        ({"seed": -1}, "seed"),
        ({"strength": 9}, "strength"),
        ({"points": [[1, 2]]}, "points"),
        ({"points": [[1, 2]] * 5, "face": 0}, "either points or face"),
        ({"face": 7}, "face"),
    ],
)
def test_what_cannot_be_drawn_again_is_told(api, drawn, here, fields, words):
    stylization = drawn(visitor=here)
    answer = api.post(url(stylization, "redraw/"), fields)
    assert answer.status_code == 400 and words in answer.json()["detail"]
    assert Stylization.objects.count() == 1


@pytest.mark.parametrize("tail", ["redraw/", "all/"])
def test_only_its_maker_draws_again_within_the_limit(api, create, here, settings, tail):
    others = create(visitor="somebody else")
    assert api.post(url(others, tail), {}).status_code == 403
    assert api.post(url(Stylization(id=uuid.uuid4()), tail), {}).status_code == 404
    mine = create(visitor=here)
    settings.VISITOR_SKETCHES_PER_HOUR = 1
    refused = api.post(url(mine, tail), {})
    assert refused.status_code in (400, 429)
    assert Stylization.objects.count() == 2


def test_all_models_draw_the_same_face(api, create, here, run_jobs):
    first = create(visitor=here, seed=3)
    answer = api.post(url(first, "all/"))
    assert answer.status_code == 202
    body = answer.json()
    models = [model.id for model in models_available() if model.takes == "photo"]
    assert sorted(one["model"] for one in body["stylizations"]) == sorted(models)
    assert {one["seed"] for one in body["stylizations"]} == {3}
    assert str(first.id) in {one["id"] for one in body["stylizations"]}
    run_jobs("interactive")
    later = api.get(f"{LIST}together/{body['together']}/").json()
    assert {one["state"] for one in later["stylizations"]} == {"succeeded"}
    assert api.get(body["zip"]).status_code == 200 and api.get(body["page"]).status_code == 200
    assert api.get(f"{LIST}together/{uuid.uuid4()}/").status_code == 404


def test_the_group_is_told_to_its_maker_alone(api, create, here):
    stylization = create(visitor=here)
    group = api.post(url(stylization, "all/")).json()["together"]
    assert api.get(url(stylization)).json()["together"] == group
    stranger = APIClient(REMOTE_ADDR="192.0.2.9")
    assert stranger.get(url(stylization)).json()["together"] is None


def test_the_name_of_the_file_is_told_to_its_maker_alone(api, create, here):
    stylization = create(visitor=here, name="me.jpg")
    assert api.get(url(stylization)).json()["name"] == "me.jpg"
    assert APIClient(REMOTE_ADDR="192.0.2.9").get(url(stylization)).json()["name"] == ""


def test_a_users_own_are_listed_by_a_cursor(api, create, user, stranger):
    mine = [create(owner=user) for _ in range(3)]
    create(owner=stranger), create()
    expired = create(owner=user)
    Stylization.objects.filter(id=expired.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    api.force_authenticate(user)
    first = api.get(LIST, {"page_size": 2}).json()
    assert [one["id"] for one in first["results"]] == [str(mine[2].id), str(mine[1].id)]
    new = create(owner=user)
    second = api.get(first["next"]).json()
    assert [one["id"] for one in second["results"]] == [str(mine[0].id)] and second["next"] is None
    assert api.get(LIST).json()["results"][0]["id"] == str(new.id)


def test_a_visitor_without_a_session_has_no_list(api, create, here):
    create(visitor=here)  # of the same address: perhaps of somebody else
    assert api.get(LIST).json()["results"] == []
    assert api.get(LIST, {"cursor": "nonsense"}).status_code == 404
