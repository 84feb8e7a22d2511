"""Where the networks run: `auto`, `cpu` or `cuda`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from workers.engine.errors import InputError

DEVICES = ("auto", "cpu", "cuda")


def choose_device(name: str = "auto") -> torch.device:
    """The device of this name; `auto` is CUDA when there is a usable GPU, else the CPU.

    Raises InputError for an unknown name (`cuda:1` and the like are known) and for CUDA without a usable GPU.
    """
    kind, _, index = name.partition(":")
    if kind not in DEVICES or (index and (kind != "cuda" or not index.isdecimal())):
        raise InputError(f"There is no device named {name!r}. Known: {', '.join(DEVICES)}, cuda:0, cuda:1, ...")
    if kind == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if kind == "cuda" and int(index or 0) >= torch.cuda.device_count():
        raise InputError(f"The device {name!r} was asked for, but torch finds no such GPU here. Use auto or cpu.")
    return torch.device(name)


@contextmanager
def full_precision() -> Iterator[None]:
    """Float32 arithmetic as written: no TF32 on GPUs, so that a metric is the same number on every device."""
    matmul = torch.backends.cuda.matmul.allow_tf32
    convolution = torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = matmul
        torch.backends.cudnn.allow_tf32 = convolution


def share_cores(parts: int) -> None:
    """Let torch use one part of the cores in this process; for one that works beside others.

    Two processes that each take all cores wait for each other at every layer: with a training at work on both cores of
    a machine, a small network was 20 times slower with two threads than with one.
    """
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // parts))
