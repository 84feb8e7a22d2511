"""Mistakes as faces: who was taken for whom, the surest mistakes first."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_safe

from evaluation.models import Evaluation, PairValues
from evaluation.selectors import pair_values
from evaluation.set_titles import set_titles
from evaluation.sets import from_json
from evaluation.views.faces import evaluation_of, picture_response
from workers.engine import catalogue
from workers.engine.errors import InputError

OFFERED = 60
LOOKED_AT = 300
MISTAKES_A_PAGE = 12
ORDERINGS = {
    "margin": gettext_lazy("surest mistakes first"),
    "rank": gettext_lazy("worst rank first"),
    "key": gettext_lazy("by name"),
}


@dataclass(frozen=True)
class Mistaken:
    """A pair whose candidate was taken for somebody else; `own` and `other` are similarities or distances."""

    index: int
    key: str
    taken_for: str
    rank: int
    own: float
    other: float
    margin: float


@dataclass(frozen=True)
class Mistakes:
    """`similar`: the numbers are cosine similarities; else distances. `judged` is how many pairs could be looked up."""

    rows: list[Mistaken]
    faceless: list[str]
    judged: int
    similar: bool
    complete: bool


@never_cache
@require_GET
def face_mistakes(request: HttpRequest) -> HttpResponse:
    """All choices stand in the address: evaluation, ordering, page."""
    measured = pair_values.pair_values_measured(request.user).prefetch_related(None)
    offered = [each for each in measured[:LOOKED_AT] if _ranked(each)][:OFFERED]
    wanted, error = request.GET.get("evaluation", ""), ""
    chosen = offered[0] if offered else None
    if wanted:
        number = _uuid(wanted)
        chosen = measured.filter(pk=number).first() if number else None
        if chosen is None or not _ranked(chosen):
            chosen = None
            text = _("There is no evaluation %(id)s with rank-k; choose one of the list.")
            error = text % {"id": wanted[:40]}
    ordering = request.GET.get("ordering", "")
    ordering = ordering if ordering in ORDERINGS else "margin"
    titles = set_titles(from_json(each.candidate) for each in offered)
    found = _mistakes(chosen, ordering) if chosen is not None else None
    context = {
        "offered": [(each, titles[from_json(each.candidate)]) for each in offered],
        "chosen": chosen,
        "found": found,
        "page": Paginator(found.rows if found else [], MISTAKES_A_PAGE).get_page(request.GET.get("page")),
        "orderings": ORDERINGS.items(),
        "ordering": ordering,
        "error": error,
    }
    return render(request, "evaluation/face_mistakes.html", context, status=404 if error else 200)


@cache_control(private=True, max_age=3600)
@require_safe
def mistaken_picture(request: HttpRequest, evaluation_id: uuid.UUID, place: int) -> FileResponse:
    """The reference picture of the person that the candidate of pair number `place` was taken for."""
    evaluation = evaluation_of(request, evaluation_id)
    return picture_response(pair_values.nearest_picture(user=request.user, evaluation=evaluation, index=place))


def _ranked(evaluation: Evaluation) -> bool:
    return any(name.startswith("rank") for name in evaluation.metrics)


def _mistakes(evaluation: Evaluation, ordering: str) -> Mistakes | None:
    found = pair_values.pair_values_of(evaluation)
    if found is None:
        return None
    similar = _is_cosine(evaluation.extractor)
    place_of = {key: place for place, key in enumerate(found.keys)}
    rows = [
        Mistaken(place_of[key], key, taken, rank, *((1 - own, 1 - other) if similar else (own, other)), own - other)
        for key, taken, rank, own, other in _taken(found)
        if key in place_of
    ]
    orders: dict[str, Callable[[Mistaken], tuple[Any, ...]]] = {
        "margin": lambda row: (-row.margin, row.key),
        "rank": lambda row: (-row.rank, row.key),
        "key": lambda row: (row.key,),
    }
    rows.sort(key=orders[ordering])
    ranks = found.recognition.get("rank", [])
    faceless = [key for key, rank in zip(found.keys, ranks, strict=False) if rank is None]
    return Mistakes(rows, faceless, len(found.keys), similar, bool(found.recognition))


def _taken(found: PairValues) -> list[tuple[str, str, int, float, float]]:
    """(key, whom it was taken for, rank of the own person, both distances)."""
    if not found.recognition:
        return [(each["key"], each["taken_for"], each["rank"], each["own"], each["other"]) for each in found.mistakes]
    kept = found.recognition
    listed = zip(found.keys, kept["nearest"], kept["rank"], kept["own"], kept["other"], strict=True)
    return [
        (key, nearest, rank, own, other)
        for key, nearest, rank, own, other in listed
        if rank is not None and rank > 1 and nearest is not None
    ]


def _is_cosine(extractor: str) -> bool:
    try:
        return catalogue.extractor(extractor).distance == "cosine"
    except InputError:
        return False


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
