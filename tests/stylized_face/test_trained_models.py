"""Checkpoints whose owners offer them draw beside what is built in."""

import numpy as np
import pytest
from PIL import Image

from evaluation.services import checkpoint_update
from stylized_face.offered import TRAINED, model_get, models_available
from tests.evaluation.training_fixtures import add_checkpoint, pair_dataset, submit
from workers.engine.errors import InputError
from workers.engine.geometry import template
from workers.models import JobState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def checkpoint(user, run_jobs):
    run = submit(user, pair_dataset(public=False), options={"epochs": 1, "samples": 0})
    (job,) = run_jobs()
    assert job.state == JobState.SUCCEEDED, job.message
    return run.checkpoints.get()


def test_a_checkpoint_is_offered_only_when_its_owner_says_so(checkpoint):
    name = f"{TRAINED}{checkpoint.id}"
    with pytest.raises(InputError, match="pencil"):
        model_get(model=name)
    checkpoint_update(checkpoint=checkpoint, published=True, title="Soft pencil")
    model = model_get(model=name)
    assert (model.title, model.kind) == ("Soft pencil", "checkpoint")
    assert [one.id for one in models_available()] == ["pencil", "lines", name]


def test_a_model_of_another_direction_says_what_it_takes_and_comes_last(checkpoint):
    checkpoint_update(checkpoint=checkpoint, published=True)
    checkpoint.run.direction_from, checkpoint.run.direction_to = "sketch", "photo"
    checkpoint.run.save()
    other = add_checkpoint(checkpoint.run, 9)
    checkpoint_update(checkpoint=other, published=True)
    found = models_available()
    assert [one.takes for one in found] == ["photo", "photo", "sketch", "sketch"]
    assert found[-1].direction == "sketch → photo"


def test_a_caricature_cannot_be_sent(checkpoint):
    checkpoint_update(checkpoint=checkpoint, published=True)
    checkpoint.run.direction_from = "caricature"
    checkpoint.run.save()
    assert [one.id for one in models_available()] == ["pencil", "lines"]
    with pytest.raises(InputError, match="no model"):
        model_get(model=f"{TRAINED}{checkpoint.id}")


def test_who_trained_it_may_draw_with_it_before_it_is_offered(checkpoint, user, stranger, create, run_jobs):
    name = f"{TRAINED}{checkpoint.id}"
    later = add_checkpoint(checkpoint.run, 9)
    assert model_get(model=name, user=user).id == name
    assert [one.id for one in models_available(user)] == ["pencil", "lines", f"{TRAINED}{later.id}"], "the last one"
    assert [one.id for one in models_available(stranger)] == ["pencil", "lines"]
    with pytest.raises(InputError, match="no model"):
        model_get(model=name, user=stranger)
    create(model=name, owner=user)
    (job,) = run_jobs("interactive")
    assert job.state == JobState.SUCCEEDED, job.message + job.detail


@pytest.mark.parametrize(
    "model", ["checkpoint:", "checkpoint:zz", "checkpoint:0123456789ab\0", "checkpoint:0123456789ab", "\0"]
)
def test_what_is_no_model_is_a_sentence(model, db):
    with pytest.raises(InputError, match="Known: pencil, lines"):
        model_get(model=model)


def test_a_visitor_gets_what_the_network_draws(checkpoint, create, run_jobs):
    from workers.engine.faces import align, find_faces
    from workers.engine.families.use import open_checkpoint

    checkpoint_update(checkpoint=checkpoint, published=True)
    sketch = create(model=f"{TRAINED}{checkpoint.id}")
    (job,) = run_jobs("interactive")
    assert job.state == JobState.SUCCEEDED, job.message + job.detail
    # Networks learnt faces of 200x250, so they get them straight from the photo at that size.
    photo = Image.open(sketch.file("photo"))
    face = align(photo, find_faces(photo)[0], template("cufs"), 1, padding="fade").image
    (expected,) = open_checkpoint(checkpoint.folder, "cpu").apply([np.asarray(face)])
    drawn = np.asarray(Image.open(sketch.file("sketch")).convert("RGB"), dtype=float)
    assert drawn.shape == (500, 400, 3)
    small = np.asarray(Image.fromarray(drawn.astype(np.uint8)).resize((200, 250), Image.Resampling.BOX), dtype=float)
    assert np.abs(small - expected).mean() < 3
    assert Image.open(sketch.file("aligned")).size == (400, 500)


def test_a_model_that_was_withdrawn_meanwhile_ends_with_a_sentence(checkpoint, create, run_jobs):
    checkpoint_update(checkpoint=checkpoint, published=True)
    create(model=f"{TRAINED}{checkpoint.id}")
    checkpoint_update(checkpoint=checkpoint, published=False)
    (job,) = run_jobs("interactive")
    assert job.state == JobState.FAILED and "not offered any more" in job.message


def test_waiting_photos_for_one_network_are_drawn_at_once(checkpoint, create, run_jobs, monkeypatch):
    from workers.engine.families.use import Generator

    checkpoint_update(checkpoint=checkpoint, published=True)
    batches, apply = [], Generator.apply
    monkeypatch.setattr(
        Generator,
        "apply",
        lambda self, pictures, **more: batches.append(len(pictures)) or apply(self, pictures, **more),
    )
    name = f"{TRAINED}{checkpoint.id}"
    sketches = [create(model=name) for _ in range(3)]
    pencil = create(model="pencil")
    run_jobs("interactive")
    assert sum(batches) == 3 and max(batches) == 2, "two at once is what a CPU gains from"
    for sketch in [*sketches, pencil]:
        sketch.refresh_from_db()
        assert sketch.job.state == JobState.SUCCEEDED, sketch.job.detail
        assert set(sketch.seconds) == {"read", "detect", "align", "network", "store"}
    pictures = [np.asarray(Image.open(sketch.file("sketch")), dtype=int) for sketch in sketches]
    assert max(np.abs(one - pictures[2]).max() for one in pictures) <= 1, "a drawing does not depend on its company"


def test_a_batch_that_fails_is_drawn_one_by_one(checkpoint, create, run_jobs, monkeypatch):
    from workers.engine.families.use import Generator

    checkpoint_update(checkpoint=checkpoint, published=True)
    apply = Generator.apply

    def no_room(self, pictures, **more):
        if len(pictures) > 1:
            raise RuntimeError("CUDA out of memory")
        return apply(self, pictures, **more)

    monkeypatch.setattr(Generator, "apply", no_room)
    sketches = [create(model=f"{TRAINED}{checkpoint.id}") for _ in range(2)]
    run_jobs("interactive")
    for sketch in sketches:
        sketch.refresh_from_db()
        assert sketch.job.state == JobState.SUCCEEDED, sketch.job.detail


def test_a_photo_without_a_face_does_not_stop_its_company(checkpoint, create, run_jobs):
    checkpoint_update(checkpoint=checkpoint, published=True)
    name = f"{TRAINED}{checkpoint.id}"
    blank, good = create(Image.new("RGB", (300, 300), (90, 120, 150)), model=name), create(model=name)
    run_jobs("interactive")
    blank.refresh_from_db(), good.refresh_from_db()
    assert (blank.job.state, blank.found) == (JobState.FAILED, [])
    assert "No face was found" in blank.job.message and not blank.file("sketch").exists()
    assert good.job.state == JobState.SUCCEEDED and good.file("sketch").exists()
