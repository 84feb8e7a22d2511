"""Pictures in, features out: reading ahead in threads, computing in batches, stopping when asked."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workers.engine import catalogue, weights
from workers.engine.errors import InputError
from workers.engine.features import store
from workers.engine.features.extractors import Features, NotUsable, RunningExtractor, load
from workers.engine.features.pictures import read_picture
from workers.engine.features.streams import in_streams, threads

# Threads that decode and resize while the network computes: 2 ms a picture, so on a CPU, where the network takes 40, two
# are plenty; a GPU computes a thousand pictures a second and waits for them.
READERS, GPU_READERS = 2, 16
LEAST = 2  # pictures with features, of what is compared as a set

Report = Callable[[int, int], None]
Listed = tuple[str, Path, str]  # digest, path, name


@dataclass(frozen=True)
class Skipped:
    """A picture without features, and why."""

    key: str
    reason: str


@dataclass(frozen=True)
class FeatureSet:
    """Features of a set of pictures: row i of `features` (n, d) float32 belongs to keys[i] and digests[i] (SHA-256).

    `weights_digest` says which weights computed them; `skipped` names the pictures that have no row.
    """

    extractor: str
    weights_digest: str
    features: Features
    keys: tuple[str, ...]
    digests: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def extract(
    paths: Sequence[Path],
    extractor_name: str,
    *,
    keys: Sequence[str] | None = None,
    weights_dir: Path | None = None,
    device: str = "auto",
    batch_size: int | None = None,
    report: Report | None = None,
    store_dir: Path | None = None,
    checkpoints_dir: Path | None = None,
) -> FeatureSet:
    """Features of every picture, in the given order. `keys` names the pictures in results and messages, one a path; the
    paths themselves if left out.

    `report(done, total)` is called for every picture and may raise to stop. With `store_dir` features are taken from
    there when these very pictures were measured before, and kept there otherwise. The result does not depend on batch
    size or order (beyond the rounding of float32).
    Raises InputError for an unknown extractor, missing weights, an unreadable picture (naming it), and when fewer
    than 2 pictures can be used.
    """
    tell = report or (lambda done, total: None)
    if batch_size is not None and batch_size < 1:
        raise InputError(f"The batch size is {batch_size}; it must be at least 1.")
    found = weights.find(extractor_name, weights_dir, checkpoints_dir)
    names = [str(path) for path in paths] if keys is None else list(keys)
    digests = list(_digests(paths, names, tell))
    # A picture that occurs twice in the set is computed once.
    unique = {listed[0]: listed for listed in zip(digests, paths, names, strict=True)}
    known = known_features(
        list(unique.values()), extractor_name, found,
        device=device, batch_size=batch_size, report=tell, store_dir=store_dir,
    )  # fmt: skip
    tell(len(paths), len(paths))
    return assemble(names, digests, known, extractor_name, found.digest)


def known_features(
    pictures: Sequence[Listed],
    extractor_name: str,
    found: weights.ExtractorWeights,
    *,
    device: str = "auto",
    batch_size: int | None = None,
    report: Report | None = None,
    store_dir: Path | None = None,
) -> store.Known:
    """Features of pictures whose digests are known, each once; from the store if it has them, kept there otherwise."""
    tell = report or (lambda done, total: None)
    key = store.set_key((digest for digest, _path, _name in pictures), extractor_name, found.digest)
    known = store.load(store_dir, key) if store_dir else None
    if known is None:
        known = _compute(pictures, load(extractor_name, found, device), batch_size, tell)
        if store_dir:
            store.save(store_dir, key, known)
    return known


def _digests(paths: Sequence[Path], names: Sequence[str], tell: Report) -> Iterator[str]:
    for path, name in zip(paths, names, strict=True):
        tell(0, len(paths))
        try:
            yield weights.sha256_of(path)
        except OSError as error:
            raise InputError(f"{name} cannot be read: {error.strerror}.") from error


def _compute(
    pictures: Sequence[Listed], extractor: RunningExtractor, batch_size: int | None, tell: Report
) -> store.Known:
    rows: list[Features] = []
    row_digests: list[str] = []
    skipped: dict[str, str] = {}
    size = batch_size or extractor.batch_size
    streams = getattr(extractor, "streams", 1)

    def told() -> None:
        tell(len(row_digests) + len(skipped), len(pictures))

    def batches() -> Iterator[list[tuple[str, Any]]]:
        batch: list[tuple[str, Any]] = []
        for digest, prepared in _prepared(pictures, extractor, ahead=2 * size * streams):
            if isinstance(prepared, NotUsable):
                skipped[digest] = str(prepared)
            else:
                batch.append((digest, prepared))
            if len(batch) == size:
                yield batch
                batch = []
            told()
        if batch:
            yield batch

    def compute(batch: list[tuple[str, Any]]) -> Features:
        return extractor.features([prepared for _digest, prepared in batch])

    with closing(in_streams(compute, batches(), streams)) as computed:
        for batch, found in computed:
            rows.append(found)
            row_digests += [digest for digest, _input in batch]
            told()
    features = np.concatenate(rows) if rows else np.empty((0, 0), dtype=np.float32)
    return store.Known(tuple(row_digests), features, skipped)


def _prepared(pictures: Sequence[Listed], extractor: RunningExtractor, ahead: int) -> Iterator[tuple[str, Any]]:
    """Digest and prepared picture (or NotUsable) in order, at most `ahead` of them waiting in memory."""

    def prepare(path: Path, name: str) -> Any:
        try:
            return extractor.prepare(read_picture(path, name))
        except NotUsable as reason:
            return reason

    waiting: deque[tuple[str, Future[Any]]] = deque()
    on_gpu = getattr(getattr(extractor, "device", None), "type", "cpu") == "cuda"
    readers = max(READERS, min(GPU_READERS, os.cpu_count() or 1)) if on_gpu else READERS
    # A reader resizes on one core: the others are busy with the network. What is no torch network needs no torch here.
    plain = ThreadPoolExecutor(readers, thread_name_prefix="picture")
    with threads(readers, "picture", cores=1) if hasattr(extractor, "streams") else plain as pool:
        try:
            for digest, path, name in pictures:
                waiting.append((digest, pool.submit(prepare, path, name)))
                if len(waiting) >= ahead:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def assemble(
    names: Sequence[str],
    digests: Sequence[str],
    known: store.Known,
    extractor_name: str,
    weights_digest: str,
    *,
    least: int = LEAST,
) -> FeatureSet:
    """The set's rows out of known ones, in the order of `names`; without any, features of shape (0, d).

    InputError when fewer than `least` pictures have a row.
    """
    row_of = {digest: row for row, digest in enumerate(known.digests)}
    used = [(name, digest) for name, digest in zip(names, digests, strict=True) if digest in row_of]
    skipped = tuple(
        Skipped(name, known.skipped[digest])
        for name, digest in zip(names, digests, strict=True)
        if digest in known.skipped
    )
    row = catalogue.extractor(extractor_name)
    features = known.features[[row_of[digest] for _, digest in used]]
    if not used:  # nothing computed tells how many numbers a picture has
        features = np.empty((0, row.dimension), dtype=np.float32)
    if features.shape[1] != row.dimension and not row.of_checkpoint:  # a small preset's layers are smaller
        raise ValueError(f"{extractor_name} gave {features.shape[1]} numbers per picture, not {row.dimension}")
    found = FeatureSet(
        extractor=extractor_name,
        weights_digest=weights_digest,
        features=features,
        keys=tuple(key for key, _ in used),
        digests=tuple(digest for _, digest in used),
        skipped=skipped,
    )
    if problem := too_few(found, least):
        raise InputError(problem)
    return found


def too_few(found: FeatureSet, least: int) -> str:
    """Why a metric that needs the features of `least` pictures cannot measure this set; "" when it can."""
    used = len(found.keys)
    if used >= least:
        return ""
    reasons = "".join(f" {Path(skip.key).name}: {skip.reason}." for skip in found.skipped[:3])
    are = "is" if least == 1 else "are"
    total = used + len(found.skipped)
    return f"Of {total} pictures {used} can be used by {found.extractor}; {least} {are} needed." + reasons
