"""Bradley-Terry scores: held against the closed form of two candidates and a solver of another kind for more."""

import numpy as np
import pytest

from workers.engine.errors import InputError
from workers.engine.study.preference import (
    agreement_of,
    preference,
    scores_of,
    votes_of,
)


def newton(wins):
    """The same likelihood climbed by Newton's method on the logs, the first of them held at 0."""
    n = len(wins)
    counts = wins + wins.T
    logs = np.zeros(n)
    for _step in range(100):
        chance = 1 / (1 + np.exp(logs[None, :] - logs[:, None]))
        slope = (wins - counts * chance).sum(axis=1)
        curve = counts * chance * (1 - chance)
        hessian = curve - np.diag(curve.sum(axis=1))
        logs[1:] -= np.linalg.solve(hessian[1:, 1:], slope[1:])
    return logs - logs.mean()


def drawn_votes(strength, n, *, voters=6, faces=15, seed=0, ties=0.1):
    draw = np.random.default_rng(seed)
    rows = []
    for _vote in range(n):
        i, j = draw.choice(len(strength), 2, replace=False)
        outcome = 0.5 if draw.random() < ties else float(draw.random() < strength[i] / (strength[i] + strength[j]))
        rows.append((int(draw.integers(voters)), int(draw.integers(faces)), int(i), int(j), outcome))
    return votes_of(len(strength), rows)


@pytest.mark.parametrize(("won", "lost"), [(7, 3), (1, 1), (0.5, 9.5), (120, 1)])
def test_two_candidates_have_the_log_of_the_odds_between_them(won, lost):
    found, separated = scores_of(np.array([[0, won], [lost, 0]], dtype=float))
    assert found[0] - found[1] == pytest.approx(np.log(won / lost), abs=1e-8)
    assert found.sum() == pytest.approx(0, abs=1e-9)
    assert not separated


@pytest.mark.parametrize("n", [3, 5, 9])
def test_more_candidates_have_the_scores_that_newtons_method_finds(n):
    draw = np.random.default_rng(n)
    wins = draw.integers(1, 30, size=(n, n)).astype(float)
    np.fill_diagonal(wins, 0)
    wins[0, n - 1] = wins[n - 1, 0] = 0  # a pair that nobody was asked about
    found, separated = scores_of(wins)
    assert found == pytest.approx(newton(wins), abs=1e-6)
    assert not separated


def test_a_tie_is_half_a_win_for_each():
    with_ties = votes_of(2, [(0, 0, 0, 1, 0.5), (0, 1, 0, 1, 0.5), (0, 2, 0, 1, 1.0), (0, 3, 1, 0, 1.0)])
    found = preference(with_ties, resamples=0)
    assert found.wins.tolist() == [[0, 2], [2, 0]]
    assert found.ties.tolist() == [[0, 2], [2, 0]]
    assert [score.score for score in found.scores] == pytest.approx([0, 0], abs=1e-9)


def test_the_order_of_the_two_candidates_in_a_vote_decides_nothing():
    votes = drawn_votes([3, 1, 0.5], 60)
    turned = votes_of(
        3,
        [
            (voter, face, second, first, 1 - outcome)
            for voter, face, first, second, outcome in zip(
                votes.voter, votes.face, votes.first, votes.second, votes.outcome, strict=True
            )
        ],
    )
    one, other = preference(votes, resamples=50), preference(turned, resamples=50)
    assert [score.score for score in one.scores] == pytest.approx([score.score for score in other.scores])
    assert one.agreement == other.agreement


def test_who_never_lost_gets_a_finite_score_and_the_reader_is_told():
    found, separated = scores_of(np.array([[0, 7.0], [0, 0]]))
    assert separated
    assert found[0] - found[1] == pytest.approx(np.log(7.5 / 0.5))
    three = np.array([[0, 4.0, 4], [0, 0, 3], [0, 2, 0]])  # the first beat both, these beat each other
    found, separated = scores_of(three)
    assert separated and np.isfinite(found).all()
    assert found == pytest.approx(newton(three + 0.5 * (three + three.T > 0)), abs=1e-6)


