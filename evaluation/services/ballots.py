"""Writing votes: the next question for a voter, the answer, and taking the last answer back."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from evaluation.models import Ballot, Choice, PreferenceTest
from workers.engine.errors import InputError

MOST_VOTERS = 1000  # of one test
SIDES = ("left", "right", "tie")


class QuestionGone(InputError):
    """There is no such question for this voter (any more)."""


def ballot_next(*, test: PreferenceTest, voter: str) -> Ballot | None:
    """The open question of this voter, or a new one; None when all are answered. InputError when the test is closed.

    Of the pairs of candidates the one with the fewest questions so far comes first, then the face that was shown with it
    the fewest times; equals are drawn by the test's seed and the voter.
    """
    if test.closed is not None:
        raise InputError(_("This test is closed; it takes no more votes."))
    asked = list(test.ballots.filter(voter=voter))
    if left_open := [ballot for ballot in asked if ballot.choice == Choice.OPEN]:
        return left_open[0]
    if len(asked) >= test.asked_of_each:
        return None
    if not asked and test.ballots.values("voter").distinct().count() >= MOST_VOTERS:
        raise InputError(_("This test has had %(n)s voters and takes no more.") % {"n": MOST_VOTERS})
    face, first, second, swapped = _drawn(test, voter, asked)
    try:
        with transaction.atomic():
            return Ballot.objects.create(test=test, voter=voter, face=face, first=first, second=second, swapped=swapped)
    except (
        IntegrityError
    ):  # the same voter asked twice at once: both get the question that was first, or the one after it
        return ballot_next(test=test, voter=voter)


def _drawn(test: PreferenceTest, voter: str, asked: list[Ballot]) -> tuple[int, int, int, bool]:
    draw = random.Random(f"{test.seed} {voter} {len(asked)}")
    mine = {(ballot.first, ballot.second, ballot.face) for ballot in asked}
    shown = Counter(test.ballots.values_list("first", "second", "face"))
    of_pair: Counter[tuple[int, int]] = Counter()
    for (first, second, _face), count in shown.items():
        of_pair[first, second] += count
    faces = range(len(test.faces))
    pairs = [
        pair
        for pair in combinations(range(len(test.candidates)), 2)
        if any((*pair, face) not in mine for face in faces)
    ]
    first, second = min(pairs, key=lambda pair: (of_pair[pair], draw.random()))
    left = [face for face in faces if (first, second, face) not in mine]
    face = min(left, key=lambda face: (shown[first, second, face], draw.random()))
    return face, first, second, draw.random() < 0.5


def ballot_answer(*, test: PreferenceTest, voter: str, token: str, side: str) -> Ballot:
    """Keep the answer; a question that is answered already keeps its first answer.

    InputError for an unknown side and a closed test, QuestionGone for a question that is not this voter's.
    """
    if side not in SIDES:
        text = _("choice: there is no %(given)s. Known: %(known)s.")
        raise InputError(text % {"given": repr(side)[:80], "known": ", ".join(SIDES)})
    if test.closed is not None:
        raise InputError(_("This test is closed; it takes no more votes."))
    # One of this voter's few, found here: not every text that comes from outside can be asked for.
    ballot = next((each for each in test.ballots.filter(voter=voter) if each.token == token), None)
    if ballot is None:
        raise QuestionGone(_("This question is not open any more; go on with the one that is shown now."))
    choice = Choice.TIE
    if side != "tie":
        choice = Choice.FIRST if (side == "left") != ballot.swapped else Choice.SECOND
    open_now = Ballot.objects.filter(pk=ballot.pk, choice=Choice.OPEN)
    open_now.update(choice=choice, answered=timezone.now())
    ballot.refresh_from_db()
    return ballot


def ballot_undo(*, test: PreferenceTest, voter: str) -> Ballot | None:
    """Open the last answered question again, in place of the one that is open; None when there is none."""
    if test.closed is not None:
        raise InputError(_("This test is closed; it takes no more votes."))
    try:
        with transaction.atomic():
            mine = test.ballots.filter(voter=voter)
            last = mine.exclude(choice=Choice.OPEN).order_by("-answered", "-id").first()
            if last is None:
                return None
            mine.filter(choice=Choice.OPEN).delete()
            mine.filter(pk=last.pk).update(choice=Choice.OPEN, answered=None)
    except IntegrityError:  # another request of the same voter was quicker
        return test.ballots.filter(voter=voter, choice=Choice.OPEN).first()
    last.refresh_from_db()
    return last
