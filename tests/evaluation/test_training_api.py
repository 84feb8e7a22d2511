import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from evaluation.models import Checkpoint, TrainingPreflight, TrainingRun
from evaluation.services import checkpoints_expire
from tests.evaluation.training_fixtures import TINY, add_checkpoint, pair_dataset, submit
from workers.models import Job, JobState, QueueName

TRAININGS = "/api/v1/trainings/"


@pytest.fixture
def dataset(db):
    return pair_dataset()


@pytest.fixture
def secret(db):
    return pair_dataset("secret", public=False)


@pytest.fixture
def body():
    return {"preset": TINY, "dataset": "pairs", "options": {"epochs": 3}, "seed": 7, "validation_share": 0.2}


def test_a_training_is_accepted_with_complete_options(dataset, user, client_of, body):
    response = client_of(user).post(TRAININGS, body)
    assert response.status_code == 202
    answer = response.json()
    run = TrainingRun.objects.select_related("job").get()
    assert response["Location"] == answer["url"]
    assert (answer["state"], answer["dataset"], answer["direction"]) == ("queued", "pairs", ["photo", "sketch"])
    assert (answer["n_train"], answer["n_validation"], answer["epochs_total"]) == (4, 1, 3)
    assert answer["options"]["epochs"] == 3 and answer["options"]["batch"] == 2  # the preset's default
    assert (run.job.queue, run.job.kind, run.job.owner, run.job.public) == (QueueName.BATCH, "train", user, True)
    assert run.job.link == f"/trainings/{run.id}/"
    assert client_of(user).get(answer["url"]).json()["train_digest"] == run.train_digest


