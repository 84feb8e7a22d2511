"""Features kept on disk under a name that follows from everything they depend on, so an entry is never stale.

The name is a digest of: the pictures' digests, the extractor, the digest of its weights, and its preprocessing. Entries
are written whole and then renamed; a damaged one counts as absent and is written again.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from workers.engine import catalogue
from workers.engine.features.extractors import Features
from workers.engine.whole_files import whole_file

LAYOUT = 1  # of the files; a new number makes all old entries unreachable


@dataclass(frozen=True)
class Known:
    """Features by picture digest: row i of `features` belongs to digests[i]. `skipped`: digest -> why it has no row."""

    digests: tuple[str, ...]
    features: Features
    skipped: dict[str, str]


def set_key(digests: Iterable[str], extractor_name: str, weights_digest: str) -> str:
    """Name of the entry, 64 hex digits; the order of the pictures and repeated ones make no difference."""
    preprocessing = asdict(catalogue.extractor(extractor_name).preprocessing)
    depends = [LAYOUT, extractor_name, weights_digest, preprocessing, sorted(set(digests))]
    return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()


def load(folder: Path, key: str) -> Known | None:
    """The entry of this name, or None when there is no whole one."""
    try:
        with np.load(_path(folder, key), allow_pickle=False) as entry:
            skipped = dict(zip(entry["skipped"].tolist(), entry["reasons"].tolist(), strict=True))
            known = Known(tuple(entry["digests"].tolist()), entry["features"], skipped)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    whole = known.features.ndim == 2 and len(known.features) == len(known.digests)
    return known if whole else None


def save(folder: Path, key: str, known: Known) -> Path:
    """Write the entry and return its path. Two writers of one entry do no harm: both write the same."""
    path = _path(folder, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as stream:
        np.savez(
            stream,
            digests=np.array(known.digests, dtype=np.str_),
            features=known.features,
            skipped=np.array(list(known.skipped), dtype=np.str_),
            reasons=np.array(list(known.skipped.values()), dtype=np.str_),
        )
    return path


def _path(folder: Path, key: str) -> Path:
    return folder / key[:2] / f"{key}.npz"
