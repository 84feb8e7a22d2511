"""Which of several candidates people prefer, out of votes between two at a time.

The model is that of Bradley and Terry (1952): i is preferred to j with probability p_i / (p_i + p_j). Its maximum of
likelihood is found by the MM algorithm of Hunter (2004); a tie counts as half a win for each. Scores are log p, their mean
0. Intervals come from the pigeonhole bootstrap (Owen 2007): voters and faces are drawn anew, both with replacement, and a
vote counts as often as its voter times its face was drawn. Agreement is Krippendorff's alpha for nominal values.

R. A. Bradley, M. E. Terry: Rank analysis of incomplete block designs I. Biometrika 39, 1952.
D. R. Hunter: MM algorithms for generalized Bradley-Terry models. Annals of Statistics 32, 2004.
A. B. Owen: The pigeonhole bootstrap. Annals of Applied Statistics 1, 2007.
K. Krippendorff: Content Analysis, 2nd ed., 2004, chapter 11.

Loads numpy alone, because pages call it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.engine.errors import InputError

Matrix = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

SEED = 20240101
RESAMPLES = 1000
MOST_STEPS = 5000
MOST_STEPS_RESAMPLED = 500
TOLERANCE = 1e-10
TOLERANCE_RESAMPLED = 1e-6  # an interval is read to two digits
FEW_VOTES = 20  # of one pair of candidates: a share is then known to about 0.2
HALF = 0.5  # of a vote, given to both of a pair where the likelihood has no maximum
OUTCOMES = (0.0, 0.5, 1.0)


@dataclass(frozen=True)
class Votes:
    """Vote i, by voter[i] on face[i]: `first` against `second`, both 0..n-1; outcome 1: first, 0: second, 0.5: a tie."""

    n: int
    voter: Numbers
    face: Numbers
    first: Numbers
    second: Numbers
    outcome: Matrix

    def __len__(self) -> int:
        return len(self.outcome)


@dataclass(frozen=True)
class Score:
    """One candidate: log strength with its 95 % interval, and what it won of `votes`, a tie as a half.

    `group` numbers the candidates that are connected by votes: scores of different groups say nothing of each other.
    """

    score: float
    low: float | None
    high: float | None
    wins: float
    votes: int
    group: int


@dataclass(frozen=True)
class Agreement:
    """How far voters agree on the questions that several of them answered. None where there is none of these."""

    questions: int
    share: float | None
    alpha: float | None


@dataclass(frozen=True)
class Preference:
    """`wins[i, j]` is how often i was preferred to j, ties as halves; `ties[i, j]` how many of these there were.

    `connected`: votes join all candidates. `separated`: somebody never lost to the others (or never won), so that the
    likelihood has no maximum, and half a vote was given to both of every pair that was compared. `resampled` says over
    what the intervals go: "voters and faces", "voters", "faces", or "" when there are none.
    """

    scores: tuple[Score, ...]
    wins: Matrix
    ties: Matrix
    votes: int
    voters: int
    faces: int
    connected: bool
    separated: bool
    resampled: str
    agreement: Agreement

    @property
    def fewest(self) -> int:
        """Votes on the pair of candidates that has the fewest."""
        counts = self.wins + self.wins.T
        return int(counts[np.triu_indices(len(counts), 1)].min())


def votes_of(n: int, rows: Sequence[tuple[int, int, int, int, float]]) -> Votes:
    """From (voter, face, first, second, outcome). InputError for numbers that cannot be."""
    if n < 2:
        raise InputError(f"A comparison needs at least 2 candidates, not {n}.")
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 5)
    first, second, outcome = table[:, 2].astype(np.int64), table[:, 3].astype(np.int64), table[:, 4]
    if len(rows) and (min(first.min(), second.min()) < 0 or max(first.max(), second.max()) >= n):
        raise InputError(f"A vote names a candidate that is not among the {n}.")
    if (first == second).any():
        raise InputError("A vote compares a candidate with itself.")
    if not np.isin(outcome, OUTCOMES).all():
        raise InputError("A vote is 1 (the first), 0 (the second) or 0.5 (a tie).")
    _known, voter = np.unique(table[:, 0], return_inverse=True)
    _known, face = np.unique(table[:, 1], return_inverse=True)
    return Votes(n, voter.astype(np.int64), face.astype(np.int64), first, second, outcome)


def preference(votes: Votes, *, resamples: int = RESAMPLES, seed: int = SEED) -> Preference:
    """Everything a reader should know of the votes."""
    whole = np.ones((1, len(votes)))
    wins = _wins(votes, whole)[0]
    groups = _groups(wins + wins.T)
    found, separated = scores_of(wins)
    low, high, resampled = _intervals(votes, wins, found, groups, resamples, seed)
    counts = wins + wins.T
    ties = _wins(votes, (votes.outcome == 0.5).astype(np.float64)[None])[0]
    return Preference(
        scores=tuple(
            Score(
                float(found[i]),
                None if low is None else float(low[i]),
                None if high is None else float(high[i]),
                float(wins[i].sum()),
                round(counts[i].sum()),
                int(groups[i]),
            )
            for i in range(votes.n)
        ),
        wins=wins,
        ties=ties + ties.T,
        votes=len(votes),
        voters=len(set(votes.voter.tolist())),
        faces=len(set(votes.face.tolist())),
        connected=bool((groups == 0).all()),
        separated=separated,
        resampled=resampled,
        agreement=agreement_of(votes),
    )


def scores_of(wins: Matrix, *, steps: int = MOST_STEPS) -> tuple[Matrix, bool]:
    """Log strengths (n,) of a matrix of wins (n, n), and whether half votes had to be added.

    The mean is 0 within each group of candidates that votes connect.
    """
    found, separated = _scores(wins[None], steps, TOLERANCE)
    return found[0], bool(separated[0])


def _scores(wins: Matrix, steps: int, tolerance: float) -> tuple[Matrix, npt.NDArray[np.bool_]]:
    """(r, n) scores of r matrices (r, n, n), all at once."""
    counts = wins + wins.transpose(0, 2, 1)
    # Ford (1957): there is a maximum if and only if, within a group, everybody is reached from everybody by wins.
    reached, joined = _reach(wins > 0), _reach(counts > 0)
    separated = (reached != joined).any(axis=(1, 2))
    added = np.where(separated[:, None, None] & (counts > 0), HALF, 0.0)
    wins, counts = wins + added, counts + 2 * added
    own = wins.sum(axis=2)
    scores = np.zeros(own.shape)
    left = np.arange(len(wins))  # the matrices that still move
    for _step in range(steps):
        strength = np.exp(scores[left])
        shares = (counts[left] / (strength[:, :, None] + strength[:, None, :])).sum(axis=2)
        after = np.log(np.where(own[left] > 0, own[left] / np.where(shares > 0, shares, 1.0), 1.0))
        after -= _group_means(after, joined[left])
        moved = np.abs(after - scores[left]).max(axis=1)
        scores[left] = after
        left = left[moved >= tolerance]
        if not len(left):
            break
    return scores, separated


def _group_means(values: Matrix, joined: npt.NDArray[np.bool_]) -> Matrix:
    """For each candidate the mean over its group; joined (r, n, n) holds who is in whose group."""
    return np.einsum("rij,rj->ri", joined.astype(np.float64), values) / joined.sum(axis=2)


def _reach(edges: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(r, n, n): who reaches whom over any number of edges, everybody themselves."""
    n = edges.shape[-1]
    reached = edges | np.eye(n, dtype=bool)
    for _step in range(max(1, int(np.ceil(np.log2(n))))):
        reached = (reached.astype(np.float64) @ reached.astype(np.float64)) > 0
    return reached


