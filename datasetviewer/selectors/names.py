"""Looking for persons by a part of their name."""

from __future__ import annotations

from collections.abc import Iterable

from ..models import Dataset, PersonNames, Subject

END = b"\0"
NUMBER = 8  # bytes


def folded(name: str) -> bytes:
    """The name as it is searched: without regard to upper and lower case."""
    return name.casefold().replace("\0", "\ufffd").encode()


def packed(rows: Iterable[tuple[int, str]]) -> tuple[bytes, bytes]:
    """(names, subjects) of a PersonNames row from each person's number and name."""
    names, subjects = [], []
    for number, name in rows:
        names.append(folded(name))
        subjects.append(number.to_bytes(NUMBER, "little"))
    return b"".join(name + END for name in names), b"".join(subjects)


def persons_named(dataset: Dataset | int, part: str, most: int) -> list[int] | None:
    """Numbers of the persons whose name has this part anywhere, upper and lower case alike; None for more than `most`.

    Found in the names that the last count wrote, and the few rows are looked at again, so that the database decides
    what is alike. A dataset that was not counted yet has each of its names looked at.
    """
    persons = Subject.objects.filter(dataset=dataset, name__icontains=part).order_by()
    stored = _stored(dataset)
    if stored is not None:
        numbers = _numbers(*stored, part, most)
        if numbers is None:
            return None
        persons = persons.filter(pk__in=numbers)
    found = list(persons.values_list("pk", flat=True)[: most + 1])
    return found if len(found) <= most else None


def persons_perhaps_named(dataset: Dataset | int, part: str, most: int) -> list[int] | None:
    """As `persons_named`, without looking at the rows: all that it would find, and perhaps some more.

    None also where the dataset was not counted yet.
    """
    stored = _stored(dataset)
    return None if stored is None else _numbers(*stored, part, most)


def _stored(dataset: Dataset | int) -> tuple[bytes, bytes] | None:
    row = PersonNames.objects.filter(dataset=dataset).values_list("names", "subjects").first()
    return None if row is None else (bytes(row[0]), bytes(row[1]))


def _numbers(names: bytes, subjects: bytes, part: str, most: int) -> list[int] | None:
    places = _places(names, folded(part), most)
    if places is None:
        return None
    return [int.from_bytes(subjects[NUMBER * place : NUMBER * (place + 1)], "little") for place in places]


def _places(names: bytes, part: bytes, most: int) -> list[int] | None:
    """Which of the names have the part, counted from 0; None for more than `most`."""
    places: list[int] = []
    place = counted = 0
    at = names.find(part)
    while at >= 0:
        if len(places) == most:
            return None
        place += names.count(END, counted, at)
        places.append(place)
        counted = names.find(END, at)
        at = names.find(part, counted)
    return places
