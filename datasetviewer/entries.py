"""The entries of a protocol as plain rows: their columns, their canonical text and digest, what a dataset can serve.

A picture is named by its key, or by the end of it without the file's ending (`Person Name/C00001`); case and underscores
for spaces do not matter. `Person/*` stands for all pictures of a person. So the same list serves the official folder, a
copy with other endings, and an aligned dataset made from either.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workers.engine.errors import InputError

Row = tuple[str, ...]

# (kind, unit) -> columns. "part" is a split's name, a fold's number, or dev.
COLUMNS: dict[tuple[str, str], tuple[str, ...]] = {
    ("split", "image"): ("split", "name"),
    ("split", "pair"): ("split", "name"),
    ("split", "subject"): ("split", "name"),
    ("verification", "image"): ("part", "first", "second", "same"),
    ("verification", "subject"): ("part", "name", "caricatures", "photos"),
    ("identification", "image"): ("part", "role", "name"),
    ("list", "image"): ("name",),
    ("list", "pair"): ("name",),
    ("list", "subject"): ("name",),
}
ROLES = ("train", "gallery", "probe")
SPLITS = ("train", "test", "validation")
MAX_ENTRIES = 2_000_000
LONGEST_FIELD = 300

_ENDING = re.compile(r"\.[a-z0-9]{1,5}$")


def columns_of(kind: str, unit: str) -> tuple[str, ...]:
    """The columns of such a list; InputError where kind and unit do not go together."""
    try:
        return COLUMNS[kind, unit]
    except KeyError:
        units = ", ".join(known for known_kind, known in COLUMNS if known_kind == kind)
        if not units:
            kinds = ", ".join(dict.fromkeys(known for known, _unit in COLUMNS))
            raise InputError(f"There is no kind of list {kind!r}. Known: {kinds}.") from None
        raise InputError(f"A {kind} list cannot name {unit!r}; it names one of {units}.") from None


def part_of(kind: str, row: Row) -> str:
    """Which part of the list an entry belongs to: the split, the fold, or fold and role."""
    if kind == "list":
        return "all"
    return f"{row[0]} {row[1]}" if kind == "identification" else row[0]


def parts_of(kind: str, rows: Iterable[Row]) -> dict[str, int]:
    """Part -> number of entries, in the order of their first appearance."""
    return dict(Counter(part_of(kind, row) for row in rows))


def to_csv(kind: str, unit: str, rows: Iterable[Row]) -> str:
    """The canonical text: a header and one line an entry, fields quoted where needed, "\\n" at the end of each line."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns_of(kind, unit))
    writer.writerows(rows)
    return stream.getvalue()


def digest_of(kind: str, unit: str, rows: Iterable[Row]) -> tuple[str, bytes]:
    """(SHA-256 of kind, unit and the canonical text; the gzipped text)."""
    text = to_csv(kind, unit, rows)
    digest = hashlib.sha256(f"{kind}\n{unit}\n{text}".encode()).hexdigest()
    return digest, gzip.compress(text.encode(), compresslevel=6, mtime=0)


