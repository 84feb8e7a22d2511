"""One metric between two feature sets, with everything needed to judge the number."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module

import numpy as np

from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.features.extract import FeatureSet
from workers.engine.metrics import cautions, resampling
from workers.engine.metrics.cautions import Caution, Size
from workers.engine.metrics.inputs import Matrix, checked_pair
from workers.engine.metrics.resampling import Floor, Interval, Tell
from workers.engine.protocol import Protocol, protocol_of, set_digest

__all__ = ["Caution", "Measurement", "compare"]


@dataclass(frozen=True)
class Measurement:
    """A value, how far it can be trusted, its protocol, and the digests of the pictures that went into it.

    `floor` is the metric between halves of the real pictures, `train_floor` between them and other real pictures, where
    there are some; `details` holds what else the metric found out (KID: the subsets).
    """

    metric: str
    value: float
    protocol: Protocol
    reference_digest: str
    candidate_digest: str
    cautions: tuple[Caution, ...]
    interval: Interval | None = None
    floor: Floor | None = None
    details: dict[str, float | int] = field(default_factory=dict)
    train_floor: Floor | None = None

    def all_details(self) -> dict[str, float | int]:
        """The details with those of interval and floor: how many resamples, which sizes."""
        found = dict(self.details)
        if self.interval:
            found |= {"deviation": self.interval.deviation, "resamples": self.interval.resamples}
        if self.floor:
            found |= {"floor_n1": self.floor.n1, "floor_n2": self.floor.n2, "floor_repeats": self.floor.repeats}
        if self.train_floor:
            found["train_floor"] = self.train_floor.value
            found |= {"train_floor_n1": self.train_floor.n1, "train_floor_n2": self.train_floor.n2}
        return found


def compare(
    metric_name: str,
    reference: FeatureSet,
    candidate: FeatureSet,
    *,
    judge: bool = True,
    other_real: FeatureSet | None = None,
    sizes: tuple[Sequence[Size], Sequence[Size]] | None = None,
    tell: Tell = lambda: None,
) -> Measurement:
    """Measure `candidate` against `reference`; every order of the pictures gives the same numbers.

    `judge`: also the interval, the floor and the details (seconds for small sets). The floor is measured between random
    halves of the reference, and once more between the reference and `other_real` (the dataset's training part) when that
    is given: the halves are smaller than the sets compared, the other part may show other people.
    `sizes` are the pictures' (width, height), for warnings. `tell` is called often and may raise to stop.
    InputError when the sets' extractors or weights differ, or when there are too few pictures for the metric.
    """
    metric = catalogue.metric(metric_name)
    if metric.paired:
        raise InputError(f"{metric.name} compares pictures of the same face two by two, not two sets of features.")
    for each in (candidate, *([other_real] if other_real else [])):
        if (reference.extractor, reference.weights_digest) != (each.extractor, each.weights_digest):
            raise InputError(
                "The two sets of features come from different extractors or weights and cannot be compared."
            )
    first, second = checked_pair(_in_order(reference), _in_order(candidate), metric.minimum)
    tell()
    value = _measured(metric, first, second)
    interval, floor, train_floor, details = None, None, None, {}
    if judge:
        prepared = resampling.resampler(metric, first, second)
        interval = resampling.interval(metric, value, prepared, len(first), len(second), tell)
        details = prepared.details()
        tell()
        floor = resampling.split_floor(metric, first, tell)
        train_floor = _train_floor(metric, first, other_real) if other_real else None
        tell()
    reference_digest, candidate_digest = set_digest(reference.digests), set_digest(candidate.digests)
    protocol = protocol_of(
        metric_name,
        reference.extractor,
        weights_digest=reference.weights_digest,
        reference_digest=reference_digest,
        n_reference=len(reference.keys),
        n_candidate=len(candidate.keys),
    )
    found = cautions.of_sets(metric, reference, candidate) + cautions.of_details(details)
    if sizes:
        found += cautions.of_sizes(*sizes)
    return Measurement(
        metric_name, value, protocol, reference_digest, candidate_digest, tuple(found), interval, floor, details,
        train_floor,
    )  # fmt: skip


def _measured(metric: catalogue.Metric, first: Matrix, second: Matrix) -> float:
    module, _, function = metric.module.rpartition(".")
    return getattr(import_module(module), function)(first, second)


def _train_floor(metric: catalogue.Metric, reference: Matrix, other: FeatureSet) -> Floor | None:
    rows = _in_order(other)
    if len(rows) < metric.minimum:
        return None
    return Floor(_measured(metric, reference, np.asarray(rows, dtype=np.float64)), len(reference), len(rows), 1)


def _in_order(features: FeatureSet) -> np.ndarray:
    """The rows sorted by the pictures' digests, so that sums and draws do not depend on how files are named."""
    return features.features[np.argsort(np.array(features.digests), kind="stable")]
