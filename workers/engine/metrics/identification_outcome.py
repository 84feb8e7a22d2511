"""Identification over the parts of a protocol: rank-k, cumulative match curve, open-set rates, and who was taken for whom."""

from collections.abc import Callable, Sequence

import numpy as np

from workers.engine.errors import InputError
from workers.engine.metrics.pair_scoring import Part, Pictures
from workers.engine.metrics.paired import share_interval
from workers.engine.metrics.recognition import Ranks, open_set_rate, ranks
from workers.engine.metrics.recognition_values import Mistake, Outcome, Value

RANKS = (1, 5, 10)
OPEN_FARS = (0.01, 0.1)
LONGEST_CURVE = 1000  # ranks
SHOWN = 24
NEVER = 2**31 - 1  # the rank of a known probe that cannot be found: behind every rank that anybody asks for


def identification_outcome(
    networks: Sequence[Pictures],
    parts: Sequence[Part],
    distances: Sequence[str],
    tell: Callable[[], None] = lambda: None,
) -> Outcome:
    """Rank-1, 5 and 10 of every reported part and their means, the mean curve, and the surest mistakes.

    Probes are the first side of a part, the gallery is its second. Known probes without features count as not recognised,
    unknown ones as not let in. With probes of nobody in the gallery the open-set rate is told as well. InputError when
    a part has no probe of somebody in its gallery.
    """
    wanted = [part for part in parts if part.reported]
    if len(networks) not in (1, len(wanted)):
        raise InputError(f"There are {len(networks)} recognisers for {len(wanted)} parts; give one, or one for each.")
    values: list[Value] = []
    curves, mistakes = [], []
    for number, part in enumerate(wanted):
        tell()
        one = number if len(networks) > 1 else 0
        found = part_ranks(networks[one], part, distances[one])
        if not found.known.any():
            raise InputError(f"Part {part.name}: no probe is of a person in the gallery.")
        values += _of_part(part.name, found, alone=len(wanted) == 1)
        curves.append(found.curve(min(found.persons, LONGEST_CURVE)))
        mistakes += _mistakes(networks[one], part, found, distances[one])
    values += _means(values, len(wanted))
    length = min(len(curve) for curve in curves)
    table = np.array([curve[:length] for curve in curves])
    deviation = table.std(axis=0, ddof=1).tolist() if len(table) > 1 else []
    mistakes.sort(key=_lead)
    return Outcome(
        values, cmc=table.mean(axis=0).tolist(), cmc_deviation=deviation, mistakes=_once_each(mistakes)[:SHOWN]
    )


def part_ranks(pictures: Pictures, part: Part, distance: str) -> Ranks:
    """The ranks of all probes of a part, those without features included: behind everybody when their person is in the
    gallery. So are probes whose person's pictures in the gallery all have no features."""
    persons = np.unique(pictures.persons[part.second])
    known = np.isin(pictures.persons[part.first], persons)
    n = len(part.first)
    rank = np.where(known, NEVER, 0)
    own, other = np.full(n, np.inf), np.full(n, np.inf)
    nearest = np.full(n, -1)
    here = np.flatnonzero(pictures.found[part.first])
    there = np.flatnonzero(pictures.found[part.second])
    if len(here) and len(there):
        probes, gallery = part.first[here], part.second[there]
        found = ranks(
            pictures.features[probes], pictures.persons[probes].tolist(),
            pictures.features[gallery], pictures.persons[gallery].tolist(), distance,
        )  # fmt: skip
        rank[here] = np.where(found.rank > 0, found.rank, rank[here])
        own[here], other[here] = found.own, found.other
        nearest[here] = there[found.nearest]
    return Ranks(rank, own, other, nearest, len(persons))


def _of_part(name: str, found: Ranks, *, alone: bool) -> list[Value]:
    details: dict[str, float | int | bool | None] = {
        "known": int(found.known.sum()), "unknown": int((~found.known).sum()), "persons": found.persons,
    }  # fmt: skip
    values = []
    for k in RANKS:
        hits = (found.rank[found.known] <= k).astype(np.float64)
        interval = share_interval(hits) if alone else None
        low, high = (interval.low, interval.high) if interval else (None, None)
        values.append(Value(f"rank{k}", float(hits.mean()), name, low=low, high=high, details=details))
    unknown = int((~found.known).sum())
    for far in OPEN_FARS if unknown else ():
        rate, threshold = open_set_rate(found, far)
        told: dict[str, float | int | bool | None] = {
            **details,
            "threshold": threshold if np.isfinite(threshold) else None,
            "too_few": unknown * far < 1,
        }
        values.append(Value(f"dir@{far:g}", rate, name, details=told))
    return values


def _means(values: Sequence[Value], parts: int) -> list[Value]:
    """The mean and deviation over parts of each measure that every part has."""
    by_measure: dict[str, list[Value]] = {}
    for value in values:
        by_measure.setdefault(value.measure, []).append(value)
    means = []
    for measure, each in by_measure.items():
        if len(each) == parts:
            numbers = [value.value for value in each]
            deviation = float(np.std(numbers, ddof=1)) if parts > 1 else None
            alone = each[0] if parts == 1 else Value(measure, 0.0)
            details: dict[str, float | int | bool | None] = {**alone.details, "parts": parts}
            means.append(Value(measure, float(np.mean(numbers)), "", deviation, alone.low, alone.high, details))
    return means


def _mistakes(pictures: Pictures, part: Part, found: Ranks, distance: str) -> list[Mistake]:
    """Probes that take somebody else for their person, the surest first."""
    wrong = np.flatnonzero((found.rank > 1) & np.isfinite(found.other))
    ahead = found.own[wrong] - found.other[wrong]  # inf where the person has no features in the gallery at all
    result = []
    for i in wrong[np.argsort(-ahead, kind="stable")][:SHOWN]:
        probe = part.first[i]
        of_person = part.second[pictures.persons[part.second] == pictures.persons[probe]]
        usable = of_person[pictures.found[of_person]]
        if len(usable):
            apart = _distances(pictures.features[probe], pictures.features[usable], distance)
            own, own_distance = int(usable[apart.argmin()]), float(found.own[i])
        else:
            own, own_distance = int(of_person[0]), None
        taken = int(part.second[found.nearest[i]])
        result.append(
            Mistake(
                int(probe),
                taken,
                own,
                min(int(found.rank[i]), found.persons),
                own_distance,
                float(found.other[i]),
                part.name,
            )
        )
    return result


def _distances(one: np.ndarray, others: np.ndarray, distance: str) -> np.ndarray:
    a, b = one.astype(np.float64), others.astype(np.float64)
    if distance == "cosine":
        return 1 - (b @ a) / (np.linalg.norm(b, axis=1) * np.linalg.norm(a))
    return np.linalg.norm(b - a, axis=1)


def _lead(mistake: Mistake) -> float:
    """How far the own person is behind, with a minus: what to sort the surest mistakes first by."""
    return mistake.other_distance - (np.inf if mistake.own_distance is None else mistake.own_distance)


def _once_each(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """A pair of pictures once, though it stands in several parts."""
    first: dict[tuple[int, int], Mistake] = {}
    for each in mistakes:
        first.setdefault((each.probe, each.taken), each)
    return list(first.values())
