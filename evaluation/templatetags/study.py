"""Template filters of the study's pages: `{% load study %}`."""

from django import template

from evaluation.selectors.study.comparison import Compared, Comparison, Group
from evaluation.selectors.study.points import Measure
from workers.engine.study.tables import Cell, Column, best_cells

register = template.Library()


@register.filter
def digits(value: float) -> str:
    """Four of them that mean something."""
    return f"{value:.4g}"


@register.filter
def fact(facts: dict[str, str], name: str) -> str:
    return facts.get(name, "")


@register.filter
def scale_used(groups: list[Group], measure: Measure) -> str:
    """The key of the scale that the values of a measure are taken from."""
    scales = (compared.scale for group in groups for compared in group.compared if compared.measure == measure)
    return next((scale.key for scale in scales if scale), "")


@register.filter
def is_best(compared: Compared, comparison: Comparison) -> bool:
    """Whether the last value is the best among the runs; all of them stand on one scale."""
    column = [other for group in comparison.groups for other in group.compared if other.measure == compared.measure]
    rows = [[Cell("", other.last_spread.mean if other.last_spread else None)] for other in column]
    best = best_cells([Column("", compared.measure.lower_is_better)], rows)
    return any(column[number] is compared for number, _place in best)
