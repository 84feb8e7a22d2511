"""The demo dataset, drawn by code (datasetviewer.drawing.demo writes it).

    <root>/{photos,sketches,caricatures}/person-01.png     landmarks.csv     split.csv

split.csv     subject,split,photo,sketch,caricature    the pictures as paths below the root; written last
landmarks.csv picture,x1,y1,...,x17,y17                in pixels, the 17 points in WebCaricature's order
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from workers.engine.errors import InputError

from .listing import require_folder
from .records import CARICATURE, PHOTO, SKETCH, ImageRecord, Point, Problem, ProtocolList
from .splits import SplitRow, read_split_file, split_of_records

TITLE = "Demo faces (drawn by code)"
TERMS = "Drawn by this program. The persons do not exist, and anybody may use the pictures for anything."
CITATION = ""
OFFICIAL_COUNTS: dict[str, int] = {}
ROOT_FOLDERS = ("photos", "sketches", "caricatures")

SPLIT_FILE, LANDMARKS_FILE = "split.csv", "landmarks.csv"
LANDMARK_COUNT = 17
MODALITIES = (PHOTO, SKETCH, CARICATURE)


def read(root: Path, *, split_file: Path | None = None) -> Iterator[ImageRecord | Problem]:
    """All pictures by person, photo before sketch before caricature; see datasetviewer.layouts.

    `split_file` replaces the split alone and needs the columns subject and split; persons it leaves out have none.
    """
    require_folder(root)
    own = root / SPLIT_FILE
    if not own.is_file():
        raise InputError(f"{root} has no {SPLIT_FILE}: it is no demo dataset, or its drawing was not finished.")
    rows = read_split_file(own, columns=("subject", *MODALITIES))
    splits = {row.cells["subject"]: row.split for row in rows}
    if split_file is not None:
        given = read_split_file(split_file, columns=("subject",))
        splits = {row.cells["subject"]: row.split for row in given}
    landmarks = _read_landmarks(root / LANDMARKS_FILE) if (root / LANDMARKS_FILE).is_file() else {}
    if not landmarks:
        yield Problem(LANDMARKS_FILE, "is missing or empty; the pictures come in without landmarks.", skipped=False)
    for row in rows:
        yield from _records(root, row, splits.get(row.cells["subject"], ""), landmarks)


def protocols(root: Path, *, split_file: Path | None = None) -> Iterator[ProtocolList | Problem]:
    """The split of the drawing."""
    yield from split_of_records(read(root, split_file=split_file), source=(split_file or root / SPLIT_FILE).name)


def _records(
    root: Path, row: SplitRow, split: str, landmarks: dict[str, tuple[Point, ...]]
) -> Iterator[ImageRecord | Problem]:
    """The pictures of one person; all belong to the pair that its photo begins."""
    subject = row.cells["subject"]
    there: dict[str, str] = {}
    for modality in MODALITIES:
        key = row.cells.get(modality, "")
        parts = Path(key).parts
        if not key or Path(key).is_absolute() or ".." in parts:
            yield Problem(SPLIT_FILE, f"names no usable {modality} for {subject!r} in line {row.line}.")
        elif not (root / key).is_file():
            yield Problem(key, "is named in split.csv but is not there.")
        else:
            there[modality] = key
    pair = subject if PHOTO in there and len(there) > 1 else None
    for modality, key in there.items():
        yield ImageRecord(
            key=key,
            subject=subject,
            modality=modality,
            pair=pair,
            split=split,
            source="",
            path=root / key,
            landmarks=landmarks.get(key),
        )


def _read_landmarks(path: Path) -> dict[str, tuple[Point, ...]]:
    """Points by picture. InputError names the line that is not a picture and 34 numbers."""
    found: dict[str, tuple[Point, ...]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines)
            next(reader, None)
            for cells in reader:
                if not cells:
                    continue
                found[cells[0]] = _points(path, reader.line_num, cells[1:])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"The landmark file {path} cannot be read as a CSV table in UTF-8: {error}.") from error
    return found


def _points(path: Path, line: int, cells: list[str]) -> tuple[Point, ...]:
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError:
        numbers = []
    # The comparison also refuses infinity and "nan", which float() takes.
    if len(numbers) != 2 * LANDMARK_COUNT or not all(abs(number) < 1e6 for number in numbers):
        raise InputError(f"Line {line} of {path} must be a picture's path and {2 * LANDMARK_COUNT} numbers.")
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))
