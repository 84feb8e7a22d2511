import copy
import threading

import pytest
from django.urls import reverse

from evaluation.models import Evaluation
from tests.evaluation.conftest import EXTRACTOR
from workers.models import Job, JobState

URL = "/api/v1/evaluations/"


def test_it_accepts_and_says_where_to_ask(dataset, user, client_of, body):
    answer = client_of(user).post(URL, body, format="json")
    assert answer.status_code == 202
    evaluation = Evaluation.objects.get()
    assert answer["Location"].endswith(reverse("evaluation_api:evaluation-detail", args=[evaluation.id]))
    data = answer.json()
    assert (data["state"], data["owner"], data["metrics"]) == ("queued", "alice", ["fid"])
    assert (data["n_reference"], data["n_candidate"]) == (10, 12)
    assert data["results"] == []
    assert evaluation.job.public
    assert data["job"]["queue_position"] == 1


@pytest.mark.django_db(transaction=True)
def test_the_result_appears_when_a_worker_has_run(dataset, user, client_of, body, run_jobs):
    client = client_of(user)
    location = client.post(URL, body, format="json")["Location"]
    run_jobs()
    data = client.get(location).json()
    assert data["state"] == "succeeded"
    (result,) = data["results"]
    assert result["value"] > 0
    assert (result["metric"], result["direction"], result["extractor"]) == ("fid", "lower", EXTRACTOR)
    assert result["candidate"] == "faces:test:photo"
    assert result["warnings"][0]["code"] == "different_n"


def test_the_same_submission_is_the_same_evaluation(dataset, user, stranger, client_of, body):
    first = client_of(user).post(URL, body, format="json").json()
    again = client_of(stranger).post(URL, body, format="json")
    assert again.status_code == 200
    assert again.json()["id"] == first["id"]
    assert again["Location"]
    assert Evaluation.objects.count() == Job.objects.count() == 1


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_a_failed_one_is_no_answer_to_the_same_submission(state, dataset, user, client_of, body):
    first = client_of(user).post(URL, body, format="json").json()
    Job.objects.update(state=state)
    again = client_of(user).post(URL, body, format="json")
    assert again.status_code == 202
    assert again.json()["id"] != first["id"]


