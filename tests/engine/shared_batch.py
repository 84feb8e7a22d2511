"""One step of a small training whose gradients are kept; run by torchrun it is shared by processes."""

import sys
from pathlib import Path

import numpy as np
import torch

from tests.engine.pairs import made_plan
from workers.engine.families import adversarial
from workers.engine.training.loop import train
from workers.engine.training.updating import update


def keep_gradients(folder: Path, name: str) -> None:
    """Train one step; the gradients it steps by go to `<name>-<whether this process reported>.npz`."""
    found = []

    def record(network, optimiser, reduce, longest):
        reduce(list(network.parameters()))
        found.append(torch.cat([value.grad.flatten() for value in network.parameters()]).numpy().copy())
        update(network, optimiser, lambda parameters: None, longest)

    adversarial.update = record
    try:
        # Instance normalisation and no dropout: nothing then depends on who shares a batch with whom.
        plan = made_plan(folder / name, run_id="run", epochs=1, batch=4, norm="instance", dropout=0, warp=True)
        heard = []
        train(plan, report=heard.append, should_stop=lambda: False, checkpoint_made=heard.append)
    finally:
        adversarial.update = update
    np.savez(folder / f"{name}-{int(bool(heard))}.npz", *found)


if __name__ == "__main__":
    keep_gradients(Path(sys.argv[1]), sys.argv[2])
