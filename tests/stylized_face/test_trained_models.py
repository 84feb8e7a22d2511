"""Checkpoints whose owners offer them draw beside what is built in."""

import numpy as np
import pytest
from PIL import Image

from evaluation.services import checkpoint_update
from stylized_face.selectors import TRAINED, model_get, models_available
from tests.evaluation.training_fixtures import pair_dataset, submit
from workers.engine.errors import InputError
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
    assert [one.id for one in models_available()] == ["pencil", name]


def test_a_model_of_another_direction_is_not_offered_for_photos(checkpoint):
    checkpoint_update(checkpoint=checkpoint, published=True)
    checkpoint.run.direction_from, checkpoint.run.direction_to = "sketch", "photo"
    checkpoint.run.save()
    assert [one.id for one in models_available()] == ["pencil"]


def test_a_visitor_gets_what_the_network_draws(checkpoint, create, run_jobs):
    from workers.engine.families.use import open_checkpoint

    checkpoint_update(checkpoint=checkpoint, published=True)
    sketch = create(model=f"{TRAINED}{checkpoint.id}")
    (job,) = run_jobs("interactive")
    assert job.state == JobState.SUCCEEDED, job.message + job.detail
    aligned = np.asarray(Image.open(sketch.file("aligned")))
    expected = open_checkpoint(checkpoint.folder, "cpu").apply([aligned])[0]
    assert np.array_equal(np.asarray(Image.open(sketch.file("sketch")).convert("RGB")), expected)


def test_a_model_that_was_withdrawn_meanwhile_ends_with_a_sentence(checkpoint, create, run_jobs):
    checkpoint_update(checkpoint=checkpoint, published=True)
    create(model=f"{TRAINED}{checkpoint.id}")
    checkpoint_update(checkpoint=checkpoint, published=False)
    (job,) = run_jobs("interactive")
    assert job.state == JobState.FAILED and "not offered any more" in job.message
