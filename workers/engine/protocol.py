"""What two numbers must have in common before they may be ranked. Loads no torch."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from workers.engine import catalogue


@dataclass(frozen=True)
class Protocol:
    """Everything a value depends on besides the candidate pictures themselves.

    The candidate's digest is left out on purpose: candidates measured against one reference in one way are what a
    ranking compares. Its size is in: the bias of a distance depends on n. Digests are hex, `input_size` is (width,
    height), (0, 0) when pictures are taken at their own size.
    """

    metric: str
    metric_version: int
    extractor: str
    weights_digest: str
    resize: str
    input_size: tuple[int, int]
    crop: str
    colour: str
    dtype: str
    reference_digest: str
    n_reference: int
    n_candidate: int

    def fingerprint(self) -> str:
        """12 hex digits; equal for two protocols only when every field is."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]


def protocol_of(
    metric_name: str,
    extractor_name: str,
    *,
    weights_digest: str,
    reference_digest: str,
    n_reference: int,
    n_candidate: int,
) -> Protocol:
    """The protocol of a metric over an extractor, completed from the catalogue. InputError for unknown names.

    A metric that looks at the pictures themselves has the extractor `none`, whichever is given: the same pictures give
    the same number beside every extractor. `weights_digest` is then that of its own networks, "" when it has none.
    """
    metric = catalogue.metric(metric_name)
    extractor = catalogue.extractor(extractor_name).name if metric.needs_features else catalogue.NO_EXTRACTOR
    return Protocol(
        metric=metric.name,
        metric_version=metric.version,
        extractor=extractor,
        weights_digest=weights_digest,
        **(
            asdict(catalogue.extractor(extractor_name).preprocessing) if metric.needs_features else _as_they_are(metric)
        ),
        reference_digest=reference_digest,
        n_reference=n_reference,
        n_candidate=n_candidate,
    )


def _as_they_are(metric: catalogue.Metric) -> dict[str, Any]:
    return {"resize": "none", "input_size": (0, 0), "crop": "none", "colour": metric.colour, "dtype": metric.dtype}


def set_digest(digests: Iterable[str]) -> str:
    """Digest of a set of pictures from their SHA-256 sums; order makes no difference, repetition does."""
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()
