"""What the form and the REST API say before anything is submitted: pictures, kept features, time, warnings."""

import pytest
from django.urls import reverse

from evaluation.models import Evaluation, FeatureSet, Timing
from tests.evaluation.conftest import EXTRACTOR
from workers.models import Job

pytestmark = pytest.mark.django_db
URL = "/api/v1/evaluations/preflight/"


@pytest.fixture
def ask(dataset, user, client_of, body):
    def post(**changes):
        answer = client_of(user).post(URL, {**body, **changes}, format="json")
        assert answer.status_code == 200, answer.content
        return answer.json()

    return post


def test_it_counts_and_queues_nothing(ask):
    answer = ask()
    assert (answer["reference"]["pictures"], answer["candidate"]["pictures"]) == (10, 12)
    assert answer["reference"]["set"] == "faces:test:sketch"
    assert (answer["reference"]["stored"], answer["candidate"]["stored"]) == (False, False)
    assert answer["other_real"] == 10, "the training part, for the floor"
    assert answer["to_extract"] == 10 + 12 + 10
    assert (answer["weights"], answer["problems"]) == ("", [])
    assert not Job.objects.exists() and not Evaluation.objects.exists() and not FeatureSet.objects.exists()


def test_the_first_estimate_is_said_to_be_a_guess_and_the_next_is_measured(ask):
    first = ask()
    assert first["measured"] is False and first["seconds"] > 0
    Timing.objects.create(what=EXTRACTOR, device="cpu", count=300, seconds=100)
    Timing.objects.create(what=EXTRACTOR, device="cpu", count=100, seconds=100)
    Timing.objects.create(what=f"fid {EXTRACTOR}", device="cpu", count=22, seconds=30)
    second = ask()
    assert (second["measured"], second["images_per_second"]) == (True, 2.0)
    assert second["seconds"] == pytest.approx(4 + 32 / 2 + 30)


def test_timings_of_another_device_are_not_mixed_in(ask):
    Timing.objects.create(what=EXTRACTOR, device="cpu", count=100, seconds=100)
    Timing.objects.create(what=EXTRACTOR, device="cuda", count=1000, seconds=10)
    assert ask()["images_per_second"] == 100


@pytest.mark.django_db(transaction=True)
def test_what_an_evaluation_left_is_said_to_be_kept(ask, submit, run_jobs):
    submit("faces:train:sketch")
    run_jobs()
    answer = ask()
    assert (answer["reference"]["stored"], answer["candidate"]["stored"], answer["to_extract"]) == (True, False, 12)


def test_large_sets_are_said_to_be_shared_by_workers(ask, settings):
    settings.SHARD_PICTURES = 5
    assert ask()["parts"] == 2 + 3 + 2


def test_warnings_come_before_the_work(ask):
    codes = [warning["code"] for warning in ask()["warnings"]]
    assert "different_n" in codes
    assert "rank_deficient" not in codes, "6 numbers from 10 pictures"


def test_a_set_that_is_too_small_is_a_problem_with_a_sentence(ask):
    answer = ask(candidate={"dataset": "faces", "split": "train", "modality": "photo"})
    assert "holds 0 pictures" in answer["problems"][0]


def test_missing_weights_come_with_the_command(ask):
    answer = ask(extractor="inception.pool1")
    assert "add_weights inception.pool1" in answer["weights"] and answer["weights"] in answer["problems"]
    assert (answer["seconds"], answer["to_extract"]) == (None, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"extractor": "inception.pool9"}, "no extractor named"), ({"metrics": []}, "at least one of"),
     ({"reference": {"dataset": "nowhere", "modality": "sketch"}}, "no dataset 'nowhere'"),
     ({"colour": "red"}, "no entry 'colour'")],
)  # fmt: skip
def test_bad_input_is_refused_with_a_sentence(dataset, user, client_of, body, change, said):
    answer = client_of(user).post(URL, {**body, **change}, format="json")
    assert answer.status_code == 400 and said in answer.json()["detail"]


def test_a_visitor_may_ask_about_public_sets_and_learns_nothing_of_others(dataset, private_dataset, visitor, body):
    answer = visitor.post(URL, body, format="json")
    assert answer.status_code == 200 and "sign-in" in answer.json()["problems"][-1]
    secret = {"dataset": "secret", "split": "test", "modality": "sketch"}
    refused = visitor.post(URL, {**body, "reference": secret}, format="json")
    assert refused.status_code == 400 and "no dataset 'secret'" in refused.json()["detail"]


def test_the_form_says_the_same(client, user, dataset):
    client.force_login(user)
    chosen = {
        "reference_dataset": "faces", "reference_split": "test", "reference_modality": "sketch",
        "candidate_dataset": "faces", "candidate_split": "test", "candidate_modality": "photo", "extractor": EXTRACTOR,
        "metrics": "fid",
    }  # fmt: skip
    page = client.get(reverse("evaluation:evaluation-counts"), chosen).content.decode()
    assert "a first guess" in page and "its features have to be extracted" in page
    Timing.objects.create(what=EXTRACTOR, device="cpu", count=300, seconds=100)
    page = client.get(reverse("evaluation:evaluation-counts"), chosen).content.decode()
    assert "3.0 a second as measured here" in page and "About" in page
