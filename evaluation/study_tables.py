"""The studies as tables to take away: CSV for spreadsheets, LaTeX for a paper."""

from __future__ import annotations

from django.utils.translation import gettext as _

from evaluation.selectors.study import Choice, Comparison, Curve, Scatter
from workers.engine.study.tables import Cell, Column, Spread, comma_separated, latex


def curve_csv(curve: Curve) -> str:
    titles = (
        "run", "name", "preset", "seed", "epoch", "step", "checkpoint", "metric", "extractor", "value", "low", "high",
        "floor", "jump", "on", "protocol",
    )  # fmt: skip
    return comma_separated(
        titles,
        [
            (
                str(line.run.pk), str(line.run), line.run.preset, line.run.seed, point.checkpoint.epoch,
                point.checkpoint.step, point.checkpoint.pk, point.result.metric, point.result.extractor, point.value,
                point.result.low, point.result.high, point.result.floor, int(line.is_odd(point)), point.on,
                point.result.protocol,
            )
            for line in curve.lines
            for point in line.points
        ],
    )  # fmt: skip


def scatter_csv(scatter: Scatter) -> str:
    x, y = (axis.measure if axis else "" for axis in (scatter.x, scatter.y))
    return comma_separated(
        ("run", "name", "epoch", "step", "checkpoint", f"x {x}", f"y {y}", "x protocol", "y protocol"),
        [
            (
                str(run.pk), str(run), both.checkpoint.epoch, both.checkpoint.step, both.checkpoint.pk, both.x.value,
                both.y.value, both.x.result.protocol, both.y.result.protocol,
            )
            for run, group in scatter.groups
            for both in group
        ],
    )  # fmt: skip


def choice_csv(choice: Choice) -> str:
    tested = [f"{measure} on {choice.test_on}" for measure in choice.wanted if choice.test_on]
    names = [f"{measure} on {choice.selection.on if choice.selection else ''}" for measure in choice.wanted]
    return comma_separated(
        ("place", "chosen", "run", "name", "epoch", "checkpoint", *names, "rank sum", "front", *tested, "leak"),
        [
            (
                place, int(place <= choice.k), str(each.checkpoint.run_id), str(each.checkpoint.run), each.checkpoint.epoch,
                each.checkpoint.pk, *(point.value for point in each.points), each.placed.rank_sum, each.placed.front,
                *([point.value if point else None for point in each.test] or [None] * len(tested)), choice.leak,
            )
            for place, each in enumerate(choice.candidates, start=1)
        ],
    )  # fmt: skip


def comparison_csv(comparison: Comparison) -> str:
    values = [
        f"{measure} {which} {part}"
        for measure in comparison.wanted
        for which in ("last", "best")
        for part in ("mean", "sd")
    ]
    rows = []
    for group in comparison.groups:
        numbers: list[object] = []
        for compared in group.compared:
            for spread in (compared.last_spread, compared.best_spread):
                numbers += [spread.mean, spread.deviation] if spread else [None, None]
        facts = [group.facts.get(name, "") for name in comparison.differing]
        rows.append((group.name, len(group.runs), *facts, *numbers))
    return comma_separated(("run", "runs", *comparison.differing, *values), rows)


def comparison_latex(comparison: Comparison) -> str:
    """The last value of each measure; the best over a run is no fair number to print beside it."""
    shown = [name for name in comparison.differing if name not in ("seed", "train_digest")]
    columns = [
        Column(_("Run")),
        *(Column(name) for name in shown),
        Column(_("runs")),
        *(Column(measure.title, measure.lower_is_better) for measure in comparison.wanted),
    ]
    rows = [
        [
            Cell(group.name),
            *(Cell(group.facts.get(name, "")) for name in shown),
            Cell(str(len(group.runs))),
            *(
                _number(compared.last_spread, compared.scale.key if compared.scale else "")
                for compared in group.compared
            ),
        ]
        for group in comparison.groups
    ]
    used = {
        str(compared.measure): compared.scale
        for group in comparison.groups
        for compared in group.compared
        if compared.scale
    }
    notes = [f"{measure}: {scale.label}" for measure, scale in used.items()]
    caption = _("Last checkpoint of each run; mean and standard deviation over runs that differ in the seed alone.")
    return latex(columns, rows, caption=caption, notes=notes)


def _number(spread: Spread | None, protocol: str) -> Cell:
    return Cell("") if spread is None else Cell(spread.text, spread.mean, protocol)
