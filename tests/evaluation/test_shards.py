"""Large sets in shards: the same number, each picture once, a lost worker costs one of them."""

import os
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from evaluation import sets
from evaluation.models import FeatureSet, FeatureShard, LogLine, Timing
from evaluation.services import evaluation_cancel, features_expire
from evaluation.services import shards as rows
from tests.evaluation import tiny
from workers.engine import weights
from workers.engine.features import store
from workers.models import Job, JobState, Worker
from workers.queue import claim, put_back
from workers.tasks import run_next

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def computed(monkeypatch):
    """The pictures that went through the network, in order."""
    seen = []
    original = tiny.Colours.features
    monkeypatch.setattr(
        tiny.Colours, "features",
        lambda self, batch: seen.extend(picture.tobytes() for picture in batch) or original(self, batch),
    )  # fmt: skip
    return seen


def fresh(evaluation):
    evaluation.refresh_from_db()
    evaluation.job.refresh_from_db()
    return evaluation


def value_of(evaluation):
    assert fresh(evaluation).job.state == JobState.SUCCEEDED, evaluation.job.message
    return evaluation.results.get()


@pytest.fixture
def undisturbed(submit, run_jobs):
    """What the evaluation gives in one piece; nothing of it is kept."""
    evaluation = submit("faces:all:photo", reference="faces:all:sketch")
    run_jobs()
    result = value_of(evaluation)
    Job.objects.filter(id=evaluation.job_id).update(state=JobState.CANCELLED)  # so that it can be submitted anew
    result.delete()
    FeatureSet.objects.all().delete()
    for path in rows.features_folder().glob("*/*"):
        path.unlink()
    return result


def test_small_sets_stay_in_one_job(submit, run_jobs):
    submit()
    assert [job.kind for job in run_jobs()] == ["evaluate"]
    assert FeatureShard.objects.count() == 0


