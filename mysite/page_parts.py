"""Template filters of the shared partials: `{% load page_parts %}`."""

from collections.abc import Iterator

from django import forms, template
from django.core.paginator import Paginator

register = template.Library()

CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.HiddenInput, ""),
    (forms.Widget, "form-control"),
)


@register.filter
def elided_pages(paginator: Paginator, number: int) -> Iterator[int | str]:
    """Page numbers around the given one, with an ellipsis for the gaps."""
    return iter(paginator.get_elided_page_range(number, on_each_side=2, on_ends=1))


@register.filter
def with_bootstrap(field: forms.BoundField) -> str:
    """The field's control with Bootstrap's class, marked invalid when it has errors."""
    name = next(name for widget, name in CLASSES if isinstance(field.field.widget, widget))
    given = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": " ".join(filter(None, [given, name, "is-invalid" if field.errors else ""]))})
