"""The faces behind the numbers: the same test faces across candidate sets, worst first, with maps of where they differ."""

from __future__ import annotations

import io
import mimetypes
import uuid
from dataclasses import dataclass
from pathlib import Path

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_safe

from evaluation import selectors
from evaluation.models import Evaluation
from evaluation.selectors import pair_values
from workers.engine import catalogue
from workers.engine.errors import InputError

MOST = 6  # candidate sets side by side
OFFERED = 40  # evaluations to choose from
FACES_A_PAGE = 12
MAPS = {"": gettext_lazy("none"), "difference": gettext_lazy("difference"), "ssim": gettext_lazy("SSIM")}
ORDERINGS = {"worst": gettext_lazy("worst first"), "best": gettext_lazy("best first"), "key": gettext_lazy("by name")}


@dataclass(frozen=True)
class Cell:
    """One candidate's picture of a face: the pair's place in the evaluation and its value."""

    evaluation: Evaluation
    index: int
    value: float | None


@dataclass(frozen=True)
class Face:
    """One row of the page; the reference picture is that of the first evaluation."""

    key: str
    reference: Cell
    cells: list[Cell]


@never_cache
@require_GET
def faces(request: HttpRequest) -> HttpResponse:
    """All choices stand in the address: evaluation (several), metric, ordering, map, page."""
    measured = pair_values.pair_values_measured(request.user).select_related("pair_values")
    chosen, error = [], ""
    for text in request.GET.getlist("evaluation")[:MOST]:
        wanted = _uuid(text)
        evaluation = measured.filter(id=wanted).first() if wanted else None
        if evaluation is None:
            error = _("There is no evaluation %(id)s with values of pairs; choose one of the list.") % {"id": text[:40]}
        elif evaluation not in chosen:
            chosen.append(evaluation)
    offered = list(measured[:OFFERED])
    if not chosen and not error:
        chosen = offered[:1]
    values = [each.pair_values.values for each in chosen]
    metrics = [name for name in catalogue.METRICS if values and all(name in each for each in values)]
    metric = request.GET.get("metric", "")
    metric = metric if metric in metrics else (metrics[0] if metrics else "")
    ordering = request.GET.get("ordering", "")
    ordering = ordering if ordering in ORDERINGS else "worst"
    kind = request.GET.get("map", "")
    rows = _faces(chosen, metric, ordering) if metric else []
    context = {
        "chosen": chosen,
        "chosen_ids": {each.pk for each in chosen},
        "offered": offered,
        "page": Paginator(rows, FACES_A_PAGE).get_page(request.GET.get("page")),
        "metrics": [catalogue.metric(name) for name in metrics],
        "metric": catalogue.metric(metric) if metric else None,
        "orderings": ORDERINGS.items(),
        "ordering": ordering,
        "maps": MAPS.items(),
        "map": kind if kind in MAPS else "",
        "error": error,
        "most": MOST,
    }
    return render(request, "evaluation/faces.html", context, status=404 if error else 200)


@cache_control(private=True, max_age=3600)
@require_safe
def pair_picture(request: HttpRequest, evaluation_id: uuid.UUID, index: int, side: str) -> FileResponse:
    """One picture of a pair as it lies on disk."""
    path = _path(request, _evaluation(request, evaluation_id), index, side)
    try:
        return FileResponse(path.open("rb"), content_type=mimetypes.guess_type(path.name)[0] or "image/png")
    except OSError:
        raise Http404 from None


@cache_control(private=True, max_age=3600)
@require_safe
def pair_map(request: HttpRequest, evaluation_id: uuid.UUID, index: int, kind: str) -> HttpResponse:
    """Where the pictures of a pair differ, as a grey PNG of their size: the darker, the more."""
    evaluation = _evaluation(request, evaluation_id)
    paths = [_path(request, evaluation, index, side) for side in pair_values.SIDES]
    if kind not in MAPS or not kind:
        raise Http404
    from workers.engine.metrics.maps import error_map

    try:
        picture = error_map(kind, paths[0], paths[1])
    except InputError as problem:  # a file that went away, or was replaced by one of another size
        raise Http404(str(problem)) from problem
    stream = io.BytesIO()
    picture.save(stream, format="PNG")
    return HttpResponse(stream.getvalue(), content_type="image/png")


def _faces(chosen: list[Evaluation], metric: str, ordering: str) -> list[Face]:
    """The faces that all chosen evaluations have, by their mean over these."""
    rows = [{row.key: row for row in pair_values.pair_rows(each.pair_values, metric)} for each in chosen]
    shared = [key for key in rows[0] if all(key in other for other in rows[1:])]
    means = {key: sum(each[key].values[metric] for each in rows) / len(rows) for key in shared}
    if ordering == "key":
        shared.sort()
    else:
        sign = 1 if pair_values.worst_is_high(metric) == (ordering == "best") else -1
        shared.sort(key=lambda key: (sign * means[key], key))
    return [
        Face(
            key,
            Cell(chosen[0], rows[0][key].index, None),
            [Cell(each, row[key].index, row[key].values[metric]) for each, row in zip(chosen, rows, strict=True)],
        )
        for key in shared
    ]


def _evaluation(request: HttpRequest, evaluation_id: uuid.UUID) -> Evaluation:
    evaluation = selectors.evaluation_get(user=request.user, evaluation_id=evaluation_id)
    if evaluation is None:
        raise Http404
    return evaluation


def _path(request: HttpRequest, evaluation: Evaluation, index: int, side: str) -> Path:
    path = pair_values.pair_picture(user=request.user, evaluation=evaluation, index=index, side=side)
    if path is None:
        raise Http404
    return path


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
