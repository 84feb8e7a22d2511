"""/jobs/ and /jobs/<id>/ in the browser's eyes: who sees what, live parts, cancel and retry."""

import uuid

import pytest
from django.urls import reverse

from tests.workers.jobs import make_job
from workers.models import Job

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def listed(client, query=""):
    page = client.get(f"/jobs/{query}")
    assert page.status_code == 200
    return {job.title for job, _outlook in page.context["rows"]}


@pytest.fixture
def jobs(user, stranger):
    make_job(title="public", public=True)
    make_job(title="alice's", owner=user)
    make_job(title="bob's", owner=stranger, queue="interactive", kind="stylize", state="failed")
    make_job(title="a visitor's", queue="interactive", kind="stylize")


def test_the_list_shows_public_jobs_to_visitors(client, jobs):
    assert listed(client) == {"public"}


def test_the_list_shows_owned_jobs_to_signed_in_users(client, jobs, user):
    client.force_login(user)
    assert listed(client) == {"public", "alice's", "bob's"}


def test_the_list_shows_everything_to_staff(client, jobs, staff):
    client.force_login(staff)
    assert listed(client) == {"public", "alice's", "bob's", "a visitor's"}


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?state=failed", {"bob's"}),
        ("?kind=stylize", {"bob's"}),
        ("?queue=batch", {"public", "alice's"}),
        ("?mine=true", {"alice's"}),
        ("?state=queued&queue=interactive", set()),
    ],
)
def test_the_list_filters(client, jobs, user, query, titles):
    client.force_login(user)
    assert listed(client, query) == titles


def test_mine_is_empty_for_visitors(client, jobs):
    assert listed(client, "?mine=true") == set()


@pytest.mark.parametrize("query", ["?state=nonsense", "?page=99999", "?page=x", "?page_size=-1", "?kind=%00'"])
def test_a_nonsense_filter_is_no_error(client, jobs, query):
    assert client.get(f"/jobs/{query}").status_code == 200


def test_the_list_has_pages_and_a_page_size(client):
    for number in range(60):
        make_job(title=str(number), public=True, created=number)
    assert listed(client) == {str(number) for number in range(25)}
    assert listed(client, "?page=3") == {str(number) for number in range(50, 60)}
    assert len(listed(client, "?page_size=50")) == 50
    assert b'href="?page_size=50&amp;page=2"' in client.get("/jobs/?page_size=50").content


def test_the_list_costs_the_same_whatever_its_length(client, staff, django_assert_max_num_queries, worker):
    client.force_login(staff)
    for number in range(50):
        make_job(title=str(number), owner=staff, state="queued" if number % 2 else "running", started=4, created=number)
    with django_assert_max_num_queries(14):
        client.get("/jobs/?page_size=50")


def test_htmx_gets_the_rows_only(client, jobs):
    page = client.get("/jobs/?queue=batch", **HTMX).content.decode()
    assert "<html" not in page and "public" in page


def test_an_empty_list_says_the_next_step(client):
    page = client.get("/jobs/").content.decode()
    assert "No jobs yet" in page and 'href="/sketch/"' in page


def test_the_list_refuses_a_post(client):
    assert client.post("/jobs/").status_code == 405


def test_whoever_has_the_id_sees_the_job_but_no_link(client, user):
    job = make_job(title="mine", owner=user, link="/evaluations/7/", state="succeeded", detail="trace of the inside")
    address = reverse("workers:job-detail", args=[job.id])
    page = client.get(address).content.decode()
    assert "succeeded" in page and "/evaluations/7/" not in page and "trace of the inside" not in page
    assert reverse("workers:job-retry", args=[job.id]) not in page
    client.force_login(user)
    page = client.get(address).content.decode()
    assert "/evaluations/7/" in page and "trace of the inside" not in page


def test_a_public_job_links_its_result_for_everybody(client):
    job = make_job(public=True, link="/datasets/demo/")
    assert b"/datasets/demo/" in client.get(f"/jobs/{job.id}/").content


def test_the_trace_is_for_staff(client, staff):
    job = make_job(state="failed", detail="ValueError: inside", message="Internal error.")
    client.force_login(staff)
    assert b"ValueError: inside" in client.get(f"/jobs/{job.id}/").content


def test_what_a_job_is_called_is_escaped(client):
    job = make_job(title="<script>alert(1)</script>", step="<b>", message="<i>", state="failed", public=True)
    for address in ("/jobs/", f"/jobs/{job.id}/", f"/jobs/{job.id}/live/"):
        page = client.get(address).content
        assert b"<script>alert" not in page and b"<b>" not in page and b"<i>" not in page


