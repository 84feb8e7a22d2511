"""Numbers as a table for a paper: mean and spread over seeds, CSV, and LaTeX in the booktabs manner."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

# What LaTeX would take for markup. The backslash stands first because the others bring new ones.
_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "±": r"$\pm$", "↓": r"$\downarrow$", "↑": r"$\uparrow$", "–": "--",
    "∞": r"$_\infty$",
}  # fmt: skip


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation (n - 1 in the denominator) of `n` values; the deviation of one value is None."""

    mean: float
    deviation: float | None
    n: int

    @property
    def text(self) -> str:
        """ "12.3 ± 0.4", with the digits that the deviation leaves meaning to; plain for a single value."""
        if self.deviation is None:
            return f"{self.mean:.4g}"
        digits = _digits(self.deviation)
        return f"{self.mean:.{digits}f} ± {self.deviation:.{digits}f}"


def spread(values: Sequence[float]) -> Spread | None:
    """Of the values; None of none."""
    if not values:
        return None
    mean = math.fsum(values) / len(values)
    if len(values) == 1:
        return Spread(mean, None, 1)
    return Spread(mean, math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)), len(values))


def _digits(deviation: float) -> int:
    """Decimals that show two digits of the deviation, at most 6."""
    return 0 if deviation >= 10 else min(6, 1 - math.floor(math.log10(deviation))) if deviation > 0 else 3


@dataclass(frozen=True)
class Column:
    """A column: words, or numbers of which the best is set in bold.

    `lower_is_better` None makes it words. `group` names a protocol: only numbers of one group are held against each
    other, so a column of several protocols gets one bold number each.
    """

    title: str
    lower_is_better: bool | None = None


@dataclass(frozen=True)
class Cell:
    """What is written, and the number behind it with the protocol it was measured by."""

    text: str
    value: float | None = None
    protocol: str = ""


Row = Sequence[Cell]


def best_cells(columns: Sequence[Column], rows: Sequence[Row]) -> set[tuple[int, int]]:
    """(row, column) of the best number of each protocol in each column, where there are two or more to choose from."""
    best: set[tuple[int, int]] = set()
    for place, column in enumerate(columns):
        if column.lower_is_better is None:
            continue
        by_protocol: dict[str, list[tuple[float, int]]] = {}
        for number, row in enumerate(rows):
            if (value := row[place].value) is not None:
                by_protocol.setdefault(row[place].protocol, []).append((value, number))
        for found in by_protocol.values():
            values = [value for value, _ in found]
            if len(values) > 1:
                wanted = min(values) if column.lower_is_better else max(values)
                best |= {(number, place) for value, number in found if value == wanted}
    return best


def escaped(text: str) -> str:
    """The text as LaTeX sets it."""
    return "".join(_ESCAPES.get(letter, letter) for letter in " ".join(text.split()))


def latex(columns: Sequence[Column], rows: Sequence[Row], *, caption: str, notes: Sequence[str] = ()) -> str:
    """A `table` with the rules of booktabs; arrows say which way is better, the best of each protocol is bold.

    Needs `\\usepackage{booktabs}`. `notes` become comments above it.
    """
    best = best_cells(columns, rows)
    arrows = {True: r" $\downarrow$", False: r" $\uparrow$", None: ""}
    head = " & ".join(escaped(column.title) + arrows[column.lower_is_better] for column in columns)
    body = []
    for number, row in enumerate(rows):
        cells = [escaped(cell.text) or "--" for cell in row]
        body.append(
            " & ".join(rf"\textbf{{{text}}}" if (number, place) in best else text for place, text in enumerate(cells))
        )
    lines = [
        *(f"% {' '.join(note.split())}" for note in ("needs \\usepackage{booktabs}", *notes)),
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{escaped(caption)}}}",
        rf"  \begin{{tabular}}{{{''.join('l' if column.lower_is_better is None else 'r' for column in columns)}}}",
        r"    \toprule",
        rf"    {head} \\",
        r"    \midrule",
        *(rf"    {row} \\" for row in body),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def comma_separated(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A header line and the rows. Spreadsheets run a text that begins like a formula, so such a text gets a quote."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([_cell(title) for title in titles])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return stream.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
