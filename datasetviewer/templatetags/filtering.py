"""Template filters of the filter page: `{% load filtering %}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from ..models import Modality

register = template.Library()


@register.filter
def entry(table: Mapping[Any, Any], name: Any) -> Any:
    """The entry of that name; 0 in a table of counts that lacks it, nothing in one of rows."""
    return table.get(name, 0 if isinstance(name, str) else None)


@register.filter
def modality_label(value: str) -> str:
    """The modality's name for people."""
    return str(Modality(value).label) if value in Modality.values else value
