"""Large pictures one at a time; small ones as many as there is room for."""

import threading
from contextlib import contextmanager

import pytest

from datasetviewer.turns import LARGE_PIXELS, Room, turn


@contextmanager
def beside(work):
    """`work` on another thread; gives an event that is set once it is done."""
    done = threading.Event()
    thread = threading.Thread(target=lambda: (work(), done.set()))
    thread.start()
    yield done
    thread.join(20)
    assert done.is_set()


def opened(pixels: int) -> None:
    with turn(pixels):
        pass


def test_a_large_picture_waits_for_the_large_one_before_it():
    with turn(LARGE_PIXELS + 1):
        waiting = beside(lambda: opened(LARGE_PIXELS + 1))
        done = waiting.__enter__()
        assert not done.wait(0.3)
    waiting.__exit__(None, None, None)


@pytest.mark.parametrize("pixels", [0, 1000, LARGE_PIXELS])
def test_a_small_picture_does_not_wait_for_a_large_one(pixels):
    with turn(8 * LARGE_PIXELS), beside(lambda: opened(pixels)) as done:
        assert done.wait(20)


def test_small_pictures_are_open_together_while_there_is_room():
    with turn(LARGE_PIXELS // 2), beside(lambda: opened(LARGE_PIXELS // 2)) as done:
        assert done.wait(20)
    with turn(LARGE_PIXELS // 2):
        waiting = beside(lambda: opened(LARGE_PIXELS))
        done = waiting.__enter__()
        assert not done.wait(0.3)
    waiting.__exit__(None, None, None)


def test_however_many_want_it_never_more_is_taken_than_there_is():
    room, taken, most = Room(10), [], []

    def work(amount):
        for _ in range(200):
            with room.taken(amount):
                taken.append(amount)
                most.append(sum(taken))
                taken.remove(amount)

    threads = [threading.Thread(target=work, args=(amount,)) for amount in (1, 2, 3, 4, 5, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(most) == 1200 and max(most) <= 10


def test_more_than_there_is_takes_all_of_it_and_a_failure_gives_it_back():
    room = Room(10)
    for _ in range(2):
        with pytest.raises(ValueError, match="x"), room.taken(1000):
            raise ValueError("x")
