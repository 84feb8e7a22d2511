"""Find and check files of trained weights.

A file counts as present only when its SHA-256 is the catalogue's, so no number is ever computed from other weights than
the ones named beside it. Where the publisher states no digest, and for fine-tuned files that were added under a name of
their own, the file's own digest stands in the protocol. Importing this file loads no torch.
"""

import hashlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from workers.engine import catalogue
from workers.engine.errors import InputError

SAFETENSORS = ".safetensors"


@dataclass(frozen=True)
class WeightsFile:
    """A file on disk whose digest (hex) has been checked."""

    entry: catalogue.Weights
    path: Path
    sha256: str


@dataclass(frozen=True)
class ExtractorWeights:
    """All files an extractor needs, and one digest (hex) that stands for them in a protocol."""

    files: tuple[WeightsFile, ...]
    digest: str


def find(extractor_name: str, weights_dir: Path | None, checkpoints_dir: Path | None = None) -> ExtractorWeights:
    """The weights of an extractor: from `weights_dir`, from the Python package that carries them, or a checkpoint's.

    Raises InputError saying which file is missing or damaged, where to get it and how to add it.
    """
    extractor = catalogue.extractor(extractor_name)
    if extractor.of_checkpoint:
        from workers.engine.features import checkpoint_weights

        return checkpoint_weights.find(extractor_name, checkpoints_dir)
    variant = extractor_name.partition("@")[2]
    if variant:
        files: tuple[WeightsFile, ...] = (_variant(extractor_name, extractor.weights[0][0], variant, weights_dir),)
    else:
        files = tuple(find_file(stems, weights_dir, needed_by=extractor_name) for stems in extractor.weights)
    digests = [file.sha256 for file in files]
    digest = digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest()
    return ExtractorWeights(files, digest)


def find_file(stems: str | Sequence[str], weights_dir: Path | None, needed_by: str = "") -> WeightsFile:
    """The file of this stem; of several stems that serve alike, the first one present. `needed_by` names who asks.

    Raises InputError as `find` does.
    """
    given = (stems,) if isinstance(stems, str) else tuple(stems)
    entries = [entry for stem in given for entry in catalogue.weights(stem)]
    damaged = []
    for entry in entries:
        path = place(entry, weights_dir)
        if path is None or not path.is_file():
            continue
        digest = sha256_of(path)
        if entry.is_digest(digest):
            return WeightsFile(entry, path, digest)
        damaged.append(f"{path} is present, but it is not that file (SHA-256 {short(digest)}).")
    raise InputError(" ".join([_missing(needed_by or given[0], entries, weights_dir), *damaged]))


def place(entry: catalogue.Weights, weights_dir: Path | None) -> Path | None:
    """Where the file belongs, there or not; None when there is no such folder or package."""
    if entry.packaged:
        return _packaged_path(*entry.packaged)
    return weights_dir / entry.filename if weights_dir else None


def variant_paths(entry: catalogue.Weights, variant: str, weights_dir: Path) -> list[Path]:
    """Where a fine-tuned file of this name may lie; its suffix tells its format."""
    return [weights_dir / f"{entry.stem}@{variant}{suffix}" for suffix in (SAFETENSORS, Path(entry.filename).suffix)]


def sha256_of(file: Path) -> str:
    """SHA-256 of a file, hex; remembered while the file keeps its size and time of change."""
    stat = file.stat()
    return _sha256(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4096)  # pictures are looked up as well, and must not crowd out a file of a gigabyte
def _sha256(file: Path, _changed: int, _size: int) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _variant(extractor_name: str, stem: str, variant: str, weights_dir: Path | None) -> WeightsFile:
    entry = catalogue.WEIGHTS[stem]
    for path in variant_paths(entry, variant, weights_dir) if weights_dir else ():
        if path.is_file():
            return WeightsFile(entry, path, sha256_of(path))
    raise InputError(
        f"There are no weights {stem}@{variant} in {weights_dir}. To add them: "
        f"python manage.py add_weights {extractor_name.partition('@')[0]} FILE --name {variant}"
    )


def _packaged_path(package: str, path: str) -> Path | None:
    """Where a package keeps a file. The package is not imported: face_recognition_models needs pkg_resources."""
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or []) if spec else []
    return Path(folders[0]) / path if folders else None


def _missing(needed_by: str, entries: list[catalogue.Weights], weights_dir: Path | None) -> str:
    if entries[0].packaged:
        return f"{needed_by} needs {entries[0].filename}. Install it with: {entries[0].how_to_get}"
    where = f"{weights_dir} has none of them" if weights_dir else "no weights folder was given"
    choices = "; or ".join(
        f"{entry.filename} ({entry.bytes:,} bytes, {described_digest(entry)}; {entry.source})" for entry in entries
    )
    name = needed_by if needed_by in catalogue.EXTRACTORS else entries[0].stem
    fetching = f"python manage.py fetch_weights {name}, or: " if any(entry.url for entry in entries) else ""
    return (
        f"The weights of {needed_by} are missing: {where}. Get {choices}. "
        f"Then run: {fetching}python manage.py add_weights {name} FILE"
    )


def described_digest(entry: catalogue.Weights) -> str:
    """What is known of the file's digest, for a message."""
    return f"SHA-256 {short(entry.sha256)}..." if entry.sha256 else "no published SHA-256"


def short(digest: str) -> str:
    """As much of a digest as a person compares."""
    return digest[:8]
