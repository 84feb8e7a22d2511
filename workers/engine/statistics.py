"""Files of mean and covariance, as pytorch-fid reads and writes them: `.npz` with `mu` (d,) and `sigma` (d, d).

Ours say more beside: n, extractor, weights and set, which pytorch-fid ignores. Without them a file still serves, with a
warning, since a value from it holds only if its pictures were prepared in the same way.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError
from workers.engine.features.extract import FeatureSet
from workers.engine.metrics.moments import moments_of
from workers.engine.protocol import set_digest
from workers.engine.whole_files import whole_file

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Statistics:
    """Mean (d,) and covariance (d, d) of features; where they come from, as far as that is known."""

    mean: Array
    covariance: Array
    n: int | None = None
    extractor: str | None = None
    weights_digest: str | None = None
    set_digest: str | None = None

    @property
    def known(self) -> bool:
        """Whether the file says everything a protocol needs."""
        return None not in (self.n, self.extractor, self.weights_digest, self.set_digest)


def statistics_of(features: FeatureSet) -> Statistics:
    """Of a set at hand."""
    moments = moments_of(features.features)
    origin = features.extractor, features.weights_digest, set_digest(features.digests)
    return Statistics(moments.mean, moments.covariance, moments.n, *origin)


def save(path: Path, statistics: Statistics) -> None:
    """Write a file that pytorch-fid reads too. InputError when it cannot be written."""
    extra = {name: getattr(statistics, name) for name in ("n", "extractor", "weights_digest", "set_digest")}
    known = {name: np.array(value) for name, value in extra.items() if value is not None}
    write_npz(path, mu=statistics.mean, sigma=statistics.covariance, **known)


def load(path: Path) -> Statistics | FeatureSet:
    """What a `.npz` file holds: features (of `extract`) or mu and sigma. InputError for anything else."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            entries: dict[str, Any] = {name: stored[name] for name in stored.files}
    except FileNotFoundError:
        raise InputError(f"There is no file {path}.") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        raise InputError(
            f"{path} cannot be read as a .npz file of numbers: it is damaged or something else."
        ) from error
    if {"features", "extractor", "weights_digest", "keys", "digests"} <= entries.keys():
        return FeatureSet(
            extractor=str(entries["extractor"]),
            weights_digest=str(entries["weights_digest"]),
            features=entries["features"],
            keys=tuple(entries["keys"].tolist()),
            digests=tuple(entries["digests"].tolist()),
            skipped=(),
        )
    if {"mu", "sigma"} <= entries.keys():
        texts = {name: str(entries[name]) for name in ("extractor", "weights_digest", "set_digest") if name in entries}
        return Statistics(entries["mu"], entries["sigma"], int(entries["n"]) if "n" in entries else None, **texts)
    held = ", ".join(sorted(entries)) or "nothing"
    raise InputError(f"{path} holds {held}; mu and sigma are needed, or the features that `extract` writes.")


def write_npz(path: Path, **entries: Any) -> None:
    """Write the file whole or not at all. InputError when it cannot be written."""
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {path.parent} to write {path.name} into.")
    try:
        with whole_file(path) as stream:
            np.savez(stream, **entries)
    except OSError as error:
        raise InputError(f"{path} could not be written: {error.strerror}.") from error