def test_candidates_that_no_vote_connects_are_in_groups_of_their_own():
    found = preference(votes_of(4, [(0, 0, 0, 1, 1.0), (0, 0, 2, 3, 0.0), (1, 0, 1, 0, 1.0), (1, 0, 3, 2, 0.0)]))
    assert not found.connected
    assert [score.group for score in found.scores] == [0, 0, 1, 1]
    assert found.fewest == 0
    scores = [score.score for score in found.scores]
    assert scores[0] + scores[1] == pytest.approx(0, abs=1e-9)
    assert scores[2] + scores[3] == pytest.approx(0, abs=1e-9)


def test_no_votes_are_no_error():
    found = preference(votes_of(3, []))
    assert (found.votes, found.voters, found.faces, found.connected) == (0, 0, 0, False)
    assert [(score.score, score.low, score.votes) for score in found.scores] == [(0, None, 0)] * 3
    assert found.agreement.alpha is None


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    """Voters and faces without tastes of their own: the pigeonhole bootstrap is then rather wide, never narrow."""
    strength = np.array([2.0, 1.0, 0.6])
    truth = np.log(strength) - np.log(strength).mean()
    held = []
    for seed in range(30):
        found = preference(drawn_votes(strength, 150, seed=seed, ties=0), resamples=100)
        assert found.resampled == "voters and faces"
        held += [score.low <= true <= score.high for score, true in zip(found.scores, truth, strict=True)]
        assert all(score.low <= score.score <= score.high for score in found.scores)
    assert np.mean(held) >= 0.9


def test_intervals_shrink_with_votes_and_come_back_the_same():
    few = preference(drawn_votes([2, 1], 40, voters=8, faces=40), resamples=200)
    many = preference(drawn_votes([2, 1], 4000, voters=80, faces=400), resamples=200)
    widths = [found.scores[0].high - found.scores[0].low for found in (few, many)]
    assert widths[1] < widths[0] / 3
    assert preference(drawn_votes([2, 1], 40, voters=8, faces=40), resamples=200).scores == few.scores


def test_one_voter_on_one_face_has_no_interval():
    found = preference(votes_of(2, [(0, 0, 0, 1, 1.0), (0, 0, 0, 1, 0.0)]))
    assert found.resampled == ""
    assert found.scores[0].low is None


def test_agreement_is_krippendorffs_alpha():
    """Two questions, two voters: they agree on the first alone. Pairs of answers within: 1/2 agree; by chance, with values
    3 x first and 1 x second among 4 answers, 3 * 2 / (4 * 3) = 1/2 agree. So alpha is 1 - (1/2) / (1/2) = 0."""
    votes = votes_of(2, [(0, 0, 0, 1, 1.0), (1, 0, 0, 1, 1.0), (0, 1, 0, 1, 1.0), (1, 1, 1, 0, 1.0)])
    found = agreement_of(votes)
    assert (found.questions, found.share) == (2, 0.5)
    assert found.alpha == pytest.approx(0)
    whole = agreement_of(votes_of(2, [(0, 0, 0, 1, 1.0), (1, 0, 0, 1, 1.0), (0, 1, 0, 1, 0.0), (1, 1, 1, 0, 1.0)]))
    assert (whole.share, whole.alpha) == (1, 1)
    assert agreement_of(votes_of(2, [(0, 0, 0, 1, 1.0)])).alpha is None


@pytest.mark.parametrize(
    ("n", "row", "said"),
    [(1, (0, 0, 0, 0, 1.0), "at least 2"), (2, (0, 0, 0, 2, 1.0), "not among"), (2, (0, 0, 1, 1, 1.0), "itself"),
     (2, (0, 0, 0, 1, 0.3), "0.5 (a tie)")],
)  # fmt: skip
def test_votes_that_cannot_be_are_refused(n, row, said):
    with pytest.raises(InputError) as refused:
        votes_of(n, [row])
    assert said in str(refused.value)
