"""/api/v1/jobs/: reading by anybody with the id, lists by who one is, cancelling by owner and staff."""

import uuid

import pytest

from mysite.access.services import token_create
from tests.workers.jobs import make_job
from workers.models import Job

pytestmark = pytest.mark.django_db


def bearer(user):
    return {"HTTP_AUTHORIZATION": f"Bearer {token_create(user=user, name='test')[1]}"}


def titles(client, query="", **headers):
    answer = client.get(f"/api/v1/jobs/{query}", **headers)
    assert answer.status_code == 200, answer.content
    return {job["title"] for job in answer.json()["results"]}


def test_the_job_of_an_id_is_told_to_anybody(client, user, worker):
    make_job(created=9)
    job = make_job(title="mine", owner=user, link="/evaluations/7/", detail="trace")
    answer = client.get(f"/api/v1/jobs/{job.id}/").json()
    assert set(answer) >= {
        "state", "progress", "step", "message", "queue", "queue_position", "eta_seconds", "created", "started",
        "finished", "attempt", "link",
    }  # fmt: skip
    assert (answer["state"], answer["queue"], answer["queue_position"]) == ("queued", "batch", 2)
    assert answer["eta_seconds"] is None and answer["link"] is None
    assert "trace" not in str(answer) and "arguments" not in answer and "handler" not in answer


def test_the_link_is_for_owner_staff_and_everybody_when_public(client, user, stranger, staff):
    job = make_job(owner=user, link="/evaluations/7/")
    address = f"/api/v1/jobs/{job.id}/"
    assert client.get(address, **bearer(stranger)).json()["link"] is None
    for who in (user, staff):
        assert client.get(address, **bearer(who)).json()["link"] == "http://testserver/evaluations/7/"
    Job.objects.update(public=True)
    assert client.get(address).json()["link"] == "http://testserver/evaluations/7/"


def test_the_time_left_of_a_running_job_is_told(client):
    job = make_job(state="running", started=30, progress=0.75, step="measuring")
    answer = client.get(f"/api/v1/jobs/{job.id}/").json()
    assert answer["eta_seconds"] == pytest.approx(10, abs=1)
    assert (answer["progress"], answer["step"], answer["queue_position"]) == (0.75, "measuring", None)


def test_an_unknown_job_is_a_problem_that_says_so(client):
    answer = client.get(f"/api/v1/jobs/{uuid.uuid4()}/")
    assert answer.status_code == 404 and answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404 and answer.json()["detail"]


def test_lists_follow_who_one_is(client, user, stranger, staff):
    make_job(title="public", public=True)
    make_job(title="alice's", owner=user)
    make_job(title="a visitor's")
    assert titles(client) == {"public"}
    assert titles(client, **bearer(stranger)) == {"public", "alice's"}
    assert titles(client, **bearer(staff)) == {"public", "alice's", "a visitor's"}
    assert titles(client, "?mine=true", **bearer(user)) == {"alice's"}


def test_the_list_filters_and_pages(client):
    for number in range(4):
        make_job(title=str(number), public=True, created=number, state="failed" if number % 2 else "queued")
    assert titles(client, "?state=failed") == {"1", "3"}
    assert titles(client, "?kind=other") == set()
    assert titles(client, "?page_size=1&page=2") == {"1"}


@pytest.mark.parametrize("query", ["?state=nonsense", "?queue=gpu"])
def test_an_unknown_filter_value_is_refused_by_name(client, query):
    answer = client.get(f"/api/v1/jobs/{query}")
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"
    assert query[1:].split("=")[0] in answer.json()["errors"]


def test_the_list_costs_the_same_whatever_its_length(client, staff, worker, django_assert_max_num_queries):
    for number in range(40):
        make_job(owner=staff, state="queued" if number % 2 else "running", started=4, created=number, public=True)
    with django_assert_max_num_queries(10):
        assert len(client.get("/api/v1/jobs/").json()["results"]) == 40


def test_the_owner_cancels_a_queued_job(client, user):
    job = make_job(owner=user)
    answer = client.post(f"/api/v1/jobs/{job.id}/cancel/", **bearer(user))
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert Job.objects.get().state == "cancelled"


def test_cancelling_a_running_job_is_accepted_and_asks_it_to_stop(client, staff):
    job = make_job(state="running", started=1)
    answer = client.post(f"/api/v1/jobs/{job.id}/cancel/", **bearer(staff))
    assert answer.status_code == 202 and answer.json()["cancel_requested"]


def test_cancelling_again_or_too_late_changes_nothing(client, user):
    job = make_job(owner=user, state="succeeded", message="done")
    answer = client.post(f"/api/v1/jobs/{job.id}/cancel/", **bearer(user))
    assert (answer.status_code, answer.json()["state"]) == (200, "succeeded")


def test_cancelling_needs_to_be_somebody(client):
    job = make_job()
    answer = client.post(f"/api/v1/jobs/{job.id}/cancel/")
    assert answer.status_code == 401 and "Authorization: Bearer" in answer.json()["detail"]
    assert Job.objects.get().state == "queued"


def test_a_stranger_may_not_cancel(client, user, stranger):
    for job in (make_job(owner=user), make_job()):
        answer = client.post(f"/api/v1/jobs/{job.id}/cancel/", **bearer(stranger))
        assert answer.status_code == 403 and "owner" in answer.json()["detail"]
    assert set(Job.objects.values_list("state", flat=True)) == {"queued"}


def test_wrong_methods_are_refused(client, staff):
    job = make_job()
    headers = bearer(staff)
    assert client.get(f"/api/v1/jobs/{job.id}/cancel/", **headers).status_code == 405
    assert client.delete(f"/api/v1/jobs/{job.id}/", **headers).status_code == 405
    assert client.post("/api/v1/jobs/", **headers).status_code == 405
    assert client.post(f"/api/v1/jobs/{uuid.uuid4()}/cancel/", **headers).status_code == 404


def test_a_cancel_by_session_needs_the_csrf_token(user):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    job = make_job(owner=user)
    assert client.post(f"/api/v1/jobs/{job.id}/cancel/").status_code == 403
    assert Job.objects.get().state == "queued"


def test_a_job_that_is_claimed_while_it_is_cancelled_stops_at_its_next_step(client, user, worker, monkeypatch):
    """Between the look at the row and the cancel, a worker takes the job: it must not end up cancelled and running."""
    import workers.api
    from workers.queue import claim, request_cancel

    job = make_job(owner=user)

    def late(row):
        claim("batch", worker, 1)
        return request_cancel(row)

    monkeypatch.setattr(workers.api, "request_cancel", late)
    answer = client.post(f"/api/v1/jobs/{job.id}/cancel/", **bearer(user))
    assert (answer.status_code, answer.json()["state"]) == (202, "running")
    job.refresh_from_db()
    assert job.cancel_requested is not None
