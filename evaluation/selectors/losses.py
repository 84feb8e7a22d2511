"""The losses of a training run, thinned to what a chart can show."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluation.models import TrainingRun

MOST_POINTS = 2000
NOT_LOSSES = {"step", "epoch", "time", "seconds", "images_per_second", "learning_rate", "lr"}


@dataclass(frozen=True)
class Losses:
    """Losses by name, one value a point, null where it was not finite; each point is the mean of `stride` lines.

    `step` and `epoch` are those of the last line of each point.
    """

    step: list[int] = field(default_factory=list)
    epoch: list[float] = field(default_factory=list)
    losses: dict[str, list[float | None]] = field(default_factory=dict)
    stride: int = 1


def losses_of(run: TrainingRun, *, after: int = -1, most: int = MOST_POINTS) -> Losses:
    """What was written to losses.jsonl after that step, in at most `most` points. Empty before there is any."""
    return thinned([row for row in rows_of(run.folder / "losses.jsonl") if row["step"] > after], most)


def rows_of(file: Path) -> list[dict[str, Any]]:
    """The lines in order of their steps. A line that is just being written is left out.

    After a resumed run came back to an earlier step, what it wrote then is what counts.
    """
    try:
        lines = file.read_bytes().splitlines()
    except OSError:
        return []
    rows: list[dict[str, Any]] = []
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if not isinstance(row, dict) or not isinstance(row.get("step"), int):
            continue
        while rows and rows[-1]["step"] >= row["step"]:
            rows.pop()
        rows.append({"step": row["step"], "epoch": row.get("epoch", 0), "losses": _numbers(row)})
    return rows


def _numbers(row: dict[str, Any]) -> dict[str, float]:
    found = row.get("losses") if isinstance(row.get("losses"), dict) else row
    assert found is not None
    return {
        name: float(value)
        for name, value in found.items()
        if name not in NOT_LOSSES and isinstance(value, int | float) and not isinstance(value, bool)
    }


def thinned(rows: list[dict[str, Any]], most: int) -> Losses:
    """Means over runs of `stride` neighbouring rows; one stride for all but the last point, which may hold fewer."""
    if not rows:
        return Losses()
    stride = math.ceil(len(rows) / most)
    names = list(dict.fromkeys(name for row in rows for name in row["losses"]))
    found = Losses(losses={name: [] for name in names}, stride=stride)
    for begin in range(0, len(rows), stride):
        part = rows[begin : begin + stride]
        found.step.append(part[-1]["step"])
        found.epoch.append(part[-1]["epoch"])
        for name in names:
            values = [row["losses"][name] for row in part if name in row["losses"]]
            mean = sum(values) / len(values) if values else math.nan
            found.losses[name].append(mean if math.isfinite(mean) else None)
    return found
