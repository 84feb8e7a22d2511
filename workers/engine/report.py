"""Comparisons as the command line tells them: one JSON object and some lines each."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.features.extract import FeatureSet
from workers.engine.metrics import cautions
from workers.engine.metrics.cautions import Caution
from workers.engine.metrics.compare import Measurement, compare
from workers.engine.metrics.gaussian import distance_of_statistics
from workers.engine.protocol import Protocol, protocol_of
from workers.engine.sources import Source
from workers.engine.statistics import Statistics, statistics_of, write_npz

Told = tuple[dict[str, Any], list[str]]


def must_exist(path: Path) -> None:
    """InputError unless there is something at this path."""
    if not path.exists():
        raise InputError(
            f"There is no file {path}." if path.suffix.lower() == ".npz" else f"There is no folder {path}."
        )


def by_features(names: Sequence[str] | None, reference: Source, candidate: Source, *, judge: bool) -> list[Told]:
    """Each metric between two sets of features; without names, all that the sets are large enough for."""
    first, second = reference.content, candidate.content
    assert isinstance(first, FeatureSet) and isinstance(second, FeatureSet)
    smaller = min(len(first.keys), len(second.keys))
    fitting = [each.name for each in catalogue.METRICS.values() if smaller >= each.minimum and not each.paired]
    chosen = names or fitting
    sizes = (reference.sizes, candidate.sizes) if reference.sizes and candidate.sizes else None
    told = []
    for name in dict.fromkeys(chosen):
        measured = compare(name, first, second, judge=judge, sizes=sizes)
        told.append((_answer(measured), _lines(measured)))
    return told


def by_statistics(names: Sequence[str], reference: Source, candidate: Source) -> Told:
    """The Fréchet distance when at least one side is mean and covariance alone. InputError for other metrics."""
    for source in (reference, candidate):
        if list(names) != ["fid"] and isinstance(source.content, Statistics):
            other = next(name for name in names if name != "fid")
            raise InputError(f"{other} needs features; {source.path} holds mean and covariance alone, enough for fid.")
    first, second = (
        each.content if isinstance(each.content, Statistics) else statistics_of(each.content)
        for each in (reference, candidate)
    )
    for name in ("extractor", "weights_digest"):
        pair = getattr(first, name), getattr(second, name)
        if None not in pair and pair[0] != pair[1]:
            what = name.replace("_", " ")
            raise InputError(f"The two sets come from different networks ({what} {pair[0]} and {pair[1]}).")
    value = distance_of_statistics(first.mean, first.covariance, second.mean, second.covariance)
    found = _of_statistics(reference, candidate, first, second)
    protocol = _protocol(first, second)
    answer = {
        "metric": "fid",
        "value": value,
        "low": None,
        "high": None,
        "floor": None,
        "details": {},
        "n_reference": first.n,
        "n_candidate": second.n,
        "extractor": first.extractor or second.extractor,
        "protocol": protocol.fingerprint() if protocol else None,
        "protocol_detail": asdict(protocol) if protocol else None,
        "reference_digest": first.set_digest,
        "candidate_digest": second.set_digest,
        "warnings": [str(caution) for caution in found],
    }
    return answer, [f"fid {value:.6f}  (lower is better; from statistics, so without an interval)"]


def remarks(answers: Sequence[dict[str, Any]], reference: Source, candidate: Source) -> list[str]:
    """What is said once below all values: protocol, numbers of pictures, what was skipped, warnings."""
    first = answers[0]
    skipped = [
        asdict(skip)
        for side in (reference, candidate)
        if isinstance(side.content, FeatureSet)
        for skip in side.content.skipped
    ]
    for answer in answers:
        answer["skipped"] = skipped
    counts = [answer if answer is not None else "unknown" for answer in (first["n_reference"], first["n_candidate"])]
    fingerprints = ", ".join(dict.fromkeys(answer["protocol"] or "unknown" for answer in answers))
    notes = dict.fromkeys(text for answer in answers for text in answer["warnings"])
    return [
        f"extractor {first['extractor'] or 'unknown'}, protocol {fingerprints}",
        f"pictures {counts[0]} reference, {counts[1]} candidate, {len(skipped)} skipped",
        *[f"skipped {skip['key']}: {skip['reason']}" for skip in skipped],
        *[f"note: {text}" for text in notes],
    ]


def write_features(output: Path, found: FeatureSet) -> Told:
    """The features with their names, digests and origin as a `.npz` file that `fid`, `kid` and `compare` read."""
    write_npz(
        output,
        features=found.features,
        keys=np.array(found.keys),
        digests=np.array(found.digests),
        extractor=np.array(found.extractor),
        weights_digest=np.array(found.weights_digest),
    )
    answer = {
        "output": str(output),
        "n": len(found.keys),
        "dimension": int(found.features.shape[1]),
        "extractor": found.extractor,
        "weights_digest": found.weights_digest,
        "skipped": [asdict(skip) for skip in found.skipped],
    }
    lines = [
        f"wrote {output}: {len(found.keys)} x {found.features.shape[1]} ({found.extractor})",
        *[f"skipped {skip.key}: {skip.reason}" for skip in found.skipped],
    ]
    return answer, lines


def _answer(measured: Measurement) -> dict[str, Any]:
    protocol = measured.protocol
    return {
        "metric": measured.metric,
        "value": measured.value,
        "low": measured.interval.low if measured.interval else None,
        "high": measured.interval.high if measured.interval else None,
        "floor": measured.floor.value if measured.floor else None,
        "details": measured.all_details(),
        "n_reference": protocol.n_reference,
        "n_candidate": protocol.n_candidate,
        "extractor": protocol.extractor,
        "protocol": protocol.fingerprint(),
        "protocol_detail": asdict(protocol),
        "reference_digest": measured.reference_digest,
        "candidate_digest": measured.candidate_digest,
        "warnings": [str(caution) for caution in measured.cautions],
    }


def _lines(measured: Measurement) -> list[str]:
    direction = catalogue.metric(measured.metric).direction
    line = f"{measured.metric} {measured.value:.6f}  ({direction} is better)"
    if measured.interval:
        line += f"  95 % interval {measured.interval.low:.6g} to {measured.interval.high:.6g}"
    if measured.floor:
        line += f"  real against real {measured.floor.value:.6g} (n {measured.floor.n1} and {measured.floor.n2})"
    rest = ", ".join(f"{name} {value:.6g}" for name, value in measured.details.items())
    return [line, *([f"  {rest}"] if rest else [])]


def _of_statistics(reference: Source, candidate: Source, first: Statistics, second: Statistics) -> list[Caution]:
    found = [
        Caution("unknown_origin", {"file": source.path.name})
        for source, side in ((reference, first), (candidate, second))
        if not side.known
    ]
    if first.n and second.n:
        found += cautions.of_counts(catalogue.metric("fid"), first.n, second.n, len(first.mean))
    return found


def _protocol(first: Statistics, second: Statistics) -> Protocol | None:
    """The protocol, the very one that the same sets have by their features; None when a file does not say enough."""
    if not (first.extractor and first.weights_digest and first.set_digest and first.n and second.n and second.known):
        return None
    return protocol_of(
        "fid",
        first.extractor,
        weights_digest=first.weights_digest,
        reference_digest=first.set_digest,
        n_reference=first.n,
        n_candidate=second.n,
    )
