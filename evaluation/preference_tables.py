"""The results of a preference test as plain data, as CSV, and as what the page draws."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluation.models import PreferenceTest
from evaluation.selectors.preferences import preference_ballots, preference_results
from workers.engine.study.preference import FEW_VOTES, Preference

LOW_AGREEMENT = 0.2  # of Krippendorff's alpha: hardly better than by chance


@dataclass(frozen=True)
class Row:
    """A candidate on the page: `low`, `high` and `at` are places on the line of scores, 0 to 100."""

    number: int
    label: str
    score: float
    low_score: float | None
    high_score: float | None
    share: float | None
    votes: int
    group: int
    at: str
    low: str
    width: str


@dataclass(frozen=True)
class Cell:
    """How often the row's candidate was preferred to the column's; None on the diagonal and where nobody was asked."""

    wins: float
    votes: int
    ties: int
    share: int


@dataclass(frozen=True)
class Shown:
    """Everything the results page shows."""

    found: Preference
    rows: list[Row]
    matrix: list[tuple[Row, list[Cell | None]]]
    warnings: list[str]

    @property
    def agreement_percent(self) -> int:
        return round(100 * (self.found.agreement.share or 0))


def shown(test: PreferenceTest) -> Shown:
    found = preference_results(test)
    ends = [value for score in found.scores for value in (score.score, score.low, score.high) if value is not None]
    lowest, highest = min(ends), max(ends)
    width = (highest - lowest) or 1.0

    def place(value: float) -> float:
        return 4 + 92 * (value - lowest) / width

    rows = [
        Row(
            number=number,
            label=label,
            score=score.score,
            low_score=score.low,
            high_score=score.high,
            share=score.wins / score.votes if score.votes else None,
            votes=score.votes,
            group=score.group + 1,
            at=f"{place(score.score):.2f}",
            low=f"{place(score.low if score.low is not None else score.score):.2f}",
            width=f"{place(score.high) - place(score.low):.2f}"
            if score.low is not None and score.high is not None
            else "0",
        )
        for number, (label, score) in enumerate(zip(test.labels, found.scores, strict=True), start=1)
    ]
    rows.sort(key=lambda row: (row.group, -row.score, row.number))
    matrix = [(row, [_cell(found, row.number - 1, other.number - 1) for other in rows]) for row in rows]
    return Shown(found, rows, matrix, _warnings(found))


def _cell(found: Preference, i: int, j: int) -> Cell | None:
    votes = found.wins[i, j] + found.wins[j, i]
    if i == j or not votes:
        return None
    wins = float(found.wins[i, j])
    return Cell(wins, round(votes), round(found.ties[i, j]), round(100 * wins / votes))


def _warnings(found: Preference) -> list[str]:
    if not found.votes:
        return [_("Nobody has voted yet.")]
    told = []
    if not found.connected:
        told.append(
            _(
                "Votes do not connect all candidates: scores of different groups cannot be compared. Let more people vote."
            )
        )
    if found.separated:
        told.append(
            _(
                "Somebody won or lost every comparison, so the scores have no finite best fit. Half a vote was given to both "
                "of each pair; more votes make that unnecessary."
            )
        )
    if found.fewest < FEW_VOTES:
        text = ngettext(
            "One pair of candidates was compared only %(n)s time; at least %(few)s are needed to say much.",
            "One pair of candidates was compared only %(n)s times; at least %(few)s are needed to say much.",
            found.fewest,
        )
        told.append(text % {"n": found.fewest, "few": FEW_VOTES})
    if found.voters < 2:
        told.append(_("All votes are by one voter: the intervals say nothing about other people."))
    alpha = found.agreement.alpha
    if alpha is not None and alpha < LOW_AGREEMENT:
        told.append(_("Voters hardly agree more than by chance: the differences may be a matter of taste."))
    return told


def results_json(test: PreferenceTest) -> dict[str, Any]:
    found = preference_results(test)
    return {
        "id": str(test.pk), "name": test.name, "question": test.question, "show_photo": test.show_photo,
        "closed": test.closed is not None, "votes": found.votes, "voters": found.voters, "faces": found.faces,
        "connected": found.connected, "separated": found.separated, "resampled": found.resampled,
        "candidates": [
            {
                "label": candidate["label"], "set": candidate["set"], "score": score.score, "low": score.low,
                "high": score.high, "wins": score.wins, "votes": score.votes, "group": score.group + 1,
            }
            for candidate, score in zip(test.candidates, found.scores, strict=True)
        ],
        "wins": found.wins.tolist(), "ties": found.ties.tolist(),
        "agreement": {
            "questions": found.agreement.questions, "share": found.agreement.share, "alpha": found.agreement.alpha,
        },
        "warnings": _warnings(found),
    }  # fmt: skip


def results_csv(test: PreferenceTest) -> str:
    """One row a candidate, the best first: scores and intervals."""
    rows = [
        [row.label, row.score, row.low_score, row.high_score, row.share, row.votes, row.group]
        for row in shown(test).rows
    ]
    return _csv(["candidate", "score", "low", "high", "share_of_wins", "votes", "group"], rows)


def votes_csv(test: PreferenceTest) -> str:
    """One row a vote, in their order; voters are numbered, as nobody has to know more."""
    ballots = list(preference_ballots(test))
    number = {voter: place for place, voter in enumerate(dict.fromkeys(each.voter for each in ballots), start=1)}
    labels = test.labels
    rows = [
        [
            number[each.voter], test.faces[each.face], labels[each.left], labels[each.right],
            "" if each.choice == "tie" else labels[each.first if each.choice == "first" else each.second],
            each.answered.isoformat() if each.answered else "",
        ]
        for each in ballots
    ]  # fmt: skip
    return _csv(["voter", "face", "left", "right", "preferred", "answered"], rows)


def _csv(heads: list[str], rows: list[list[Any]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(heads)
    # A spreadsheet takes what begins like a formula for one; names are people's.
    guarded = [["'" + v if isinstance(v, str) and v[:1] in ("=", "+", "-", "@") else v for v in row] for row in rows]
    writer.writerows(guarded)
    return stream.getvalue()
