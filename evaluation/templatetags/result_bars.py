"""Template filters of the result table: `{% load result_bars %}`."""

from django import template

register = template.Library()


@register.filter
def bar_width(value: float, largest: float) -> str:
    """Length of a value's bar, 0 to 100, where the largest of the block has 100; with a decimal point, for SVG."""
    return f"{min(max(100 * value / largest, 0), 100):.2f}" if largest > 0 else "0"


@register.filter
def descending(field: str) -> str:
    return f"-{field}"


@register.filter
def is_descending(ordering: str, field: str) -> bool:
    """Whether the table is sorted by this field, the largest first."""
    return ordering == f"-{field}"
