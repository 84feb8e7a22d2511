"""Choosing a recogniser on a validation part: ranked there, the best tested once; stopped with everything it asked for."""

import pytest
from django.test import Client

from evaluation.jobs import choosing
from evaluation.models import RecogniserChoice, RecognitionTest
from evaluation.services.recognitions import recognition_cancel
from tests.evaluation.conftest import EXTRACTOR
from tests.evaluation.recognition_fixtures import web_dataset
from workers.models import Job, JobState
from workers.tasks import run_next

pytestmark = pytest.mark.django_db(transaction=True)
CHOICES = "/api/v1/recognitions/choices/"


@pytest.fixture
def web(db):
    return web_dataset()


@pytest.fixture
def body(second):
    return {
        "validation": {"dataset": "web", "protocol": "identification-p2c-view1"},
        "test": {"dataset": "web", "protocol": "identification-c2p-view2"},
        "extractors": [second, EXTRACTOR],
    }


def test_the_best_on_the_pictures_to_choose_by_is_tested_once(web, client_of, user, run_jobs, body, second):
    client = client_of(user)
    answer = client.post(CHOICES, body, format="json")
    assert answer.status_code == 202, answer.json()
    assert client.post(CHOICES, body, format="json").status_code == 200
    run_jobs()
    told = client.get(answer.json()["url"]).json()
    assert told["state"] == "succeeded", told["message"]
    assert [row["extractor"] for row in told["ranking"]] == [EXTRACTOR, second]
    assert told["ranking"][0]["value"] > told["ranking"][1]["value"] and told["measure"] == "rank1"
    assert told["result"]["extractors"] == [EXTRACTOR]
    assert told["warnings"][0]["code"] == "shared_persons"  # this drawn list tests the persons it chose by
    tested = RecognitionTest.objects.filter(task__protocol="identification-c2p-view2")
    assert tested.count() == 1  # the other one's number on the test exists nowhere
    web_client = Client()
    web_client.force_login(user)
    page = web_client.get(f"/recognitions/choices/{told['id']}/").content.decode()
    assert "chosen" in page and EXTRACTOR in page
    assert Client().get(f"/recognitions/choices/{told['id']}/").status_code == 302
    assert client.delete(answer.json()["url"]).status_code == 204 and tested.count() == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"extractors": [EXTRACTOR]}, "2 to 40 different recognisers; there are 1"),
        ({"extractors": [EXTRACTOR, EXTRACTOR]}, "there are 1"),
        ({"test": {"dataset": "web", "protocol": "identification-p2c-view1"}}, "pictures of the test"),
        ({"measure": "fid"}, "is not known of the pictures chosen by"),
        ({"validation": {"dataset": "web"}}, "validation: protocol is missing"),
        ({"more": 1}, "There is no entry 'more'"),
    ],
)
def test_a_choice_that_would_not_be_one_is_refused(web, client_of, user, body, change, why):
    answer = client_of(user).post(CHOICES, {**body, **change}, format="json")
    assert answer.status_code == 400 and why in answer.json()["detail"], answer.json()
    assert not RecogniserChoice.objects.exists()


def test_a_choice_is_stopped_by_its_owner_and_hidden_from_visitors(web, client_of, user, stranger, visitor, body):
    url = client_of(user).post(CHOICES, body, format="json").json()["url"]
    assert visitor.get(url).status_code in (401, 403) and client_of(stranger).post(f"{url}cancel/").status_code == 403
    assert client_of(user).delete(url).status_code == 400
    assert client_of(user).post(f"{url}cancel/").json()["state"] == "cancelled"
    assert client_of(stranger).delete(url).status_code == 403


def test_cancelling_a_choice_ends_the_tests_that_it_waits_for(web, client_of, user, worker, body, run_jobs):
    url = client_of(user).post(CHOICES, body, format="json").json()["url"]
    run_next("batch", worker)  # it puts in its tests and waits for them
    asked = Job.objects.filter(kind="recognise")
    assert list(asked.values_list("state", flat=True)) == [JobState.QUEUED] * 2
    assert client_of(user).post(f"{url}cancel/").json()["state"] == "cancelled"
    assert list(asked.values_list("state", flat=True)) == [JobState.CANCELLED] * 2
    assert run_jobs() == []


@pytest.mark.parametrize("seen", [False, True])
def test_a_choice_that_is_cancelled_while_it_puts_in_its_tests_leaves_none_behind(
    web, client_of, user, run_jobs, body, monkeypatch, seen
):
    """Whether the worker has heard of it by then or not."""
    client_of(user).post(CHOICES, body, format="json")
    choice = RecogniserChoice.objects.get()
    contexts = []
    submit, report = choosing.recognition_submit, choosing.JobContext.report

    def cancelled_meanwhile(**given):
        answer = submit(**given)
        recognition_cancel(job=choice.job)
        if seen:
            contexts[0].beat()
        return answer

    def kept(context, *told):
        contexts.append(context)
        report(context, *told)

    monkeypatch.setattr(choosing, "recognition_submit", cancelled_meanwhile)
    monkeypatch.setattr(choosing.JobContext, "report", kept)
    run_jobs()
    choice.job.refresh_from_db()
    assert choice.job.state == JobState.CANCELLED
    states = Job.objects.filter(kind="recognise").values_list("state", flat=True)
    assert list(states) == [JobState.CANCELLED] * 2


def test_the_form_begins_with_every_recogniser_and_proposes_the_sets_that_are_here(web, user, monkeypatch):
    monkeypatch.setattr("evaluation.forms.recognition.weights_problem", lambda name: "")  # as if all weights were here
    client = Client()
    client.force_login(user)
    page = client.get("/recognitions/choices/new/")
    form = page.context["form"]
    assert {"dlib.face128", "edgeface.xs512"} <= set(form.used) and "inception.pool3" not in form.used
    assert form.suggestions == ["web:all:caricature", "web:all:photo"]
    assert '<option value="web:all:photo">' in page.content.decode()
