"""Pages and REST of blind votes: voting, pictures, results, the form, and who may do what."""

import csv
import io

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image as Picture

from evaluation.models import Ballot, PreferenceTest
from evaluation.services import ballots, preferences
from tests.evaluation.face_rows import N, measured
from tests.evaluation.preference_rows import REAL, answer_all, maker, two_drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn(dataset):
    """Two checkpoints that drew the test photos."""
    return two_drawn(dataset)


@pytest.fixture
def make(drawn, user):
    return maker(drawn, user)


def test_voting_on_the_page_without_javascript_and_without_an_account(make, client):
    test = make(per_voter=2)
    address = reverse("evaluation:preference-vote", args=[test.pk])
    assert client.post(address, {"begin": "1"}).status_code == 302
    for done in range(2):
        page = client.get(address)
        text = page.content.decode()
        assert f"{done + 1} of 2" in text
        assert " style=" not in text
        for candidate in test.candidates:  # nothing tells who drew what
            assert candidate["label"] not in text
            assert candidate["set"].get("checkpoint", "-" * 12) not in text
        sent = {"question": page.context["ballot"].token, "choice": "right"}
        assert client.post(address, sent).status_code == 302
    assert "You have answered all questions" in client.get(address).content.decode()
    client.post(address, {"undo": "1"})
    assert "2 of 2" in client.get(address).content.decode()
    assert Ballot.objects.values("voter").distinct().count() == 1


def test_who_only_looks_is_no_voter(make, client, user, monkeypatch):
    test = make(per_voter=2)
    address = reverse("evaluation:preference-vote", args=[test.pk])
    monkeypatch.setattr(ballots, "MOST_VOTERS", 1)
    for _visit in range(3):
        text = Client().get(address).content.decode()  # crawlers keep no cookies
        assert "Begin" in text and "2 times" in text
    assert client.get(address).status_code == 200 and not client.cookies.get("sessionid")
    assert not Ballot.objects.exists()
    client.post(address, {"begin": "1"})
    assert "1 of 2" in client.get(address).content.decode()
    refused = Client()
    assert "takes no more" in refused.post(address, {"begin": "1"}, follow=True).content.decode()
    preferences.preference_close(test=test, closed=True)
    client.force_login(user)
    assert "is closed" in client.get(address).content.decode()


def test_a_bad_vote_on_the_page_is_answered_in_words(make, client):
    test = make()
    address = reverse("evaluation:preference-vote", args=[test.pk])
    client.post(address, {"begin": "1"})
    answer = client.post(address, {"question": "no such", "choice": "left"}, follow=True)
    assert "not open any more" in answer.content.decode()
    assert (
        client.get(reverse("evaluation:preference-vote", args=["0" * 8 + "-0000-0000-0000-" + "0" * 12])).status_code
        == 404
    )


def test_pictures_do_not_say_whose_they_are(make, client):
    test = make()
    ballot = ballots.ballot_next(test=test, voter="v")
    answer = client.get(reverse("evaluation:preference-picture", args=[test.pk, ballot.token, "left"]))
    assert answer["Content-Disposition"] == 'inline; filename="left.png"'
    shown = np.asarray(Picture.open(io.BytesIO(b"".join(answer.streaming_content))))
    assert (shown == np.asarray(Picture.open(test.drawing_path(ballot.face, ballot.left)))).all()
    for token, which in ((ballot.token, "middle"), ("x" * 24, "left"), ("..%2F..", "left")):
        address = f"/results/faces/votes/{test.pk}/pictures/{token}/{which}.png"
        assert client.get(address).status_code == 404
    hidden = make(question="drawing", show_photo=False)
    ballot = ballots.ballot_next(test=hidden, voter="v")
    assert (
        client.get(reverse("evaluation:preference-picture", args=[hidden.pk, ballot.token, "photo"])).status_code == 404
    )


def test_results_are_the_owners_until_the_test_is_closed(make, client, user, stranger):
    test = make(per_voter=12)
    answer_all(test, "one")
    answer_all(test, "two", "tie")
    results = reverse("evaluation:preference-results", args=[test.pk])
    downloads = [reverse("evaluation:preference-download", args=[test.pk, name]) for name in ("results", "votes")]
    client.force_login(stranger)
    assert client.get(results).status_code == 403
    assert [client.get(address).status_code for address in downloads] == [403, 403]
    client.force_login(user)
    text = client.get(results).content.decode()
    assert all(label in text for label in test.labels)
    assert "at least 20 are needed" in text and " style=" not in text
    preferences.preference_close(test=test, closed=True)
    client.force_login(stranger)
    assert client.get(results).status_code == 200
    rows = list(csv.DictReader(io.StringIO(client.get(downloads[1]).content.decode())))
    assert len(rows) == 24
    assert {row["voter"] for row in rows} == {"1", "2"}
    assert sum(row["preferred"] == "" for row in rows) == 12
    assert {row["candidate"] for row in csv.DictReader(io.StringIO(client.get(downloads[0]).content.decode()))} == set(
        test.labels
    )


