import json
import time

import pytest
from PIL import Image as Picture

from evaluation.jobs import training
from evaluation.models import Checkpoint, TrainingPreflight
from evaluation.services import checkpoint_delete, checkpoint_register, training_resume, training_wish
from evaluation.services.trainings import preflight_submit
from tests.evaluation.training_fixtures import TINY, add_pair, pair_dataset, submit
from workers.engine.training.plan import CheckpointMade
from workers.models import Job, JobState
from workers.queue import enqueue, request_cancel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dataset(db):
    return pair_dataset()


def ended(run):
    run.refresh_from_db()
    run.job.refresh_from_db()
    return run.job


def test_a_training_leaves_checkpoints_losses_samples_and_figures(dataset, user, run_jobs):
    run = submit(user, dataset, options={"epochs": 60, "checkpoint_every": 20}, validation_share=0.4)
    (job,) = run_jobs()
    assert (job.state, job.progress) == (JobState.SUCCEEDED, 1), job.message + job.detail
    assert job.message == "60 epochs; 3 checkpoints"
    run.refresh_from_db()
    assert (run.epochs_done, run.device, len(run.code_version)) == (60, "cpu", 12)
    assert run.images_per_second > 0
    checkpoints = list(run.checkpoints.order_by("step"))
    assert [checkpoint.epoch for checkpoint in checkpoints] == [20, 40, 60]
    assert checkpoints[-1].step == run.steps_done
    for checkpoint in checkpoints:
        meta = json.loads((checkpoint.folder / "checkpoint.json").read_text())
        assert meta["digest"] == checkpoint.digest
        assert (meta["train_digest"], meta["code_version"]) == (run.train_digest, run.code_version)
        assert Picture.open(checkpoint.folder / "samples" / "00.png").size == (40, 50)
    faces = json.loads((run.folder / "validation.json").read_text())
    assert len(faces) == run.n_validation == 2
    assert not dataset.images.filter(pk__in=[face["source"] for face in faces], modality="sketch").exists()


def test_a_training_makes_room_for_those_who_wait_and_ends_as_if_it_had_not(dataset, user, run_jobs, settings):
    alone = submit(user, dataset, options={"epochs": 4})
    run_jobs()
    settings.TRAINING_SEGMENT_SECONDS = 0
    yielding = submit(user, dataset, options={"epochs": 4}, name="other")
    waiting, _ = enqueue(
        kind="record", handler="tests.workers.handlers.record", queue="batch", arguments={"seconds": 0}
    )
    order = [(job.kind, job.state) for job in run_jobs()]
    assert order[:2] == [("train", JobState.QUEUED), ("record", JobState.SUCCEEDED)]
    assert order[-1] == ("train", JobState.SUCCEEDED)
    assert yielding.job.id != waiting.id and ended(yielding).losses == 0 and ended(yielding).attempt == 2
    # The weights are those of a training that was never interrupted.
    digests = [list(run.checkpoints.order_by("step").values_list("digest", flat=True)) for run in (alone, yielding)]
    assert digests[0] == digests[1] and len(digests[0]) == 4


def test_alone_a_training_keeps_its_worker(dataset, user, run_jobs, settings):
    settings.TRAINING_SEGMENT_SECONDS = 0
    run = submit(user, dataset)
    run_jobs()
    assert (ended(run).state, run.job.attempt) == (JobState.SUCCEEDED, 1)


def test_a_cancelled_training_keeps_its_checkpoints_and_goes_on_from_the_last(dataset, user, run_jobs, monkeypatch):
    run = submit(user, dataset, options={"epochs": 2000, "checkpoint_every": 1})
    asked, steps = [], [0]
    made = training.Segment.checkpoint_made

    def cancel_at_the_third(segment, checkpoint):
        made(segment, checkpoint)
        if checkpoint.step > steps[-1] + 6 and not asked:
            request_cancel(Job.objects.get(id=run.job_id))
            asked.append(time.monotonic())

    monkeypatch.setattr(training.Segment, "checkpoint_made", cancel_at_the_third)
    run_jobs()
    assert time.monotonic() - asked[0] < 2
    assert ended(run).state == JobState.CANCELLED
    kept = list(run.checkpoints.order_by("step").values_list("epoch", flat=True))
    assert kept[:3] == [1, 2, 3]
    asked.clear()
    steps.append(run.checkpoints.order_by("step").last().step)
    training_resume(run=run)
    run_jobs()
    assert "continued at step" in (run.folder / "log.txt").read_text()
    assert ended(run).state == JobState.CANCELLED and run.checkpoints.count() > len(kept)


