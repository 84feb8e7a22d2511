"""What a training writes down of itself, and what ends it before its time."""

import json
import math

import pytest
import torch

from workers.engine.errors import InputError
from workers.engine.training.journal import Journal
from workers.engine.training.watch import Watch


def test_losses_after_the_resumed_step_are_dropped(tmp_path):
    journal = Journal(tmp_path / "run")
    for step in (2, 4, 6):
        journal.losses({"step": step, "losses": {}})
    with (tmp_path / "run" / "losses.jsonl").open("a") as file:
        file.write('{"step": 7')
    journal.go_back_to(4)
    assert [json.loads(line)["step"] for line in (tmp_path / "run" / "losses.jsonl").open()] == [2, 4]
    silent = Journal(tmp_path / "other", active=False)
    silent.say("nothing")
    assert not (tmp_path / "other").exists()


def test_a_flat_drawing_is_stopped_only_after_patience():
    watch, target = Watch(patience=100), torch.rand(2, 3, 8, 8)
    for step in range(1, 101, 10):
        watch.pictures(step, torch.full((2, 3, 8, 8), -1.0), target)
    with pytest.raises(InputError, match="nothing but black for 100 steps"):
        watch.pictures(101, torch.full((2, 3, 8, 8), -1.0), target)


def test_a_drawing_that_recovers_is_left_alone():
    watch, target = Watch(patience=10), torch.rand(2, 3, 8, 8)
    for step in range(1, 100, 5):
        watch.pictures(step, torch.zeros(2, 3, 8, 8) if step % 2 else target, target)
    for step in range(1, 100, 5):  # flat targets ask for flat drawings
        watch.pictures(step, torch.zeros(2, 3, 8, 8), torch.ones(2, 3, 8, 8))


def test_a_discriminator_that_has_won_is_said():
    watch = Watch(patience=100)
    watch.losses(1, {"discriminator": 1e-5, "gan": 14.0})
    watch.losses(50, {"discriminator": 0.3, "gan": 2.0})  # it came back
    watch.losses(60, {"discriminator": 1e-5, "gan": 14.0})
    with pytest.raises(InputError, match="The discriminator has won: for 100 steps"):
        watch.losses(160, {"discriminator": 1e-5, "gan": 14.0})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_is_said_at_once(value):
    with pytest.raises(InputError, match="step 12: the loss kl is no longer a number"):
        Watch().losses(12, {"pixels": 0.1, "kl": value})
