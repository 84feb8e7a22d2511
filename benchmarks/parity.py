"""Whether our numbers are those of pytorch-fid and torch-fidelity, on the same pictures with the same weights.

    peers/bin/python benchmarks/parity.py REFERENCE_DIR CANDIDATE_DIR --weights-dir DIR [--limit 100] [--device cpu] [--json]

FID of 64, 192, 768 and 2048 numbers against pytorch-fid; KID over all pairs, precision and recall against torch-fidelity on
the same features; the resizes against those of torch-fidelity and clean-fid. Without the whole file of weights both programs
get one seeded random network for the 2048: it shows that the networks are the same function, and its value means nothing else.
The pictures must be three-channel or grey files that every program reads alike. Ends with 1 when a difference is above its bound.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import peers

from workers.engine import catalogue, weights
from workers.engine.errors import InputError
from workers.engine.features.extract import known_features
from workers.engine.features.pictures import pictures_below, read_picture
from workers.engine.metrics.frechet import frechet_distance
from workers.engine.metrics.kid import kid
from workers.engine.metrics.neighbours import precision, recall

DIMS = {64: "inception.pool1", 192: "inception.pool2", 768: "inception.mixed6e", 2048: "inception.pool3"}
FID_BOUND, FEATURE_BOUND = 1e-4, 1e-6  # relative; absolute for the shares
PIXEL_BOUND = 1e-3


def by_pytorch_fid(folders, dims, weights_file, device):
    """The value printed by pytorch-fid's own command line."""
    command = [
        sys.executable,
        "-c",
        PATCHED,
        str(Path(__file__).parent),
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
    features = []
    for dims, name in DIMS.items():
        with tempfile.TemporaryDirectory() as folder:
            try:
                found, note = weights.find(name, options.weights_dir), ""
            except InputError:
                found, note = seeded_weights(Path(folder)), " (seeded random network)"
            rows = [features_of(paths, name, found, options.device) for paths in map(pictures_below, folders)]
            if not note:
                features = rows
            if peers.peer("pytorch_fid"):
                theirs = by_pytorch_fid(folders, dims, found.files[0].path, options.device)
                ours = frechet_distance(*rows)
                yield f"fid {dims}, pytorch-fid{note}", ours, theirs, abs(ours - theirs) / abs(theirs), FID_BOUND
    yield from resizes(pictures_below(folders[0])[:20])
    if features and peers.peer("torch_fidelity"):
        yield from by_torch_fidelity(*features)


def features_of(paths, name, found, device):
    listed = {weights.sha256_of(path): path for path in paths}
    known = known_features([(digest, path, path.name) for digest, path in listed.items()], name, found, device=device)
    row_of = {digest: row for row, digest in enumerate(known.digests)}
    return known.features[[row_of[weights.sha256_of(path)] for path in paths]]


def seeded_weights(folder):
    """A file of the whole FID network with seeded random numbers, in the form that `weights.find` gives."""
    import torch

    from tests.engine.drawing import made_up_state

    file = folder / "seeded.pth"
    torch.save(made_up_state(whole=True), file)
    entry = catalogue.WEIGHTS[catalogue.FULL_INCEPTION]
    digest = weights.sha256_of(file)
    return weights.ExtractorWeights((weights.WeightsFile(entry, file, digest),), digest)


def resizes(paths):
    """Largest difference of a pixel (0 to 255) over some pictures."""
    import torch

    from workers.engine.features import resizing

    pictures = [read_picture(path) for path in paths]
    if (module := peers.peer("torch_fidelity.interpolate_compat_tensorflow")) is not None:
        theirs = [
            module.interpolate_bilinear_2d_like_tensorflow1x(
                resizing.planes_of(picture)[None], size=(299, 299), align_corners=False
            )[0]
            for picture in pictures
        ]
        yield "resize _tf1, torch-fidelity", *_furthest([resizing.tensorflow1(each, 299) for each in pictures], theirs)
    if (module := peers.peer("cleanfid.resize")) is not None:
        resize = module.build_resizer("clean")
        theirs = [torch.from_numpy(resize(picture)).permute(2, 0, 1) for picture in pictures]
        yield "resize _clean, clean-fid", *_furthest([resizing.clean(each, 299) for each in pictures], theirs)


def _furthest(ours, theirs):
    apart = max(float((one - other).abs().max()) for one, other in zip(ours, theirs, strict=True))
    return float(ours[0].mean()), float(theirs[0].mean()), apart, PIXEL_BOUND


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
