"""`python -m workers.engine`: the library on the command line, without a database.

Exit code 0: done; 1: a defect of ours; 2: the request cannot be met, the reason is on standard error.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from workers.engine import catalogue
from workers.engine.commands import shipping, training
from workers.engine.commands.reading_end import reader_may_leave
from workers.engine.errors import InputError

DEFAULT_WEIGHTS = Path("data/weights")
DEFAULT_CHECKPOINTS = Path("data/checkpoints")
DEFAULT_EXTRACTOR = "inception.mixed6e"
DIMS = {64: "inception.pool1", 192: "inception.pool2", 768: "inception.mixed6e", 2048: "inception.pool3"}

OF_SETS = [metric.name for metric in catalogue.METRICS.values() if not metric.paired]

Answer = tuple[dict, list[str]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    with reader_may_leave():
        return _answer(_parser().parse_args(arguments))
    return 0


def _answer(options: argparse.Namespace) -> int:
    try:
        answer, lines = options.run(options)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    print(json.dumps(answer, ensure_ascii=False) if options.json else "\n".join(lines))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m workers.engine",
        description="Measure folders of pictures. Where a folder is expected, a .npz file of statistics (mu, sigma, as "
        "pytorch-fid writes them) or of features (as extract writes them) does as well.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    fid = commands.add_parser("fid", help="Fréchet distance between two sets")
    _two_sets(fid)
    fid.add_argument(
        "--save-stats",
        action="store_true",
        help="write mean and covariance of the first set to the second path, a .npz file that pytorch-fid reads too",
    )
    fid.set_defaults(run=_measure, metrics="fid", single=True)

    kid = commands.add_parser("kid", help="kernel distance between two sets; unbiased, for small sets")
    _two_sets(kid)
    kid.set_defaults(run=_measure, metrics="kid", single=True, save_stats=False)

    compare = commands.add_parser("compare", help="several metrics between two sets")
    _two_sets(compare)
    compare.add_argument(
        "--metrics",
        metavar="NAMES",
        help=f"separated by commas, of {', '.join(OF_SETS)} (default: all that the sets are large enough for)",
    )
    compare.set_defaults(run=_measure, single=False, save_stats=False)

    extract = commands.add_parser("extract", help="write the features of a folder of pictures to a .npz file")
    extract.add_argument("folder", type=Path, metavar="DIR")
    extract.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.npz")
    extract.set_defaults(run=_extract)

    for command in (fid, kid, compare, extract):
        _reading_options(command)
    training.add(commands, DEFAULT_WEIGHTS)
    shipping.add(commands)
    return parser


def _two_sets(command: argparse.ArgumentParser) -> None:
    command.add_argument("reference", type=Path, metavar="REFERENCE_DIR", help="folder or .npz file")
    command.add_argument(
        "candidates", type=Path, nargs="+", metavar="CANDIDATE_DIR",
        help="folder or .npz file; of several, each is compared with the reference, which is read once",
    )  # fmt: skip
    command.add_argument("--value-only", action="store_true", help="without interval and floor, which take seconds")


def _reading_options(command: argparse.ArgumentParser) -> None:
    network = command.add_mutually_exclusive_group()
    network.add_argument(
        "--extractor",
        metavar="NAME",
        help=f"one of {', '.join(catalogue.EXTRACTORS)}; or a layer of a checkpoint, as pix2pix.en7@ID or vae.mu@ID",
    )
    network.add_argument("--dims", type=int, choices=DIMS, help="the layer of the FID network by its size")
    command.add_argument(
        "--weights-dir", type=Path, metavar="DIR", help=f"trained weights (default: {DEFAULT_WEIGHTS} if present)"
    )
    command.add_argument(
        "--checkpoints-dir", type=Path, metavar="DIR", help=f"checkpoints (default: {DEFAULT_CHECKPOINTS} if present)"
    )
    command.add_argument("--device", default="auto", help="auto, cpu or cuda (default: %(default)s)")
    command.add_argument("--batch-size", type=int, metavar="N", help="pictures at once (default: by device)")
    command.add_argument("--cache", type=Path, metavar="DIR", help="keep features there, and take them from there")
    command.add_argument("--json", action="store_true", help="one JSON object on standard output")


def _measure(options: argparse.Namespace) -> Answer:
    from workers.engine import report, sources

    reading = _reading(options)
    if options.save_stats:
        return _save_stats(options)
    names = [name.strip() for name in options.metrics.split(",")] if options.metrics else None
    for name in names or []:
        catalogue.metric(name)
    for path in (options.reference, *options.candidates):  # all, before the first is worked on for minutes
        report.must_exist(path)
    reference = sources.read(options.reference, reading, moments_do=names == ["fid"])
    told = [
        _against(reference, sources.read(path, reading, moments_do=names == ["fid"]), names, options)
        for path in options.candidates
    ]
    if len(told) == 1:
        return told[0]
    answers, lines = [], []
    for path, (answer, some) in zip(options.candidates, told, strict=True):
        answers.append({"candidate": str(path), **answer})
        lines += [f"{path}:", *some]
    return {"candidates": answers}, lines


def _against(reference, candidate, names: list[str] | None, options: argparse.Namespace) -> Answer:
    from workers.engine import report, statistics

    if any(isinstance(side.content, statistics.Statistics) for side in (reference, candidate)):
        measured = [report.by_statistics(names or ["fid"], reference, candidate)]
    else:
        measured = report.by_features(names, reference, candidate, judge=not options.value_only)
    answers = [answer for answer, _ in measured]
    lines = [line for _, some in measured for line in some]
    answer = answers[0] if options.single else {"results": answers}
    return answer, [*lines, *report.remarks(answers, reference, candidate)]


def _save_stats(options: argparse.Namespace) -> Answer:
    from workers.engine import sources, statistics

    if len(options.candidates) > 1 or options.candidates[0].suffix.lower() != ".npz":
        given = ", ".join(map(str, options.candidates))
        raise InputError(f"--save-stats writes one .npz file; {given} does not end in .npz or is more than one.")
    output = options.candidates[0]
    content = sources.read(options.reference, _reading(options), moments_do=True).content
    found = content if isinstance(content, statistics.Statistics) else statistics.statistics_of(content)
    statistics.save(output, found)
    answer = {
        "output": str(output),
        "n": found.n,
        "dimension": len(found.mean),
        "extractor": found.extractor,
    }
    return answer, [f"wrote {output}: mean and covariance of {found.n} x {len(found.mean)}"]


def _extract(options: argparse.Namespace) -> Answer:
    from workers.engine import report, sources, statistics

    reading = _reading(options)
    if not options.output.parent.is_dir():
        raise InputError(f"There is no folder {options.output.parent} to write {options.output.name} into.")
    source = sources.read(options.folder, reading)
    if isinstance(source.content, statistics.Statistics):
        raise InputError(f"{options.folder} holds statistics; features cannot be had from them.")
    return report.write_features(options.output, source.content)


def _reading(options: argparse.Namespace):
    from workers.engine.sources import Reading

    name = DIMS[options.dims] if options.dims else options.extractor or DEFAULT_EXTRACTOR
    catalogue.extractor(name)
    weights_dir = options.weights_dir or (DEFAULT_WEIGHTS if DEFAULT_WEIGHTS.is_dir() else None)
    checkpoints_dir = options.checkpoints_dir or (DEFAULT_CHECKPOINTS if DEFAULT_CHECKPOINTS.is_dir() else None)
    return Reading(name, weights_dir, options.device, options.batch_size, options.cache, options.json, checkpoints_dir)


if __name__ == "__main__":
    sys.exit(main())
