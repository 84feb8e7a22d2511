"""Which numbers of a column are set in bold and which are underlined."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Mark(StrEnum):
    NONE = ""
    BEST = "best"
    SECOND = "second"


FEWEST_FOR_SECOND = 3  # of two numbers the second is the worst


def marks_of(cells: Sequence[tuple[str, str]], *, lower_is_better: bool) -> list[Mark]:
    """The mark of each (number as it is written, its protocol). Numbers of different protocols are never held against
    each other: each protocol with two numbers or more has a best of its own.

    Numbers that are written alike share their place, for a reader cannot tell them apart.
    """
    marks = [Mark.NONE] * len(cells)
    by_protocol: dict[str, list[int]] = {}
    for place, (_text, protocol) in enumerate(cells):
        by_protocol.setdefault(protocol, []).append(place)
    for places in by_protocol.values():
        if len(places) < 2:
            continue
        values = sorted({float(cells[place][0]) for place in places}, reverse=not lower_is_better)
        second = values[1] if len(values) > 1 and len(places) >= FEWEST_FOR_SECOND else None
        for place in places:
            value = float(cells[place][0])
            if value == values[0]:
                marks[place] = Mark.BEST
            elif value == second:
                marks[place] = Mark.SECOND
    return marks
