"""The whole command, from two folders to the value on the screen, against pytorch-fid: the same pictures, weights, layer.

    peers/bin/python benchmarks/whole_command.py REFERENCE_DIR CANDIDATE_DIR --weights-dir DIR [--limit 338] [--repeats 1]
        [--candidates 10] [--device cpu] [--json]

Three questions, each a ratio within one run: everything computed; the reference's features at hand from before (pytorch-fid: its
.npz of statistics is not used, as a user who types two folders does not); and, with --candidates, that many candidate sets
against one reference. Ours is timed with interval and floor. Also printed: images/s of extraction against the arithmetic limit
of the network (its multiplications at the matrix speed that torch reaches here).
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import parity
import peers


def ours(folders, options, *more):
    """(value, seconds, peak MiB) of our command in a process of its own."""
    command = [sys.executable, "-m", "workers.engine", "fid", *map(str, folders), "--dims", "768", "--json"]
    return run(
        [*command, "--weights-dir", str(options.weights_dir), "--device", options.device, *more],
        lambda out: json.loads(out)["value"],
    )


def theirs(folders, options):
    file = parity.weights.find(parity.DIMS[768], options.weights_dir).files[0].path
    command = [
        sys.executable,
        "-c",
        parity.PATCHED,
        str(Path(__file__).parent),
        str(file),
        *map(str, folders),
        "--dims",
        "768",
    ]
    return run([*command, "--device", options.device, "--num-workers", "0"], lambda out: float(out.split("FID:")[1]))


def run(command, value_of):
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=peers.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(0.05)
    seconds = time.perf_counter() - start
    out, error = process.communicate()
    if process.returncode:
        raise SystemExit(error[-2000:])
    return value_of(out), seconds, peak


def resident(pid):
    """Peak resident memory of a running process in MiB; 0 where /proc does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return max((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), default=0.0)


def matrix_speed():
    """Multiplications a second of a float32 matrix product, the best of a few."""
    import torch

    square = torch.rand(2048, 2048)
    return max(2048**3 / peers.timed(torch.mm, square, square)[1] for _ in range(5))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reference", type=Path)
    parser.add_argument("candidate", type=Path)
    parser.add_argument("--weights-dir", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=338)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--candidates", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.weights_dir = options.weights_dir.resolve()
    with tempfile.TemporaryDirectory() as folder:
        sides = [(options.reference, "reference"), (options.candidate, "candidate")]
        folders = [parity.linked(path, options.limit, f"{folder}/{name}") for path, name in sides]
        n = [len(list(each.iterdir())) for each in folders]
        rows = [measured(folders, options, Path(folder) / "reference.npz") for _ in range(options.repeats)]
        row = {key: statistics.median(each[key] for each in rows) for key in rows[0]}
        row |= {"n_reference": n[0], "n_candidate": n[1], "load": peers.load()}
        if options.device == "cpu":
            from extraction import multiplications  # loads torch, which must not slow down what was timed

            row["images_per_second_limit"] = matrix_speed() / multiplications(768)
        if options.candidates:
            row |= many(options, row)
    if options.json:
        print(json.dumps(row))
    else:
        print(
            "\n".join(
                f"{name}: {value:.5g}" if isinstance(value, float) else f"{name}: {value}"
                for name, value in row.items()
            )
        )


def measured(folders, options, reference_file):
    value, cold, peak = ours(folders, options)
    if not reference_file.exists():
        extract = [sys.executable, "-m", "workers.engine", "extract", str(folders[0]), "-o", str(reference_file)]
        where = ["--weights-dir", str(options.weights_dir), "--device", options.device, "--dims", "768", "--json"]
        run([*extract, *where], json.loads)
    again, cached, _ = ours([reference_file, folders[1]], options)
    expected, peer, peer_peak = theirs(folders, options)
    return {
        "value": value,
        "relative_difference": max(abs(value - expected), abs(again - expected)) / expected,
        "seconds": cold,
        "seconds_cached": cached,
        "seconds_pytorch_fid": peer,
        "ratio": peer / cold,
        "ratio_cached": peer / cached,
        "peak_mib": peak,
        "peak_mib_pytorch_fid": peer_peak,
        "images_per_second": sum(len(list(each.iterdir())) for each in folders) / cold,
    }


def many(options, row):
    """Ten candidates against one reference: ours one cold run and nine cached ones, theirs ten runs."""
    total = row["seconds"] + (options.candidates - 1) * row["seconds_cached"]
    return {
        "candidates": options.candidates,
        "ratio_candidates": options.candidates * row["seconds_pytorch_fid"] / total,
    }


if __name__ == "__main__":
    main()
