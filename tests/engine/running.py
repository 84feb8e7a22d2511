"""Small trainings of the tests, and what they left behind."""

import json

from safetensors.torch import load_file

from workers.engine.training.loop import train


def run(plan, *, stop_after=None, report=None):
    """Train; `stop_after` steps of this call it is asked to make room. Returns outcome and checkpoints."""
    made, asked = [], []

    def should_stop():
        asked.append(1)
        return stop_after is not None and len(asked) >= stop_after

    outcome = train(
        plan, report=report or (lambda progress: None), should_stop=should_stop, checkpoint_made=made.append
    )
    return outcome, made


def weights(checkpoint):
    return load_file(checkpoint.folder / "generator.safetensors")


def losses(plan):
    return [json.loads(line) for line in (plan.folder / "losses.jsonl").read_text().splitlines()]
