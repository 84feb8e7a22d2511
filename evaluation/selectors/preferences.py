"""Reading preference tests: who may see which, the pictures of a question, and what came of the votes."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Count, Q, QuerySet

from datasetviewer.selectors import dataset_visible_to
from evaluation.models import Ballot, Choice, PreferenceTest
from workers.engine.study.preference import Preference, Votes, preference, votes_of

PICTURES = ("photo", "left", "right")
TOKEN = re.compile(r"[A-Za-z0-9_-]{1,32}")
OUTCOMES = {Choice.FIRST: 1.0, Choice.SECOND: 0.0, Choice.TIE: 0.5}


@dataclass(frozen=True)
class Progress:
    """How many of a voter's questions are answered."""

    done: int
    of: int

    @property
    def left(self) -> int:
        return self.of - self.done


def preferences_visible_to(user: Any) -> QuerySet[PreferenceTest]:
    """Tests with dataset and owner at hand, newest first. Visitors: on public datasets and public candidates alone."""
    tests = PreferenceTest.objects.select_related("dataset", "owner").filter(dataset__in=dataset_visible_to(user))
    if user is None or not user.is_authenticated:
        tests = tests.filter(visitors=True)
    return tests


def with_votes(tests: QuerySet[PreferenceTest]) -> QuerySet[Any]:
    """Each test with `votes` and `voters`."""
    answered = Q(ballots__answered__isnull=False)
    return tests.annotate(
        votes=Count("ballots", filter=answered), voters=Count("ballots__voter", filter=answered, distinct=True)
    ).order_by("-created")


def preference_get(*, user: Any, test_id: uuid.UUID) -> PreferenceTest | None:
    """The test, or None when there is none that this user may see."""
    return preferences_visible_to(user).filter(pk=test_id).first()


def preference_managed_by(*, test: PreferenceTest, user: Any) -> bool:
    """Whether this user may close and delete it: its owner and staff."""
    return bool(user is not None and user.is_authenticated and (user.is_staff or test.owner_id == user.pk))


def preference_results_shown(*, test: PreferenceTest, user: Any) -> bool:
    """Before a test is closed its results would tell voters who is ahead."""
    return test.closed is not None or preference_managed_by(test=test, user=user)


def voter_progress(test: PreferenceTest, voter: str) -> Progress:
    return Progress(test.ballots.filter(voter=voter).exclude(choice=Choice.OPEN).count(), test.asked_of_each)


def voter_has_begun(test: PreferenceTest, voter: str) -> bool:
    """Whether this voter has been asked anything."""
    return test.ballots.filter(voter=voter).exists()


def ballot_picture(*, user: Any, test_id: uuid.UUID, token: str, which: str) -> Path | None:
    """A picture of a question; None when there is none, or this user may not see the test."""
    if which not in PICTURES or not TOKEN.fullmatch(token):  # not every text can be asked for
        return None
    ballot = Ballot.objects.filter(test__in=preferences_visible_to(user), test=test_id, token=token).first()
    if ballot is None or (which == "photo" and not ballot.test.show_photo):
        return None
    if which == "photo":
        return ballot.test.photo_path(ballot.face)
    return ballot.test.drawing_path(ballot.face, ballot.left if which == "left" else ballot.right)


def preference_ballots(test: PreferenceTest) -> QuerySet[Ballot]:
    """The answered ones, in the order of the answers."""
    return test.ballots.exclude(choice=Choice.OPEN).order_by("answered", "id")


def preference_results(test: PreferenceTest) -> Preference:
    """Scores with intervals, wins and agreement of all votes so far."""
    ballots = list(preference_ballots(test))
    number = {voter: place for place, voter in enumerate(dict.fromkeys(ballot.voter for ballot in ballots))}
    rows = [
        (number[ballot.voter], ballot.face, ballot.first, ballot.second, OUTCOMES[Choice(ballot.choice)])
        for ballot in ballots
    ]
    found: Votes = votes_of(len(test.candidates), rows)
    return preference(found)
