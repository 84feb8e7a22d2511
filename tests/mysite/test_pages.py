"""Home, headers, error pages, health, language, API docs."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from tests.workers.jobs import make_job
from workers.models import Job

pytestmark = pytest.mark.django_db
PAGES = ["/", "/jobs/", "/workers/", "/account/sign-in/", "/api/docs/", "/nothing-here/"]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_a_strict_policy_and_keeps_to_it(client, address):
    page = client.get(address)
    policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == "'none'"
    text = page.content.decode()
    assert "<style" not in text and " style=" not in text and " onclick" not in text and "javascript:" not in text
    assert text.count("<script") == text.count("<script src=")
    assert 'src="http' not in text and 'href="http' not in text


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_one_heading_a_language_and_a_way_past_the_menu(client, address):
    text = client.get(address).content.decode()
    assert text.count("<h1") == 1 and '<html lang="en"' in text and 'href="#content"' in text


def test_the_api_answers_with_the_policy_too(client):
    assert "default-src 'self'" in client.get("/api/v1/jobs/")["Content-Security-Policy"]


def test_home_asks_few_questions_whatever_there_is(client, user, django_assert_max_num_queries):
    for number in range(30):
        make_job(kind="stylize", state="succeeded", started=5, finished=1, public=bool(number % 2))
    with django_assert_max_num_queries(8):
        visitors = client.get("/")
    client.force_login(user)
    with django_assert_max_num_queries(12):
        client.get("/")
    assert visitors.context["counts"].sketches == 30


def test_home_shows_live_counts_to_htmx_without_the_frame(client, worker):
    make_job()
    text = client.get("/", HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in text and "1 waiting, 0 running" in text


def test_home_counts_only_what_the_visitor_may_see(client, user):
    from datasetviewer.models import Dataset

    Dataset.objects.create(slug="secret", name="secret", layout="folders")
    assert client.get("/").context["counts"].datasets == 0
    client.force_login(user)
    assert client.get("/").context["counts"].datasets == 1


def test_home_says_the_first_steps_when_there_is_nothing(client):
    assert b"First steps" in client.get("/").content and b"manage.py import_dataset" in client.get("/").content


def test_home_shows_how_far_the_demo_is_drawn(client):
    from datasetviewer.services import demo_enqueue

    job = demo_enqueue()
    Job.objects.filter(id=job.id).update(state="running", progress=0.4, step="drawing 5 of 24")
    text = client.get("/").content.decode()
    assert f'hx-get="/jobs/{job.id}/live/?reload=1"' in text and "drawing 5 of 24" in text


def test_home_refuses_a_post(client):
    assert client.post("/").status_code == 405


def test_an_unknown_page_says_what_to_do(client):
    page = client.get("/nothing-here/")
    assert page.status_code == 404 and b"There is nothing at this address" in page.content
    assert b"/account/sign-in/?next=/nothing-here/" in page.content


def test_an_unknown_api_address_is_a_problem(client):
    answer = client.get("/api/v1/nothing/")
    assert answer.status_code == 404 and answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail"} and "/api/docs/" in answer.json()["detail"]


def test_malformed_json_is_a_problem_that_says_where(client, user):
    client.force_login(user)
    answer = client.post("/api/v1/evaluations/", b"{not json", content_type="application/json")
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"
    assert "JSON" in answer.json()["detail"]


def test_a_body_that_is_too_large_is_a_problem(client, user, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    client.force_login(user)
    for headers in ({}, {"HTTP_IDEMPOTENCY_KEY": "k"}):
        answer = client.post(
            "/api/v1/evaluations/", b"[" + b" " * 200 + b"]", content_type="application/json", **headers
        )
        assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"


def test_a_form_without_its_token_is_refused_with_advice(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    page = client.post("/account/sign-out/")
    assert page.status_code == 403 and b"reload the page" in page.content
    assert client.session.get("_auth_user_id")


@pytest.fixture
def broken(monkeypatch):
    def fail(**_arguments):
        raise RuntimeError("inside")

    monkeypatch.setattr("mysite.views.home_counts", fail)
    monkeypatch.setattr("workers.api.selectors.job_get", fail)


def test_a_defect_shows_a_page_without_the_inside_and_without_the_database(broken, django_assert_num_queries):
    client = Client(raise_request_exception=False)
    with django_assert_num_queries(0):
        page = client.get("/")
    assert page.status_code == 500 and b"Something broke on our side" in page.content and b"inside" not in page.content


def test_a_defect_in_the_api_is_a_problem(broken):
    client = Client(raise_request_exception=False)
    answer = client.get("/api/v1/jobs/00000000-0000-4000-8000-000000000000/")
    assert answer.status_code == 500 and answer["Content-Type"] == "application/problem+json"
    assert "inside" not in answer.content.decode()


def test_health_and_readiness(client, monkeypatch):
    assert client.get("/healthz").json() == client.get("/readyz").json() == {"status": "ok"}

    def away():
        raise DatabaseError("away")

    monkeypatch.setattr("mysite.views.connection.cursor", away)
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503 and "away" not in answer.content.decode()


def test_the_language_is_switched_and_leads_back(client):
    answer = client.post("/language/setlang/", {"language": "zh-hans", "next": "/jobs/?state=failed"})
    assert answer.url == "/jobs/?state=failed"
    text = client.get("/jobs/").content.decode()
    assert '<html lang="zh-hans"' in text and 'value="en"' in text


def test_the_menu_marks_where_one_is(client):
    assert 'href="/jobs/" aria-current="page"' in client.get("/jobs/").content.decode()
    assert 'href="/jobs/" aria-current' not in client.get("/workers/").content.decode()


def test_the_docs_page_and_the_schema_are_there(client):
    page = client.get("/api/docs/").content.decode()
    assert 'id="swagger-ui"' in page and "swagger-ui-bundle.js" in page
    script = client.get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    schema = client.get("/api/schema/?format=json").json()
    assert "/api/v1/jobs/{job_id}/cancel/" in schema["paths"]
    assert {"token"} <= set(schema["components"]["securitySchemes"])


@pytest.mark.parametrize("name", ["workers_job_changelist", "workers_worker_changelist"])
def test_the_administration_shows_jobs_but_changes_none(client, staff, name, worker):
    make_job()
    client.force_login(staff)
    address = reverse(f"admin:{name}")
    assert client.get(address).status_code == 200
    assert client.get(f"{address}add/").status_code == 403


def test_every_icon_that_a_template_names_is_drawn():
    root = Path(settings.BASE_DIR)
    drawn = set(re.findall(r'id="([a-z-]+)"', (root / "mysite/static/site/icons.svg").read_text()))
    text = "".join(path.read_text() for path in root.glob("*/templates/**/*.html"))
    named = set(re.findall(r'partials/icon\.html" with name="([a-z-]+)"', text))
    assert len(named) > 10 and named <= drawn
