"""The programs we are measured against. They are never dependencies: a benchmark uses them if Python finds them.

python -m venv --system-site-packages peers     (from the Python that has torch; or install torch there)
peers/bin/pip install --no-deps pytorch-fid torch-fidelity clean-fid
peers/bin/python benchmarks/frechet.py
"""

import importlib
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# In a process of its own: pytorch-fid's command line with its network filled from a local file of weights.
PYTORCH_FID = """
import sys
sys.path.insert(0, sys.argv.pop(1))
import peers
import pytorch_fid.inception
peers.fill_pytorch_fid(pytorch_fid.inception, sys.argv.pop(1))
from pytorch_fid.fid_score import main
main()
"""


def fill_pytorch_fid(network, file):
    """Let pytorch-fid's module take its network's numbers from a local file instead of the web.

    Layers that the file lacks get seeded random numbers; they are never reached with 768 dimensions or less.
    """
    import torch

    def local(url, progress=True):
        torch.manual_seed(0)
        whole = network._inception_v3(num_classes=1008, aux_logits=False, weights=None)
        blocks = {
            "5b": network.FIDInceptionA(192, pool_features=32),
            "5c": network.FIDInceptionA(256, pool_features=64),
            "5d": network.FIDInceptionA(288, pool_features=64),
            "6b": network.FIDInceptionC(768, channels_7x7=128),
            "6c": network.FIDInceptionC(768, channels_7x7=160),
            "6d": network.FIDInceptionC(768, channels_7x7=160),
            "6e": network.FIDInceptionC(768, channels_7x7=192),
            "7b": network.FIDInceptionE_1(1280),
            "7c": network.FIDInceptionE_2(2048),
        }
        for name, block in blocks.items():
            setattr(whole, f"Mixed_{name}", block)
        return whole.state_dict() | torch.load(file, weights_only=True, map_location="cpu")

    network.load_state_dict_from_url = local


def peer(module):
    """The module of a peer, or None with instructions on standard error."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        print(f"{module} is not here ({error}); left out. To have it:\n{__doc__.split(chr(10), 2)[2]}", file=sys.stderr)
        return None


def timed(function, *arguments):
    """(value, seconds)"""
    start = time.perf_counter()
    value = function(*arguments)
    return value, time.perf_counter() - start


def load():
    """The machine's load average, which belongs beside every timing."""
    return ", ".join(f"{value:.2f}" for value in os.getloadavg())
