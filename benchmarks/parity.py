"""Whether our numbers are those of pytorch-fid and torch-fidelity, on the same pictures with the same weights.

    peers/bin/python benchmarks/parity.py REFERENCE_DIR CANDIDATE_DIR --weights-dir DIR [--limit 100] [--device cpu] [--json]

FID of 64, 192, 768 and (where the catalogue has it and its weights are there) 2048 numbers against pytorch-fid; KID over all
pairs, precision and recall against torch-fidelity on the same features. The pictures must be three-channel or grey files that
every program reads alike. Ends with 1 when a difference is above its bound.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import peers

from workers.engine import catalogue, weights
from workers.engine.features.extract import extract
from workers.engine.features.pictures import pictures_below
from workers.engine.metrics.frechet import frechet_distance
from workers.engine.metrics.kid import kid
from workers.engine.metrics.neighbours import precision, recall

DIMS = {64: "inception.pool1", 192: "inception.pool2", 768: "inception.mixed6e", 2048: "inception.pool3"}
FID_BOUND, FEATURE_BOUND = 1e-4, 1e-6  # relative; absolute for the shares


def by_pytorch_fid(folders, dims, weights_file, device):
    """The value printed by pytorch-fid's own command line."""
    command = [
        sys.executable,
        "-c",
        PATCHED,
        str(weights_file),
        *map(str, folders),
        "--dims",
        str(dims),
        "--device",
        device,
    ]
    done = subprocess.run([*command, "--num-workers", "0"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return float(done.stdout.split("FID:")[1])


# scipy 1.18 and later give one value where this pytorch-fid unpacks two.
PATCHED = (
    "import scipy.linalg\nreal = scipy.linalg.sqrtm\n"
    "scipy.linalg.sqrtm = lambda matrix, disp=True: real(matrix) if disp else (real(matrix), 0.0)\n" + peers.PYTORCH_FID
)


def linked(folder, limit, below):
    """A flat folder of links to the first pictures of a folder, so that every program measures the same ones."""
    target = Path(below)
    target.mkdir()
    for number, path in enumerate(pictures_below(folder)[:limit]):
        (target / f"{number:05d}{path.suffix.lower()}").symlink_to(path.resolve())
    return target


def rows_of(folders, options):
    """One row a number: what, ours, theirs, difference, bound."""
    features = {}
    for dims, name in DIMS.items():
        try:
            file = weights.find(name, options.weights_dir).files[0].path
        except Exception as error:  # noqa: BLE001  (no such extractor yet, or no weights: said, and gone on)
            print(f"{dims}: left out: {error}", file=sys.stderr)
            continue
        features = [
            extract(pictures_below(folder), name, weights_dir=options.weights_dir, device=options.device).features
            for folder in folders
        ]
        if peers.peer("pytorch_fid"):
            ours, theirs = frechet_distance(*features), by_pytorch_fid(folders, dims, file, options.device)
            yield f"fid {dims}, pytorch-fid", ours, theirs, abs(ours - theirs) / abs(theirs), FID_BOUND
    if features and peers.peer("torch_fidelity"):
        yield from by_torch_fidelity(*features)


def by_torch_fidelity(reference, candidate):
    import torch
    from torch_fidelity.metric_kid import kernel_poly, mmd2
    from torch_fidelity.metric_prc import calculate_precision_recall_full

    first, second = (rows.astype("float64") for rows in (reference, candidate))
    options = {"kid_kernel_poly_degree": 3, "kid_kernel_poly_gamma": None, "kid_kernel_poly_coef0": 1}
    if len(first) == len(second):  # its estimate is for sets of one size
        products = (kernel_poly(x, y, **options) for x, y in ((first, first), (first, second), (second, second)))
        theirs, ours = float(mmd2(*products)), kid(first, second)
        yield "kid, torch-fidelity", ours, theirs, abs(ours - theirs) / abs(theirs), FEATURE_BOUND
    generated, real = torch.from_numpy(second), torch.from_numpy(first)
    shares = calculate_precision_recall_full(generated, real)
    for name, function, theirs in (("precision", precision, shares[0]), ("recall", recall, shares[1])):
        ours = function(first, second)
        yield f"{name}, torch-fidelity", ours, float(theirs), abs(ours - float(theirs)), FEATURE_BOUND


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reference", type=Path)
    parser.add_argument("candidate", type=Path)
    parser.add_argument("--weights-dir", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=10_000, help="pictures of each folder")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    catalogue.extractor(DIMS[768])
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        sides = [(options.reference, "reference"), (options.candidate, "candidate")]
        folders = [linked(path, options.limit, f"{folder}/{name}") for path, name in sides]
        for what, ours, theirs, difference, bound in rows_of(folders, options):
            worst = max(worst, difference / bound)
            if options.json:
                row = {"what": what, "ours": ours, "theirs": theirs, "difference": difference, "bound": bound}
                print(json.dumps(row), flush=True)
            else:
                verdict = "agrees" if difference <= bound else "DIFFERS"
                print(f"{what}: {ours:.8g} and {theirs:.8g}, difference {difference:.1e} ({verdict})", flush=True)
    sys.exit(1 if worst > 1 else 0)


if __name__ == "__main__":
    main()
