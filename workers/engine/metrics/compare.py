"""One metric between two feature sets, with everything needed to judge the number."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from workers.engine import catalogue
from workers.engine.errors import InputError
from workers.engine.features.extract import FeatureSet
from workers.engine.protocol import Protocol, protocol_of, set_digest


@dataclass(frozen=True)
class Caution:
    """What a reader should know; `code` names a text of the catalogue, `values` fills its places."""

    code: str
    values: dict[str, str | int]

    def __str__(self) -> str:
        return catalogue.CAUTIONS[self.code] % self.values


@dataclass(frozen=True)
class Measurement:
    """A value, its protocol, and the digests of the pictures that went into it."""

    metric: str
    value: float
    protocol: Protocol
    reference_digest: str
    candidate_digest: str
    cautions: tuple[Caution, ...]


def compare(metric_name: str, reference: FeatureSet, candidate: FeatureSet) -> Measurement:
    """Measure `candidate` against `reference`. InputError when their extractors or weights differ."""
    if (reference.extractor, reference.weights_digest) != (candidate.extractor, candidate.weights_digest):
        raise InputError("The two sets of features come from different extractors or weights and cannot be compared.")
    module, _, function = catalogue.metric(metric_name).module.rpartition(".")
    value = getattr(import_module(module), function)(reference.features, candidate.features)
    reference_digest, candidate_digest = set_digest(reference.digests), set_digest(candidate.digests)
    protocol = protocol_of(
        metric_name,
        reference.extractor,
        weights_digest=reference.weights_digest,
        reference_digest=reference_digest,
        n_reference=len(reference.keys),
        n_candidate=len(candidate.keys),
    )
    return Measurement(
        metric_name, value, protocol, reference_digest, candidate_digest, tuple(_cautions([reference, candidate]))
    )


def _cautions(sets: Sequence[FeatureSet]) -> list[Caution]:
    found = []
    reference, candidate = sets
    n, dimension = min(len(each.keys) for each in sets), reference.features.shape[1]
    if n <= dimension:  # n centred rows span at most n - 1 directions
        found.append(Caution("rank_deficient", {"n": n, "dimension": dimension}))
    if len(reference.keys) != len(candidate.keys):
        found.append(Caution("different_n", {"n_reference": len(reference.keys), "n_candidate": len(candidate.keys)}))
    if set_digest(reference.digests) == set_digest(candidate.digests):
        found.append(Caution("identical", {}))
    skipped = [skip for each in sets for skip in each.skipped]
    for reason in dict.fromkeys(skip.reason for skip in skipped):
        names = [Path(skip.key).name for skip in skipped if skip.reason == reason]
        found.append(Caution("skipped", {"count": len(names), "examples": ", ".join(names[:3]), "reason": reason}))
    jpeg = sum(Path(key).suffix.lower() in {".jpg", ".jpeg"} for each in sets for key in each.keys)
    if jpeg:
        found.append(Caution("jpeg", {"count": jpeg}))
    return found