def test_a_done_one_is_the_answer(dataset, user, client_of, body):
    first = client_of(user).post(URL, body, format="json").json()
    Job.objects.update(state=JobState.SUCCEEDED)
    again = client_of(user).post(URL, body, format="json")
    assert (again.status_code, again.json()["id"]) == (200, first["id"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda body: body.pop("candidate"), "candidate is missing"),
        (lambda body: body.update(extractr="x"), "no entry 'extractr'"),
        (lambda body: body.update(extractor="nonsense"), "Known: clip.vitb32, clip.vitl14_336"),
        (lambda body: body.update(extractor=["nonsense"]), "Known: clip.vitb32, clip.vitl14_336"),
        (lambda body: body.update(metrics=["fit"]), "no metric named 'fit'. Known: cmmd, coverage, density"),
        (lambda body: body.update(metrics=[]), "at least one of cmmd, coverage"),
        (lambda body: body.update(metrics="fid"), "at least one of cmmd, coverage"),
        (lambda body: body.update(metrics=[["fid"]]), "no metric named"),
        (lambda body: body["reference"].update(dataset="nowhere"), "reference: there is no dataset 'nowhere'"),
        (lambda body: body["reference"].update(modality="caricature"), "holds 0 pictures; at least 2 are needed"),
        (lambda body: body["candidate"].update(source="XM2VTS"), "candidate: "),
        (lambda body: body.update(reference="faces:test:sketch"), "a set is an object such as"),
        (lambda body: body.update(reference={"folder": "/etc"}), "there is no folder '/etc'"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(change, said, dataset, user, client_of, body):
    change(body)
    answer = client_of(user).post(URL, body, format="json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert not Job.objects.exists()


@pytest.mark.parametrize("sent", ["[]", '"text"', "7", "null", "{"])
def test_a_body_that_is_no_object_is_refused(sent, dataset, user, client_of):
    answer = client_of(user).post(URL, sent, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_missing_weights_are_refused_with_the_command_to_run(dataset, user, client_of, body):
    answer = client_of(user).post(URL, body | {"extractor": "inception.mixed6e"}, format="json")
    assert answer.status_code == 400
    assert "python manage.py add_weights inception.mixed6e FILE" in answer.json()["detail"]


def test_submitting_needs_a_login(dataset, visitor, body):
    answer = visitor.post(URL, body, format="json")
    assert answer.status_code == 401
    assert "Sign in" in answer.json()["detail"]


def test_a_private_dataset_can_be_measured_by_the_signed_in_and_stays_hidden(
    private_dataset, dataset, user, client_of, visitor, body
):
    body["candidate"]["dataset"] = "secret"
    answer = client_of(user).post(URL, body, format="json")
    assert answer.status_code == 202
    assert not Job.objects.get().public
    location = answer["Location"]
    assert client_of(user).get(location).status_code == 200
    assert visitor.get(location).status_code == 404
    assert visitor.get(URL).json()["count"] == 0
    assert client_of(user).get(URL).json()["count"] == 1


def test_the_list_is_open_filtered_and_cheap(dataset, submit, visitor, django_assert_max_num_queries):
    for candidate in ("faces:test:photo", "faces:train:sketch", "faces:all:sketch", "faces:all:photo:CUHK"):
        submit(candidate)
    Job.objects.filter(evaluation__candidate__split="train").update(state=JobState.SUCCEEDED)
    with django_assert_max_num_queries(12):
        everything = visitor.get(URL).json()
    assert everything["count"] == 3  # the last is the first in other words
    assert visitor.get(URL, {"state": "succeeded"}).json()["count"] == 1
    assert visitor.get(URL, {"extractor": "dlib.face128"}).json()["count"] == 0
    assert visitor.get(URL, {"state": "nonsense"}).status_code == 400


def test_an_unknown_id_is_404(user, client_of):
    client = client_of(user)
    unknown = f"{URL}00000000-0000-0000-0000-000000000000/"
    assert client.get(unknown).status_code == 404
    assert client.post(f"{unknown}cancel/").status_code == 404
    assert client.get(f"{URL}not-an-id/").status_code == 404


def test_the_owner_and_staff_may_cancel(submit, user, staff, client_of):
    for who, candidate in ((user, "faces:test:photo"), (staff, "faces:train:sketch")):
        evaluation = submit(candidate)
        answer = client_of(who).post(f"{URL}{evaluation.id}/cancel/")
        assert answer.status_code == 200
        assert answer.json()["state"] == "cancelled"
    assert client_of(user).post(f"{URL}{evaluation.id}/cancel/").status_code == 200  # twice is harmless


def test_cancelling_a_running_one_takes_a_moment(submit, user, client_of):
    evaluation = submit()
    Job.objects.update(state=JobState.RUNNING)
    answer = client_of(user).post(f"{URL}{evaluation.id}/cancel/")
    assert (answer.status_code, answer.json()["state"]) == (202, "running")
    assert Job.objects.get().cancel_requested


def test_others_may_not_cancel(submit, stranger, client_of, visitor):
    evaluation = submit()
    refused = client_of(stranger).post(f"{URL}{evaluation.id}/cancel/")
    assert refused.status_code == 403
    assert "Only the owner" in refused.json()["detail"]
    assert visitor.post(f"{URL}{evaluation.id}/cancel/").status_code == 401
    assert Job.objects.get().state == JobState.QUEUED


@pytest.mark.django_db(transaction=True)
def test_two_equal_submissions_at_once_make_one_evaluation(dataset, user, client_of, body):
    answers = []

    def send():
        from django.db import connection

        answers.append(client_of(user).post(URL, copy.deepcopy(body), format="json"))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Evaluation.objects.count() == Job.objects.count() == 1


def test_the_schema_describes_it(visitor):
    schema = visitor.get("/api/schema/?format=json").json()
    post = schema["paths"][URL]["post"]
    assert set(post["responses"]) >= {"200", "202", "400"}
    reference = post["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    assert set(schema["components"]["schemas"][reference]["properties"]) == {
        "reference",
        "candidate",
        "extractor",
        "metrics",
    }
    assert "text/csv" in schema["paths"]["/api/v1/results/"]["get"]["responses"]["200"]["content"]
