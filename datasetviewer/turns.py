"""Whose turn it is to open a picture: many at once, on as many threads, would take more memory than a small machine has.

Large pictures are opened one at a time. Small ones do not wait for them, only for each other, and only where they are many.
A web process has 120 MiB of its own. The costliest large picture adds 200, its metadata 30, and the small ones, of 17 bytes a
pixel at most, 50: so whatever comes at once, it stays below 400.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# From here on a picture waits for the large one before it.
LARGE_PIXELS = 3_000_000

large_turn = threading.RLock()


class Room:
    """So much of something; who needs some of it takes it for a while, and waits until there is enough."""

    def __init__(self, size: int) -> None:
        self._free = self._size = size
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, amount: int) -> Iterator[None]:
        """More than there is counts as all of it."""
        amount = min(amount, self._size)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= amount)
            self._free -= amount
        try:
            yield
        finally:
            with self._changed:
                self._free += amount
                self._changed.notify_all()


small_room = Room(LARGE_PIXELS)  # of pixels


@contextmanager
def turn(pixels: int) -> Iterator[None]:
    """While a picture of so many pixels is in memory."""
    with large_turn if pixels > LARGE_PIXELS else small_room.taken(pixels):
        yield
