"""The faces behind the numbers: the same test faces across candidate sets, worst first, with maps of where they differ."""

from __future__ import annotations

import mimetypes
import uuid
from pathlib import Path

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_safe

from evaluation import selectors
from evaluation.face_query import MAPS, face_query
from evaluation.models import Evaluation
from evaluation.selectors import pair_values
from evaluation.services.maps import map_kept
from workers.engine.errors import InputError

FACES_A_PAGE = 12


@never_cache
@require_GET
def faces(request: HttpRequest) -> HttpResponse:
    """All choices stand in the address: evaluation (several), metric, ordering, by, only, map, page."""
    query = face_query(request.GET, request.user)
    rows = query.faces()
    context = {
        **query.context(),
        "total": len(rows),
        "page": Paginator(rows, FACES_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "evaluation/faces.html", context, status=404 if query.error else 200)


@cache_control(private=True, max_age=3600)
@require_safe
def pair_picture(request: HttpRequest, evaluation_id: uuid.UUID, index: int, side: str) -> FileResponse:
    """One picture of a pair as it lies on disk."""
    return picture_response(_path(request, evaluation_of(request, evaluation_id), index, side))


@cache_control(private=True, max_age=3600)
@require_safe
def pair_map(request: HttpRequest, evaluation_id: uuid.UUID, index: int, kind: str) -> HttpResponse:
    """Where the pictures of a pair differ, as a grey PNG of their size: the darker, the more."""
    evaluation = evaluation_of(request, evaluation_id)
    reference, candidate = (_path(request, evaluation, index, side) for side in pair_values.SIDES)
    if kind not in MAPS or not kind:
        raise Http404
    try:
        drawn = map_kept(kind, reference, candidate).read_bytes()
    except InputError as problem:  # a file that went away, or was replaced by one of another size
        raise Http404(str(problem)) from problem
    return HttpResponse(drawn, content_type="image/png")


def picture_response(path: Path | None) -> FileResponse:
    """The file as it is; 404 when there is none."""
    try:
        if path is None:
            raise FileNotFoundError
        return FileResponse(path.open("rb"), content_type=mimetypes.guess_type(path.name)[0] or "image/png")
    except OSError:
        raise Http404 from None


def evaluation_of(request: HttpRequest, evaluation_id: uuid.UUID) -> Evaluation:
    """404 for one that this user may not see."""
    evaluation = selectors.evaluation_get(user=request.user, evaluation_id=evaluation_id)
    if evaluation is None:
        raise Http404
    return evaluation


def _path(request: HttpRequest, evaluation: Evaluation, index: int, side: str) -> Path:
    path = pair_values.pair_picture(user=request.user, evaluation=evaluation, index=index, side=side)
    if path is None:
        raise Http404
    return path
