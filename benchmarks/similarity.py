"""How much faster FSIM and Scoot are than their definitions computed one picture after the other, in the same run.

    .venv/bin/python -m benchmarks.similarity REFERENCE_DIR CANDIDATE_DIR [--pairs 32] [--repeats 5] [--json]

Folders of pictures of one size with the same names. Every repeat runs the plain definition (tests/engine/plain_similarity.py:
numpy in double precision, filters made for each picture) and the workbench's function, once in one thread (compared by
processor time, which a busy machine does not distort) and once in as many as there are processors, as an evaluation runs it
(by the clock). Printed are the median milliseconds a pair, the median of the ratios
within a repeat, and the largest difference of a value.
"""

import argparse
import json
import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tests.engine import plain_similarity
from workers.engine.features.pictures import pictures_below, read_picture
from workers.engine.metrics import fsim, scoot
from workers.engine.metrics.paired import CHUNK
from workers.engine.metrics.paired_pictures import grey, luminance

METRICS = {
    "fsim": (fsim.fsim, plain_similarity.fsim, luminance),
    "scoot": (scoot.scoot, plain_similarity.scoot, grey),
}


def timed(work, clock=time.perf_counter):
    began = clock()
    result = work()
    return result, clock() - began


def measure(name, first, second, repeats):
    quick, plain, seen = METRICS[name]
    a, b = seen(first), seen(second)
    quick(first[:1], second[:1])  # the filters of this size are made once, not once a pair
    chunks = [slice(start, start + CHUNK) for start in range(0, len(first), CHUNK)]
    times = {"plain": [], "threads": []}
    processor = {"plain": [], "one thread": []}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in range(repeats):
            began = time.thread_time()
            expected, seconds = timed(lambda: [plain(x, y) for x, y in zip(a, b, strict=True)])
            times["plain"].append(seconds)
            processor["plain"].append(time.thread_time() - began)
            found, seconds = timed(lambda: [quick(first[part], second[part]) for part in chunks], time.thread_time)
            processor["one thread"].append(seconds)
            _, seconds = timed(lambda: list(pool.map(lambda part: quick(first[part], second[part]), chunks)))
            times["threads"].append(seconds)
    ratios = {
        way: statistics.median(slow / fast for slow, fast in zip(of["plain"], of[way], strict=True))
        for way, of in (("one thread", processor), ("threads", times))
    }
    spent = {"plain": times["plain"], "one thread": processor["one thread"], "threads": times["threads"]}
    return {
        "metric": name,
        "pairs": len(first),
        "milliseconds": {way: 1000 * statistics.median(values) / len(first) for way, values in spent.items()},
        "ratios": ratios,
        "difference": float(np.abs(np.concatenate(found) - expected).max()),
        "load": os.getloadavg()[0],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reference", type=Path)
    parser.add_argument("candidate", type=Path)
    parser.add_argument("--pairs", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    other = {path.stem: path for path in pictures_below(options.candidate)}
    paths = [(path, other[path.stem]) for path in pictures_below(options.reference) if path.stem in other]
    pictures = [tuple(read_picture(path) for path in pair) for pair in paths[: options.pairs]]
    first, second = (np.stack([pair[side] for pair in pictures]) for side in (0, 1))
    for name in METRICS:
        row = measure(name, first, second, options.repeats)
        if options.json:
            print(json.dumps(row), flush=True)
            continue
        spent = ", ".join(f"{way} {value:.2f} ms" for way, value in row["milliseconds"].items())
        ratios = ", ".join(f"{way} {value:.1f} times" for way, value in row["ratios"].items())
        print(f"{name}, {row['pairs']} pairs: {spent} a pair; faster: {ratios}; values differ by {row['difference']:.1e}"
              f" (load average {row['load']:.1f})")  # fmt: skip


if __name__ == "__main__":
    main()
