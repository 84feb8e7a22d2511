"""What a checkpoint makes of a selection, as the set of an evaluation."""

import sys
import types

import numpy as np
import pytest
from PIL import Image as Picture

from datasetviewer.models import Image
from evaluation import sets
from evaluation.jobs.generating import generate_missing, to_draw
from evaluation.models import Checkpoint, Evaluation, Result
from evaluation.sets import CheckpointSet
from tests.evaluation.checkpoints import Negatives, make_checkpoint, write_generator
from tests.evaluation.conftest import EXTRACTOR, make_dataset
from workers.engine.errors import InputError
from workers.models import Job, JobState

URL = "/api/v1/evaluations/"


@pytest.fixture
def checkpoint(dataset):
    return make_checkpoint(dataset)


@pytest.fixture
def negatives(monkeypatch):
    """The engine's generating module replaced by one that draws negatives."""
    module = types.ModuleType("workers.engine.families.generate")
    module.generate_set = Negatives()
    monkeypatch.setitem(sys.modules, "workers.engine.families.generate", module)
    return module.generate_set


@pytest.fixture
def drawn_body(checkpoint, body):
    return body | {"candidate": {"checkpoint": checkpoint.id, "dataset": "faces", "split": "test"}}


def test_it_holds_a_picture_for_each_source_of_the_direction(dataset, checkpoint, settings):
    found = sets.contents(CheckpointSet(checkpoint.id, "faces", "test"), "candidate", everything=True)
    photos = list(Image.objects.filter(dataset=dataset, modality="photo").order_by("key"))
    assert [path.stem for path in found.sources] == [path.stem for path in found.paths] == [p.sha256 for p in photos]
    assert {path.parent for path in found.paths} == {settings.DATA_DIR / "generated" / checkpoint.digest}
    assert found.pair_keys == tuple(photo.key for photo in photos)
    Image.objects.filter(pk=photos[0].pk).update(key="a/first.jpg", format="JPEG")
    drawn = sets.contents(CheckpointSet(checkpoint.id, "faces", "test"), "candidate", everything=True)
    assert "a/first.png" in drawn.names and "a/first.jpg" in drawn.pair_keys  # what is measured is a PNG file
    assert (found.checkpoint, found.dataset, found.n) == (checkpoint, dataset, 12)


def test_the_digest_follows_the_weights_and_the_sources(dataset, checkpoint):
    def digest(of, split="test", source=""):
        return sets.contents(CheckpointSet(of.id, "faces", split, source), "candidate", everything=True).digest

    twin, other = make_checkpoint(dataset, digest=checkpoint.digest), make_checkpoint(dataset)
    assert digest(checkpoint) == digest(twin) == digest(checkpoint, "all") == digest(checkpoint, "test", "CUHK")
    assert digest(checkpoint) != digest(other)
    backwards = make_checkpoint(dataset, direction=("sketch", "photo"), digest=checkpoint.digest)
    assert digest(backwards) != digest(checkpoint)
    photos = sets.contents(sets.parse_text("faces:test:photo", ""), "candidate", everything=True)
    assert digest(checkpoint) != photos.digest


def test_an_unknown_or_deleted_checkpoint_is_refused_with_the_known_ones(dataset, checkpoint, user):
    spec = CheckpointSet("ffffffffffff", "faces", "test")
    with pytest.raises(InputError, match=f"candidate: there is no checkpoint 'ffffffffffff'\\. Known: {checkpoint.id}"):
        sets.contents(spec, "candidate", user=user)
    Checkpoint.objects.update(deleted="2026-01-01T00:00Z")
    with pytest.raises(InputError, match="Known: none"):
        sets.contents(CheckpointSet(checkpoint.id, "faces", "test"), "candidate", user=user)


def test_a_checkpoint_whose_files_are_gone_is_refused(checkpoint, user):
    checkpoint.folder.rmdir()
    with pytest.raises(InputError, match=r"files of checkpoint .* are gone"):
        sets.contents(CheckpointSet(checkpoint.id, "faces", "test"), "candidate", user=user)


def test_a_selection_without_its_sources_says_what_there_is(dataset, user):
    backwards = make_checkpoint(dataset, direction=("caricature", "photo"))
    with pytest.raises(InputError, match=r"faces:test holds 0 pictures.*photo 12"):
        sets.contents(CheckpointSet(backwards.id, "faces", "test"), "candidate", user=user)


def test_what_was_trained_on_a_private_dataset_is_private_until_it_is_published(dataset, private_dataset, user):
    secret = make_checkpoint(private_dataset)
    spec = CheckpointSet(secret.id, "faces", "test")
    assert sets.contents(spec, "candidate", user=user).public is False
    with pytest.raises(InputError, match="there is no checkpoint"):
        sets.contents(spec, "candidate", user=None)
    Checkpoint.objects.update(published=True)
    assert sets.contents(spec, "candidate", user=None).public is True


@pytest.mark.django_db(transaction=True)
def test_it_is_drawn_first_then_measured_like_any_set(checkpoint, drawn_body, negatives, user, client_of, run_jobs):
    answer = client_of(user).post(URL, drawn_body, format="json")
    assert answer.status_code == 202
    evaluation = Evaluation.objects.get()
    assert evaluation.candidate_checkpoint == checkpoint
    assert evaluation.candidate_label == f"checkpoint:{checkpoint.id}@faces:test"
    (job,) = [job for job in run_jobs() if job.kind == "evaluate"]
    assert job.state == JobState.SUCCEEDED, job.message
    assert len(negatives.drawn) == 12
    found = sets.contents(sets.from_json(evaluation.candidate), "candidate", everything=True)
    first = np.asarray(Picture.open(found.sources[0]).convert("RGB")).astype(int)
    assert np.array_equal(255 - first, np.asarray(Picture.open(found.paths[0])))
    result = evaluation.results.get()
    assert (result.n_candidate, result.n_reference) == (12, 10)
    assert result.value > 0


