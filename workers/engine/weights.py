"""Find, check and add files of trained weights.

A file counts as present only when its SHA-256 is the catalogue's, so no number is ever computed from other weights than
the ones named beside it. Importing this file loads no torch; only `add` does, to look into the file.
"""

import hashlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from workers.engine import catalogue
from workers.engine.errors import InputError


@dataclass(frozen=True)
class WeightsFile:
    """A file on disk whose digest has been checked."""

    entry: catalogue.Weights
    path: Path


@dataclass(frozen=True)
class ExtractorWeights:
    """All files an extractor needs, and one digest (hex) that stands for them in a protocol."""

    files: tuple[WeightsFile, ...]
    digest: str


def find(extractor_name: str, weights_dir: Path | None) -> ExtractorWeights:
    """The weights of an extractor: from `weights_dir`, or from the Python package that carries them.

    Raises InputError saying which file is missing or damaged, where to get it and how to add it.
    """
    files = tuple(
        _first_present(extractor_name, [catalogue.WEIGHTS[stem] for stem in stems], weights_dir)
        for stems in catalogue.extractor(extractor_name).weights
    )
    digests = [file.entry.sha256 for file in files]
    digest = digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest()
    return ExtractorWeights(files, digest)


def add(name: str, file: Path, weights_dir: Path) -> WeightsFile:
    """Copy `file` into `weights_dir` once it proves to be what `name` (file stem or `extractor.layer`) stands for.

    Checks the SHA-256, then loads it without executing anything and compares every key and shape with the network.
    Raises InputError and leaves `weights_dir` as it was when anything differs. Adding a file twice is harmless.
    """
    candidates = catalogue.weights(name)
    _readable(file)
    digest = sha256_of(file)
    entry = next((known for known in candidates if known.sha256 == digest), None)
    if entry is None:
        raise InputError(_other_file(name, file, digest, candidates))
    if entry.packaged:
        raise InputError(f"{entry.filename} comes with a Python package: {entry.how_to_get}. Nothing to add.")
    check_contents(entry, file)
    target = weights_dir / entry.filename
    try:
        weights_dir.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=weights_dir, prefix=".adding-")
        try:
            with file.open("rb") as source, os.fdopen(handle, "wb") as copy:
                shutil.copyfileobj(source, copy)
            Path(temporary).chmod(0o644)  # mkstemp makes it private; other workers' users must read it
            Path(temporary).replace(target)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"The weights could not be written to {weights_dir}: {error.strerror}.") from error
    return WeightsFile(entry, target)


def check_contents(entry: catalogue.Weights, file: Path) -> None:
    """Raise InputError unless the file holds exactly the keys and shapes that its extractors need."""
    import torch

    from workers.engine.networks.inception import InceptionToMixed6e, expected_shapes

    try:
        state = torch.load(file, weights_only=True, map_location="cpu")
    except Exception as error:  # torch.load raises half a dozen kinds for a file that is no state dict
        raise InputError(f"{file.name} could not be loaded as weights: {type(error).__name__}.") from error
    if not isinstance(state, Mapping) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise InputError(f"{file.name} is not a table of named weights (a state dict).")
    with torch.device("meta"):
        wanted = expected_shapes(InceptionToMixed6e())
    shapes = {key: tuple(value.shape) for key, value in state.items() if not key.endswith("num_batches_tracked")}
    missing = sorted(wanted.keys() - shapes.keys())
    surplus = sorted(key for key in shapes.keys() - wanted.keys() if not key.startswith(entry.beyond))
    misfit = sorted(key for key in wanted.keys() & shapes.keys() if wanted[key] != shapes[key])
    for keys, complaint in ((missing, "lacks"), (surplus, "has unexpected"), (misfit, "has another shape for")):
        if keys:
            more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
            raise InputError(f"{file.name} {complaint} {', '.join(keys[:3])}{more}; it does not fit the network.")


def sha256_of(file: Path) -> str:
    """SHA-256 of a file, hex; remembered while the file keeps its size and time of change."""
    stat = file.stat()
    return _sha256(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _sha256(file: Path, _changed: int, _size: int) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _first_present(extractor_name: str, entries: list[catalogue.Weights], weights_dir: Path | None) -> WeightsFile:
    damaged = []
    for entry in entries:
        path = _place(entry, weights_dir)
        if path is None or not path.is_file():
            continue
        if sha256_of(path) == entry.sha256:
            return WeightsFile(entry, path)
        damaged.append(f"{path} is present, but it is not that file (SHA-256 {_short(sha256_of(path))}).")
    raise InputError(" ".join([_missing(extractor_name, entries, weights_dir), *damaged]))


def _place(entry: catalogue.Weights, weights_dir: Path | None) -> Path | None:
    if entry.packaged:
        return _packaged_path(*entry.packaged)
    return weights_dir / entry.filename if weights_dir else None


def _packaged_path(package: str, path: str) -> Path | None:
    """Where a package keeps a file. The package is not imported: face_recognition_models needs pkg_resources."""
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or []) if spec else []
    return Path(folders[0]) / path if folders else None


def _missing(extractor_name: str, entries: list[catalogue.Weights], weights_dir: Path | None) -> str:
    if entries[0].packaged:
        return f"{extractor_name} needs {entries[0].filename}. Install it with: {entries[0].how_to_get}"
    where = f"{weights_dir} has none of them" if weights_dir else "no weights folder was given"
    choices = "; or ".join(
        f"{entry.filename} ({entry.bytes:,} bytes, SHA-256 {_short(entry.sha256)}...; {entry.how_to_get})"
        for entry in entries
    )
    return (
        f"The weights of {extractor_name} are missing: {where}. Get {choices}. "
        f"Then run: python manage.py add_weights {extractor_name} FILE"
    )


def _other_file(name: str, file: Path, digest: str, candidates: tuple[catalogue.Weights, ...]) -> str:
    wanted = ", ".join(f"{entry.filename} ({_short(entry.sha256)})" for entry in candidates)
    text = f"{file.name} is not the file that {name} needs: its SHA-256 begins with {_short(digest)}. Known: {wanted}."
    other = next((entry for entry in catalogue.WEIGHTS.values() if entry.sha256 == digest), None)
    return f"{text} By its digest it is {other.filename}." if other else text


def _readable(file: Path) -> None:
    if not file.is_file():
        raise InputError(f"There is no file {file}.")
    try:
        file.open("rb").close()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from error


def _short(digest: str) -> str:
    return digest[:8]
