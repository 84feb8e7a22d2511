"""What a reader should know before trusting a number."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workers.engine import catalogue
from workers.engine.features.extract import FeatureSet
from workers.engine.protocol import set_digest

Size = tuple[int, int]  # width, height

EXAMPLES = 3
GOOD_FIT = 0.98  # r squared of the line through subsets, below which the extrapolation is called into question


@dataclass(frozen=True)
class Caution:
    """What a reader should know; `code` names a text of the catalogue, `values` fills its places."""

    code: str
    values: dict[str, str | int]

    def __str__(self) -> str:
        return catalogue.CAUTIONS[self.code] % self.values


def of_sets(metric: catalogue.Metric, reference: FeatureSet, candidate: FeatureSet) -> list[Caution]:
    """What follows from the two sets: their sizes, what was skipped, how the files are stored."""
    sets = (reference, candidate)
    found = of_counts(metric, len(reference.keys), len(candidate.keys), reference.features.shape[1])
    if set_digest(reference.digests) == set_digest(candidate.digests):
        found.append(Caution("identical", {}))
    if metric.name == "cmmd" and not reference.extractor.startswith("clip"):
        found.append(Caution("not_clip", {"extractor": reference.extractor}))
    skipped = [skip for each in sets for skip in each.skipped]
    for reason in dict.fromkeys(skip.reason for skip in skipped):
        names = [Path(skip.key).name for skip in skipped if skip.reason == reason]
        examples = ", ".join(names[:EXAMPLES])
        found.append(Caution("skipped", {"count": len(names), "examples": examples, "reason": reason}))
    jpeg = sum(Path(key).suffix.lower() in {".jpg", ".jpeg"} for each in sets for key in each.keys)
    if jpeg:
        found.append(Caution("jpeg", {"count": jpeg}))
    return found


def of_counts(metric: catalogue.Metric, n_reference: int, n_candidate: int, dimension: int) -> list[Caution]:
    """What follows from the numbers of pictures alone."""
    found = []
    smaller = min(n_reference, n_candidate)
    if metric.gaussian and smaller <= dimension:  # n centred rows span at most n - 1 directions
        found.append(Caution("rank_deficient", {"n": smaller, "dimension": dimension}))
    if n_reference != n_candidate and not metric.unbiased:
        found.append(Caution("different_n", {"n_reference": n_reference, "n_candidate": n_candidate}))
    return found


def of_sizes(reference: Sequence[Size], candidate: Sequence[Size]) -> list[Caution]:
    """What follows from the pixels of the pictures."""
    counts = [Counter(each) for each in (reference, candidate)]
    if any(len(each) > 1 for each in counts):
        together = counts[0] + counts[1]
        examples = ", ".join(_words(size) for size, _ in together.most_common(EXAMPLES))
        return [Caution("mixed_sizes", {"count": len(together), "examples": examples})]
    if all(counts) and set(counts[0]) != set(counts[1]):
        words = [_words(next(iter(each))) for each in counts]
        return [Caution("other_sizes", {"reference": words[0], "candidate": words[1]})]
    return []


def of_details(details: dict[str, float | int]) -> list[Caution]:
    """What follows from how the value came about."""
    r_squared = details.get("r_squared", 1.0)
    return [Caution("poor_fit", {"r_squared": f"{r_squared:.3f}"})] if r_squared < GOOD_FIT else []


def _words(size: Size) -> str:
    return f"{size[0]}x{size[1]}"