@pytest.mark.parametrize(("size", "batch"), [(10, 1), (10, 32), (3, 2)])
def test_one_shard_and_many_and_any_batch_and_order_give_the_same_number(
    undisturbed, submit, run_jobs, settings, monkeypatch, size, batch
):
    settings.SHARD_PICTURES = size
    monkeypatch.setattr(tiny.Colours, "batch_size", batch)
    evaluation = submit("faces:all:photo", reference="faces:all:sketch")
    first = run_next("batch", Worker.objects.get())
    assert (first.kind, first.state, first.parts_left) == ("evaluate", JobState.QUEUED, -(-20 // size) + -(-12 // size))
    for place, job in enumerate(Job.objects.filter(kind="features").order_by("created")):
        Job.objects.filter(id=job.id).update(priority=place * 7 % 5)  # some other order
    jobs = run_jobs()
    assert [job.kind for job in jobs] == ["features"] * (len(jobs) - 1) + ["evaluate"]
    result = value_of(evaluation)
    assert result.value == pytest.approx(undisturbed.value, rel=1e-6)
    assert (result.low, result.high, result.floor) == pytest.approx(
        (undisturbed.low, undisturbed.high, undisturbed.floor), rel=1e-6
    )
    assert result.protocol == undisturbed.protocol and result.candidate_digest == undisturbed.candidate_digest


def test_evaluations_submitted_at_the_same_time_extract_a_shared_set_once(submit, run_jobs, settings, computed):
    settings.SHARD_PICTURES = 5
    first = submit("faces:test:photo", reference="faces:all:sketch")
    second = submit("faces:train:sketch", reference="faces:all:sketch")
    run_jobs()
    assert value_of(first).value != value_of(second).value
    # 20 sketches (the 10 training ones are a set of their own for the second) and 12 photos, each set once
    assert len(computed) == 20 + 12 + 10
    shards = FeatureShard.objects.filter(feature_set__n=20)
    assert [shard.n for shard in shards] == [5, 5, 5, 5]
    assert all(shard.job.wholes.count() == 2 for shard in shards)


def test_a_lost_worker_costs_one_shard(undisturbed, submit, run_jobs, settings, computed):
    settings.SHARD_PICTURES = 5
    evaluation = submit("faces:all:photo", reference="faces:all:sketch")
    worker = Worker.objects.get()
    run_next("batch", worker)
    run_next("batch", worker)
    lost = claim("batch", worker, 1)  # a worker takes the next shard and dies
    put_back(lost, lost=True)
    run_jobs()
    assert value_of(evaluation).value == pytest.approx(undisturbed.value, rel=1e-6)
    attempts = dict(Job.objects.filter(kind="features").values_list("id", "attempt"))
    assert attempts.pop(lost.id) == 2 and set(attempts.values()) == {1}
    assert len(computed) == len(set(computed)) == 32


def test_a_known_set_needs_no_shard_jobs(submit, run_jobs, settings, computed):
    settings.SHARD_PICTURES = 5
    submit("faces:test:photo", reference="faces:all:sketch")
    run_jobs()
    computed.clear()
    again = submit("faces:train:sketch", reference="faces:all:sketch")
    jobs = run_jobs()
    assert len(computed) == 10, "the candidate alone"
    assert [job.kind for job in jobs] == ["evaluate", "features", "features", "evaluate"]
    assert any("20 pictures put together from 4 parts" in line.text for line in again.log_lines.all())


def test_a_failing_shard_fails_the_evaluation_with_its_message_and_a_resubmission_mends_it(
    dataset, submit, run_jobs, settings, computed
):
    from datasetviewer.selectors import image_path

    settings.SHARD_PICTURES = 5
    evaluation = submit("faces:test:photo")
    run_next("batch", Worker.objects.get())
    image = dataset.images.filter(modality="photo").first()
    path = image_path(image)
    content = path.read_bytes()
    path.unlink()
    run_jobs()
    assert fresh(evaluation).job.state == JobState.FAILED
    assert image.key in evaluation.job.message and str(settings.DATA_DIR) not in evaluation.job.message
    assert not Job.objects.filter(state__in=["queued", "running"]).exists()
    path.write_bytes(content)
    again = submit("faces:test:photo")
    assert again.id != evaluation.id
    run_jobs()
    assert value_of(again).n_candidate == 12
    assert len(computed) == len(set(computed)), "what was done before the failure was not done again"


def test_a_picture_that_changed_after_the_split_is_not_measured(dataset, submit, run_jobs, settings):
    from datasetviewer.selectors import image_path

    settings.SHARD_PICTURES = 5
    evaluation = submit("faces:test:photo")
    run_next("batch", Worker.objects.get())
    one, other = [image_path(image) for image in dataset.images.filter(modality="photo")[:2]]
    one.write_bytes(other.read_bytes())
    run_jobs()
    assert fresh(evaluation).job.state == JobState.FAILED and "have changed since" in evaluation.job.message


def test_a_damaged_file_is_computed_again(submit, run_jobs, settings, computed):
    settings.SHARD_PICTURES = 5
    submit("faces:test:photo", reference="faces:all:sketch")
    run_jobs()
    shard = FeatureShard.objects.filter(feature_set__n=20).first()
    (rows.features_folder() / shard.key[:2] / f"{shard.key}.npz").write_bytes(b"half")
    computed.clear()
    again = submit("faces:train:sketch", reference="faces:all:sketch")
    run_jobs()
    assert value_of(again).n_reference == 20
    assert len(computed) == 10 + 5


def test_cancelling_the_evaluation_stops_its_shards_but_not_those_of_others(submit, run_jobs, settings):
    settings.SHARD_PICTURES = 5
    worker = Worker.objects.get()
    first = submit("faces:test:photo", reference="faces:all:sketch")
    second = submit("faces:train:sketch", reference="faces:all:sketch")
    run_next("batch", worker)
    while Job.objects.get(id=second.job_id).attempt == 0:
        run_next("batch", worker)
    assert evaluation_cancel(evaluation=fresh(first)) == JobState.CANCELLED
    run_jobs()
    assert value_of(second).n_candidate == 10
    assert not Job.objects.filter(state__in=["queued", "running"]).exists()
    assert FeatureSet.objects.filter(n=12, done__isnull=False).count() == 0, "nobody needed the photos any more"


def test_two_workers_that_need_the_same_small_set_at_once_extract_it_once(
    submit, run_jobs, settings, computed, monkeypatch
):
    original = tiny.Colours.prepare

    def slowly(self, picture):
        time.sleep(0.03)
        return original(self, picture)

    monkeypatch.setattr(tiny.Colours, "prepare", slowly)
    evaluations = [submit("faces:test:photo"), submit("faces:train:sketch")]
    now = timezone.now()
    workers = [
        Worker.objects.get(),
        Worker.objects.create(host="there", pid=2, queue="batch", started=now, last_seen=now),
    ]

    def work(worker):
        run_next("batch", worker)
        connection.close()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(value_of(evaluation) for evaluation in evaluations)
    assert len(computed) == 10 + 12 + 10, "the reference once, both candidates"


def test_a_set_whose_holder_died_is_taken_over(submit, run_jobs, computed):
    evaluation = submit()
    dead = Job.objects.create(
        kind="evaluate",
        handler="x",
        queue="batch",
        state=JobState.FAILED,
        created=timezone.now(),
        available=timezone.now(),
    )
    contents = sets.contents(sets.from_json(evaluation.reference), "", everything=True)
    digests = [weights.sha256_of(path) for path in contents.paths]
    key = store.set_key(digests, evaluation.extractor, weights.find(evaluation.extractor, None).digest)
    FeatureSet.objects.create(
        key=key, extractor=evaluation.extractor, weights_digest="", n=10, holder=dead, used=timezone.now()
    )
    run_jobs()
    assert value_of(evaluation).n_reference == 10


class TestTelling:
    def test_the_log_says_what_was_done_and_how_long_it_took(self, submit, run_jobs, settings):
        evaluation = submit()
        run_jobs()
        text = "\n".join(line.text for line in evaluation.log_lines.all())
        assert "reference set: features of 10 pictures in" in text and "pictures a second" in text and "fid in" in text

    def test_the_log_says_what_was_kept_from_before(self, submit, run_jobs):
        submit("faces:test:photo")
        run_jobs()
        again = submit("faces:train:sketch")
        run_jobs()
        assert any("were kept from before" in line.text for line in again.log_lines.all())

    def test_shards_write_their_lines_into_the_log_of_who_waits_for_them(self, submit, run_jobs, settings):
        settings.SHARD_PICTURES = 5
        evaluation = submit("faces:test:photo", reference="faces:all:sketch")
        run_jobs()
        lines = [line.text for line in evaluation.log_lines.all()]
        assert sum(line.startswith("part ") for line in lines) == 4 + 3
        assert any("20 pictures in 4 parts, 4 of them to be computed" in line for line in lines)

    def test_the_log_is_bounded(self, submit, run_jobs, monkeypatch):
        monkeypatch.setattr(rows, "LOG_LINES", 5)
        evaluation = submit()
        for number in range(9):
            rows.log_write(evaluation=evaluation, text=f"line {number}")
        assert [line.text for line in LogLine.objects.all()] == [f"line {number}" for number in range(4, 9)]

    def test_timings_are_kept_for_estimates(self, submit, run_jobs):
        submit()
        run_jobs()
        assert set(Timing.objects.values_list("what", "device", "count")) >= {
            ("tests.colours", "cpu", 10), ("tests.colours", "cpu", 12), ("fid tests.colours", "cpu", 22),
        }  # fmt: skip


class TestExpiring:
    def files(self):
        return [path for path in rows.features_folder().glob("*/*") if path.is_file()]

    def used(self, seconds, **which):
        FeatureSet.objects.filter(**which).update(used=timezone.now() - timedelta(seconds=seconds))

    def test_nothing_goes_while_there_is_space(self, submit, run_jobs):
        submit()
        run_jobs()
        self.used(10 * 86400)
        assert features_expire() == 0 and len(self.files()) == FeatureSet.objects.count() > 0

    def test_what_was_not_used_for_longest_goes_first_and_is_computed_again(self, submit, run_jobs, settings, computed):
        settings.SHARD_PICTURES = 5
        submit("faces:test:photo", reference="faces:all:sketch")
        run_jobs()
        self.used(7200)
        self.used(9000, n=20)
        total = sum(path.stat().st_size for path in self.files())
        settings.FEATURES_MAX_GB = (total - 1) / 1e9
        assert features_expire() == 1
        assert list(FeatureSet.objects.values_list("n", flat=True)) == [12]
        assert sum(path.stat().st_size for path in self.files()) < total
        computed.clear()
        again = submit("faces:train:sketch", reference="faces:all:sketch")
        run_jobs()
        assert value_of(again) and len(computed) == 20 + 10

    def test_what_was_just_used_or_is_being_computed_stays(self, submit, run_jobs, settings):
        settings.SHARD_PICTURES = 5
        submit("faces:test:photo", reference="faces:all:sketch")
        run_next("batch", Worker.objects.get())
        settings.FEATURES_MAX_GB = 1e-9
        assert features_expire() == 0, "just used"
        self.used(7200)
        assert features_expire() == 0, "its shards wait"
        run_jobs()

    def test_a_stray_file_goes_after_a_week(self, settings, db):
        folder = rows.features_folder() / "ab"
        folder.mkdir(parents=True)
        old, new = folder / ".writing-old", folder / ".writing-new"
        for path in (old, new):
            path.write_text("half")
        os.utime(old, (time.time() - 8 * 86400,) * 2)
        features_expire()
        assert self.files() == [new]
