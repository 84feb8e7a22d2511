"""?wait= of a job: the answer comes when it is over."""

import threading
import time
import uuid

import pytest
from rest_framework.test import APIClient

from workers import waiting
from workers.engine.errors import InputError
from workers.models import Job, JobState
from workers.queue import enqueue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job():
    return enqueue(kind="record", handler="tests.workers.handlers.record", queue="interactive", public=True)[0]


def finish_after(job, seconds):
    def finish():
        time.sleep(seconds)
        Job.objects.filter(id=job.id).update(state=JobState.SUCCEEDED, finished=job.created)
        from django.db import connection

        connection.close()

    thread = threading.Thread(target=finish)
    thread.start()
    return thread


def test_the_answer_comes_when_the_job_is_over(job):
    thread, begin = finish_after(job, 0.3), time.monotonic()
    body = APIClient().get(f"/api/v1/jobs/{job.id}/", {"wait": "15"}).json()
    thread.join()
    assert body["state"] == "succeeded" and 0.2 < time.monotonic() - begin < 10


def test_the_answer_comes_after_so_many_seconds_when_it_is_not(job):
    begin = time.monotonic()
    assert APIClient().get(f"/api/v1/jobs/{job.id}/", {"wait": "0.3"}).json()["state"] == "queued"
    assert 0.3 <= time.monotonic() - begin < 5


def test_what_is_over_is_answered_at_once(job, monkeypatch):
    Job.objects.filter(id=job.id).update(state=JobState.FAILED)
    monkeypatch.setattr(waiting.time, "sleep", lambda seconds: pytest.fail("waited"))
    assert APIClient().get(f"/api/v1/jobs/{job.id}/", {"wait": "15"}).json()["state"] == "failed"


def test_a_job_that_is_not_there_is_404_at_once(job):
    assert APIClient().get(f"/api/v1/jobs/{uuid.uuid4()}/", {"wait": "15"}).status_code == 404


@pytest.mark.parametrize("text", ["-1", "21", "nan", "inf", "soon", "1,5"])
def test_what_is_no_number_of_seconds_is_refused(job, text):
    answer = APIClient().get(f"/api/v1/jobs/{job.id}/", {"wait": text})
    assert answer.status_code == 400 and "from 0 to 20" in answer.json()["detail"]
    with pytest.raises(InputError):
        waiting.seconds_asked(text)


def test_when_many_wait_the_next_is_answered_at_once(job):
    for _ in range(waiting.MOST_WAITING):
        assert waiting._places.acquire(blocking=False)
    try:
        begin = time.monotonic()
        waiting.wait_until_over(job.id, 10)
        assert time.monotonic() - begin < 5
    finally:
        for _ in range(waiting.MOST_WAITING):
            waiting._places.release()
    assert waiting._places.acquire(blocking=False), "every place was given back"
    waiting._places.release()
