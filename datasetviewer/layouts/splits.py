"""Reading a split file: a CSV table with a header that says which picture or person belongs to which split."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workers.engine.errors import InputError

from .records import SPLITS, ImageRecord, Problem, ProtocolList

OTHER_WORDS = {"training": "train", "testing": "test", "val": "validation", "valid": "validation", "": ""}


@dataclass(frozen=True)
class SplitRow:
    """One line of a split file: its number, its cells by column name, and the split it names ("" for none)."""

    line: int
    cells: dict[str, str]
    split: str


def read_split_file(path: Path, *, columns: Sequence[str]) -> list[SplitRow]:
    """The rows of a split file. It must have the given columns and "split"; others are kept and ignored.

    InputError when the file cannot be read, lacks a column or names an unknown split (with the line number).
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            header = [name.strip().casefold() for name in reader.fieldnames or []]
            missing = [name for name in (*columns, "split") if name not in header]
            if missing:
                raise InputError(
                    f"The split file {path} has no column {', '.join(missing)}. "
                    f"Its first line must name the columns {', '.join((*columns, 'split'))}."
                )
            return [_row(path, reader.line_num, header, list(cells.values())) for cells in reader]
    except FileNotFoundError:
        raise InputError(f"There is no split file {path}.") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"The split file {path} cannot be read as a CSV table in UTF-8: {error}.") from error


def _row(path: Path, line: int, header: list[str], values: list[str | list[str] | None]) -> SplitRow:
    # DictReader puts surplus cells into a list under None and fills missing ones with None.
    cells = {name: (value or "").strip() for name, value in zip(header, values, strict=False) if isinstance(value, str)}
    word = cells.get("split", "").casefold()
    split = word if word in SPLITS else OTHER_WORDS.get(word)
    if split is None:
        raise InputError(f"Line {line} of {path} names the split {word!r}. Known splits: {', '.join(SPLITS)}.")
    return SplitRow(line, cells, split)


def split_of_records(entries: Iterable[ImageRecord | Problem], *, source: str) -> Iterator[ProtocolList]:
    """The split that the pictures of a folder carry, as a list of pictures by key; nothing when none carries one."""
    rows = tuple((entry.split, entry.key) for entry in entries if isinstance(entry, ImageRecord) and entry.split)
    if rows:
        yield ProtocolList(
            name="own-split",
            kind="split",
            unit="image",
            title="Split of the imported folder",
            rows=rows,
            source=source,
            applies=True,
        )
