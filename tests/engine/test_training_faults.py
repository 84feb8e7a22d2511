"""What goes wrong in a training: memory that runs out, losses that are no numbers, pairs that cannot be used."""

from dataclasses import replace

import pytest
import torch
from PIL import Image

from tests.engine.pairs import made_plan
from tests.engine.running import losses, run
from workers.engine.errors import InputError
from workers.engine.training import session as session_module
from workers.engine.training.preflight import dry_run


def fail_beyond(monkeypatch, largest, error):
    """A device whose memory takes `largest` pictures at once."""
    real = session_module.Session.parts

    def parts(self, source, target):
        found = real(self, source, target)
        if len(found[0].source) > largest:
            raise error
        return found

    monkeypatch.setattr(session_module.Session, "parts", parts)


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("full"), RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")]
)
def test_when_memory_runs_out_the_batch_is_taken_in_two_parts(tmp_path, monkeypatch, error):
    fail_beyond(monkeypatch, 2, error)
    plan = made_plan(tmp_path, epochs=1, batch=4)
    outcome, _ = run(plan)
    assert outcome.finished
    assert "each is now taken in two parts" in (plan.folder / "log.txt").read_text()
    assert dry_run(plan).batch == 2


def test_when_half_a_batch_is_too_much_the_figures_are_said(tmp_path, monkeypatch):
    fail_beyond(monkeypatch, 1, torch.OutOfMemoryError("full"))
    with pytest.raises(InputError, match=r"too small for a batch of 4 at 32 pixels, even in two parts"):
        run(made_plan(tmp_path, epochs=1, batch=4))


def test_another_defect_is_not_taken_for_lack_of_memory(tmp_path, monkeypatch):
    fail_beyond(monkeypatch, 1, RuntimeError("something else"))
    with pytest.raises(RuntimeError, match="something else"):
        run(made_plan(tmp_path, epochs=1, batch=4))


def test_a_loss_that_is_no_number_ends_the_training_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr("workers.engine.families.pix2pix.pixel_loss", lambda drawn, target: drawn.sum() * float("nan"))
    plan = made_plan(tmp_path, epochs=3)
    with pytest.raises(InputError, match="the loss l1 is no longer a number"):
        run(plan)
    assert losses(plan)[-1]["losses"]["l1"] is None  # JSON has no NaN


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda pair: pair.source.unlink(), "The source of pair 1 cannot be read"),
        (lambda pair: pair.target.write_bytes(b"no picture"), "The target of pair 1 cannot be read"),
        (lambda pair: Image.new("RGB", (50, 20)).save(pair.target), "different shapes, 40x50 and 50x20"),
    ],
)
def test_a_pair_that_cannot_be_used_is_named(tmp_path, change, said):
    plan = made_plan(tmp_path)
    change(plan.train[1])
    with pytest.raises(InputError, match=said):
        run(plan)


def test_no_pairs_no_training(tmp_path):
    with pytest.raises(InputError, match="no pairs"):
        run(replace(made_plan(tmp_path), train=()))