def test_only_the_owner_and_staff_change_a_test(make, client, user, stranger, staff):
    test = make()
    change = reverse("evaluation:preference-change", args=[test.pk])
    assert client.post(change, {"action": "delete"}).status_code == 302  # to sign in
    client.force_login(stranger)
    assert client.post(change, {"action": "delete"}).status_code == 403
    assert client.get(change).status_code == 405
    client.force_login(user)
    client.post(change, {"action": "close"})
    test.refresh_from_db()
    assert test.closed
    client.force_login(staff)
    client.post(change, {"action": "open"})
    test.refresh_from_db()
    assert test.closed is None
    folder = test.folder
    assert client.post(change, {"action": "delete"}).status_code == 302
    assert not PreferenceTest.objects.exists() and not folder.exists()


def test_the_form_offers_what_was_drawn_and_makes_the_test(dataset, drawn, user, client):
    address = reverse("evaluation:preference-new")
    assert client.get(address).status_code == 302
    client.force_login(user)
    assert "Nothing is drawn yet" in client.get(address).content.decode()
    for spec in drawn:
        measured(
            dataset, user, {"checkpoint": spec.checkpoint, "dataset": "faces", "split": "test"}, {"ssim": [0.5] * N}
        )
    form = client.get(address).context["form"]
    assert form.on == "faces:test"
    assert {offer.value for offer in form.offers} == {*map(str, drawn), str(REAL)}
    sent = {"on": "faces:test", "candidate": [*map(str, drawn)], "question": "drawing", "faces": "3", "per_voter": "5"}
    refused = client.post(address, {**sent, "candidate": ["faces:train:sketch", str(REAL)]})
    assert refused.status_code == 400 and "not among those" in refused.content.decode()
    assert client.post(address, {**sent, "faces": "three"}).status_code == 400
    made = client.post(address, sent)
    assert made.status_code == 302
    test = PreferenceTest.objects.get()
    assert (len(test.faces), test.per_voter, test.show_photo, test.owner) == (3, 5, False, user)
    assert client.get(made["Location"]).status_code == 200
    assert test.name in client.get(reverse("evaluation:preference-list")).content.decode()


# --- REST -----------------------------------------------------------------------------------------------------------


def test_rest_makes_votes_and_reads_results(dataset, drawn, client_of, user, stranger, visitor):
    body = {
        "question": "person", "photos": {"dataset": "faces", "split": "test", "modality": "photo"}, "faces": 2,
        "candidates": [{"checkpoint": spec.checkpoint, "dataset": "faces", "split": "test"} for spec in drawn],
    }  # fmt: skip
    assert visitor.post("/api/v1/preferences/", body, format="json").status_code in (401, 403)
    made = client_of(user).post("/api/v1/preferences/", body, format="json")
    assert made.status_code == 201, made.json()
    data = made.json()
    assert (data["candidates"], data["faces"], data["dataset"]) == (2, 2, "faces")
    assert visitor.get("/api/v1/preferences/").json()["count"] == 1
    votes = f"/api/v1/preferences/{data['id']}/votes/"
    assert visitor.get(votes).status_code in (401, 403)
    client = client_of(stranger)
    question = client.get(votes).json()
    assert (question["done"], question["of"]) == (0, 2)
    assert visitor.get(question["left"]).status_code == visitor.get(question["photo"]).status_code == 200
    assert client.post(votes, {"question": question["question"], "choice": "up"}, format="json").status_code == 400
    assert client.post(votes, {"question": "other", "choice": "left"}, format="json").status_code == 409
    after = client.post(votes, {"question": question["question"], "choice": "left"}, format="json").json()
    assert after["done"] == 1 and after["question"] != question["question"]
    assert client.delete(votes).json()["question"] == question["question"]
    client.post(votes, {"question": question["question"], "choice": "left"}, format="json")
    last = client.get(votes).json()
    done = client.post(votes, {"question": last["question"], "choice": "tie"}, format="json").json()
    assert (done["done"], done["question"], done["left"]) == (2, None, None)
    results = f"/api/v1/preferences/{data['id']}/results/"
    assert client.get(results).status_code == 403
    assert client.patch(data["url"], {"closed": True}, format="json").status_code == 403
    assert client_of(user).patch(data["url"], {"closed": True}, format="json").json()["closed"]
    found = visitor.get(results).json()
    assert (found["votes"], found["voters"], len(found["candidates"])) == (2, 1, 2)
    assert sum(map(sum, found["wins"])) == 2
    assert visitor.get(results, {"format": "csv"}).content.decode().startswith("candidate,score,low,high")
    assert visitor.get(results, {"format": "csv", "votes": "1"}).content.decode().count("\n") == 3
    assert client.delete(data["url"]).status_code == 403
    assert client_of(user).delete(data["url"]).status_code == 204
    assert visitor.get(data["url"]).status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"question": "beauty"}, {"candidates": []}, {"candidates": "all"}, {"candidates": [{"dataset": "nowhere"}, {}]},
     {"photos": "faces"}, {"faces": "many"}, {"photos": {"dataset": "faces", "split": "test", "modality": "song"}}],
)  # fmt: skip
def test_rest_refuses_what_cannot_be_with_a_sentence(drawn, client_of, user, change):
    body = {
        "question": "person", "photos": {"dataset": "faces", "split": "test", "modality": "photo"},
        "candidates": [{"checkpoint": spec.checkpoint, "dataset": "faces", "split": "test"} for spec in drawn],
    }  # fmt: skip
    answer = client_of(user).post("/api/v1/preferences/", {**body, **change}, format="json")
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert not PreferenceTest.objects.exists()