@pytest.mark.django_db(transaction=True)
def test_equal_submissions_are_found_before_anything_is_drawn(drawn_body, negatives, user, client_of, run_jobs):
    client = client_of(user)
    first = client.post(URL, drawn_body, format="json").json()
    again = client.post(URL, drawn_body, format="json")
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert negatives.drawn == []
    run_jobs()
    drawn_body["metrics"] = ["kid"]
    assert client.post(URL, drawn_body, format="json").status_code == 202
    run_jobs()
    assert len(negatives.drawn) == 12  # drawn once, measured twice
    assert Result.objects.count() == 2


def test_a_stop_while_drawing_is_heard_and_what_was_drawn_stays(checkpoint, negatives):
    class Stop(BaseException):
        pass

    class Context:
        steps: list[str] = []

        def beside(self, work):
            return work()

        def report(self, progress, step=""):
            self.steps.append(step)
            assert 0 <= progress <= 0.5
            if len(negatives.drawn) == 3:
                raise Stop

    found = sets.contents(CheckpointSet(checkpoint.id, "faces", "test"), "candidate", everything=True)
    with pytest.raises(Stop):
        generate_missing(Context(), [found], 0.5)
    assert Context.steps[-1] == "generating: 3 of 12 pictures"
    assert len(to_draw(found)) == 9


@pytest.mark.django_db(transaction=True)
def test_two_checkpoints_are_ranked_and_another_reference_never_with_them(
    dataset, body, negatives, user, client_of, visitor, run_jobs
):
    for split in ("test", "train"):
        reference = {"dataset": "faces", "split": split, "modality": "sketch"}
        for _ in range(2):
            candidate = {"checkpoint": make_checkpoint(dataset).id, "dataset": "faces", "split": "test"}
            sent = body | {"reference": reference, "candidate": candidate, "metrics": ["fid"]}
            assert client_of(user).post(URL, sent, format="json").status_code == 202
    run_jobs()
    rows = visitor.get("/api/v1/results/", {"ordering": "value"}).json()["results"]
    protocols = [row["protocol"] for row in rows]
    assert len(set(protocols)) == 2 and protocols == sorted(protocols)  # the rows of one protocol stay together
    for protocol in set(protocols):
        values = [row["value"] for row in rows if row["protocol"] == protocol]
        assert len(values) == 2 and values == sorted(values)


@pytest.mark.django_db(transaction=True)
def test_the_engine_draws_it(dataset, drawn_body, checkpoint, user, client_of, run_jobs):
    write_generator(checkpoint, loss_networks=("tests.something",))
    client_of(user).post(URL, drawn_body, format="json")
    (job,) = run_jobs()
    assert job.state == JobState.SUCCEEDED, job.message
    found = sets.contents(CheckpointSet(checkpoint.id, "faces", "test"), "candidate", everything=True)
    drawn = [np.asarray(Picture.open(path)) for path in found.paths]
    assert {picture.shape for picture in drawn} == {(50, 40, 3)}
    assert not np.array_equal(drawn[0], drawn[1])
    warnings = {warning["code"]: warning["values"] for warning in Result.objects.get().warnings}
    assert warnings["loss_as_metric"] == {"network": "tests.something", "name": EXTRACTOR}


def test_damaged_weights_are_said_to_be(dataset, checkpoint):
    write_generator(checkpoint)
    (checkpoint.folder / "generator.safetensors").write_bytes(b"damaged")
    found = sets.contents(CheckpointSet(checkpoint.id, "faces", "test"), "candidate", everything=True)

    class Context:
        def beside(self, work):
            return work()

        def report(self, progress, step=""):
            pass

    with pytest.raises(InputError, match="is not the file that was written"):
        generate_missing(Context(), [found], 0.5)
    assert not found.paths[0].parent.exists()


def test_what_a_private_checkpoint_made_is_hidden_also_when_its_row_is_gone(
    dataset, private_dataset, body, user, client_of, visitor
):
    secret = make_checkpoint(private_dataset)
    body["candidate"] = {"checkpoint": secret.id, "dataset": "faces", "split": "test"}
    assert client_of(user).post(URL, body, format="json").status_code == 202
    assert not Job.objects.get(kind="evaluate").public
    assert visitor.get(URL).json()["count"] == 0
    assert client_of(user).get(URL).json()["count"] == 1
    Checkpoint.objects.update(published=True)
    assert visitor.get(URL).json()["count"] == 1
    Checkpoint.objects.all().delete()
    assert visitor.get(URL).json()["count"] == 0


def test_a_private_checkpoint_in_the_reference_hides_it_too(dataset, private_dataset, body, user, client_of, visitor):
    secret = make_checkpoint(private_dataset)
    body["reference"] = {"checkpoint": secret.id, "dataset": "faces", "split": "test"}
    assert client_of(user).post(URL, body, format="json").status_code == 202
    assert visitor.get(URL).json()["count"] == 0


def test_the_command_line_takes_it(checkpoint):
    from tests.evaluation.test_commands import evaluate

    assert evaluate("--json", candidate=f"checkpoint:{checkpoint.id}@faces:test") == 0
    evaluation = Evaluation.objects.get()
    assert (evaluation.candidate_checkpoint, evaluation.extractor) == (checkpoint, EXTRACTOR)


def test_a_dataset_that_is_hidden_from_visitors_is_no_selection_for_them(checkpoint, db):
    make_dataset("hidden", public=False)
    with pytest.raises(InputError, match="there is no dataset 'hidden'"):
        sets.contents(CheckpointSet(checkpoint.id, "hidden", "test"), "candidate", user=None)
