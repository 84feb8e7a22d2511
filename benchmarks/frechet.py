"""How much faster the exact Fréchet distance is than the form with scipy's matrix square root, in the same run.

    python benchmarks/frechet.py [--repeats 5] [--json]

Prints the median seconds of both, the median of the ratios of neighbouring runs, and how far the values differ.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import scipy.linalg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workers.engine.metrics.frechet import frechet_distance

SIZES = ((338, 768), (338, 2048))


def with_square_root(reference, candidate):
    """The textbook form: covariances, then scipy.linalg.sqrtm of their product."""
    cov1, cov2 = np.cov(reference, rowvar=False), np.cov(candidate, rowvar=False)
    root = scipy.linalg.sqrtm(cov1 @ cov2)
    shift = reference.mean(axis=0) - candidate.mean(axis=0)
    return float(shift @ shift + np.trace(cov1) + np.trace(cov2) - 2 * np.trace(root).real)


def timed(function, *arguments):
    start = time.perf_counter()
    value = function(*arguments)
    return value, time.perf_counter() - start


def measure(n, dimension, repeats):
    rng = np.random.default_rng(0)
    deviations = np.linspace(1, 0.05, dimension)
    reference = rng.normal(size=(n, dimension)) * deviations
    candidate = rng.normal(size=(n, dimension)) * deviations[::-1] + 0.1
    frechet_distance(reference, candidate)  # the first call also starts the threads of the linear algebra
    ours, theirs = [], []
    for _ in range(repeats):
        value, seconds = timed(frechet_distance, reference, candidate)
        ours.append(seconds)
        expected, seconds = timed(with_square_root, reference, candidate)
        theirs.append(seconds)
    return {
        "n": n,
        "dimension": dimension,
        "seconds": statistics.median(ours),
        "seconds_square_root": statistics.median(theirs),
        "ratio": statistics.median(slow / fast for slow, fast in zip(theirs, ours, strict=True)),
        "relative_difference": abs(value - expected) / expected,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for n, dimension in SIZES:
        row = measure(n, dimension, options.repeats)
        if options.json:
            print(json.dumps(row))
        else:
            print(
                f"n={row['n']} d={row['dimension']}: {row['seconds']:.4f} s, matrix square root "
                f"{row['seconds_square_root']:.2f} s, {row['ratio']:.0f} times faster, values differ by "
                f"{row['relative_difference']:.1e}"
            )


if __name__ == "__main__":
    main()
