"""/sketch/history/: one's own sketches."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from stylized_face.models import Stylization

pytestmark = pytest.mark.django_db

URL = "/sketch/history/"


def body(answer) -> str:
    return answer.content.decode()


def test_an_empty_history_says_the_next_step(client):
    page = body(client.get(URL))
    assert "No sketches here" in page and 'href="/sketch/"' in page


def test_a_user_sees_all_states_of_their_own_alone(client, create, user, stranger, run_jobs):
    done = create(owner=user, name="done.jpg")
    run_jobs("interactive")
    waiting = create(owner=user, name="waiting.jpg", model="lines")
    others = create(owner=stranger, name="others.jpg")
    visitors = create(name="visitors.jpg")
    expired = create(owner=user, name="expired.jpg")
    Stylization.objects.filter(id=expired.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    client.force_login(user)
    answer = client.get(URL)
    assert [one.id for one in answer.context["page"]] == [waiting.id, done.id]
    assert f"/sketch/{done.id}/made/small.png" in body(answer) and "deleted in" in body(answer)
    for one in (others, visitors, expired):
        assert one.name not in body(answer)
    assert answer.headers["Cache-Control"].count("no-store") == 1


def test_a_browser_sees_what_it_made_and_no_other_does(client, sent, portrait):
    client.post("/sketch/", {"photo": sent(portrait, name="mine.jpg")})
    assert "mine.jpg" in body(client.get(URL))
    assert "mine.jpg" not in body(Client().get(URL))  # the same address, another browser


def test_what_a_browser_made_is_still_there_after_signing_in(client, sent, portrait, user):
    client.post("/sketch/", {"photo": sent(portrait, name="mine.jpg")})
    client.force_login(user)
    assert "mine.jpg" in body(client.get(URL))
    assert "mine.jpg" not in body(Client().get(URL))


def test_it_is_paged(client, user, create):
    one = create(owner=user)
    rows = []
    for _number in range(24):
        job = one.job
        job.pk = uuid.uuid4()
        job._state.adding = True
        job.save(force_insert=True)
        times = {"created": one.created, "expires_at": one.expires_at}
        rows.append(Stylization(owner=user, model="pencil", width=9, height=9, job=job, **times))
        one.job = type(job).objects.get(pk=job.pk)
    Stylization.objects.bulk_create(rows)
    client.force_login(user)
    first, second = client.get(URL).context["page"], client.get(f"{URL}?page=2").context["page"]
    assert (len(first), len(second)) == (24, 1)
    assert not {row.id for row in first} & {row.id for row in second}


def test_the_chosen_ones_are_deleted_and_nothing_of_others(client, create, user, stranger):
    kept, gone = create(owner=user), create(owner=user)
    others = create(owner=stranger)
    client.force_login(user)
    answer = client.post(f"{URL}delete/", {"id": [str(gone.id), str(others.id), "no id"]}, follow=True)
    assert "1 sketch and its photo were deleted" in body(answer)
    assert not gone.folder.exists() and kept.folder.exists() and others.folder.exists()


def test_all_are_deleted_at_once(client, create, user, stranger):
    mine, others = [create(owner=user), create(owner=user)], create(owner=stranger)
    client.force_login(user)
    answer = client.post(f"{URL}delete/", {"all": "1"}, follow=True)
    assert "2 sketches and their photos were deleted" in body(answer) and "No sketches here" in body(answer)
    assert not any(one.folder.exists() for one in mine) and others.folder.exists()


def test_deleting_nothing_is_said(client, user):
    client.force_login(user)
    assert "Choose sketches first" in body(client.post(f"{URL}delete/", follow=True))
    assert client.get(f"{URL}delete/").status_code == 405
