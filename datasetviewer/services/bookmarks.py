"""Reading a dataset's orders once: the places marked in them, and whose pictures come first.

Each order is read along one index, and people are put in the order of their names here instead of by a join: a database
that has not looked at its tables since they were filled would compare every picture with every person.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..models import Bookmarks, Dataset, Image, Subject
from ..selectors.bookmarks import PERSONS
from ..selectors.counting import PROPERTIES
from ..selectors.names import names_stored

# A mark every so many rows, and never more marks than these.
STEP = 500
MOST = 512
CHUNK = 5_000
LEAD = PROPERTIES.index("lead")


@dataclass
class _Rows:
    """The pictures by their numbers, ascending: whose they are, and which facet they belong to."""

    numbers: array = field(default_factory=lambda: array("q"))
    subjects: array = field(default_factory=lambda: array("q"))
    columns: array = field(default_factory=lambda: array("H"))
    facets: dict[tuple, int] = field(default_factory=dict)

    def place(self, number: int) -> int | None:
        """Where the picture stands here; None for one that came after these were read."""
        place = bisect_left(self.numbers, number)
        return place if place < len(self.numbers) and self.numbers[place] == number else None


def orders_now(dataset: Dataset) -> tuple[dict[str, Any], list[Bookmarks]]:
    """(the columns of a PersonNames row, the bookmarks), not stored yet. Some 30 bytes of memory a picture."""
    rows = _read(dataset)
    images = Image.objects.filter(dataset=dataset)
    names: dict[int, str] = dict(Subject.objects.filter(dataset=dataset).order_by("name").values_list("pk", "name"))
    by_key = array("q", images.order_by("key").values_list("pk", flat=True).iterator(chunk_size=CHUNK))
    walks: dict[str, Iterable[int]] = {
        "key": by_key,
        "person": _by_person(dataset, names),
        "newest": reversed(rows.numbers),
    }
    written = []
    for walk, order in walks.items():
        places = (rows.place(number) for number in order)
        placed = ((rows.numbers[place], rows.columns[place]) for place in places if place is not None)
        marks, before = marked(placed, len(rows.numbers), len(rows.facets))
        written.append(Bookmarks(dataset=dataset, walk=walk, rows=marks, facets=list(rows.facets), before=before))
    marks, before = marked(((number, 0) for number in names), len(names), 1)
    written.append(Bookmarks(dataset=dataset, walk=PERSONS, rows=marks, before=before))
    return names_stored(names, _first(rows, by_key, pairs=True), _first(rows, by_key, pairs=False)), written


def _read(dataset: Dataset) -> _Rows:
    rows = _Rows()
    found = Image.objects.filter(dataset=dataset).order_by("pk").values_list("pk", "subject", *PROPERTIES)
    for number, subject, *values in found.iterator(chunk_size=CHUNK):
        rows.numbers.append(number)
        rows.subjects.append(subject)
        rows.columns.append(rows.facets.setdefault(tuple(values), len(rows.facets)))
    return rows


def _by_person(dataset: Dataset, names: Iterable[int]) -> Iterator[int]:
    """Numbers of the pictures by person, in the order of the names, each person's by key."""
    numbers = array("q")
    spans: dict[int, tuple[int, int]] = {}
    found = Image.objects.filter(dataset=dataset).order_by("subject_id", "key").values_list("subject", "pk")
    for subject, number in found.iterator(chunk_size=CHUNK):
        begin, _end = spans.get(subject, (len(numbers), 0))
        numbers.append(number)
        spans[subject] = begin, len(numbers)
    for subject in names:
        begin, end = spans.get(subject, (0, 0))
        yield from numbers[begin:end]


def _first(rows: _Rows, by_key: Iterable[int], *, pairs: bool) -> list[int]:
    """The persons in the order of their first picture by key; among `pairs`, of the first that stands for its pair."""
    counted = [bool(facet[LEAD]) or not pairs for facet in rows.facets]
    found: dict[int, None] = {}
    for number in by_key:
        place = rows.place(number)
        if place is not None and counted[rows.columns[place]]:
            found.setdefault(rows.subjects[place])
    return list(found)


def marked(placed: Iterable[tuple[int, int]], total: int, width: int) -> tuple[bytes, bytes]:
    """(rows, before) of a Bookmarks row from each row's number and the facet it belongs to, in order."""
    step = max(STEP, -(-total // MOST))
    rows, before, sums = array("q"), array("I"), array("I", bytes(4 * width))
    for place, (number, column) in enumerate(placed):
        if place % step == 0:
            rows.append(number)
            before.extend(sums)
        sums[column] += 1
    before.extend(sums)
    return _little(rows), _little(before)


def _little(found: array) -> bytes:
    if sys.byteorder == "big":
        found = found[:]
        found.byteswap()
    return found.tobytes()
