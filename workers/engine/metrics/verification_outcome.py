"""Verification over the parts of a protocol, with one recogniser for all parts or one for each."""

from collections.abc import Callable, Sequence

import numpy as np

from workers.engine.errors import InputError
from workers.engine.metrics.mean_roc import mean_roc
from workers.engine.metrics.pair_scoring import Part, Pictures, Scored, scored
from workers.engine.metrics.recognition_values import HardPair, Outcome, Value
from workers.engine.metrics.verification import FARS, FoldResult, Verification, judged

SHOWN = 24  # pairs of each kind of error
WRONG_AT = 0.01  # FAR whose threshold decides what counts as an error


def verification_outcome(
    networks: Sequence[Pictures],
    parts: Sequence[Part],
    distances: Sequence[str],
    tell: Callable[[], None] = lambda: None,
) -> Outcome:
    """Rates, AUC and accuracy of every reported part and their means; ROC; the pairs decided wrongly most surely.

    `networks` and `distances` hold one recogniser, or one for each reported part in its order. Raises InputError when
    there is no part to report, or a part has no pairs of one kind.
    """
    wanted = [part for part in parts if part.reported]
    if not wanted:
        raise InputError("The protocol has no part to report.")
    if len(networks) not in (1, len(wanted)):
        raise InputError(f"There are {len(networks)} recognisers for {len(wanted)} parts; give one, or one for each.")
    judgements: list[FoldResult] = []
    without: list[FoldResult] = []  # the same, pairs without features left out
    own: list[Scored] = []
    for number, (pictures, distance) in enumerate(zip(networks, distances, strict=True)):
        every = []
        for part in parts:
            tell()
            every.append(scored(pictures, part, distance))
        reported = [each for part, each in zip(parts, every, strict=True) if part.reported]
        choosing = [each for part, each in zip(parts, every, strict=True) if not part.reported]
        chosen = range(len(wanted)) if len(networks) == 1 else [number]
        tell()
        all_pairs = _judged(reported, choosing, distance, found_only=False)
        judgements += [all_pairs.folds[place] for place in chosen]
        if any(not each.found.all() for each in reported):
            rest = _judged(reported, choosing, distance, found_only=True)
            without += [rest.folds[place] for place in chosen] if rest.folds else []
        own += [reported[place] for place in chosen]
    tell()
    values = [value for part, fold in zip(wanted, judgements, strict=True) for value in _of_part(part.name, fold)]
    alone = len(wanted) == 1
    summary = Verification(tuple(judgements)).summary()
    rest_summary = Verification(tuple(without)).summary() if len(without) == len(wanted) else {}
    told = {value.measure: False for value in values if "too_few" in value.details}
    told |= {value.measure: True for value in values if value.details.get("too_few")}
    for measure, (mean, deviation) in summary.items():
        details: dict[str, float | int | bool | None] = {"parts": len(wanted)}
        if measure in told:  # a mean of rates, one of which is that of FAR 0, is not the rate that it is called
            details["too_few"] = told[measure]
        if measure in rest_summary:
            details["found_only"] = rest_summary[measure][0]
        values.append(Value(measure, mean, deviation=None if alone else deviation, details=details))
    named = list(zip(wanted, judgements, own, strict=True))
    return Outcome(
        values,
        roc=mean_roc([each.sides for each in own]),
        false_accepts=_hardest(named, same=False),
        false_rejects=_hardest(named, same=True),
    )


def _judged(reported: Sequence[Scored], choosing: Sequence[Scored], distance: str, *, found_only: bool) -> Verification:
    def sides(each: Scored) -> tuple[np.ndarray, np.ndarray]:
        return each.found_sides if found_only else each.sides

    both = [sides(each) for each in reported]
    if found_only and not all(len(same) and len(different) for same, different in both):
        return Verification(())
    helping = [each for each in (sides(each) for each in choosing) if len(each[0]) and len(each[1])]
    return judged(both, choosing=helping, fars=FARS, grid=distance == "cosine")


def _of_part(name: str, fold: FoldResult) -> list[Value]:
    values = [Value("auc", fold.auc, name)]
    if fold.accuracy is not None:
        values.append(Value("accuracy", fold.accuracy, name))
    for rate in fold.rates:
        details: dict[str, float | int | bool | None] = {
            "threshold": rate.threshold if np.isfinite(rate.threshold) else None,
            "accepted": rate.accepted,
            "negatives": rate.negatives,
            "too_few": rate.too_few,
        }
        values.append(Value(f"vr@{rate.far:g}", rate.rate, name, details=details))
    return values


def _hardest(named: Sequence[tuple[Part, FoldResult, Scored]], *, same: bool) -> list[HardPair]:
    """Pairs of the same person with the lowest score, or of different persons with the highest; a pair of pictures once.

    Only pairs with features: that a face was not found is no confusion.
    """
    found: dict[tuple[int, int], HardPair] = {}
    for part, fold, each in named:
        threshold = next(rate.threshold for rate in fold.rates if rate.far == WRONG_AT)
        places = np.flatnonzero((each.same == same) & each.found)
        order = each.score[places] if same else -each.score[places]
        # Stable, and by a partition first: of millions of pairs a few are shown.
        most = min(SHOWN, len(places))
        if not most:
            continue
        nearest = places[np.argpartition(order, most - 1)[:most]]
        for place in nearest:
            score = float(each.score[place])
            pair = HardPair(
                int(each.first[place]), int(each.second[place]), score, part.name, (score > threshold) != same
            )
            found.setdefault((pair.first, pair.second), pair)
    sign = 1 if same else -1
    return sorted(found.values(), key=lambda pair: (sign * pair.score, pair.first, pair.second))[:SHOWN]
