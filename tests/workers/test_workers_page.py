"""/workers/: who lives, what runs where, and what to do when nobody does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.workers.jobs import make_job
from workers.models import Worker
from workers.version import code_version

pytestmark = pytest.mark.django_db


def test_it_says_what_to_do_when_no_worker_is_alive(client):
    make_job(queue="interactive")
    page = client.get("/workers/").content.decode()
    assert "No interactive worker is running" in page and "No batch worker is running" in page
    assert "1 job waits for one" in page and "python manage.py work interactive" in page and "make run" in page


def test_it_shows_a_worker_with_its_job(client, worker):
    make_job(state="running", started=5, worker=worker, title="measuring", public=True, progress=0.5)
    page = client.get("/workers/").content.decode()
    assert "alive" in page and "measuring" in page and "50 %" in page
    assert "No batch worker" not in page and "No interactive worker" in page


def test_it_keeps_the_title_of_a_private_job_from_visitors(client, worker, user):
    make_job(state="running", started=5, worker=worker, title="secret study", owner=user)
    assert b"secret study" not in client.get("/workers/").content
    client.force_login(user)
    assert b"secret study" in client.get("/workers/").content


def test_it_marks_a_worker_of_another_code_version(client, worker):
    Worker.objects.update(code_version=code_version())
    assert b"other than the web" not in client.get("/workers/").content
    Worker.objects.update(code_version="0123456789ab")
    assert b"other than the web" in client.get("/workers/").content


def test_it_marks_a_worker_that_went_silent(client, worker, settings):
    Worker.objects.update(last_seen=timezone.now() - timedelta(seconds=settings.LEASE_SECONDS + 1))
    page = client.get("/workers/").content.decode()
    assert "silent" in page and "No batch worker is running" in page


def test_it_forgets_workers_that_ended_long_ago(client, worker):
    Worker.objects.update(state="stopped", last_seen=timezone.now() - timedelta(hours=2))
    assert b"No worker has been here" in client.get("/workers/").content


def test_htmx_gets_the_live_part_only(client, worker):
    page = client.get("/workers/", HTTP_HX_REQUEST="true").content
    assert b"<html" not in page and b"alive" in page


def test_it_refuses_a_post(client):
    assert client.post("/workers/").status_code == 405


def test_the_api_lists_workers(client, worker, user):
    Worker.objects.update(code_version="0123456789ab")
    job = make_job(state="running", started=5, worker=worker, owner=user)
    found = client.get("/api/v1/workers/").json()
    (row,) = found["results"]
    assert (row["queue"], row["state"], row["same_code"]) == ("batch", "alive", False)
    assert row["job"] is None  # an id opens the job's page, so it is given to those who see the job listed
    client.force_login(user)
    assert client.get("/api/v1/workers/").json()["results"][0]["job"] == str(job.id)


def test_the_api_of_workers_only_reads(client):
    assert client.post("/api/v1/workers/").status_code in {401, 405}
    assert client.delete("/api/v1/workers/").status_code in {401, 405}
