"""What comes before and after a picture in one of the grid's orders, as conditions for the database."""

from __future__ import annotations

from django.db.models import Q

from ..models import Image


def beyond(anchor: Image, order: tuple[str, ...], *, forward: bool, inclusive: bool = False) -> Q:
    """Rows that come after (or before) the anchor: the lexicographic comparison of the order's fields.

    The first field is also bounded by itself, so that the database can start at the anchor instead of at the beginning.

    inclusive  the anchor too
    """
    found, equal, bound = Q(), Q(), Q()
    for place, field in enumerate(order):
        name, descending = field.removeprefix("-"), field.startswith("-")
        value = anchor.subject.name if name == "subject__name" else getattr(anchor, name)
        side = "gt" if forward != descending else "lt"
        if place == 0 and len(order) > 1:
            bound = Q(**{f"{name}__{side}e": value})
        last = "e" if inclusive and place == len(order) - 1 else ""
        found |= equal & Q(**{f"{name}__{side}{last}": value})
        equal &= Q(**{name: value})
    return bound & found
