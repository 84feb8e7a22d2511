"""Several processes that share a batch learn what one would, under torchrun as people start it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.engine.pairs import made_plan
from tests.engine.shared_batch import keep_gradients
from workers.engine.errors import InputError
from workers.engine.training import processes


@pytest.fixture(scope="module")
def gradients(tmp_path_factory):
    """Gradients of discriminator and generator in the first step: of one process, and of the first of two."""
    folder = tmp_path_factory.mktemp("shared")
    keep_gradients(folder, "one")
    made_plan(folder / "two")  # the pictures, before two processes look for them
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    script = [*torchrun, "-m", "tests.engine.shared_batch", str(folder), "two"]
    subprocess.run(script, check=True, capture_output=True, cwd=Path(__file__).resolve().parents[2], timeout=200)
    return folder, [np.load(folder / f"{name}-1.npz") for name in ("one", "two")]


def test_two_processes_have_the_gradient_of_the_whole_batch(gradients):
    _, (one, two) = gradients
    assert len(one.files) == len(two.files) == 2  # one step: discriminator, generator
    for name in one.files:
        np.testing.assert_allclose(two[name], one[name], rtol=1e-3, atol=1e-5 * abs(one[name]).max())


def test_only_the_first_process_writes_and_reports(gradients):
    folder, _ = gradients
    assert (folder / "two-0.npz").is_file()  # the second heard nothing
    lines = [(folder / name / "run" / "losses.jsonl").read_text().count("\n") for name in ("one", "two")]
    assert lines == [1, 1]
    assert len(list((folder / "two" / "run" / "checkpoints").iterdir())) == 1


def test_a_batch_that_cannot_be_shared_is_refused(monkeypatch):
    monkeypatch.setattr(processes.distributed, "is_torchelastic_launched", lambda: True)
    monkeypatch.setattr(processes.distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(processes.distributed, "get_rank", lambda: 0)
    monkeypatch.setattr(processes.distributed, "get_world_size", lambda: 3)
    with pytest.raises(InputError, match="choose a multiple of 3"):
        processes.join("cpu", 4)
    assert processes.join("cpu", 6).share(list("abcdef")) == (["a", "d"], [0, 3])


def test_alone_nothing_is_reduced():
    alone = processes.join("cpu", 5)
    weights = torch.nn.Parameter(torch.ones(2))
    weights.grad = torch.tensor([1.0, 2.0])
    alone.reduce([weights])
    assert weights.grad.tolist() == [1.0, 2.0] and alone.agreed(True) and not alone.agreed(False)
    assert alone.share([5, 6, 7]) == ([5, 6, 7], [0, 1, 2])
