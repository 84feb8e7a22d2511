"""Metrics between pictures that belong together: matched by key, measured two by two, averaged with an interval.

Pictures are never paired by their place in a list. Each is read once for all metrics; what needs no network runs in
threads, some pairs at a time, while the next ones are read.
"""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from workers.engine import catalogue, weights
from workers.engine.errors import InputError
from workers.engine.features.pictures import read_picture
from workers.engine.metrics.cautions import Caution
from workers.engine.metrics.compare import Measurement
from workers.engine.metrics.paired_pictures import Grey, Pictures, Values, grey
from workers.engine.metrics.paired_weights import metric_digest, metric_weights
from workers.engine.metrics.resampling import SEED, Interval
from workers.engine.protocol import protocol_of, set_digest

CHUNK = 8  # pairs at once: a stop has to wait for one chunk at most
RESAMPLES = 2000
EXAMPLES = 3
POLL = 0.2  # seconds between looks for a stop

Report = Callable[[int, int], None]
Function = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Pairs:
    """keys[i] is what reference[i] and candidate[i] are pictures of. `unmatched` names the pictures without a partner."""

    keys: tuple[str, ...]
    reference: tuple[Path, ...]
    candidate: tuple[Path, ...]
    unmatched: tuple[str, ...] = ()


@dataclass(frozen=True)
class PairedMeasurement(Measurement):
    """A mean over pairs: values[i] belongs to the pair keys[i]; both empty when the metric has one value for all."""

    keys: tuple[str, ...] = ()
    values: tuple[float, ...] = ()


def match(reference: Sequence[tuple[str, Path]], candidate: Sequence[tuple[str, Path]]) -> Pairs:
    """The pairs of two lists of (key, path), in the order of the reference.

    Raises InputError for a key that occurs twice in a list, and when no key is in both.
    """
    for side, entries in (("reference", reference), ("candidate", candidate)):
        twice = [key for key, count in Counter(key for key, _ in entries).items() if count > 1]
        if twice:
            raise InputError(
                f"The {side} has more than one picture for {_listed(twice)}; one picture a key can be compared."
            )
    other = dict(candidate)
    shared = [(key, path, other[key]) for key, path in reference if key in other]
    if not shared:
        raise InputError(
            "No picture of the candidate has the key of a picture of the reference "
            f"(reference: {_listed([key for key, _ in reference])}; candidate: {_listed([key for key, _ in candidate])}). "
            "Give the files of a pair the same name."
        )
    known = {key for key, _, _ in shared}
    alone = tuple(key for key, _ in (*reference, *candidate) if key not in known)
    keys, first, second = zip(*shared, strict=True)
    return Pairs(keys, first, second, alone)


def measure(
    metric_names: Sequence[str],
    pairs: Pairs,
    *,
    weights_dir: Path | None = None,
    device: str = "auto",
    report: Report | None = None,
    tell: Callable[[], None] = lambda: None,
) -> list[PairedMeasurement]:
    """Each metric (of those that look at pictures) over the pairs, in the given order.

    `report(done, total)` is called for every pair and `tell` at least every 0.2 s; both may raise to stop.
    Raises InputError for missing weights, an unreadable picture, and a pair whose pictures differ in size, naming them.
    """
    metrics = [catalogue.metric(name) for name in metric_names]
    for metric in metrics:
        if not metric.paired or metric.needs_features:
            raise InputError(f"{metric.name} is not computed from pairs of pictures.")
        if len(pairs.keys) < metric.minimum:
            raise InputError(
                f"{metric.name} needs at least {metric.minimum} pairs; {len(pairs.keys)} pictures of the two sets belong "
                "together."
            )
    functions = {metric.name: _function(metric, weights_dir, device) for metric in metrics}
    values: dict[str, Values] = {metric.name: np.empty(len(pairs.keys)) for metric in metrics if not metric.whole}
    in_threads = {name: functions[name] for name in values if not catalogue.metric(name).weights}
    whole = [metric.name for metric in metrics if metric.whole]
    kept: list[tuple[Grey, Grey]] = []
    done = 0
    for group in _computed(pairs, in_threads, tell):
        for name in values:
            found = group.values.get(name)
            values[name][group.places] = functions[name](group.reference, group.candidate) if found is None else found
            tell()
        if whole:
            kept.append((grey(group.reference), grey(group.candidate)))
        done += len(group.places)
        (report or (lambda done, total: None))(done, len(pairs.keys))
    digests = [set_digest(weights.sha256_of(path) for path in side) for side in (pairs.reference, pairs.candidate)]
    measured = []
    for metric in metrics:
        tell()
        digest = metric_digest(metric.name, weights_dir)
        if metric.whole:
            value, details = functions[metric.name](*_together(kept))
            measured.append(_measurement(metric, pairs, digests, digest, value, details))
        else:
            measured.append(_of_values(metric, pairs, digests, digest, values[metric.name]))
    return measured


def _of_values(
    metric: catalogue.Metric, pairs: Pairs, digests: Sequence[str], weights_digest: str, values: Values
) -> PairedMeasurement:
    """The mean over pairs with its interval and what else is told of it."""
    details = {"median": float(np.median(values)), "least": float(values.min()), "greatest": float(values.max())}
    interval = mean_interval(values)
    return _measurement(metric, pairs, digests, weights_digest, float(values.mean()), details, values, interval)