@pytest.mark.parametrize("part", ["", "live/"])
def test_an_unknown_job_is_not_found(client, part):
    assert client.get(f"/jobs/{uuid.uuid4()}/{part}").status_code == 404
    assert client.get(f"/jobs/7/{part}").status_code == 404


def test_the_live_card_polls_while_the_job_lives_and_stops_when_it_ended(client):
    job = make_job(state="running", started=10, progress=0.426, step="hatching")
    live = f"/jobs/{job.id}/live/?reload=1"
    card = client.get(live)
    assert card.status_code == 200 and "HX-Refresh" not in card
    assert f'hx-get="{live}"' in card.content.decode() and "43 %" in card.content.decode()
    Job.objects.update(state="succeeded", progress=1, message="Sketch made.")
    card = client.get(live)
    assert card.status_code == 286 and card["HX-Refresh"] == "true"
    assert "hx-get" not in card.content.decode() and "Sketch made." in card.content.decode()
    assert "HX-Refresh" not in client.get(f"/jobs/{job.id}/live/")


def test_the_facts_stop_polling_when_the_job_ended(client):
    job = make_job(state="running", started=10)
    assert client.get(f"/jobs/{job.id}/", **HTMX).status_code == 200
    Job.objects.update(state="failed")
    assert client.get(f"/jobs/{job.id}/", **HTMX).status_code == 286


def test_a_waiting_job_says_so_when_no_worker_is_there(client, worker):
    assert b"No interactive worker is running" in client.get(f"/jobs/{make_job(queue='interactive').id}/live/").content
    assert b"Next in the queue" in client.get(f"/jobs/{make_job().id}/live/").content
    assert b"Number 2 in the queue" in client.get(f"/jobs/{make_job().id}/live/").content


def test_the_owner_cancels_a_queued_job(client, user):
    job = make_job(owner=user)
    client.force_login(user)
    assert client.post(f"/jobs/{job.id}/cancel/").url == f"/jobs/{job.id}/"
    assert Job.objects.get().state == "cancelled"


def test_staff_ask_a_running_job_to_stop(client, staff):
    job = make_job(state="running", started=1)
    client.force_login(staff)
    client.post(f"/jobs/{job.id}/cancel/")
    job.refresh_from_db()
    assert job.state == "running" and job.cancel_requested is not None


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_others_may_neither_cancel_nor_retry(client, user, stranger, action):
    mine, visitors = make_job(owner=user, state="queued"), make_job(state="queued")
    for job in (mine, visitors):
        refused = client.post(f"/jobs/{job.id}/{action}/")
        assert refused.status_code == 403 and b"owner" in refused.content
    client.force_login(stranger)
    for job in (mine, visitors):
        assert client.post(f"/jobs/{job.id}/{action}/").status_code == 403
    assert set(Job.objects.values_list("state", "cancel_requested")) == {("queued", None)}


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_cancel_and_retry_take_posts_only_and_known_jobs_only(client, staff, action):
    client.force_login(staff)
    assert client.get(f"/jobs/{make_job().id}/{action}/").status_code == 405
    assert client.post(f"/jobs/{uuid.uuid4()}/{action}/").status_code == 404


def test_cancelling_twice_tells_that_it_is_over(client, user):
    job = make_job(owner=user, state="succeeded")
    client.force_login(user)
    page = client.post(f"/jobs/{job.id}/cancel/", follow=True)
    assert b"nothing to cancel" in page.content
    assert Job.objects.get().state == "succeeded"


def test_the_owner_runs_a_failed_job_again(client, user):
    job = make_job(owner=user, state="failed", finished=5, message="broken", losses=3)
    client.force_login(user)
    page = client.post(f"/jobs/{job.id}/retry/", follow=True)
    assert b"in the queue again" in page.content
    job.refresh_from_db()
    assert (job.state, job.message, job.losses) == ("queued", "", 0)


def test_a_job_that_succeeded_is_not_run_again(client, user):
    job = make_job(owner=user, state="succeeded")
    client.force_login(user)
    assert b"was not queued again" in client.post(f"/jobs/{job.id}/retry/", follow=True).content
    assert Job.objects.get().state == "succeeded"


def test_a_failed_job_is_not_run_beside_an_equal_live_one(client, user):
    job = make_job(owner=user, state="failed", dedupe_key="same")
    make_job(dedupe_key="same")
    client.force_login(user)
    assert b"was not queued again" in client.post(f"/jobs/{job.id}/retry/", follow=True).content
