"""How long verification takes from stored embeddings: ten folds of many pairs, rates, AUC and accuracy.

    .venv/bin/python benchmarks/verification.py [--pairs 240000] [--images 12000] [--dimension 512] [--repeats 3] [--json]

Seeded embeddings of 252 persons, as many pictures as WebCaricature; half of the pairs are of the same person.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workers.engine.metrics.pair_scoring import Part, Pictures
from workers.engine.metrics.recognition import ranks
from workers.engine.metrics.verification import Fold, verify
from workers.engine.metrics.verification_outcome import verification_outcome

PERSONS, FOLDS = 252, 10


def embeddings(images, dimension, rng):
    persons = rng.integers(0, PERSONS, images)
    centres = rng.normal(size=(PERSONS, dimension))
    return persons, (centres[persons] + 2.5 * rng.normal(size=(images, dimension))).astype(np.float32)


def folds_of(persons, pairs, rng):
    """Pairs of either kind, drawn for each fold."""
    half = pairs // FOLDS // 2
    rows_of = [np.flatnonzero(persons == person) for person in range(PERSONS)]
    found = []
    for _ in range(FOLDS):
        first = rng.integers(0, len(persons), half)
        same = np.array([rng.choice(rows_of[persons[row]]) for row in first])
        other = rng.integers(0, len(persons), (2 * half, 2))
        different = other[persons[other[:, 0]] != persons[other[:, 1]]][:half]
        found.append(Fold(np.column_stack([first, same]), different))
    return found


def part_of(name, fold):
    """The same fold as a recognition test has it."""
    pairs = np.concatenate([fold.positives, fold.negatives])
    same = np.arange(len(pairs)) < len(fold.positives)
    return Part(name, pairs[:, 0], pairs[:, 1], same)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=240_000)
    parser.add_argument("--images", type=int, default=12_000)
    parser.add_argument("--dimension", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    persons, features = embeddings(options.images, options.dimension, rng)
    folds = folds_of(persons, options.pairs, rng)
    seconds, whole, cmc = [], [], []
    pictures = Pictures(features, np.ones(len(features), dtype=bool), persons.astype(str))
    parts = [part_of(str(number), fold) for number, fold in enumerate(folds, start=1)]
    for _ in range(options.repeats):
        began = time.perf_counter()
        summary = verify(features, folds).summary()
        seconds.append(time.perf_counter() - began)
        began = time.perf_counter()
        outcome = verification_outcome([pictures], parts, ["cosine"])
        whole.append(time.perf_counter() - began)
        half = options.images // 2
        began = time.perf_counter()
        found = ranks(
            features[:half], persons[:half].astype(str), features[half:], persons[half:].astype(str), "cosine"
        )
        cmc.append(time.perf_counter() - began)
    row = {
        "pairs": sum(len(fold.positives) + len(fold.negatives) for fold in folds),
        "seconds": statistics.median(seconds),
        "test_seconds": statistics.median(whole),
        "test_auc": next(value.value for value in outcome.values if value.measure == "auc" and not value.part),
        "identification_seconds": statistics.median(cmc),
        "rank1": found.share(1),
        "rank10": found.share(10),
        "summary": summary,
        "load": os.getloadavg()[0],
    }
    if options.json:
        print(json.dumps(row))
        return
    print(f"{row['pairs']} pairs of {options.images} x {options.dimension}: {row['seconds']:.2f} s "
          f"(load average {row['load']:.1f})")  # fmt: skip
    print(f"a whole test with ROC and the hardest pairs: {row['test_seconds']:.2f} s, AUC {row['test_auc']:.4f}")
    for name, (mean, deviation) in summary.items():
        print(f"  {name} {mean:.4f} +/- {deviation:.4f}")
    print(f"{half} probes among {options.images - half}: {row['identification_seconds']:.2f} s, "
          f"rank-1 {row['rank1']:.4f}, rank-10 {row['rank10']:.4f}")  # fmt: skip


if __name__ == "__main__":
    main()
