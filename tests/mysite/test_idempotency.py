"""Idempotency-Key on POSTs to the REST API."""

import json
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from mysite.access.idempotency import IdempotencyMiddleware
from mysite.access.models import IdempotentReply
from mysite.access.services import expired_delete, token_create
from tests.workers.jobs import make_job
from workers.models import Job

pytestmark = pytest.mark.django_db


def bearer(user, key="k1"):
    return {"HTTP_AUTHORIZATION": f"Bearer {token_create(user=user, name='t')[1]}", "HTTP_IDEMPOTENCY_KEY": key}


class Counting:
    """Stands for the rest of the site: counts its calls and answers with the count."""

    def __init__(self, status=202, during=None):
        self.calls, self.status, self.during = 0, status, during

    def __call__(self, request):
        self.calls += 1
        if self.during:
            self.during(request)
        return HttpResponse(
            json.dumps({"call": self.calls}), status=self.status, headers={"Location": f"/x/{self.calls}/"}
        )


def post(middleware, key="k1", body=b"{}", path="/api/v1/things/", **headers):
    request = RequestFactory().post(path, body, content_type="application/json", HTTP_IDEMPOTENCY_KEY=key, **headers)
    return middleware(request)


def test_the_same_request_gets_the_same_answer_and_is_done_once(client, user):
    job = make_job(owner=user)
    headers = bearer(user)
    first = client.post(f"/api/v1/jobs/{job.id}/cancel/", **headers)
    Job.objects.update(title="changed since")
    second = client.post(f"/api/v1/jobs/{job.id}/cancel/", **headers)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first
    assert second["Content-Type"] == first["Content-Type"]


def test_a_revoked_token_gets_no_stored_answer(client, user):
    job = make_job(owner=user)
    headers = bearer(user)
    assert client.post(f"/api/v1/jobs/{job.id}/cancel/", **headers).status_code == 200
    user.api_tokens.all().delete()
    assert client.post(f"/api/v1/jobs/{job.id}/cancel/", **headers).status_code == 401


def test_two_tokens_of_one_user_are_one_caller(client, user):
    job = make_job(owner=user)
    client.post(f"/api/v1/jobs/{job.id}/cancel/", **bearer(user))
    assert client.post(f"/api/v1/jobs/{job.id}/cancel/", **bearer(user))["Idempotent-Replayed"] == "true"


def test_the_answer_keeps_status_and_location():
    site = Counting()
    middleware = IdempotencyMiddleware(site)
    first, second = post(middleware), post(middleware)
    assert site.calls == 1
    assert (second.status_code, second.content, second["Location"]) == (202, first.content, "/x/1/")


def test_another_body_under_the_same_key_is_refused():
    site = Counting()
    middleware = IdempotencyMiddleware(site)
    post(middleware)
    answer = post(middleware, body=b'{"other": 1}')
    assert answer.status_code == 422 and answer["Content-Type"] == "application/problem+json"
    assert "new key" in json.loads(answer.content)["detail"] and site.calls == 1


@pytest.mark.parametrize("other", [{"key": "k2"}, {"path": "/api/v1/others/"}, {"HTTP_USER_AGENT": "another"}])
def test_another_key_address_or_caller_is_another_request(other):
    site = Counting()
    middleware = IdempotencyMiddleware(site)
    post(middleware)
    request = RequestFactory().post(
        other.pop("path", "/api/v1/things/"),
        b"{}",
        content_type="application/json",
        **{"HTTP_IDEMPOTENCY_KEY": other.pop("key", "k1")} | other,
    )
    assert json.loads(middleware(request).content) == {"call": 2}


def test_of_two_requests_at_the_same_time_one_is_done_and_the_other_asked_to_wait():
    answers = []
    site = Counting(during=lambda request: site.calls == 1 and answers.append(post(middleware)))
    middleware = IdempotencyMiddleware(site)
    first = post(middleware)
    assert site.calls == 1 and first.status_code == 202
    assert [answer.status_code for answer in answers] == [409]
    assert post(middleware).content == first.content


def test_a_refused_request_may_be_corrected_under_the_same_key():
    site = Counting(status=400)
    middleware = IdempotencyMiddleware(site)
    post(middleware)
    site.status = 202
    assert json.loads(post(middleware, body=b'{"corrected": 1}').content) == {"call": 2}


def test_a_request_that_died_does_not_block_its_key_for_long():
    site = Counting()
    middleware = IdempotencyMiddleware(site)
    post(middleware)
    IdempotentReply.objects.update(status=None)
    assert post(middleware).status_code == 409
    IdempotentReply.objects.update(created=timezone.now() - timedelta(minutes=3))
    assert json.loads(post(middleware).content) == {"call": 2}


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_of_a_wrong_length_is_refused(key):
    site = Counting()
    assert post(IdempotencyMiddleware(site), key=key).status_code == 400
    assert site.calls == 0


def test_requests_without_a_key_and_pages_are_left_alone():
    site = Counting()
    middleware = IdempotencyMiddleware(site)
    for _number in range(2):
        middleware(RequestFactory().post("/api/v1/things/", b"{}", content_type="application/json"))
        post(middleware, path="/jobs/")
        middleware(RequestFactory().get("/api/v1/things/", HTTP_IDEMPOTENCY_KEY="k1"))
    assert site.calls == 6 and not IdempotentReply.objects.exists()


def test_old_answers_are_forgotten():
    post(IdempotencyMiddleware(Counting()))
    IdempotentReply.objects.update(created=timezone.now() - timedelta(hours=25))
    expired_delete()
    assert not IdempotentReply.objects.exists()
