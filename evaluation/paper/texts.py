"""A paper table to take away: CSV for spreadsheets, LaTeX for a paper, Markdown for a page."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluation.paper.columns import PaperColumn
from evaluation.selectors.paper_tables import PaperCell, PaperRow, ShownTable
from workers.engine.study.tables import comma_separated, escaped

CSV_TITLES = (
    "method", "candidate", "metric", "extractor", "direction", "value", "low", "high", "n_reference", "n_candidate",
    "protocol", "mark", "weights", "state", "source", "evaluation",
    "deviation", "mean_of_best", "mean_of_best_deviation",
)  # fmt: skip
OF_DRAWS = ("nlda_deviation", "nlda_mean_of_best", "nlda_mean_of_best_deviation")
MARKDOWN_SPECIAL = "\\`*_{}[]<>#|~"


def table_csv(shown: ShownTable) -> str:
    """One line a number, with its interval, counts and protocol."""
    return comma_separated(CSV_TITLES, [_csv_row(shown, row, cell) for row in shown.rows for cell in row.cells])


def _csv_row(shown: ShownTable, row: PaperRow, cell: PaperCell) -> tuple[object, ...]:
    result, column = cell.result, cell.column
    numbers: tuple[object, ...] = (None, None, None, None, None, "")
    evaluation = cell.live or cell.failed
    if result is not None:
        numbers = (result.value, result.low, result.high, result.n_reference, result.n_candidate, result.protocol)
        evaluation = None
    return (
        row.name, str(row.spec), column.metric, column.extractor, column.entry.direction, *numbers, cell.mark.value,
        shown.weights.get(str(column), ""), _state(shown, cell), row.published.url if row.published else "",
        str(result.evaluation_id) if result else str(evaluation.pk) if evaluation else "",
        *((result.details.get(name) for name in OF_DRAWS) if result else (None,) * len(OF_DRAWS)),
    )  # fmt: skip


def _state(shown: ShownTable, cell: PaperCell) -> str:
    if cell.result is not None:
        return "measured"
    if cell.live is not None:
        return str(cell.live.job.state)
    if str(cell.column) in shown.missing:
        return "weights missing"
    return str(cell.failed.job.state) if cell.failed else "not measured"


def table_latex(shown: ShownTable) -> str:
    """A `table` with the rules of booktabs: best in bold, second underlined, within one protocol a column."""
    head = " & ".join(["Method", *(_latex_title(column) for column in shown.columns)])
    body = [
        " & ".join([escaped(row.name) + _latex_source(shown, row), *(_latex_cell(cell) for cell in row.cells)])
        for row in shown.rows
    ]
    lines = [
        r"% needs \usepackage{booktabs}",
        *(f"% {' '.join(note.split())}" for note in shown.missing.values()),
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{escaped(' '.join([caption(shown), *map(_sentence, notes(shown, missing=False))]))}}}",
        rf"  \begin{{tabular}}{{l{'r' * len(shown.columns)}}}",
        r"    \toprule",
        rf"    {head} \\",
        r"    \midrule",
        *(rf"    {row} \\" for row in body),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _latex_title(column: PaperColumn) -> str:
    arrow = r"$\downarrow$" if column.lower_is_better else r"$\uparrow$"
    return f"{escaped(column.title)} {arrow}"


def _latex_cell(cell: PaperCell) -> str:
    if not cell.text:
        return "--"
    text = f"${cell.text}$" if cell.text.startswith("-") else cell.text
    text = rf"\textbf{{{text}}}" if cell.best else rf"\underline{{{text}}}" if cell.second else text
    return text + (rf"$^{{{cell.letter}}}$" if cell.letter else "")


def _latex_source(shown: ShownTable, row: PaperRow) -> str:
    sources = [each for each in shown.rows if each.published]
    return rf"$^{{{sources.index(row) + 1}}}$" if row in sources else ""


def table_markdown(shown: ShownTable) -> str:
    """A table as GitHub and its kin show it; best in bold, second underlined."""
    titles = [_("Method"), *(f"{markdown_escaped(column.title)} {column.arrow}" for column in shown.columns)]
    lines = [f"| {' | '.join(titles)} |", f"|---|{'---:|' * len(shown.columns)}"]
    for row in shown.rows:
        cells = [_markdown_cell(cell) for cell in row.cells]
        name = markdown_escaped(row.name)
        if row.published and row.published.url:
            name = f"[{name}](<{row.published.url.replace('>', '%3E').replace('<', '%3C')}>)"
        lines.append(f"| {' | '.join([name, *cells])} |")
    lines += ["", markdown_escaped(caption(shown)), "", *(f"- {markdown_escaped(note)}" for note in notes(shown))]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_cell(cell: PaperCell) -> str:
    if not cell.text:
        return "–"
    text = f"**{cell.text}**" if cell.best else f"<u>{cell.text}</u>" if cell.second else cell.text
    return text + (f"<sup>{cell.letter}</sup>" if cell.letter else "")


def markdown_escaped(text: str) -> str:
    """On one line, with nothing that Markdown would take for markup; HTML stays text as well."""
    plain = " ".join(text.split())
    escaped_text = "".join(f"\\{letter}" if letter in MARKDOWN_SPECIAL else letter for letter in plain)
    return escaped_text.replace("&", "&amp;")


def caption(shown: ShownTable) -> str:
    """What a reader has to know to read the table right: the reference, n, the rule of the bold ones."""
    reference = shown.table.reference_label
    counts = shown.counts
    n = _("n = %(n)s") % {"n": ", ".join(counts)} if counts else _("not measured yet")
    text = _(
        "%(name)s. Real pictures: %(reference)s, %(n)s. Best in bold, second underlined, only among numbers of one protocol."
    )
    told = text % {"name": shown.table.name, "reference": reference, "n": n}
    if shown.table.for_choosing:
        told += " " + _("These are validation pictures, for choosing a model; they are no test result.")
    if any(shown.letters.values()):
        told += " " + _("Letters tell numbers of different protocols apart.")
    return told


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def notes(shown: ShownTable, *, missing: bool = True) -> list[str]:
    """Protocol, counts and weights of each column, what is `missing`, and where published pictures come from."""
    found = []
    for place, column in enumerate(shown.columns):
        used = {
            cell.result.protocol: cell.result for row in shown.rows if (cell := row.cells[place]).result is not None
        }
        letters = shown.letters.get(str(column), {})
        protocols = [
            (f"{letters[protocol]}: " if letters else "")
            + _("protocol %(protocol)s, n %(reference)s / %(candidate)s")
            % {"protocol": protocol, "reference": result.n_reference, "candidate": result.n_candidate}
            for protocol, result in sorted(used.items(), key=lambda item: letters.get(item[0], ""))
        ]
        parts = ["; ".join(protocols)] if protocols else []
        if told := _told_of_draws(shown, place):
            parts.append(told)
        if weights := shown.weights.get(str(column)):
            parts.append(_("weights %(files)s") % {"files": weights})
        if missing and (problem := shown.missing.get(str(column))):
            parts.append(problem)
        if parts:
            found.append(f"{column.title}: {'. '.join(parts)}")
    for number, row in enumerate((row for row in shown.rows if row.published), start=1):
        found.append(f"{number}. {source_text(row)}")
    return found


def _told_of_draws(shown: ShownTable, place: int) -> str:
    """Of a mean over draws (NLDA): its deviations, and what the other papers report; "" for other columns."""
    found = [(row.name, row.cells[place].result) for row in shown.rows]
    drawn = [(name, result) for name, result in found if result is not None and result.deviation_text]
    if not drawn:
        return ""
    first = drawn[0][1].details
    text = _(
        "best of the mean curve over %(draws)s draws, %(training)s persons train and %(testing)s test: %(values)s; mean of each "
        "draw's best: %(others)s"
    )
    return text % {
        "draws": first["nlda_repeats"], "training": first["nlda_training"], "testing": first["nlda_testing"],
        "values": ", ".join(f"{name} {result.value:.4f} {result.deviation_text}" for name, result in drawn),
        "others": ", ".join(f"{name} {result.other_variant_text}" for name, result in drawn),
    }  # fmt: skip


def source_text(row: PaperRow) -> str:
    """Where the pictures of a row come from, that the numbers were measured here, and on how many pairs."""
    published = row.published
    assert published is not None
    said = [row.name, published.citation, published.url, published.licence]
    n = ngettext("%(n)s of %(all)s pair", "%(n)s of %(all)s pairs", published.n_pairs)
    measured = _("pictures of the authors, measured here") + ", " + n % {"n": published.n, "all": published.n_pairs}
    if published.size_rule == "centre":
        measured += ", " + _("centre cut out of larger pictures")
    return ". ".join(" ".join(part.split()).rstrip(".") for part in [*said, measured] if part) + "."
