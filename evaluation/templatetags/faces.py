"""Template parts of the pages of faces: `{% load faces %}`."""

from typing import Any
from urllib.parse import urlencode

from django import template

from evaluation.face_query import FaceQuery
from evaluation.selectors.faces import FaceMeasure

register = template.Library()


@register.filter
def measured(value: float | None, measure: FaceMeasure) -> str:
    """Four digits after the point, none for a rank; a dash where no face was found."""
    if value is None:
        return "–"
    return f"{value:.0f}" if measure.whole else f"{value:.4f}"


@register.simple_tag
def face_address(query: FaceQuery, **more: Any) -> str:
    """The choices of a page of faces, for the address of another one."""
    parts: dict[str, Any] = {"evaluation": [str(each.evaluation.pk) for each in query.sets]}
    parts |= {"metric": query.measure.key if query.measure else "", "ordering": query.ordering}
    parts |= {"by": query.by.evaluation.pk if query.by else "", "only": "failed" if query.only_failed else ""}
    parts |= {"map": query.map, **more}
    return "?" + urlencode({name: value for name, value in parts.items() if value}, doseq=True)
