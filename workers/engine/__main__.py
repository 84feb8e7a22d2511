"""`python -m workers.engine`: the library on the command line, without a database.

Exit code 0: done; 1: a defect of ours; 2: the request cannot be met, the reason is on standard error.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from tqdm import tqdm

from workers.engine import catalogue
from workers.engine.errors import InputError

DEFAULT_WEIGHTS = Path("data/weights")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        answer, lines = options.run(options)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    if options.json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        print("\n".join(lines))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m workers.engine", description="Measure folders of pictures.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    fid = commands.add_parser("fid", help="Fréchet distance between two folders of pictures")
    fid.add_argument("reference", type=Path, metavar="REFERENCE_DIR")
    fid.add_argument("candidate", type=Path, metavar="CANDIDATE_DIR")
    fid.set_defaults(run=_fid)

    extract = commands.add_parser("extract", help="write the features of a folder of pictures to a .npz file")
    extract.add_argument("folder", type=Path, metavar="DIR")
    extract.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.npz")
    extract.set_defaults(run=_extract)

    for command in (fid, extract):
        command.add_argument(
            "--extractor", default="inception.mixed6e", metavar="NAME", help=f"one of {', '.join(catalogue.EXTRACTORS)}"
        )
        command.add_argument(
            "--weights-dir", type=Path, metavar="DIR", help=f"trained weights (default: {DEFAULT_WEIGHTS} if present)"
        )
        command.add_argument("--device", default="auto", help="auto, cpu or cuda (default: %(default)s)")
        command.add_argument("--batch-size", type=int, metavar="N", help="pictures at once (default: by device)")
        command.add_argument("--json", action="store_true", help="one JSON object on standard output")
    return parser


def _fid(options: argparse.Namespace) -> tuple[dict, list[str]]:
    from workers.engine.metrics.compare import compare

    reference = _features(options.reference, options)
    candidate = _features(options.candidate, options)
    measured = compare("fid", reference, candidate)
    protocol = measured.protocol
    skipped = [asdict(skip) for each in (reference, candidate) for skip in each.skipped]
    answer = {
        "metric": measured.metric,
        "value": measured.value,
        "n_reference": protocol.n_reference,
        "n_candidate": protocol.n_candidate,
        "extractor": protocol.extractor,
        "protocol": protocol.fingerprint(),
        "protocol_detail": asdict(protocol),
        "reference_digest": measured.reference_digest,
        "candidate_digest": measured.candidate_digest,
        "skipped": skipped,
        "warnings": [str(caution) for caution in measured.cautions],
    }
    lines = [
        f"fid {measured.value:.6f}  (lower is better)",
        f"extractor {protocol.extractor}, protocol {protocol.fingerprint()}",
        f"pictures {protocol.n_reference} reference, {protocol.n_candidate} candidate, {len(skipped)} skipped",
        *[f"skipped {skip['key']}: {skip['reason']}" for skip in skipped],
        *[f"note: {caution}" for caution in measured.cautions],
    ]
    return answer, lines


def _extract(options: argparse.Namespace) -> tuple[dict, list[str]]:
    if not options.output.parent.is_dir():
        raise InputError(f"There is no folder {options.output.parent} to write {options.output.name} into.")
    found = _features(options.folder, options)
    temporary = options.output.with_name(f".{options.output.name}.writing")
    try:
        with temporary.open("wb") as stream:
            np.savez(stream, features=found.features, keys=np.array(found.keys), digests=np.array(found.digests))
        temporary.replace(options.output)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(f"{options.output} could not be written: {error.strerror}.") from error
    answer = {
        "output": str(options.output),
        "n": len(found.keys),
        "dimension": int(found.features.shape[1]),
        "extractor": found.extractor,
        "weights_digest": found.weights_digest,
        "skipped": [asdict(skip) for skip in found.skipped],
    }
    lines = [
        f"wrote {options.output}: {len(found.keys)} x {found.features.shape[1]} ({found.extractor})",
        *[f"skipped {skip.key}: {skip.reason}" for skip in found.skipped],
    ]
    return answer, lines


def _features(folder: Path, options: argparse.Namespace):
    """The FeatureSet of a folder, with a bar on a terminal and one line at the start otherwise."""
    from workers.engine.features.extract import extract
    from workers.engine.features.pictures import pictures_below

    weights_dir = options.weights_dir
    if weights_dir is None and DEFAULT_WEIGHTS.is_dir():
        weights_dir = DEFAULT_WEIGHTS
    catalogue.extractor(options.extractor)
    paths = pictures_below(folder)
    if not sys.stderr.isatty() and not options.json:
        print(f"{folder}: {len(paths)} pictures", file=sys.stderr)
    with tqdm(total=len(paths), desc=folder.name, unit="img", disable=not sys.stderr.isatty(), leave=False) as bar:
        return extract(
            paths,
            options.extractor,
            weights_dir=weights_dir,
            device=options.device,
            batch_size=options.batch_size,
            report=_mover(bar),
        )


def _mover(bar: tqdm) -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return report


if __name__ == "__main__":
    sys.exit(main())
