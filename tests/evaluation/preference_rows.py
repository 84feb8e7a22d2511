"""Blind votes on the faces of a small dataset: two checkpoints, the real sketches, and who answers."""

from evaluation.services import ballots, preferences
from evaluation.sets import CheckpointSet, DatasetSet
from tests.evaluation.face_rows import draw_all, pair_up

PHOTOS = DatasetSet("faces", "test", "photo")
REAL = DatasetSet("faces", "test", "sketch")


def two_drawn(dataset):
    """Two checkpoints that drew the test photos."""
    pair_up(dataset)
    return [CheckpointSet(draw_all(dataset, seed).pk, "faces", "test") for seed in (1, 2)]


def maker(drawn, user):
    """Call it for a new test between these sets and the real sketches."""

    def make(candidates=None, **more):
        given = {"user": user, "question": "person", "photos": PHOTOS, "candidates": candidates or [*drawn, REAL]}
        return preferences.preference_create(**{**given, "faces": 4, **more})

    return make


def answer_all(test, voter, side="left"):
    while (ballot := ballots.ballot_next(test=test, voter=voter)) is not None:
        ballots.ballot_answer(test=test, voter=voter, token=ballot.token, side=side)
