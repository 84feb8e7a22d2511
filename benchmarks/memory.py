"""Whether memory stays flat while a set grows: peak memory of the whole way from files to mean and covariance.

    .venv/bin/python benchmarks/memory.py [--counts 1000,10000,50000] [--dims 2048] [--json]
        [--weights-dir DIR --extractor inception.pool1]

Every count is measured in a process of its own, on drawn pictures of 8x8 that all differ. Without --extractor a stand-in turns
a picture into --dims numbers by one matrix product, so that 50,000 take a minute: reading ahead, shards, moments and merging are
what `python -m workers.engine fid` does with a set that is too large to keep. With --extractor a real network does it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import peers
from PIL import Image

from workers.engine import sources, weights
from workers.engine.features import extract, rows, table

SIDE = 8
STAND_IN = "stand-in"


class StandIn:
    """Picture -> numbers by one fixed random matrix."""

    batch_size = 64

    def __init__(self, dims):
        self.matrix = np.random.default_rng(0).normal(size=(SIDE * SIDE * 3, dims)).astype(np.float32)

    def prepare(self, picture):
        return picture.astype(np.float32).ravel()

    def features(self, batch):
        return np.stack(batch) @ self.matrix


def use_stand_in(dims):
    seen = rows.Preprocessing(resize="none", input_size=(SIDE, SIDE), crop="none", colour="RGB")
    table.EXTRACTORS[STAND_IN] = rows.Extractor(STAND_IN, "", dims, "", seen, "", ())
    weights.find = lambda *_: weights.ExtractorWeights((), "none")
    extract.load = lambda *_: StandIn(dims)


def measure(folder, options):
    """In a process of its own: peak MiB and seconds of one set."""
    if not options.extractor:
        use_stand_in(options.dims)
    sources.KEPT = 0  # the way of large sets, for small ones too
    reading = sources.Reading(options.extractor or STAND_IN, options.weights_dir, "cpu", None, None, quiet=True)
    found, seconds = peers.timed(lambda: sources.read(folder, reading, moments_do=True).content)
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"n": found.n, "dimension": len(found.mean), "peak_mib": int(peak.split()[1]) / 1024,
                      "seconds": seconds}))  # fmt: skip


def draw(folder, count):
    """`count` pictures that all differ."""
    rng = np.random.default_rng(1)
    for number in range(count):
        pixels = rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:06d}.bmp")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=lambda text: [int(n) for n in text.split(",")], default=[1000, 10_000, 50_000])
    parser.add_argument("--dims", type=int, default=2048)
    parser.add_argument("--extractor", default="")
    parser.add_argument("--weights-dir", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        return measure(options.folder, options)
    for count in options.counts:
        with tempfile.TemporaryDirectory() as folder:
            draw(Path(folder), count)
            command = [sys.executable, __file__, *sys.argv[1:], "--folder", folder]
            done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        row = json.loads(done.stdout)
        line = f"{row['n']} pictures, {row['dimension']} numbers: {row['peak_mib']:.0f} MiB, {row['seconds']:.1f} s"
        print(json.dumps(row) if options.json else line, flush=True)


if __name__ == "__main__":
    main()
