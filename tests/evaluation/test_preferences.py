"""Blind votes: making a test, asking, answering, and taking back."""

from collections import Counter
from itertools import combinations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image as Picture

from evaluation.models import Ballot, PreferenceTest
from evaluation.selectors import preferences as selectors
from evaluation.services import ballots, preferences
from evaluation.sets import CheckpointSet, DatasetSet, UploadSpec
from tests.evaluation.face_rows import N, draw_all, pair_up
from tests.evaluation.preference_rows import REAL, answer_all, maker, two_drawn
from workers.engine.errors import InputError

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn(dataset):
    """Two checkpoints that drew the test photos."""
    return two_drawn(dataset)


@pytest.fixture
def make(drawn, user):
    return maker(drawn, user)


# --- making one -----------------------------------------------------------------------------------------------------


def test_a_test_keeps_copies_of_one_size_and_kind(make):
    test = make()
    assert len(test.faces) == 4 and set(test.faces) <= {f"person {n}" for n in range(N)}
    assert len(list(test.folder.iterdir())) == 4 * (1 + 3)
    for path in test.folder.iterdir():
        with Picture.open(path) as picture:
            assert (picture.format, picture.mode, picture.size, picture.info) == ("PNG", "RGB", (40, 50), {})
    assert test.show_photo and test.visitors
    assert not list(test.folder.parent.glob(".*"))


def test_the_seed_decides_which_faces_are_asked_about(make):
    assert make(seed=3).faces == make(seed=3).faces
    assert len({tuple(make(seed=seed).faces) for seed in range(6)}) > 1


