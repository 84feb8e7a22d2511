"""How much faster the exact Fréchet distance is than those of pytorch-fid and torch-fidelity, on the same features.

    peers/bin/python benchmarks/frechet.py [--repeats 3] [--sizes 338x2048,338x4096,5000x2048] [--json]

From features to the value, mean and covariance included. Every repeat runs all in turn; printed are the median seconds,
the median of the ratios within a repeat, and how far the values differ. Without the peers (see peers.py) the textbook form by
scipy's matrix square root stands in for pytorch-fid, which computes the same.
"""

import argparse
import json
import statistics
import warnings

import numpy as np
import peers
import scipy.linalg

from workers.engine.metrics.frechet import frechet_distance


def with_square_root(reference, candidate):
    """The textbook form: covariances, then scipy.linalg.sqrtm of their product."""
    cov1, cov2 = np.cov(reference, rowvar=False), np.cov(candidate, rowvar=False)
    root = scipy.linalg.sqrtm(cov1 @ cov2)
    shift = reference.mean(axis=0) - candidate.mean(axis=0)
    return float(shift @ shift + np.trace(cov1) + np.trace(cov2) - 2 * np.trace(root).real)


def pytorch_fid():
    module = peers.peer("pytorch_fid.fid_score")
    if module is None:
        return None
    real = scipy.linalg.sqrtm

    def two_values(matrix, disp=True):  # this pytorch-fid unpacks what scipy 1.18 no longer gives
        found = real(matrix)
        return found if disp else (found, 0.0)

    module.linalg.sqrtm = two_values

    def distance(reference, candidate):
        pairs = [(np.mean(rows, axis=0), np.cov(rows, rowvar=False)) for rows in (reference, candidate)]
        return float(module.calculate_frechet_distance(*pairs[0], *pairs[1]))

    return distance


def torch_fidelity():
    module = peers.peer("torch_fidelity.metric_fid")
    if module is None:
        return None
    import torch

    def distance(reference, candidate):
        pairs = [module.fid_features_to_statistics(torch.from_numpy(rows)) for rows in (reference, candidate)]
        return module.fid_statistics_to_metric(*pairs, verbose=False)["frechet_inception_distance"]

    return distance


def measure(n, dimension, repeats, others):
    rng = np.random.default_rng(0)
    deviations = np.arange(1, dimension + 1) ** -0.5  # a spectrum that falls like that of real features
    reference = (rng.normal(size=(n, dimension)) * deviations).astype(np.float32)
    candidate = (rng.normal(size=(n, dimension)) * deviations * 1.2 + 0.02).astype(np.float32)
    frechet_distance(reference, candidate)  # the first call also starts the threads of the linear algebra
    ours, theirs = [], {name: [] for name in others}
    values = {}
    for _ in range(repeats):
        value, seconds = peers.timed(frechet_distance, reference, candidate)
        ours.append(seconds)
        for name, distance in others.items():
            values[name], seconds = peers.timed(distance, reference, candidate)
            theirs[name].append(seconds)
    row = {"n": n, "dimension": dimension, "value": value, "seconds": statistics.median(ours), "load": peers.load()}
    for name, seconds in theirs.items():
        row[name] = {
            "seconds": statistics.median(seconds),
            "ratio": statistics.median(slow / fast for slow, fast in zip(seconds, ours, strict=True)),
            "relative_difference": abs(value - values[name]) / abs(value),
        }
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--sizes", default="338x2048,338x4096,5000x2048", help="nxd, separated by commas")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    found = {"pytorch-fid": pytorch_fid(), "torch-fidelity": torch_fidelity()}
    others = {name: distance for name, distance in found.items() if distance}
    if "pytorch-fid" not in others:
        others["matrix square root"] = with_square_root
    for size in options.sizes.split(","):
        n, dimension = (int(number) for number in size.split("x"))
        row = measure(n, dimension, options.repeats, others)
        if options.json:
            print(json.dumps(row), flush=True)
            continue
        print(f"n={n} d={dimension}: {row['seconds']:.4f} s (load average {row['load']})", flush=True)
        for name in others:
            peer = row[name]
            print(
                f"  {name} {peer['seconds']:.2f} s, {peer['ratio']:.1f} times as long, "
                f"values differ by {peer['relative_difference']:.1e}"
            )


if __name__ == "__main__":
    main()
