"""The whole command, from two folders to the value on the screen, against pytorch-fid: the same pictures, weights, layer.

    peers/bin/python benchmarks/whole_command.py REFERENCE_DIR CANDIDATE_DIR --weights-dir DIR [--limit 338] [--repeats 1]
        [--dims 768] [--candidates 10] [--device cpu] [--json]

Three questions, each a ratio within one run: everything computed; the reference's features at hand from before (pytorch-fid: its
.npz of statistics is not used, as a user who types two folders does not); and, with --candidates, that many candidate sets
against one reference, computed and at hand, ours in one command, theirs in as many (timed on one, which is like the others).
Ours is timed with interval and floor. Also printed: images/s of extraction against the arithmetic limit of the network (its
multiplications at the matrix speed that torch reaches here). With --dims 2048 and
without the whole file of weights both get the same seeded random network: for timing, never for a number.
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

# The command with weights that are in no catalogue.
SEEDED = """
import sys
from pathlib import Path
from workers.engine import catalogue, weights
from workers.engine.__main__ import main
file = weights.WeightsFile(catalogue.WEIGHTS[catalogue.FULL_INCEPTION], Path(sys.argv[1]), "seeded")
weights.find = lambda *_: weights.ExtractorWeights((file,), "seeded")
sys.exit(main(sys.argv[2:]))
"""


def ours(arguments, options, value_of=lambda answer: answer["value"]):
    """(value, seconds, peak MiB) of our command in a process of its own."""
    program = ["-c", SEEDED, str(options.file)] if options.seeded else ["-m", "workers.engine"]
    where = ["--weights-dir", str(options.weights_dir), "--device", options.device, "--dims", str(options.dims)]
    command = [sys.executable, *program, *map(str, arguments), *where, "--json"]
    return run(command, lambda out: value_of(json.loads(out)))


def theirs(folders, options):
    before = [sys.executable, "-c", parity.PATCHED, str(Path(__file__).parent), str(options.file)]
    after = ["--dims", str(options.dims), "--device", options.device, "--num-workers", "0"]
    return run([*before, *map(str, folders), *after], lambda out: float(out.split("FID:")[1]))


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
    parser.add_argument("--dims", type=int, choices=(768, 2048), default=768)
    options = parser.parse_args()
    options.weights_dir = options.weights_dir.resolve()
    with tempfile.TemporaryDirectory() as folder:
        options.file, options.seeded = file_of_weights(options, Path(folder))
        sides = [(options.reference, "reference"), (options.candidate, "candidate")]
        folders = [parity.linked(path, options.limit, f"{folder}/{name}") for path, name in sides]
        n = [len(list(each.iterdir())) for each in folders]
        rows = [measured(folders, options, Path(folder) / "reference.npz") for _ in range(options.repeats)]
        row = {key: statistics.median(each[key] for each in rows) for key in rows[0]}
        row |= {"n_reference": n[0], "n_candidate": n[1], "load": peers.load(), "seeded_network": options.seeded}
        if options.device == "cpu":
            from extraction import multiplications  # loads torch, which must not slow down what was timed

            row["images_per_second_limit"] = matrix_speed() / multiplications(options.dims)
        if options.candidates:
            row |= many(folders, options, row, Path(folder) / "reference.npz")
    if options.json:
        print(json.dumps(row))
    else:
        print(
            "\n".join(
                f"{name}: {value:.5g}" if isinstance(value, float) else f"{name}: {value}"
                for name, value in row.items()
            )
        )


def file_of_weights(options, folder):
    """(the file, whether its numbers are random)"""
    try:
        return parity.weights.find(parity.DIMS[options.dims], options.weights_dir).files[0].path, False
    except parity.InputError as missing:
        if options.dims != 2048:
            raise SystemExit(f"error: {missing}") from None
        print("seeded random network: a timing, not a metric", file=sys.stderr)
        return parity.seeded_weights(folder).files[0].path, True


def measured(folders, options, reference_file):
    value, cold, peak = ours(["fid", *folders], options)
    if not reference_file.exists():
        ours(["extract", folders[0], "-o", reference_file], options, lambda answer: answer["n"])
    again, cached, _ = ours(["fid", reference_file, folders[1]], options)
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


def many(folders, options, row, reference_file):
    """Several candidates against one reference; the pictures may be the same ones, each set is computed for itself."""
    found = {"candidates": options.candidates}
    for name, reference in (("", folders[0]), ("_cached", reference_file)):
        command = ["fid", reference, *[folders[1]] * options.candidates]
        values, seconds, _ = ours(command, options, lambda answer: [each["value"] for each in answer["candidates"]])
        assert len(values) == options.candidates
        found |= {
            f"seconds_candidates{name}": seconds,
            f"ratio_candidates{name}": options.candidates * row["seconds_pytorch_fid"] / seconds,
        }
    return found


if __name__ == "__main__":
    main()
