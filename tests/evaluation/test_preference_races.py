"""Blind votes: requests of one voter, and of many, at the same moment."""

import threading

import pytest
from django.db import connection

from evaluation.models import Ballot
from evaluation.selectors import preferences as selectors
from evaluation.services import ballots
from tests.evaluation.preference_rows import maker, two_drawn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def make(dataset, user):
    return maker(two_drawn(dataset), user)


def at_once(*calls):
    """What the calls return, each made in a thread of its own."""
    barrier = threading.Barrier(len(calls), timeout=30)
    found = [None] * len(calls)

    def one(place):
        barrier.wait()
        try:
            found[place] = calls[place]()
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_two_requests_of_one_voter_get_the_same_question(make, monkeypatch):
    test = make()
    real, both_have_read = ballots._drawn, threading.Barrier(2, timeout=30)

    def drawn_late(*given):
        both_have_read.wait()  # neither saw the question of the other
        return real(*given)

    monkeypatch.setattr(ballots, "_drawn", drawn_late)
    one, other = at_once(*[lambda: ballots.ballot_next(test=test, voter="v")] * 2)
    assert one is not None and one.token == other.token
    assert test.ballots.count() == 1


def test_a_question_answered_in_between_is_not_the_last(make, monkeypatch):
    """A second request drew the same question, which was asked and answered before it could write."""
    test = make()
    real = ballots._drawn

    def answered_first(*given):
        drawn = real(*given)
        monkeypatch.setattr(ballots, "_drawn", real)
        ballot = ballots.ballot_next(test=test, voter="v")
        assert (ballot.face, ballot.first, ballot.second) == drawn[:3]
        ballots.ballot_answer(test=test, voter="v", token=ballot.token, side="left")
        return drawn

    monkeypatch.setattr(ballots, "_drawn", answered_first)
    after = ballots.ballot_next(test=test, voter="v")
    assert after is not None and after.choice == ""
    assert test.ballots.count() == 2


def test_two_answers_to_one_question_at_once_are_one_vote(make):
    test = make(per_voter=6)
    for _question in range(6):
        token = ballots.ballot_next(test=test, voter="v").token
        answers = at_once(
            *[
                lambda side=side: ballots.ballot_answer(test=test, voter="v", token=token, side=side)  # noqa: B023
                for side in ("left", "right")
            ]
        )
        kept = Ballot.objects.get(token=token)
        assert kept.choice and [each.choice for each in answers] == [kept.choice] * 2
    assert selectors.preference_results(test).votes == 6


def test_many_voters_at_once_all_get_a_question(make):
    test = make()
    found = at_once(*[lambda voter=f"v{n}": ballots.ballot_next(test=test, voter=voter) for n in range(4)])
    assert len({ballot.token for ballot in found}) == 4
