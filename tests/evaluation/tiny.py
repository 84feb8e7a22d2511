"""An extractor small enough for tests: mean and spread of the three colours."""

import numpy as np


class Colours:
    batch_size = 2

    def __init__(self, weights, device="auto"):
        pass

    def prepare(self, picture):
        return picture

    def features(self, batch):
        return np.array([[*p.mean(axis=(0, 1)), *p.std(axis=(0, 1))] for p in batch], dtype=np.float32)
