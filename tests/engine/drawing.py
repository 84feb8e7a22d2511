"""Small pictures and weights for the tests of the engine."""

import dataclasses
import hashlib

import numpy as np
import torch
from PIL import Image

from workers.engine import catalogue
from workers.engine.networks.inception import InceptionToMixed6e, InceptionToPool3, expected_shapes


def blobs(seed, size=(40, 50)):
    """A deterministic RGB picture, (h, w, 3) uint8, of smooth colours."""
    small = np.random.default_rng(seed).integers(0, 256, (5, 4, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize(size, Image.Resampling.BICUBIC))


def folder_of_blobs(folder, seeds, **options):
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for seed in seeds:
        path = folder / f"{seed:03d}.png"
        Image.fromarray(blobs(seed, **options)).save(path)
        paths.append(path)
    return paths


def made_up_state(seed=0, whole=False):
    """A state dict that fits the network, of random numbers: for testing the machinery, never for a metric shown.

    `whole`: up to the final pooling instead of up to Mixed_6e.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.device("meta"):
        shapes = expected_shapes(InceptionToPool3() if whole else InceptionToMixed6e())
    state = {}
    for key, shape in shapes.items():
        numbers = torch.randn(shape, generator=generator)
        if key.endswith("conv.weight"):
            numbers *= (2 / (shape[1] * shape[2] * shape[3])) ** 0.5
        elif key.endswith("running_var"):
            numbers = numbers.abs() + 0.5
        elif key.endswith("bn.weight"):
            numbers = 1 + 0.1 * numbers
        else:
            numbers *= 0.1
        state[key] = numbers
    return state


def add_to_catalogue(monkeypatch, stem, path):
    """Let the catalogue believe that `path` is the published file `stem`."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    entry = dataclasses.replace(catalogue.WEIGHTS[stem], sha256=digest, bytes=path.stat().st_size)
    monkeypatch.setitem(catalogue.WEIGHTS, stem, entry)
    return entry
