"""Pictures a second from files to features, ours against pytorch-fid's own loop: same pictures, weights, layer and device.

    peers/bin/python benchmarks/extraction.py FOLDER --weights-dir DIR [--limit 128] [--repeats 3] [--device cpu] [--dims 768]
        [--batch-sizes 50] [--workers 0] [--json]

Every repeat runs both in turn in one process; printed are the medians of pictures/s, the median of the ratios within a repeat,
how far the features differ, and the network alone (ours, inputs at hand) beside the limit that the arithmetic sets: its
multiplications at the matrix speed that torch reaches here. --batch-sizes are tried for pytorch-fid, the best counts. With
--dims 2048 and without the whole file of weights both get the same seeded random network: for timing, never for a number.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
import parity
import peers
import torch

from workers.engine import weights
from workers.engine.errors import InputError
from workers.engine.features.extract import known_features
from workers.engine.features.extractors import load
from workers.engine.features.pictures import pictures_below, read_picture
from workers.engine.networks.inception import InceptionToMixed6e, InceptionToPool3


def their_network(dims, file, device):
    """pytorch-fid's network with the numbers of a local file."""
    module = peers.peer("pytorch_fid.inception")
    if module is None:
        raise SystemExit(2)
    peers.fill_pytorch_fid(module, file)
    return module.InceptionV3([module.InceptionV3.BLOCK_INDEX_BY_DIM[dims]]).eval().to(device)


def synchronised(device):
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def measured(paths, name, found, theirs, options):
    from pytorch_fid.fid_score import get_activations

    listed = [(weights.sha256_of(path), path, path.name) for path in paths]
    files = [str(path) for path in paths]

    def ours():
        known = known_features(listed, name, found, device=options.device)
        synchronised(options.device)
        return known.features

    def other(batch_size):
        return get_activations(files, theirs, batch_size, options.dims, options.device, options.workers)

    rates = {batch_size: [] for batch_size in options.batch_sizes}
    mine, ratios = [], []
    ours()  # threads and kernels are there from here on
    for _ in range(options.repeats):
        features, seconds = peers.timed(ours)
        mine.append(seconds)
        for batch_size in options.batch_sizes:
            expected, their_seconds = peers.timed(other, batch_size)
            rates[batch_size].append(len(paths) / their_seconds)
        best = max(rates, key=lambda size: statistics.median(rates[size]))
        ratios.append(len(paths) / seconds / rates[best][-1])
    difference = np.linalg.norm(features - expected) / np.linalg.norm(expected)
    return {
        "images": len(paths),
        "images_per_second": len(paths) / statistics.median(mine),
        "images_per_second_pytorch_fid": statistics.median(rates[best]),
        "best_batch_size_pytorch_fid": best,
        "ratio": statistics.median(ratios),
        "relative_difference_of_features": float(difference),
        "device": torch.cuda.get_device_name() if options.device.startswith("cuda") else "cpu",
        "threads": torch.get_num_threads(),
        "load": peers.load(),
    }


def network_alone(paths, name, found, options):
    """Pictures a second with the inputs at hand, and what the arithmetic allows."""
    extractor = load(name, found, options.device)
    batch = [extractor.prepare(read_picture(path)) for path in paths[: extractor.batch_size]]
    extractor.features(batch)
    seconds = min(peers.timed(extractor.features, batch)[1] for _ in range(max(options.repeats, 3)))
    side = 8192 if options.device.startswith("cuda") else 2048
    square = torch.rand(side, side, device=options.device)

    def product():
        torch.mm(square, square)
        synchronised(options.device)

    product()
    speed = side**3 / min(peers.timed(product)[1] for _ in range(5))
    limit = speed / multiplications(options.dims)
    return {
        "images_per_second_network": len(batch) / seconds,
        "images_per_second_limit": limit,
        "share_of_limit": len(batch) / seconds / limit,
    }


def multiplications(dims):
    """Of the network's convolutions for one picture, up to the layer with this many planes."""
    counted = []

    def count(layer, _inputs, output):
        counted.append(layer.weight[0].numel() * output.numel())

    with torch.device("meta"):
        network = InceptionToPool3() if dims == 2048 else InceptionToMixed6e()
        for layer in network.modules():
            if isinstance(layer, torch.nn.Conv2d):
                layer.register_forward_hook(count)
        network(torch.empty(1, 3, 299, 299), parity.DIMS[dims].partition(".")[2])
    return sum(counted)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights-dir", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dims", type=int, choices=parity.DIMS, default=768)
    parser.add_argument("--batch-sizes", type=lambda text: [int(size) for size in text.split(",")], default=[50])
    parser.add_argument("--workers", type=int, default=0, help="loading processes of pytorch-fid")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    name = parity.DIMS[options.dims]
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False  # as ours computes
    paths = pictures_below(options.folder)[: options.limit]
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = weights.find(name, options.weights_dir)
        except InputError as missing:
            if options.dims != 2048:
                raise SystemExit(f"error: {missing}") from None
            print("seeded random network: a timing, not a metric", file=sys.stderr)
            found = parity.seeded_weights(Path(folder))
        theirs = their_network(options.dims, found.files[0].path, options.device)
        row = measured(paths, name, found, theirs, options) | network_alone(paths, name, found, options)
    if options.json:
        print(json.dumps(row))
    else:
        print(
            "\n".join(
                f"{key}: {value:.5g}" if isinstance(value, float) else f"{key}: {value}" for key, value in row.items()
            )
        )


if __name__ == "__main__":
    main()