def test_the_same_training_submitted_twice_is_one_while_it_waits(dataset, user, stranger, client_of, body):
    first = client_of(user).post(TRAININGS, body)
    again = client_of(user).post(TRAININGS, body)
    assert again.status_code == 200 and again.json()["id"] == first.json()["id"]
    assert client_of(stranger).post(TRAININGS, body).status_code == 202
    assert client_of(user).post(TRAININGS, body | {"seed": 8}).status_code == 202
    assert TrainingRun.objects.count() == Job.objects.count() == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"preset": "pix2pix.huge"}, "pix2pix.huge"),
        ({"dataset": "nowhere"}, "Known: pairs"),
        ({"split": "validation"}, "0 pairs photo to sketch"),
        ({"split": "half"}, "half"),
        ({"source": "nobody"}, "nobody"),
        ({"direction": "sketch"}, "direction"),
        ({"options": {"epochs": 0}}, "epochs"),
        ({"options": {"depochs": 3}}, "depochs"),
        ({"options": [1]}, "options"),
        ({"options": {"direction": "up"}}, "direction"),
        ({"seed": -1}, "seed"),
        ({"seed": True}, "seed"),
        ({"validation_share": 0.9}, "validation_share"),
        ({"validation_share": "much"}, "validation_share"),
        ({"validation_share": "nan"}, "validation_share"),
        ({"name": "x" * 101}, "name"),
        ({"name": 5}, "name"),
        ({"name": "\0"}, "name"),
        ({"dataset": "\0"}, "dataset"),
        ({"parent": "\0"}, "parent"),
        ({"parent": "0123456789ab"}, "0123456789ab"),
        ({"colour": "blue"}, "colour"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused_with_a_sentence(change, words, dataset, user, client_of, body):
    response = client_of(user).post(TRAININGS, body | change, format="json")
    assert response.status_code == 400
    assert words in response.json()["detail"]
    assert not TrainingRun.objects.exists() and not Job.objects.exists()


@pytest.mark.parametrize("missing", ["preset", "dataset"])
def test_what_is_missing_is_named(missing, dataset, user, client_of, body):
    del body[missing]
    assert f"{missing} is missing" in client_of(user).post(TRAININGS, body).json()["detail"]


def test_visitors_may_look_at_public_trainings_and_start_none(dataset, secret, user, visitor, body):
    assert visitor.post(TRAININGS, body).status_code in (401, 403)
    shown, hidden = submit(user, dataset), submit(user, secret)
    hidden_checkpoint = add_checkpoint(hidden, 1)
    assert [row["id"] for row in visitor.get(TRAININGS).json()["results"]] == [str(shown.id)]
    assert visitor.get(f"{TRAININGS}{shown.id}/").status_code == 200
    for address in (
        f"{TRAININGS}{hidden.id}/", f"{TRAININGS}{hidden.id}/losses/", f"{TRAININGS}{hidden.id}/checkpoints/",
        f"/api/v1/checkpoints/{hidden_checkpoint.id}/", f"/api/v1/checkpoints/{hidden_checkpoint.id}/file/",
        f"/checkpoints/{hidden_checkpoint.id}/samples/00.png", f"/trainings/{hidden.id}/", f"/trainings/{hidden.id}/live/",
        f"/trainings/{hidden.id}/samples/",
    ):  # fmt: skip
        assert visitor.get(address).status_code == 404, address


def test_filters_narrow_the_list(dataset, user, stranger, client_of):
    submit(user, dataset)
    mine = submit(stranger, dataset, options={"epochs": 5})
    rows = client_of(stranger).get(TRAININGS, {"mine": "true"}).json()["results"]
    assert [row["id"] for row in rows] == [str(mine.id)]
    assert client_of(stranger).get(TRAININGS, {"state": "running"}).json()["count"] == 0
    assert client_of(stranger).get(TRAININGS, {"preset": TINY, "dataset": "pairs"}).json()["count"] == 2


def test_only_owner_and_staff_cancel_and_resume(dataset, user, stranger, staff, client_of):
    run = submit(user, dataset)
    address = f"{TRAININGS}{run.id}/"
    assert client_of(stranger).post(f"{address}cancel/").status_code == 403
    assert client_of(user).post(f"{address}resume/").status_code == 400  # it waits
    assert client_of(user).post(f"{address}cancel/").json()["state"] == "cancelled"
    assert client_of(stranger).post(f"{address}resume/").status_code == 403
    answer = client_of(staff).post(f"{address}resume/")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")


def test_a_finished_training_is_not_resumed(dataset, user, client_of):
    run = submit(user, dataset)
    Job.objects.update(state=JobState.SUCCEEDED)
    answer = client_of(user).post(f"{TRAININGS}{run.id}/resume/")
    assert answer.status_code == 400 and "continue from one of its checkpoints" in answer.json()["detail"]


def test_nobody_resumes_a_training_while_the_same_one_runs(dataset, user, client_of):
    run = submit(user, dataset)
    client_of(user).post(f"{TRAININGS}{run.id}/cancel/")
    submit(user, dataset)
    assert client_of(user).post(f"{TRAININGS}{run.id}/resume/").status_code == 400


def test_what_is_not_there_is_404(db, user, client_of):
    for address in (f"{TRAININGS}{uuid.uuid4()}/", "/api/v1/checkpoints/0123456789ab/", "/api/v1/checkpoints/x/file/"):
        assert client_of(user).get(address).status_code == 404


def test_a_checkpoint_is_described_named_and_offered(dataset, user, stranger, client_of):
    checkpoint = add_checkpoint(submit(user, dataset), 2)
    address = f"/api/v1/checkpoints/{checkpoint.id}/"
    answer = client_of(stranger).get(address).json()
    assert (answer["epoch"], answer["digest"], answer["direction"]) == (2, checkpoint.digest, ["photo", "sketch"])
    assert client_of(stranger).patch(address, {"title": "mine"}).status_code == 403
    answer = client_of(user).patch(address, {"title": " the best ", "published": True}).json()
    assert (answer["title"], answer["published"]) == ("the best", True)
    for wrong in ({"published": "perhaps"}, {"title": "x" * 101}, {"epoch": 3}):
        assert client_of(user).patch(address, wrong).status_code == 400
    checkpoint.refresh_from_db()
    assert (checkpoint.title, checkpoint.published, checkpoint.epoch) == ("the best", True, 2)


def test_the_file_is_the_generator(dataset, user, client_of):
    checkpoint = add_checkpoint(submit(user, dataset), 2)
    response = client_of(user).get(f"/api/v1/checkpoints/{checkpoint.id}/file/")
    assert b"".join(response.streaming_content) == (checkpoint.folder / "generator.safetensors").read_bytes()
    assert f"epoch2-{checkpoint.id}.safetensors" in response["Content-Disposition"]
    (checkpoint.folder / "generator.safetensors").unlink()
    assert client_of(user).get(f"/api/v1/checkpoints/{checkpoint.id}/file/").status_code == 404


def test_a_deleted_checkpoint_comes_back_within_a_week_and_goes_after(dataset, user, stranger, client_of):
    run = submit(user, dataset)
    checkpoint = add_checkpoint(run, 2)
    address = f"/api/v1/checkpoints/{checkpoint.id}/"
    assert client_of(stranger).delete(address).status_code == 403
    assert client_of(user).delete(address).status_code == 204
    assert client_of(user).get(address).status_code == 404
    assert client_of(user).get(f"{TRAININGS}{run.id}/checkpoints/").json() == []
    assert checkpoints_expire() == 0
    assert client_of(stranger).post(f"{address}restore/").status_code == 403
    assert client_of(user).post(f"{address}restore/").status_code == 200
    assert client_of(user).post(f"{address}restore/").status_code == 404  # it is not deleted
    client_of(user).delete(address)
    Checkpoint.objects.update(deleted=timezone.now() - timedelta(days=8))
    assert checkpoints_expire() == 1
    assert not Checkpoint.objects.exists() and not checkpoint.folder.exists()


def test_a_trial_is_queued_for_who_is_signed_in(dataset, user, stranger, visitor, client_of, body):
    assert visitor.post(f"{TRAININGS}preflight/", body).status_code in (401, 403)
    response = client_of(user).post(f"{TRAININGS}preflight/", body)
    assert response.status_code == 202
    assert (response.json()["state"], response.json()["images_per_second"]) == ("queued", None)
    assert TrainingPreflight.objects.get().job.queue == QueueName.INTERACTIVE
    assert not TrainingRun.objects.exists()
    assert client_of(user).get(response.json()["url"]).status_code == 200
    assert client_of(stranger).get(response.json()["url"]).status_code == 404
    assert client_of(user).post(f"{TRAININGS}preflight/", body | {"options": {"epochs": "x"}}).status_code == 400


def test_a_training_goes_on_from_a_checkpoint_of_the_same_preset_alone(dataset, user, client_of, body):
    checkpoint = add_checkpoint(submit(user, dataset), 2)
    answer = client_of(user).post(TRAININGS, body | {"parent": checkpoint.id})
    assert answer.status_code == 202 and answer.json()["parent"] == checkpoint.id
    answer = client_of(user).post(TRAININGS, body | {"parent": checkpoint.id, "preset": "vae.tiny"})
    assert answer.status_code == 400 and "cannot be continued as vae.tiny" in answer.json()["detail"]
