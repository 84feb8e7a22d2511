"""The sensitivity table as a small line chart: coordinates for SVG, drawn without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .models import Modality

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 14, 32


@dataclass(frozen=True)
class Line:
    """One curve: name for the legend, style class, "x,y x,y ..." and its single points with their text."""

    label: str
    style: str
    path: str
    dots: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Chart:
    width: int
    height: int
    left: int
    right: int
    bottom: int
    lines: tuple[Line, ...]
    x_ticks: tuple[tuple[str, str], ...]
    y_ticks: tuple[tuple[str, str], ...]


def chart_of(report: dict[str, Any]) -> Chart | None:
    """Per cent kept of each modality, and per cent lost of pairs and protocol entries, over r."""
    table = report.get("table") or []
    if not table:
        return None
    low, high = table[0]["r"], table[-1]["r"]

    def x_of(r: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (r - low) / ((high - low) or 1)

    def y_of(percent: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - percent / 100)

    def line(label: str, style: str, values: list[int], total: int) -> Line:
        places = [
            (f"{x_of(row['r']):.1f}", f"{y_of(100 * n / total):.1f}", f"{label}, r = {row['r']:.2f}: {n} / {total}")
            for row, n in zip(table, values, strict=True)
        ]
        return Line(label, style, " ".join(f"{x},{y}" for x, y, _text in places), tuple(places))

    lines = []
    for modality, total in report.get("by_modality", {}).items():
        kept = [row["by_modality"].get(modality, 0) for row in table]
        label = _("kept: %(modality)s") % {"modality": Modality(modality).label}
        lines.append(line(label, f"line-{modality}", kept, total))
    if report.get("pairs"):
        lines.append(line(_("pairs lost"), "line-lost", [row["lost_pairs"] for row in table], report["pairs"]))
    entries = sum(report.get("protocols", {}).values())
    if entries:
        lost = [sum(row["lost_entries"].values()) for row in table]
        lines.append(line(_("protocol entries lost"), "line-entries", lost, entries))
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        bottom=HEIGHT - BOTTOM,
        lines=tuple(lines),
        x_ticks=tuple((f"{x_of(row['r']):.1f}", f"{row['r']:.2f}") for row in table),
        y_ticks=tuple((f"{y_of(percent):.1f}", f"{percent} %") for percent in (0, 25, 50, 75, 100)),
    )
