"""The files that a metric's own networks need. Loads no torch, so a web process may ask whether they are here."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from workers.engine import catalogue, weights


def metric_weights(metric_name: str, weights_dir: Path | None) -> tuple[weights.WeightsFile, ...]:
    """In the order of the metric's row; InputError saying which is missing and how to add it."""
    stems = catalogue.metric(metric_name).weights
    return tuple(weights.find_file(each, weights_dir, needed_by=metric_name) for each in stems)


def metric_digest(metric_name: str, weights_dir: Path | None) -> str:
    """One digest (hex) for the files of a metric's own networks; "" when it has none. InputError as metric_weights."""
    digests = [file.sha256 for file in metric_weights(metric_name, weights_dir)]
    return hashlib.sha256(" ".join(digests).encode()).hexdigest() if digests else ""


def digests_of(metric_names: Iterable[str], weights_dir: Path | None) -> dict[str, str]:
    """Metric -> digest, of those that have networks of their own."""
    return {name: metric_digest(name, weights_dir) for name in metric_names if catalogue.metric(name).weights}
