"""Judging a list of points without pictures: what the five-point part of the filter keeps of it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workers.engine.errors import InputError
from workers.engine.filtering import SIDE_FACE, TOO_FAR, check_r, judge, require_five
from workers.engine.geometry import FIVE, Template

# The table's columns for each point, in the order of FIVE.
COLUMNS = tuple(
    f"{name}_{axis}" for name in ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right") for axis in "xy"
)
KINDS = {"C": "caricatures", "P": "photos"}


def landmark_list_judge(*, path: Path, template: Template, rs: Sequence[float]) -> dict[str, Any]:
    """Counts for a tab-separated table with the columns person, file and x, y of five points.

    Of the rule's order tests five points can say only those between eyes, nose and mouth corners, so more is kept than
    17 points would. Files that begin with C are caricatures, with P photos (WebCaricature).
    Returns {"images", "persons", "structure": {reason: n}, "rows": [{"r", "kept", "caricatures", "photos", "too_far",
    "persons"}]}.
    """
    require_five(template)
    for r in rs:
        check_r(r)
    deviations: list[tuple[str, str, float | None]] = []
    structure: Counter[str] = Counter()
    tests: Counter[str] = Counter()
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            table = csv.DictReader(lines, delimiter="\t")
            missing = [name for name in ("person", "file", *COLUMNS) if name not in (table.fieldnames or ())]
            if missing:
                raise InputError(f"{path} has no column {missing[0]}; it needs person, file and {', '.join(COLUMNS)}.")
            for row in table:
                points = _points(path, table.line_num, row)
                kind = KINDS.get(row["file"][:1], "others")
                try:
                    found = judge(points, template)
                except InputError:  # all points in one place
                    structure["no_transform"] += 1
                    deviations.append((row["person"], kind, None))
                    continue
                if found.structure:
                    structure[found.structure] += 1
                    if found.structure == SIDE_FACE:
                        tests[" before ".join(found.detail)] += 1
                deviations.append((row["person"], kind, None if found.structure else found.deviation))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read as a tab-separated table in UTF-8: {error}.") from error
    totals = Counter(kind for _person, kind, _deviation in deviations)
    return {
        "template": template.name,
        "images": len(deviations),
        "by_kind": dict(totals),
        "persons": len({person for person, *_rest in deviations}),
        "structure": dict(structure),
        "tests": dict(tests.most_common()),
        "rows": [_row(deviations, r) for r in rs],
    }


def _row(deviations: list[tuple[str, str, float | None]], r: float) -> dict[str, Any]:
    kept = [(person, kind) for person, kind, deviation in deviations if deviation is not None and deviation <= r]
    return {
        "r": r,
        "kept": len(kept),
        "by_kind": dict(Counter(kind for _person, kind in kept)),
        TOO_FAR: sum(deviation is not None and deviation > r for *_rest, deviation in deviations),
        "persons": len({person for person, _kind in kept}),
    }


def _points(path: Path, line: int, row: dict[str, str]) -> list[list[float]]:
    try:
        numbers = [float(row[name]) for name in COLUMNS]
    except (TypeError, ValueError):
        numbers = []
    # The comparison also refuses infinity and "nan", which float() takes.
    if len(numbers) != 2 * len(FIVE) or not all(abs(number) < 1e6 for number in numbers):
        raise InputError(f"Line {line} of {path} must have a number in each of {', '.join(COLUMNS)}.")
    return [list(pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]
