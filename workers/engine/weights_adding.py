"""Take a file of trained weights into the weights folder, once it proves to be what it is said to be.

Only safetensors and torch files without code (`weights_only=True`) are read.
"""

import re
import shutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.weights import WeightsFile, described_digest, sha256_of, short, variant_paths
from workers.engine.whole_files import whole_file

VARIANT = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")


def add(name: str, file: Path, weights_dir: Path, variant: str = "") -> WeightsFile:
    """Copy `file` into `weights_dir` once it proves to be what `name` (file stem or `extractor.layer`) stands for.

    Checks the SHA-256 where one is published, then loads the file without executing anything and compares every key and
    shape with the network. With `variant` the file is one of the user's own (fine-tuned, say) of the same shapes, and
    is used as `extractor@variant`. Raises InputError and leaves `weights_dir` as it was when anything differs. Adding a
    file twice is harmless; another file under a variant's name is refused.
    """
    candidates = catalogue.weights(name)
    _readable(file)
    digest = sha256_of(file)
    if variant:
        entry = _with_variants(name, candidates, variant)
    else:
        found = next((known for known in candidates if known.is_digest(digest)), None)
        if found is None:
            raise InputError(_other_file(name, file, digest, candidates))
        entry = found
    if entry.packaged:
        raise InputError(f"{entry.filename} comes with a Python package: {entry.how_to_get}. Nothing to add.")
    check_contents(entry, file)
    target = _variant_target(entry, variant, file, digest, weights_dir) if variant else weights_dir / entry.filename
    _copy(file, target)
    return WeightsFile(entry, target, digest)


def check_contents(entry: catalogue.Weights, file: Path) -> None:
    """Raise InputError unless the file holds exactly the keys and shapes that its network needs."""
    state = read_state(file)
    if not entry.contents:
        return
    module, _, function = entry.contents.rpartition(".")
    wanted: dict[str, tuple[int, ...]] = getattr(import_module(module), function)()
    shapes = {key: tuple(value.shape) for key, value in state.items() if not key.endswith("num_batches_tracked")}
    missing = sorted(wanted.keys() - shapes.keys())
    surplus = sorted(key for key in shapes.keys() - wanted.keys() if not key.startswith(entry.beyond))
    misfit = sorted(key for key in wanted.keys() & shapes.keys() if wanted[key] != shapes[key])
    for keys, complaint in ((missing, "lacks"), (surplus, "has unexpected"), (misfit, "has another shape for")):
        if keys:
            more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
            raise InputError(f"{file.name} {complaint} {', '.join(keys[:3])}{more}; it does not fit the network.")


def read_state(file: Path) -> dict[str, Any]:
    """Key -> tensor, on the CPU, read as needed from the file. InputError when it is no table of named tensors."""
    import torch

    try:
        if is_safetensors(file):
            from safetensors.torch import load_file

            state: Any = load_file(file)
        else:
            state = torch.load(file, weights_only=True, map_location="cpu", mmap=_is_zip(file))
    except Exception as error:  # both libraries raise half a dozen kinds for a file that is no state dict
        raise InputError(f"{file.name} could not be loaded as weights: {type(error).__name__}.") from error
    if not isinstance(state, Mapping) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise InputError(f"{file.name} is not a table of named weights (a state dict).")
    return dict(state)


def is_safetensors(file: Path) -> bool:
    """By its beginning: 8 bytes of length, then JSON."""
    with file.open("rb") as stream:
        return stream.read(9)[8:] == b"{"


def _is_zip(file: Path) -> bool:
    """Only torch's files since 1.6 can be read piece by piece."""
    with file.open("rb") as stream:
        return stream.read(2) == b"PK"


def _with_variants(name: str, candidates: tuple[catalogue.Weights, ...], variant: str) -> catalogue.Weights:
    if not VARIANT.fullmatch(variant):
        raise InputError(f"The name {variant[:80]!r} cannot be used: small letters, digits and . _ - only, 40 at most.")
    entry = next((known for known in candidates if known.variants), None)
    if entry is None:
        able = sorted(name for name in catalogue.EXTRACTORS if any(w.variants for w in catalogue.serving(name)))
        raise InputError(f"{name} takes no files under names of their own. These do: {', '.join(able)}.")
    return entry


def _variant_target(entry: catalogue.Weights, variant: str, file: Path, digest: str, weights_dir: Path) -> Path:
    paths = variant_paths(entry, variant, weights_dir)
    for path in paths:
        if path.is_file() and sha256_of(path) != digest:
            raise InputError(f"{path} is another file (SHA-256 {short(sha256_of(path))}). Choose another name.")
    return paths[0] if is_safetensors(file) else paths[1]


def _copy(file: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with file.open("rb") as source, whole_file(target) as copy:
            shutil.copyfileobj(source, copy)
    except OSError as error:
        raise InputError(f"The weights could not be written to {target.parent}: {error.strerror}.") from error


def _other_file(name: str, file: Path, digest: str, candidates: tuple[catalogue.Weights, ...]) -> str:
    wanted = ", ".join(f"{entry.filename} ({described_digest(entry)})" for entry in candidates)
    text = f"{file.name} is not the file that {name} needs: its SHA-256 begins with {short(digest)}. Known: {wanted}."
    other = next((entry for entry in catalogue.WEIGHTS.values() if entry.sha256 == digest), None)
    return f"{text} By its digest it is {other.filename}." if other else text


def _readable(file: Path) -> None:
    if not file.is_file():
        raise InputError(f"There is no file {file}.")
    try:
        file.open("rb").close()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from error