@pytest.mark.parametrize(
    ("more", "said"),
    [({"question": "beauty"}, "Known: person, drawing, better"), ({"faces": 1}, "not between 2 and 60"),
     ({"per_voter": 0}, "not between 1"), ({"seed": -1}, "not between 0"), ({"photos": UploadSpec("0" * 32)}, "photos:")],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_leaves_nothing(make, settings, more, said):
    with pytest.raises(InputError) as refused:
        make(**more)
    assert said in str(refused.value)
    assert not PreferenceTest.objects.exists()
    assert not (settings.DATA_DIR / "preferences").exists()


def test_one_candidate_or_nine_are_refused(make, drawn):
    for candidates in ([REAL, REAL], [DatasetSet("faces", "test", "sketch", str(n)) for n in range(9)]):
        with pytest.raises(InputError, match="choose 2 to 8 different sets"):
            make(candidates)


def test_a_checkpoint_that_drew_nothing_is_refused_with_what_to_do(make, dataset, drawn):
    from tests.evaluation.checkpoints import make_checkpoint

    empty = CheckpointSet(make_checkpoint(dataset).pk, "faces", "test")
    with pytest.raises(InputError, match=r"candidate 2: .* is not drawn yet\. Measure it"):
        make([drawn[0], empty])


def test_private_faces_are_for_signed_in_people_alone(private_dataset, user, client):
    pair_up(private_dataset)
    candidates = [
        CheckpointSet(draw_all(private_dataset, 1).pk, "secret", "test"),
        DatasetSet("secret", "test", "sketch"),
    ]
    test = preferences.preference_create(
        user=user, question="drawing", photos=DatasetSet("secret", "test", "photo"), candidates=candidates, faces=2
    )
    ballot = ballots.ballot_next(test=test, voter="v")
    picture = reverse("evaluation:preference-picture", args=[test.pk, ballot.token, "left"])
    closed = [
        picture, *(reverse(f"evaluation:preference-{page}", args=[test.pk]) for page in ("vote", "results")),
        f"/api/v1/preferences/{test.pk}/", f"/api/v1/preferences/{test.pk}/results/",
    ]  # fmt: skip
    assert [client.get(address).status_code for address in closed] == [404] * len(closed)
    assert str(test.pk) not in client.get(reverse("evaluation:preference-list")).content.decode()
    client.force_login(user)
    assert [client.get(address).status_code for address in closed] == [200] * len(closed)
    with pytest.raises(InputError):  # and a visitor cannot make one of it either
        preferences.preference_create(
            user=None, question="drawing", photos=DatasetSet("secret", "test", "photo"), candidates=candidates
        )


# --- voting ---------------------------------------------------------------------------------------------------------


def test_a_voter_gets_every_question_once_and_pairs_are_balanced(make):
    test = make(per_voter=100)
    answer_all(test, "one")
    asked = Counter((ballot.face, ballot.first, ballot.second) for ballot in test.ballots.all())
    assert set(asked.values()) == {1}
    assert len(asked) == test.comparisons == 4 * 3
    again = make(per_voter=7)
    for voter in "abc":
        answer_all(again, voter)
    of_pair = Counter((ballot.first, ballot.second) for ballot in again.ballots.all())
    assert set(of_pair) == set(combinations(range(3), 2))
    assert max(of_pair.values()) - min(of_pair.values()) <= 1
    of_question = Counter((ballot.face, ballot.first, ballot.second) for ballot in again.ballots.all())
    assert max(of_question.values()) - min(of_question.values()) <= 1
    assert {ballot.swapped for ballot in again.ballots.all()} == {True, False}


def test_the_same_question_stays_until_it_is_answered(make):
    test = make()
    assert ballots.ballot_next(test=test, voter="v").token == ballots.ballot_next(test=test, voter="v").token
    assert ballots.ballot_next(test=test, voter="w").token != ballots.ballot_next(test=test, voter="v").token


def test_left_and_right_stand_for_the_candidates_shown_there(make):
    test = make(per_voter=12)
    answer_all(test, "v", "left")
    for ballot in test.ballots.all():
        chosen = ballot.first if ballot.choice == "first" else ballot.second
        assert chosen == ballot.left
        path = selectors.ballot_picture(user=test.owner, test_id=test.pk, token=ballot.token, which="left")
        assert path.name == f"{ballot.face}-{chosen}.png"


def test_a_second_answer_to_a_question_changes_nothing(make):
    test = make()
    ballot = ballots.ballot_next(test=test, voter="v")
    first = ballots.ballot_answer(test=test, voter="v", token=ballot.token, side="tie")
    second = ballots.ballot_answer(test=test, voter="v", token=ballot.token, side="left")
    assert (first.choice, second.choice, second.answered) == ("tie", "tie", first.answered)


def test_the_database_lets_no_voter_have_two_open_questions_or_one_twice(make):
    test = make()
    first = ballots.ballot_next(test=test, voter="v")
    more = {"test": test, "voter": "v", "swapped": False}
    other_face = (first.face + 1) % 4
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.create(face=other_face, first=0, second=1, **more)
    ballots.ballot_answer(test=test, voter="v", token=first.token, side="left")
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.create(face=first.face, first=first.first, second=first.second, **more)


def test_the_last_answer_can_be_taken_back(make):
    test = make()
    assert ballots.ballot_undo(test=test, voter="v") is None
    first = ballots.ballot_next(test=test, voter="v")
    ballots.ballot_answer(test=test, voter="v", token=first.token, side="left")
    ballots.ballot_next(test=test, voter="v")
    assert ballots.ballot_undo(test=test, voter="v").token == first.token
    assert ballots.ballot_next(test=test, voter="v").token == first.token
    assert test.ballots.count() == 1
    assert selectors.preference_results(test).votes == 0
    ballots.ballot_answer(test=test, voter="v", token=first.token, side="right")
    assert selectors.preference_results(test).votes == 1


def test_another_voters_question_and_a_strange_answer_are_refused(make):
    test = make()
    ballot = ballots.ballot_next(test=test, voter="v")
    with pytest.raises(ballots.QuestionGone):
        ballots.ballot_answer(test=test, voter="w", token=ballot.token, side="left")
    with pytest.raises(InputError, match="Known: left, right, tie"):
        ballots.ballot_answer(test=test, voter="v", token=ballot.token, side="both")
    ballot.refresh_from_db()
    assert ballot.choice == ""


def test_a_closed_test_takes_no_votes_and_opens_again(make):
    test = make()
    ballot = ballots.ballot_next(test=test, voter="v")
    preferences.preference_close(test=test, closed=True)
    for call in (
        lambda: ballots.ballot_next(test=test, voter="v"),
        lambda: ballots.ballot_answer(test=test, voter="v", token=ballot.token, side="left"),
        lambda: ballots.ballot_undo(test=test, voter="v"),
    ):
        with pytest.raises(InputError, match="closed"):
            call()
    preferences.preference_close(test=test, closed=False)
    assert ballots.ballot_next(test=test, voter="v").token == ballot.token


def test_folders_without_a_test_go_and_others_stay(make, monkeypatch):
    kept, gone = make(), make()
    folder = gone.folder
    PreferenceTest.objects.filter(pk=gone.pk).delete()
    assert preferences.preferences_expire() == 0  # it may be one that is being made
    monkeypatch.setattr(preferences, "ABANDONED_SECONDS", -1)
    assert preferences.preferences_expire() == 1
    assert kept.folder.is_dir() and not folder.exists()