def _groups(counts: Matrix) -> Numbers:
    """(n,): the number of each candidate's group, 0 for that of the first candidate."""
    joined = _reach(counts[None] > 0)[0]
    leaders = joined.argmax(axis=1)
    _known, groups = np.unique(leaders, return_inverse=True)
    return groups.astype(np.int64)


def _wins(votes: Votes, weights: Matrix) -> Matrix:
    """(r, n, n) wins where vote i counts weights[:, i] times."""
    wins = np.zeros((len(weights), votes.n, votes.n))
    for i in range(votes.n):
        for j in range(votes.n):
            forward, back = (votes.first == i) & (votes.second == j), (votes.first == j) & (votes.second == i)
            if forward.any() or back.any():
                wins[:, i, j] = weights[:, forward] @ votes.outcome[forward]
                wins[:, i, j] += weights[:, back] @ (1 - votes.outcome[back])
    return wins


def _intervals(
    votes: Votes, wins: Matrix, found: Matrix, groups: Numbers, resamples: int, seed: int
) -> tuple[Matrix | None, Matrix | None, str]:
    """Ends of the 95 % intervals, and what was drawn anew; None for fewer than two voters and faces.

    A resample that leaves out so much that its groups are others is not used; nothing is given when half are like that.
    """
    voters, faces = len(set(votes.voter.tolist())), len(set(votes.face.tolist()))
    drawn = [name for name, n in (("voters", voters), ("faces", faces)) if n > 1]
    if not drawn or not resamples:
        return None, None, ""
    draw = np.random.default_rng(seed)
    weights = np.ones((resamples, len(votes)))
    for kind, n, of_vote in (("voters", voters, votes.voter), ("faces", faces, votes.face)):
        if kind in drawn:
            weights *= draw.multinomial(n, np.full(n, 1 / n), size=resamples)[:, of_vote]
    again = _wins(votes, weights)
    whole = _reach((wins + wins.T)[None] > 0)
    same = (_reach(again + again.transpose(0, 2, 1) > 0) == whole).all(axis=(1, 2))
    if same.sum() < resamples / 2:
        return None, None, ""
    scores, _separated = _scores(again[same], MOST_STEPS_RESAMPLED, TOLERANCE_RESAMPLED)
    low, high = np.quantile(scores, [0.025, 0.975], axis=0)
    return np.minimum(low, found), np.maximum(high, found), " and ".join(drawn)


def agreement_of(votes: Votes) -> Agreement:
    """Over the questions (a face and two candidates) that at least two voters answered."""
    low, high = np.minimum(votes.first, votes.second), np.maximum(votes.first, votes.second)
    outcome = np.where(votes.first == low, votes.outcome, 1 - votes.outcome)
    question = (votes.face * votes.n + low) * votes.n + high
    _known, question = np.unique(question, return_inverse=True)
    table = np.zeros((question.max(initial=-1) + 1, len(OUTCOMES)))
    np.add.at(table, (question, np.round(outcome * 2).astype(np.int64)), 1)
    table = table[table.sum(axis=1) >= 2]
    if not len(table):
        return Agreement(0, None, None)
    n = table.sum(axis=1)
    same = (table * (table - 1)).sum(axis=1) / (n - 1)  # per answer
    share = float(((table * (table - 1)).sum(axis=1) / (n * (n - 1))).mean())
    total, values = n.sum(), table.sum(axis=0)
    by_chance = (values * (values - 1)).sum() / (total * (total - 1))
    alpha = 1.0 if by_chance == 1 else float(1 - (1 - same.sum() / total) / (1 - by_chance))
    return Agreement(len(table), share, alpha)