def unpack(content: bytes) -> Iterator[Row]:
    """The rows of a stored body, in order."""
    with gzip.open(io.BytesIO(content), "rt", encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        next(reader, None)
        for cells in reader:
            yield tuple(cells)


def plain_name(name: str) -> str:
    """A name as it is compared: lower case, spaces for underscores, forward slashes, without a file's ending."""
    text = " ".join(name.replace("\\", "/").replace("_", " ").casefold().split())
    return _ENDING.sub("", text)


@dataclass
class Holdings:
    """What a dataset has, to be asked by name. Build it with `add`; what is ambiguous stands for nothing."""

    images: dict[str, int | None] = field(default_factory=dict)
    pairs: dict[str, int] = field(default_factory=dict)
    subjects: dict[str, int] = field(default_factory=dict)
    modalities: dict[str, Counter[str]] = field(default_factory=dict)  # by person
    persons: dict[int, str] = field(default_factory=dict)  # picture -> person, plain

    def add_image(self, number: int, key: str, subject: str, modality: str) -> None:
        plain = plain_name(key)
        parts = plain.split("/")
        self.images[plain] = number
        # The ends of the path, from two parts on: "original images/anna/c00001" is also "anna/c00001".
        for start in range(1, len(parts)):
            end = "/".join(parts[start:])
            self.images[end] = None if end in self.images and self.images[end] != number else number
        person = person_key(subject)
        self.persons[number] = person
        self.modalities.setdefault(person, Counter())[modality] += 1

    def image(self, name: str) -> int | None:
        """The picture meant by a name; None when there is none, or several."""
        found = self.images.get(plain_name(name))
        return found if found is not None else self.images.get(person_key(name))

    def subject(self, name: str) -> int | None:
        return self.subjects.get(person_key(name))

    def pair(self, name: str) -> int | None:
        return self.pairs.get(person_key(name))

    def serves(self, kind: str, unit: str, row: Row) -> bool:
        """Whether everything the entry needs is there."""
        if kind == "verification" and unit == "image":
            return self.image(row[1]) is not None and self.image(row[2]) is not None
        if kind == "verification":
            there = self.modalities.get(person_key(row[1]), Counter())
            return there["caricature"] >= int(row[2]) and there["photo"] >= int(row[3])
        name = row[-1]
        if unit == "image":
            return person_key(name[:-2]) in self.modalities if name.endswith("/*") else self.image(name) is not None
        if unit == "pair":
            return self.pair(name) is not None
        return person_key(name) in self.modalities


def person_key(name: str) -> str:
    """The name of a person or a pair as it is compared. Nothing is cut off: "Dr. Phil" has no ending."""
    return plain_name(f"{name}.x")


@dataclass(frozen=True)
class PartCoverage:
    """One part of a list against a dataset: entries of the list, those that can be served, those of the published list."""

    part: str
    entries: int
    served: int
    official: int | None = None

    @property
    def missing(self) -> int:
        return self.entries - self.served

    @property
    def percent(self) -> float:
        return 100 * self.served / self.entries if self.entries else 0.0


def in_part_order(parts: Iterable[str]) -> list[str]:
    """Train, validation, test; others keep their order (PostgreSQL returns the keys of a JSON object in one of its own)."""
    order = {"train": 0, "validation": 1, "test": 2}
    return sorted(parts, key=lambda part: order.get(part, 3))


def coverage_of(
    kind: str, unit: str, rows: Iterable[Row], holdings: Holdings, official: Mapping[str, int] | None = None
) -> list[PartCoverage]:
    """Coverage by part: train, validation, test; other parts in the order of the list."""
    entries: Counter[str] = Counter()
    served: Counter[str] = Counter()
    for row in rows:
        part = part_of(kind, row)
        entries[part] += 1
        served[part] += holdings.serves(kind, unit, row)
    return [
        PartCoverage(part, entries[part], served[part], (official or {}).get(part)) for part in in_part_order(entries)
    ]


def read_list(text: str, *, kind: str, unit: str, where: str) -> list[Row]:
    """The rows of a CSV list that somebody wrote, checked; InputError names the line. `where` names the file."""
    columns = columns_of(kind, unit)
    wanted = f"Its first line must name the columns {', '.join(columns)}."
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=False)
        header = [cell.strip().casefold() for cell in next(reader, [])]
        missing = [name for name in columns if name not in header]
        if missing:
            raise InputError(f"The list {where} has no column {', '.join(missing)}. {wanted}")
        places = [header.index(name) for name in columns]
        rows: list[Row] = []
        seen: dict[Row, int] = {}
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            row = tuple(cells[place].strip() if place < len(cells) else "" for place in places)
            row = _checked(row, kind, columns, f"Line {reader.line_num} of {where}")
            identity = row[1:] if kind == "split" else row
            before = seen.setdefault(identity, reader.line_num)
            if before != reader.line_num:
                raise InputError(
                    f"Line {reader.line_num} of {where} names {identity[-1]!r} again, after line {before}."
                )
            rows.append(row)
            if len(rows) > MAX_ENTRIES:
                raise InputError(f"The list {where} has more than {MAX_ENTRIES:,} entries.")
    except csv.Error as error:
        raise InputError(f"The list {where} cannot be read as a CSV table: {error}.") from error
    if not rows:
        raise InputError(f"The list {where} has no entries below its first line.")
    return rows


def _checked(row: Row, kind: str, columns: Sequence[str], line: str) -> Row:
    for name, cell in zip(columns, row, strict=True):
        if not cell:
            raise InputError(f"{line} has nothing in the column {name}.")
        if len(cell) > LONGEST_FIELD or not cell.isprintable():
            raise InputError(f"{line} has an unusable {name}: at most {LONGEST_FIELD} printable characters.")
        if name == "split" and cell.casefold() not in SPLITS:
            raise InputError(f"{line} names the split {cell!r}. Known: {', '.join(SPLITS)}.")
        if name == "role" and cell.casefold() not in ROLES:
            raise InputError(f"{line} names the role {cell!r}. Known: {', '.join(ROLES)}.")
        if name == "same" and cell.casefold() not in ("0", "1", "true", "false", "yes", "no"):
            raise InputError(f"{line}: the column same must be 1 (same person) or 0, not {cell!r}.")
        if name in ("caricatures", "photos") and not (cell.isascii() and cell.isdigit() and len(cell) < 7):
            raise InputError(f"{line}: the column {name} must be a number, not {cell!r}.")
    if kind == "split":
        return (row[0].casefold(), *row[1:])
    if kind == "identification":
        return (row[0], row[1].casefold(), *row[2:])
    if "same" in columns:
        return (*row[:3], "1" if row[3].casefold() in ("1", "true", "yes") else "0")
    return row
