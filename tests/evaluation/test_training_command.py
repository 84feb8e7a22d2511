import json

import pytest

from evaluation.models import TrainingRun
from tests.evaluation.test_commands import run
from tests.evaluation.training_fixtures import TINY, pair_dataset
from workers.models import Job, JobState


@pytest.fixture
def dataset(db):
    return pair_dataset(public=False)  # the command line may use every dataset


def train(*more):
    return run("train", TINY, "--dataset", "pairs", *more)


def test_train_queues_and_prints_the_id(dataset, capsys):
    assert train("--set", "epochs=3", "--set", "flip=no", "--seed", "4", "--name", "mine", "--json") == 0
    said = capsys.readouterr()
    made = TrainingRun.objects.get()
    assert json.loads(said.out) == {"training": str(made.id), "state": "queued", "created": True}
    assert "No batch worker is running" in said.err
    assert (made.options["epochs"], made.options["flip"], made.seed, made.name) == (3, False, 4, "mine")


@pytest.mark.django_db(transaction=True)
def test_train_waits_and_trains_here_when_no_worker_runs(dataset, capsys):
    assert train("--wait", "--json", "--set", "epochs=2") == 0
    answer = json.loads(capsys.readouterr().out)
    made = TrainingRun.objects.get()
    assert (answer["state"], answer["epochs"]) == ("succeeded", 2)
    assert [row["digest"] for row in answer["checkpoints"]] == list(made.checkpoints.values_list("digest", flat=True))
    assert train("--wait", "--seed", "9") == 0
    assert "checkpoint" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "epochs"], "KEY=VALUE"),
        (["--set", "speed=9"], "speed"),
        (["--set", "epochs=many"], "epochs"),
        (["--split", "test", "--source", "nowhere"], "nowhere"),
        (["--direction", "up"], "direction"),
        (["--seed", "x"], "seed"),
        (["--continue-from", "0123456789ab"], "0123456789ab"),
    ],
)
def test_what_cannot_be_trained_ends_with_2_and_says_why(arguments, words, dataset, capsys):
    assert train(*arguments) == 2
    assert words in capsys.readouterr().err
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failure_ends_with_1_and_its_reason(dataset, capsys):
    from datasetviewer.selectors import image_path

    image_path(dataset.images.get(key="sketch/train-001-1.png")).unlink()
    assert train("--wait", "--validation-share", "0") == 1
    assert "train-001" in capsys.readouterr().err
    assert Job.objects.get().state == JobState.FAILED
