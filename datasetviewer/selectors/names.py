"""Looking for persons by a part of their name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q

from ..models import Dataset, PersonNames, Subject

END = b"\0"
NUMBER = 8  # bytes
# Up to as many persons a search is answered through their numbers, and its pictures are counted to the last one. Of a
# search that finds more of them nobody counts further than this.
FOUND = 500


# Names of so many datasets are kept by a process: 14 bytes and the name's length for each person.
KEPT = 16


@dataclass(frozen=True)
class Found:
    """Persons with a part in the name.

    numbers  of all of them; where there are `more` than FOUND, of FOUND + 1
    first    where there are more: these are the ones whose pictures come first, by dataset and key
    exact    the database would say the same of each of them; else, where there are more, it may not find some
    """

    part: str
    numbers: list[int]
    more: bool
    first: bool = False
    exact: bool = False


@dataclass(frozen=True)
class Names:
    """What is kept of a PersonNames row: `plain` says that upper and lower case are no question of the language."""

    names: bytes
    subjects: bytes
    plain: bool


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


def names_stored(names: Mapping[int, str], pairs: Sequence[int], singles: Sequence[int]) -> dict[str, Any]:
    """The columns of a PersonNames row.

    names           by the person's number
    pairs, singles  the persons in the order of their first pair and their first picture; the others come last
    """
    columns = []
    for order in (pairs, singles):
        known = dict.fromkeys(order)
        numbers = [*known, *(number for number in sorted(names) if number not in known)]
        columns.append(packed((number, names[number]) for number in numbers if number in names))
    same = columns[0] == columns[1]
    return {
        "names": columns[0][0],
        "subjects": columns[0][1],
        "single_names": b"" if same else columns[1][0],
        "single_subjects": b"" if same else columns[1][1],
        "version": uuid4(),
    }


def find_persons(datasets: Dataset | int | Iterable[int], part: str, *, single: bool = False) -> Found:
    """The persons whose name has this part anywhere, upper and lower case alike.

    Found in the names that the last count wrote. Where they are not plain ASCII the few rows are looked at again, so that
    the database decides what is alike. A dataset that was not counted yet has each of its names looked at.

    single  among more than FOUND, those whose single pictures come first, instead of those whose pairs do
    """
    if isinstance(datasets, Dataset):
        datasets = (datasets.pk,)
    elif isinstance(datasets, int):
        datasets = (datasets,)
    uncounted = set(datasets)
    numbers: list[int] = []
    plain = True
    stored = PersonNames.objects.filter(dataset__in=uncounted).order_by("dataset").values_list("dataset", "version")
    for dataset, version in stored:
        names = _names(dataset, version, single)
        if names is None:  # another process has just written it anew
            continue
        uncounted.discard(dataset)
        plain = plain and names.plain
        numbers += _numbers(names, part, FOUND + 1 - len(numbers))
        if len(numbers) > FOUND:
            return Found(part, numbers, more=True, first=not uncounted or min(uncounted) > dataset, exact=plain)
    if plain and not uncounted:
        return Found(part, numbers, more=False, exact=True)
    among = Q(pk__in=numbers) | Q(dataset__in=uncounted) if uncounted else Q(pk__in=numbers)
    persons = Subject.objects.filter(among, name__icontains=part).order_by()
    found = list(persons.values_list("pk", flat=True)[: FOUND + 1])
    return Found(part, found, more=len(found) > FOUND, exact=True)


@lru_cache(maxsize=KEPT)
def _names(dataset: int, version: UUID, single: bool) -> Names | None:
    """The names of a dataset in the order of its single pictures or its pairs; None when there is another version."""
    columns = ("single_names", "single_subjects") if single else ("names", "subjects")
    stored = PersonNames.objects.filter(dataset=dataset, version=version)
    row = stored.values_list(*columns).first()
    if row is None:
        return None
    if single and not row[1]:
        return _names(dataset, version, False)
    names = bytes(row[0])
    return Names(names, bytes(row[1]), names.isascii())


def _numbers(names: Names, part: str, most: int) -> list[int]:
    """Numbers of the persons whose stored name has the part, in the stored order; no more than `most`."""
    return [
        int.from_bytes(names.subjects[NUMBER * place : NUMBER * (place + 1)], "little")
        for place in _places(names.names, folded(part), most)
    ]


def _places(names: bytes, part: bytes, most: int) -> list[int]:
    """Which of the names have the part, counted from 0; the first `most` of them."""
    places: list[int] = []
    place = counted = 0
    at = names.find(part)
    while at >= 0 and len(places) < most:
        place += names.count(END, counted, at)
        places.append(place)
        counted = names.find(END, at)
        at = names.find(part, counted)
    return places