def test_a_failed_registration_is_made_up_for_by_the_next_segment(dataset, user, run_jobs, monkeypatch):
    """As after a kill -9 between the files of a checkpoint and its row."""
    run = submit(user, dataset, options={"epochs": 3})

    def die(segment, checkpoint):
        raise MemoryError("killed here")

    with monkeypatch.context() as patched:
        patched.setattr(training.Segment, "checkpoint_made", die)
        run_jobs()
    assert ended(run).state == JobState.FAILED and not run.checkpoints.exists()
    training_resume(run=run)
    run_jobs()
    assert ended(run).state == JobState.SUCCEEDED, run.job.message
    assert [one.epoch for one in run.checkpoints.order_by("step")] == [1, 2, 3]


def test_registering_twice_is_registering_once(dataset, user, tmp_path):
    run = submit(user, dataset)
    made = CheckpointMade("0123456789ab", tmp_path, 1, 3, "a" * 64, 10)
    checkpoint_delete(checkpoint=checkpoint_register(run=run, made=made))
    again = checkpoint_register(run=run, made=CheckpointMade("0123456789ab", tmp_path, 1, 3, "b" * 64, 12))
    assert Checkpoint.objects.count() == 1
    assert (again.digest, again.bytes) == ("b" * 64, 12) and again.deleted is not None


def test_changed_pairs_are_not_trained_under_the_old_submission(dataset, user, run_jobs):
    run = submit(user, dataset)
    add_pair(dataset, 90)
    run_jobs()
    assert ended(run).state == JobState.FAILED and "have changed since" in run.job.message


def test_a_training_goes_on_from_a_checkpoint_with_other_options(dataset, user, run_jobs):
    first = submit(user, dataset, options={"epochs": 1})
    run_jobs()
    parent = first.checkpoints.get()
    second = submit(user, dataset, options={"epochs": 1, "lr": "0.001"}, parent=parent.id)
    scratch = submit(user, dataset, options={"epochs": 1, "lr": "0.001"})
    run_jobs()
    assert ended(second).state == JobState.SUCCEEDED, second.job.message + second.job.detail
    assert second.parent == parent
    assert second.checkpoints.get().digest not in (parent.digest, scratch.checkpoints.get().digest)


def test_an_unreadable_picture_ends_with_its_pair(dataset, user, run_jobs):
    from datasetviewer.selectors import image_path

    run = submit(user, dataset, validation_share=0)
    image_path(dataset.images.get(pair__key="train-002", modality="sketch")).write_bytes(b"no picture")
    run_jobs()
    assert ended(run).state == JobState.FAILED
    assert "train-002" in run.job.message and "Internal error" not in run.job.message


def test_a_trial_tells_speed_time_and_memory_and_leaves_nothing(dataset, user, run_jobs, settings):
    wish = training_wish(user=user, preset=TINY, dataset="pairs", options={"epochs": 50})
    trial = preflight_submit(user=user, wish=wish)
    (job,) = run_jobs("interactive")
    assert job.state == JobState.SUCCEEDED, job.message + job.detail
    trial = TrainingPreflight.objects.get(id=trial.id)
    assert trial.images_per_second > 0 and trial.seconds > 0 and trial.memory > 0
    assert (trial.batch, trial.device) == (2, "cpu")
    images = 50 * 2 * -(-len(wish.pairs.train) // 2)  # pairs of every step of every epoch
    assert trial.seconds == pytest.approx(images / trial.images_per_second, rel=0.05)
    assert not (settings.DATA_DIR / "trainings").exists()
