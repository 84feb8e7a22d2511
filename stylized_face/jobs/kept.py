"""What takes long to load and is kept for the next time, within bounds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Loaded = TypeVar("Loaded")


class Kept(Generic[Loaded]):
    """At most `most` things of at most `most_bytes` together; the one that was not used for longest goes first.

    The one asked for last is always kept, even if it alone is larger than the bound.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most, self.most_bytes = most, most_bytes
        self._things: OrderedDict[Hashable, tuple[Loaded, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, load: Callable[[], Loaded], size: Callable[[Loaded], int]) -> Loaded:
        """The thing of this key, loaded if it is not kept; what `load` raises is raised, and nothing is given up for it."""
        with self._lock:
            if key not in self._things:
                thing = load()
                self._things[key] = thing, size(thing)
            self._things.move_to_end(key)
            while len(self._things) > 1 and (len(self._things) > self.most or self.bytes > self.most_bytes):
                self._things.popitem(last=False)
            return self._things[key][0]

    @property
    def bytes(self) -> int:
        """Size of all that is kept."""
        return sum(size for _, size in self._things.values())

    @property
    def keys(self) -> list[Hashable]:
        """What is kept, the one used last at the end."""
        return list(self._things)

    def clear(self) -> None:
        """Give everything up."""
        with self._lock:
            self._things.clear()
