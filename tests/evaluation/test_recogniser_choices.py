"""Choosing a recogniser on a validation part: ranked there, the best tested once; stopped with everything it asked for."""

import pytest
from django.test import Client

from datasetviewer.models import Dataset, Image
from evaluation.jobs import choosing
from evaluation.models import RecogniserChoice, RecognitionTest
from evaluation.recognition import ProtocolTask, SetsTask, plan_of
from evaluation.services.recogniser_choices import choice_submit, measures_of
from evaluation.services.recognitions import recognition_cancel, recognition_submit
from evaluation.sets import parse_text
from tests.evaluation.conftest import EXTRACTOR
from tests.evaluation.recognition_fixtures import sketch_dataset, web_dataset
from workers.engine.errors import InputError
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
        ({"measure": "dir@0.1"}, "is not known of the pictures chosen by"),  # everybody is in the gallery
        ({"measure": "accuracy"}, "is not known of the pictures chosen by"),
        ({"validation": {"dataset": "web"}}, "validation: protocol is missing"),
        ({"more": 1}, "There is no entry 'more'"),
    ],
)
def test_a_choice_that_would_not_be_one_is_refused(web, client_of, user, body, change, why):
    answer = client_of(user).post(CHOICES, {**body, **change}, format="json")
    assert answer.status_code == 400 and why in answer.json()["detail"], answer.json()
    assert not RecogniserChoice.objects.exists()


def of_sets(probe, gallery):
    return SetsTask(parse_text(probe, "probe"), parse_text(gallery, "gallery"))


@pytest.mark.parametrize(
    ("probe", "gallery"),
    [
        ("sketches:test:sketch", "sketches:test:photo"),
        ("sketches:test:photo", "sketches:test:sketch"),
        ("sketches:all:sketch", "sketches:all:photo"),
        ("copy:test:sketch", "copy:test:photo"),
    ],
)
def test_nobody_chooses_by_the_pictures_of_the_test_however_they_are_named(user, second, probe, gallery):
    for slug in ("sketches", "copy"):
        sketch_dataset(slug)
    sketch_dataset("other", split="train")
    Image.objects.filter(dataset__slug="other").update(dataset=Dataset.objects.get(slug="sketches"))
    test = of_sets("sketches:test:sketch", "sketches:test:photo")
    with pytest.raises(InputError, match="all 16 pictures of the test are among those chosen by"):
        choice_submit(user=user, validation=of_sets(probe, gallery), task=test, extractors=[second, EXTRACTOR])
    assert not RecogniserChoice.objects.exists()


def test_a_test_with_more_pictures_than_were_chosen_by_is_allowed_and_warned_of(user, second):
    sketch_dataset("sketches", persons=8)
    sketch_dataset("part", persons=3)  # copies of the first three
    choice, _created = choice_submit(
        user=user,
        validation=of_sets("part:test:sketch", "part:test:photo"),
        task=of_sets("sketches:test:sketch", "sketches:test:photo"),
        extractors=[second, EXTRACTOR],
    )
    assert choice.facts == [{"code": "shared_persons", "values": {"count": 3}}]
    assert str(choice).startswith("rank1: part") and str(choice).count("; tested on sketches") == 1


def test_what_a_choice_may_go_by_is_what_its_pictures_will_give(web, user, run_jobs):
    """Asked of the plan before, and of the numbers after."""
    sketch_dataset("open", missing=2)
    tasks = [of_sets("open:test:sketch", "open:test:photo"), of_sets("web:all:caricature", "web:all:photo")]
    names = ("verification-restricted-view1", "verification-restricted-view2", "identification-c2p-view2")
    for task in [*tasks, *(ProtocolTask("web", name) for name in names)]:
        test, _created = recognition_submit(user=user, task=task, extractors=[EXTRACTOR])
        run_jobs()
        assert measures_of(plan_of(task, user)) == [value.measure for value in test.summary], task


def test_a_choice_by_a_rate_that_so_few_pairs_cannot_tell_says_so(web, user, run_jobs, second):
    choice, _created = choice_submit(
        user=user,
        validation=ProtocolTask("web", "verification-restricted-view1"),
        task=ProtocolTask("web", "verification-unrestricted-view2"),
        extractors=[second, EXTRACTOR],
        measure="vr@0.001",
    )
    run_jobs()
    client = Client()
    client.force_login(user)
    page = client.get(f"/recognitions/choices/{choice.id}/").content.decode()
    mark, note = ">*</abbr>", "* too few pairs of different persons for this rate: it is that of FAR 0"
    ranked, tested = page.split("The chosen one on the test")
    assert ranked.count(mark) == 2 and note in ranked
    assert tested.count(mark) == 2 and note in tested  # at 0.1 % and at 1 %


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