def mean_interval(values: Values) -> Interval:
    """The 95 % bootstrap interval of a mean: percentiles of 2000 resamples of the images, drawn with replacement."""
    n = len(values)
    rng = np.random.default_rng(SEED)
    blocks = [rng.multinomial(n, np.full(n, 1 / n), size=100) @ values / n for _ in range(RESAMPLES // 100)]
    means = np.concatenate(blocks)
    low, high = np.percentile(means, [2.5, 97.5])
    mean = float(values.mean())  # of equal values the resampled means differ by rounding
    return Interval(min(float(low), mean), max(float(high), mean), float(means.std(ddof=1)), RESAMPLES)


def share_interval(hits: Values) -> Interval:
    """The 95 % interval of a share of (n,) zeros and ones.

    That of `mean_interval`; where all or none are hits resampling sees no spread, so there it is the exact binomial one
    (Clopper and Pearson 1934): 1 of 1 leaves 2.5 % to 100 %, 270 of 270 leave 98.6 % to 100 %.
    """
    found = mean_interval(hits)
    share = float(hits.mean())
    if 0 < share < 1:
        return found
    reach = 1 - 0.025 ** (1 / len(hits))
    return Interval(0.0, reach, 0.0, found.resamples) if share == 0 else Interval(1 - reach, 1.0, 0.0, found.resamples)


def _measurement(
    metric: catalogue.Metric,
    pairs: Pairs,
    digests: Sequence[str],
    weights_digest: str,
    value: float,
    details: Mapping[str, float | int],
    values: Sequence[float] | Values = (),
    interval: Interval | None = None,
) -> PairedMeasurement:
    n = len(pairs.keys)
    protocol = protocol_of(
        metric.name,
        catalogue.NO_EXTRACTOR,
        weights_digest=weights_digest,
        reference_digest=digests[0],
        n_reference=n,
        n_candidate=n,
    )
    return PairedMeasurement(
        metric=metric.name,
        value=float(value),
        protocol=protocol,
        reference_digest=digests[0],
        candidate_digest=digests[1],
        cautions=tuple(_cautions(pairs, digests)),
        interval=interval,
        details=dict(details),
        keys=pairs.keys if len(values) else (),
        values=tuple(float(each) for each in values),
    )


def _cautions(pairs: Pairs, digests: Sequence[str]) -> Iterator[Caution]:
    if pairs.unmatched:
        yield Caution("unmatched", {"count": len(pairs.unmatched), "examples": _listed(pairs.unmatched)})
    if digests[0] == digests[1]:
        yield Caution("identical", {})
    jpeg = sum(path.suffix.lower() in {".jpg", ".jpeg"} for path in pairs.candidate)
    if jpeg:
        yield Caution("jpeg", {"count": jpeg})


@dataclass(frozen=True)
class _Group:
    """Pairs of one size: their places in the list, pictures (n, h, w, 3), and the values that threads have computed."""

    places: list[int]
    reference: Pictures
    candidate: Pictures
    values: dict[str, Values]


def _computed(pairs: Pairs, functions: Mapping[str, Function], tell: Callable[[], None]) -> Iterator[_Group]:
    """Groups of pairs with the values of `functions`, read and computed in threads, some ahead of what is used."""

    def compute(places: range) -> list[_Group]:
        by_size: dict[tuple[int, ...], list[tuple[int, Any, Any]]] = {}
        for place in places:
            first, second = _read(pairs, place)
            by_size.setdefault(first.shape, []).append((place, first, second))
        groups = []
        for entries in by_size.values():
            first, second = (np.stack([entry[side] for entry in entries]) for side in (1, 2))
            values = {name: function(first, second) for name, function in functions.items()}
            groups.append(_Group([entry[0] for entry in entries], first, second, values))
        return groups

    threads = max(1, os.cpu_count() or 1)
    chunks = deque(range(start, min(start + CHUNK, len(pairs.keys))) for start in range(0, len(pairs.keys), CHUNK))
    waiting: deque[Future[list[_Group]]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="pairs") as pool:
        try:
            while chunks or waiting:
                while chunks and len(waiting) <= threads:
                    waiting.append(pool.submit(compute, chunks.popleft()))
                yield from _result(waiting.popleft(), tell)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _result(future: Future, tell: Callable[[], None]) -> Any:
    while True:
        tell()
        try:
            return future.result(timeout=POLL)
        except NotYet:
            if future.done():  # then it is the work itself that timed out
                raise


def _read(pairs: Pairs, place: int) -> tuple[Any, Any]:
    key, paths = pairs.keys[place], (pairs.reference[place], pairs.candidate[place])
    first, second = (read_picture(path, f"{key} ({path.name})") for path in paths)
    if first.shape != second.shape:
        sizes = [f"{each.shape[1]}x{each.shape[0]}" for each in (first, second)]
        raise InputError(
            f"{key}: the reference picture is {sizes[0]} pixels large and the candidate's {sizes[1]}. Pictures are compared "
            "pixel by pixel: crop or pad both sets to the same size first."
        )
    return first, second


def _function(metric: catalogue.Metric, weights_dir: Path | None, device: str) -> Function:
    """What the metric's row names, ready to be called with two arrays of pictures."""
    module, _, name = metric.module.rpartition(".")
    found: Any = getattr(import_module(module), name)
    return found(metric_weights(metric.name, weights_dir), device) if metric.weights else found


def _together(kept: Sequence[tuple[Grey, Grey]]) -> tuple[Grey, Grey]:
    """All grey pictures, for a metric that needs them at once. InputError when they differ in size."""
    sizes = {first.shape[1:] for first, _ in kept}
    if len(sizes) > 1:
        words = ", ".join(f"{width}x{height}" for height, width in sorted(sizes)[:EXAMPLES])
        raise InputError(
            f"The pictures have different sizes ({words}); NLDA needs one size. Crop or resize them alike."
        )
    first, second = zip(*kept, strict=True)
    return np.concatenate(first), np.concatenate(second)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - EXAMPLES} more" if len(names) > EXAMPLES else ""
    return ", ".join(names[:EXAMPLES]) + more
