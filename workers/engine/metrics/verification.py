"""Are these two pictures of the same person? Rates at exact false accept rates, ROC, AUC and accuracy, over folds.

The rules where published programs go wrong: of n pairs of different persons at most floor(n * FAR) are accepted, and a
score equal to the threshold is not; ties count one half in the AUC; each picture is embedded once, however many pairs it
stands in. WebCaricature (Huo et al. 2018, https://arxiv.org/abs/1703.03230) reports the verification rate at FAR 0.1 % and 1 %
and the AUC, mean and deviation over 10 folds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from workers.engine.errors import InputError
from workers.engine.metrics.inputs import checked
from workers.engine.metrics.recognition import DISTANCES

Scores = npt.NDArray[np.float64]
RowPairs = npt.NDArray[np.int64]  # (n, 2): rows of the features

FARS = (0.001, 0.01)
BLOCK = 65_536  # pairs at once
CURVE_POINTS = 500
THRESHOLD_STEP = 0.005  # of the grid from -1 to 1 on which the cosine's threshold is chosen


@dataclass(frozen=True)
class Rate:
    """Share `rate` of the same-person pairs accepted at a nominal `far`; `accepted` of `negatives` others were, too.

    `too_few`: n * FAR is below 1, so no pair of different persons may be accepted and the rate is that of FAR 0.
    """

    far: float
    rate: float
    threshold: float
    accepted: int
    negatives: int

    @property
    def too_few(self) -> bool:
        return self.negatives * Fraction(str(self.far)) < 1


@dataclass(frozen=True)
class Fold:
    """Pairs of the same person and of different persons, as rows of the features, (n, 2) each."""

    positives: RowPairs
    negatives: RowPairs


@dataclass(frozen=True)
class FoldResult:
    """What one fold gives. `accuracy` is None when there is no other fold to choose the threshold on."""

    rates: tuple[Rate, ...]
    auc: float
    accuracy: float | None


@dataclass(frozen=True)
class Verification:
    """Results over folds. `label` says whether the recogniser may have seen the persons: per-fold, leaky or unseen."""

    folds: tuple[FoldResult, ...]
    label: str = "unseen"

    def summary(self) -> dict[str, tuple[float, float]]:
        """Name -> mean and deviation over folds: auc, accuracy, and vr@<far> for each rate."""
        columns: dict[str, list[float]] = {"auc": [fold.auc for fold in self.folds]}
        if all(fold.accuracy is not None for fold in self.folds):
            columns["accuracy"] = [fold.accuracy for fold in self.folds if fold.accuracy is not None]
        for place, rate in enumerate(self.folds[0].rates):
            columns[f"vr@{rate.far:g}"] = [fold.rates[place].rate for fold in self.folds]
        return {
            name: (float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0)
            for name, values in columns.items()
        }

    def warnings(self) -> list[str]:
        """Sentences about rates that the number of pairs cannot support."""
        found = []
        for place, rate in enumerate(self.folds[0].rates):
            short = [fold.rates[place].negatives for fold in self.folds if fold.rates[place].too_few]
            if short:
                found.append(
                    f"FAR {rate.far:g} cannot be measured in {len(short)} of {len(self.folds)} folds: with {min(short)} pairs "
                    "of different persons less than one may be accepted, so the rate shown is that of FAR 0."
                )
        return found


def verify(
    features: npt.ArrayLike,
    folds: Sequence[Fold],
    *,
    distance: str = "cosine",
    fars: Sequence[float] = FARS,
    label: str = "unseen",
) -> Verification:
    """Every fold measured with features (n, d) that were computed once; the accuracy's threshold is chosen on the others.

    InputError for rows that do not exist, folds without pairs of either kind and an unknown distance.
    """
    rows = _prepared(features, distance)
    scored = [
        (_scores(rows, fold.positives, distance, number), _scores(rows, fold.negatives, distance, number))
        for number, fold in enumerate(folds, start=1)
    ]
    return judged(scored, fars=fars, label=label, grid=distance == "cosine")


def judged(
    scored: Sequence[tuple[Scores, Scores]],
    *,
    choosing: Sequence[tuple[Scores, Scores]] = (),
    fars: Sequence[float] = FARS,
    label: str = "unseen",
    grid: bool = False,
) -> Verification:
    """Folds as scores of same-person pairs and of others; the accuracy's threshold is chosen on the other folds and on
    `choosing`, pairs that are there for nothing else. `grid`: see best_threshold. InputError without folds."""
    if not scored:
        raise InputError("There are no folds; verification needs at least one.")
    results = []
    for number, (positives, negatives) in enumerate(scored):
        others = [*choosing, *(pair for place, pair in enumerate(scored) if place != number)]
        accuracy = None
        if others:
            same, different = (np.concatenate([pair[side] for pair in others]) for side in (0, 1))
            threshold = best_threshold(same, different, grid=grid)
            accuracy = _accuracy(positives, negatives, threshold)
        rates = tuple(rate_at(positives, negatives, far) for far in fars)
        results.append(FoldResult(rates, auc(positives, negatives), accuracy))
    return Verification(tuple(results), label)


def rate_at(positives: npt.ArrayLike, negatives: npt.ArrayLike, far: float) -> Rate:
    """The verification rate where floor(n * far) of the n negatives score above the threshold, fewer when some tie."""
    same, different = _both(positives, negatives)
    if not 0 <= far <= 1:
        raise InputError(f"The false accept rate is {far}; it is between 0 and 1.")
    n = len(different)
    allowed = floor(n * Fraction(str(far)))  # as written: 0.29 of 100 is 29, which floating point makes 28.99...
    threshold = -np.inf if allowed >= n else float(np.partition(different, n - 1 - allowed)[n - 1 - allowed])
    return Rate(far, float((same > threshold).mean()), threshold, int((different > threshold).sum()), n)


def auc(positives: npt.ArrayLike, negatives: npt.ArrayLike) -> float:
    """Probability that a same-person pair scores above one of different persons; a tie is half of it."""
    same, different = _both(positives, negatives)
    ranked = rankdata(np.concatenate([same, different]))
    above = ranked[: len(same)].sum() - len(same) * (len(same) + 1) / 2
    return float(above / (len(same) * len(different)))


def roc(positives: npt.ArrayLike, negatives: npt.ArrayLike, points: int = CURVE_POINTS) -> tuple[Scores, Scores]:
    """False accept and verification rates from (0, 0) to (1, 1), one point a different score, at most about `points`."""
    same, different = _both(positives, negatives)
    scores = np.concatenate([same, different])
    order = np.argsort(-scores, kind="stable")
    of_same = order < len(same)
    ends = np.flatnonzero(np.diff(scores[order], append=np.nan) != 0)  # the last pair of each score
    far = np.concatenate([[0.0], np.cumsum(~of_same)[ends] / len(different)])
    rate = np.concatenate([[0.0], np.cumsum(of_same)[ends] / len(same)])
    if len(far) > points:
        kept = np.unique(np.linspace(0, len(far) - 1, points).round().astype(int))
        far, rate = far[kept], rate[kept]
    return far, rate


def best_threshold(positives: npt.ArrayLike, negatives: npt.ArrayLike, *, grid: bool = False) -> float:
    """The threshold with the highest accuracy for `score > threshold`; the lowest of equal ones.

    `grid`: only multiples of 0.005 from -1 to 1, as the WebCaricature protocol chooses it for cosines.
    """
    same, different = (np.sort(each) for each in _both(positives, negatives))
    if grid:
        candidates = np.round(np.arange(-1, 1 + THRESHOLD_STEP / 2, THRESHOLD_STEP), 3)
    else:
        candidates = np.concatenate([[-np.inf], np.unique(np.concatenate([same, different]))])
    right = len(same) - np.searchsorted(same, candidates, side="right")
    right = right + np.searchsorted(different, candidates, side="right")
    return float(candidates[int(right.argmax())])


def every_pair(first: Mapping[str, Sequence[int]], second: Mapping[str, Sequence[int]]) -> Fold:
    """All pairs of a row of `first` with one of `second` (person -> rows): the unrestricted protocol.

    Caricatures on one side and photos on the other, say. InputError when no person has rows on both sides.
    """
    left = [(person, row) for person, rows in first.items() for row in rows]
    right = [(person, row) for person, rows in second.items() for row in rows]
    number = {person: place for place, person in enumerate({*first, *second})}
    of_left = np.array([number[person] for person, _ in left])
    of_right = np.array([number[person] for person, _ in right])
    rows_left, rows_right = np.array([row for _, row in left]), np.array([row for _, row in right])
    same = of_left[:, None] == of_right if len(left) and len(right) else np.zeros((0, 0), dtype=bool)
    if not same.any():
        raise InputError("No person has pictures on both sides; there is no pair of the same person.")
    positives, negatives = (
        np.column_stack([rows_left[chosen[0]], rows_right[chosen[1]]]) for chosen in (same.nonzero(), (~same).nonzero())
    )
    return Fold(positives, negatives)


def label_of(trained_on: Sequence[str], folds: Sequence[Sequence[str]], *, retrained: bool) -> str:
    """`per-fold` when the recogniser was trained anew without each fold's persons, `leaky` when it has seen some of them.

    `trained_on` and `folds` name persons; a recogniser trained on none of them is `unseen`.
    """
    if retrained:
        return "per-fold"
    seen = set(trained_on)
    return "leaky" if any(seen.intersection(persons) for persons in folds) else "unseen"


def _prepared(features: npt.ArrayLike, distance: str) -> npt.NDArray[np.float64]:
    if distance not in DISTANCES:
        raise InputError(f"There is no distance named {distance!r}. Known: {', '.join(DISTANCES)}.")
    rows = checked(features, "embedded", minimum=1)
    if distance == "euclidean":
        return rows
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not lengths.all():
        raise InputError("A row of features is all zero and has no direction; the cosine cannot use it.")
    return rows / lengths


def _scores(rows: npt.NDArray[np.float64], pairs: npt.NDArray[np.integer], distance: str, number: int) -> Scores:
    pairs = np.asarray(pairs)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or len(pairs) == 0 or not np.issubdtype(pairs.dtype, np.integer):
        raise InputError(f"Fold {number}: pairs are whole numbers of shape (n, 2), at least one of each kind.")
    if pairs.min() < 0 or pairs.max() >= len(rows):
        raise InputError(f"Fold {number} names row {pairs.max()}; the features have {len(rows)} rows, counted from 0.")
    found = np.empty(len(pairs))
    for start in range(0, len(pairs), BLOCK):
        first, second = (rows[side] for side in pairs[start : start + BLOCK].T)
        if distance == "cosine":
            found[start : start + BLOCK] = np.einsum("ij,ij->i", first, second)
        else:
            found[start : start + BLOCK] = -np.linalg.norm(first - second, axis=1)
    return found


def _accuracy(positives: Scores, negatives: Scores, threshold: float) -> float:
    right = int((positives > threshold).sum()) + int((negatives <= threshold).sum())
    return right / (len(positives) + len(negatives))


def _both(positives: npt.ArrayLike, negatives: npt.ArrayLike) -> tuple[Scores, Scores]:
    found = []
    for name, each in (("same", positives), ("different", negatives)):
        scores = np.asarray(each, dtype=np.float64).ravel()
        if len(scores) == 0 or not np.isfinite(scores).all():
            raise InputError(f"The scores of {name}-person pairs are none or not all finite.")
        found.append(scores)
    return found[0], found[1]
