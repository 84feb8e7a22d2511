"""Rank-k as a metric between two sets: is each candidate recognised among the reference pictures?

The candidates are the probes, the reference is the gallery. A picture in which the extractor finds no face, on either
side, counts as not recognised: leaving it out would reward a model for drawing no face.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.features.extract import FeatureSet, too_few
from workers.engine.metrics import cautions
from workers.engine.metrics.cautions import Caution
from workers.engine.metrics.paired import EXAMPLES, PairedMeasurement, share_interval
from workers.engine.metrics.recognition import Ranks, confusions, ranks
from workers.engine.protocol import protocol_of, set_digest


@dataclass(frozen=True)
class Keyed:
    """Features with the person's key of every picture, also of those without features: `key_of[name]`."""

    features: FeatureSet
    key_of: dict[str, str]

    @property
    def keys(self) -> list[str]:
        """The keys of the rows."""
        return [self.key_of[name] for name in self.features.keys]

    @property
    def all_keys(self) -> list[str]:
        """The keys of all pictures, first those of the rows, then those without features."""
        return [*self.keys, *(self.key_of[skip.key] for skip in self.features.skipped)]


@dataclass(frozen=True)
class Mistake:
    """A candidate that was taken for somebody else: keys of both, rank of its own person, both distances."""

    key: str
    taken_for: str
    rank: int
    own: float
    other: float


def measure_ranks(
    metric_names: Sequence[str], reference: Keyed, candidate: Keyed, tell: Callable[[], None] = lambda: None
) -> tuple[list[PairedMeasurement], list[Mistake]]:
    """Each rank metric of the candidates among the reference, and the surest mistakes.

    The candidates may all be without features: then none is recognised. InputError when the sets come from different
    extractors or weights, have no key in common, or when no picture of the reference has features.
    """
    first, second = reference.features, candidate.features
    if (first.extractor, first.weights_digest) != (second.extractor, second.weights_digest):
        raise InputError("The two sets of features come from different extractors or weights and cannot be compared.")
    tell()
    found = _ranks(reference, candidate)
    in_gallery = set(reference.all_keys)
    probes = [place for place, key in enumerate(candidate.all_keys) if key in in_gallery]
    if len(probes) < 2:
        raise InputError(
            f"{len(probes)} pictures of the candidate have the key of a reference picture; recognition needs at least 2."
        )
    keys = tuple(candidate.all_keys[place] for place in probes)
    told = tuple(_cautions(metric_names, reference, candidate, len(probes)))
    measured = []
    for name in metric_names:
        tell()
        values = _values(name, found, probes)
        digests = [set_digest(each.digests) for each in (first, second)]
        protocol = protocol_of(
            name,
            first.extractor,
            weights_digest=first.weights_digest,
            reference_digest=digests[0],
            n_reference=len(reference.all_keys),
            n_candidate=len(probes),
        )
        rows = len(second.keys)
        details: dict[str, float | int] = {
            "persons": len(in_gallery),
            "not_found": int(sum(place >= rows or found.rank[place] == 0 for place in probes)),
        }
        mean = float(values.mean())
        measured.append(
            PairedMeasurement(
                metric=name,
                value=mean,
                protocol=protocol,
                reference_digest=digests[0],
                candidate_digest=digests[1],
                cautions=told,
                interval=share_interval(values),
                details=details,
                keys=keys,
                values=tuple(float(each) for each in values),
            )
        )
    return measured, _mistakes(found, reference, candidate)


def _ranks(reference: Keyed, candidate: Keyed) -> Ranks:
    """Of the candidates that have features; empty when none has."""
    first, second = reference.features, candidate.features
    if problem := too_few(first, 1):
        raise InputError(problem)
    if not candidate.keys:
        whole, real = np.zeros(0, dtype=np.int64), np.zeros(0)
        return Ranks(rank=whole, own=real, other=real, nearest=whole, persons=len(set(reference.keys)))
    distance = catalogue.extractor(first.extractor).distance
    return ranks(second.features, candidate.keys, first.features, reference.keys, distance)


def _values(metric_name: str, found: Ranks, probes: Sequence[int]) -> np.ndarray:
    """1 for each probe that the metric counts as recognised, else 0; places beyond the rows have no face."""
    module, _, function = catalogue.metric(metric_name).module.rpartition(".")
    hits = np.zeros(max(len(found.rank), max(probes) + 1))
    hits[: len(found.rank)][found.known] = getattr(import_module(module), function)(found)
    return hits[list(probes)]


def _mistakes(found: Ranks, reference: Keyed, candidate: Keyed) -> list[Mistake]:
    probes, gallery = candidate.keys, reference.keys
    return [
        Mistake(probes[each.probe], gallery[each.nearest], each.rank, each.own, each.other)
        for each in confusions(found)
    ]


def _cautions(metric_names: Sequence[str], reference: Keyed, candidate: Keyed, matched: int) -> list[Caution]:
    found = [
        each
        for each in cautions.of_sets(catalogue.metric(metric_names[0]), reference.features, candidate.features)
        if each.code != "different_n"  # a gallery may well be larger than the set of probes
    ]
    known = set(reference.all_keys)
    alone = [key for key in candidate.all_keys if key not in known]
    if alone:
        more = f" and {len(alone) - EXAMPLES} more" if len(alone) > EXAMPLES else ""
        found.append(Caution("unmatched", {"count": len(alone), "examples": ", ".join(alone[:EXAMPLES]) + more}))
    return found
