"""The page and the REST answer of an evaluation while it is computed, and when it failed or was cancelled."""

import uuid

import pytest
from django.urls import reverse

from evaluation.models import Evaluation
from evaluation.services import evaluation_cancel
from evaluation.services import shards as rows
from workers.models import Job, JobState, Worker
from workers.tasks import run_next

pytestmark = pytest.mark.django_db


def live(evaluation):
    return reverse("evaluation:evaluation-live", args=[evaluation.id])


def detail(evaluation):
    return reverse("evaluation:evaluation-detail", args=[evaluation.id])


@pytest.fixture
def split(submit, run_jobs, settings):
    """An evaluation whose first shard is done and whose second runs."""
    settings.SHARD_PICTURES = 5
    evaluation = submit("faces:test:photo", reference="faces:all:sketch")
    worker = Worker.objects.get()
    run_next("batch", worker)
    run_next("batch", worker)
    second = Job.objects.filter(kind="features", state=JobState.QUEUED).order_by("created").first()
    Job.objects.filter(id=second.id).update(state=JobState.RUNNING, progress=0.4)
    second.feature_shard.__class__.objects.filter(job=second).update(images_per_second=12.5)
    return Evaluation.objects.get(id=evaluation.id)


@pytest.mark.django_db(transaction=True)
class TestWhileItIsSplit:
    def test_the_page_shows_each_part_the_pace_and_the_log(self, split, client):
        page = client.get(detail(split)).content.decode()
        assert page.count('class="part-cell ') == 7
        assert page.count("part-succeeded") == 1 and page.count("part-running") == 1 and page.count("part-queued") == 5
        assert "1 of 7 parts are done" in page and "12.5" in page and 'value="40"' in page
        assert "20 pictures in 4 parts" in page
        assert f'hx-get="{live(split)}"' in page and "style=" not in page

    def test_rest_tells_the_same(self, split, client):
        answer = client.get(f"/api/v1/evaluations/{split.id}/").json()
        assert [part["state"] for part in answer["parts"]] == ["succeeded", "running", *["queued"] * 5]
        assert sum(part["pictures"] for part in answer["parts"]) == 32
        assert (answer["images_per_second"], answer["parts"][1]["progress"]) == (12.5, 0.4)
        assert any("4 parts" in line["text"] for line in answer["log"]) and answer["log"][0]["at"]

    def test_its_number_of_queries_does_not_grow_with_the_parts(self, split, client, django_assert_max_num_queries):
        with django_assert_max_num_queries(16):
            assert client.get(live(split)).status_code == 200


class TestPolling:
    def test_it_polls_while_the_evaluation_lives(self, submit, client):
        answer = client.get(live(submit()))
        assert answer.status_code == 200 and "hx-trigger" in answer.content.decode() and "HX-Refresh" not in answer

    def test_it_stops_and_reloads_the_page_when_it_is_over(self, submit, client):
        evaluation = submit()
        evaluation_cancel(evaluation=evaluation)
        answer = client.get(live(evaluation))
        assert answer.status_code == 286 and answer["HX-Refresh"] == "true"

    def test_nobody_sees_what_is_not_public(self, private_dataset, submit, client, user):
        evaluation = submit("secret:test:photo", reference="secret:test:sketch")
        assert client.get(live(evaluation)).status_code == 404
        client.force_login(user)
        assert client.get(live(evaluation)).status_code == 200

    def test_an_unknown_one_is_not_found(self, client):
        assert client.get(reverse("evaluation:evaluation-live", args=[uuid.uuid4()])).status_code == 404


class TestAgain:
    def url(self, evaluation):
        return reverse("evaluation:evaluation-resubmit", args=[evaluation.id])

    def test_a_failed_one_shows_why_its_log_and_a_button(self, submit, client, user):
        evaluation = submit()
        rows.log_write(evaluation=evaluation, text="reference set: looked at")
        Job.objects.filter(id=evaluation.job_id).update(state=JobState.FAILED, message="No face in it.")
        client.force_login(user)
        page = client.get(detail(evaluation)).content.decode()
        assert "No face in it." in page and "looked at" in page and self.url(evaluation) in page

    def test_a_running_one_has_no_such_button(self, submit, client, user):
        client.force_login(user)
        evaluation = submit()
        assert self.url(evaluation) not in client.get(detail(evaluation)).content.decode()

    def test_the_button_submits_the_same_once_more(self, submit, client, user):
        evaluation = submit()
        evaluation_cancel(evaluation=evaluation)
        client.force_login(user)
        answer = client.post(self.url(evaluation))
        again = Evaluation.objects.exclude(id=evaluation.id).get()
        assert answer.status_code == 302 and answer["Location"] == detail(again)
        assert (again.submission_digest, again.job.state) == (evaluation.submission_digest, JobState.QUEUED)

    def test_pressed_twice_it_is_one(self, submit, client, user):
        evaluation = submit()
        evaluation_cancel(evaluation=evaluation)
        client.force_login(user)
        first, second = (client.post(self.url(evaluation))["Location"] for _ in range(2))
        assert first == second and Evaluation.objects.count() == 2

    def test_what_cannot_be_submitted_any_more_says_why(self, dataset, submit, client, user):
        evaluation = submit()
        evaluation_cancel(evaluation=evaluation)
        dataset.images.filter(modality="photo").delete()
        client.force_login(user)
        page = client.post(self.url(evaluation), follow=True).content.decode()
        assert "holds 0 pictures" in page and Evaluation.objects.count() == 1

    def test_a_visitor_is_sent_to_sign_in(self, submit, client):
        evaluation = submit()
        answer = client.post(self.url(evaluation))
        assert answer.status_code == 302 and "sign-in" in answer["Location"] and Evaluation.objects.count() == 1
