"""Say which face is meant, or where it is: the faces found to choose from, and five points to move."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from workers.engine.errors import InputError
from workers.engine.geometry import template

from ..choosing import faces_shown, points_usual
from ..models import Stylization
from ..services import LimitReached, stylization_redraw, stylizations_all_faces
from ..visitors import visitor_of, visitor_remember
from .asked import get_own

TEMPLATE, SCALE = "cufs", 2  # as the drawing has it; the preview shows the very crop


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sketch_adjust(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """GET shows the stored photo, `?face=` chooses one of the faces found. POST has it drawn anew: `all` faces, one
    `face`, or the face at the points that were sent."""
    stylization = get_own(request, id)
    if request.method != "POST":
        return _page(request, stylization, shown=_index(stylization, request.GET.get("face")))
    shown = _index(stylization, request.POST.get("shown"))
    try:
        return _drawn(request, stylization, shown)
    except InputError as error:
        return _page(request, stylization, shown=shown, problem=str(error), status=400)
    except LimitReached as error:
        response = _page(request, stylization, shown=shown, problem=str(error), status=429)
        response.headers["Retry-After"] = str(error.seconds)
        return response


def _drawn(request: HttpRequest, stylization: Stylization, shown: int | None) -> HttpResponse:
    visitor = visitor_of(request)
    who: dict[str, Any] = {"owner": visitor.user if visitor.user.is_authenticated else None, "visitor": visitor.key}
    if "all" in request.POST:
        rows = stylizations_all_faces(stylization, **who)
        for row in rows:
            visitor_remember(request, row.id)
        return redirect("stylized_face:sketch-together", rows[0].together)
    face, points = _index(stylization, request.POST["face"]) if "face" in request.POST else None, None
    if "face" in request.POST and face is None:
        raise InputError(_("There is no such face in this photo; choose one of those shown."))
    if face is None:
        points = [[_number(request.POST.get(f"{axis}{n}", "")) for axis in "xy"] for n in range(1, 6)]
        if shown is not None and points == (stylization.found or [])[shown]["points"]:
            face, points = shown, None  # nobody moved them
    row = stylization_redraw(stylization, points=points, face_index=face, together=stylization.together, **who)
    visitor_remember(request, row.id)
    return redirect(row)


def _page(
    request: HttpRequest, stylization: Stylization, *, shown: int | None, problem: str = "", status: int = 200
) -> HttpResponse:
    width, height = stylization.width, stylization.height
    if shown is not None:
        five = (stylization.found or [])[shown]["points"]
    elif stylization.points:
        five = stylization.points
    else:
        five = points_usual((width, height))
    names = (
        _("left eye, as you see it"), _("right eye, as you see it"), _("tip of the nose"),
        _("left corner of the mouth"), _("right corner of the mouth"),
    )  # fmt: skip
    typed = request.POST if "x1" in request.POST else {}
    points = [
        {
            "name": name, "number": number, "x": f"{x:g}", "y": f"{y:g}",
            "typed_x": typed.get(f"x{number}", f"{x:g}")[:20], "typed_y": typed.get(f"y{number}", f"{y:g}")[:20],
        }
        for number, (name, (x, y)) in enumerate(zip(names, five, strict=True), start=1)
    ]  # fmt: skip
    target = template(TEMPLATE).scaled(SCALE)
    context = {
        "stylization": stylization,
        "faces": faces_shown(stylization.found or []),
        "shown": shown,
        "points": points,
        "problem": problem,
        "radius": f"{max(width, height) / 60:.2f}",
        "hit_radius": f"{max(width, height) / 18:.2f}",
        "crop": target.size,
        "eyes": " ".join(f"{value:g}" for point in target.array(("left_eye", "right_eye")) for value in point),
    }
    return render(request, "stylized_face/adjust.html", context, status=status)


def _index(stylization: Stylization, text: str | None) -> int | None:
    """Which face is shown: the one asked for; when none is, the one of the drawing; None when there is none."""
    count = len(stylization.found or [])
    if text is not None:
        return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and int(text) < count else None
    if not count or stylization.points is not None:
        return None
    return min(stylization.face_index or 0, count - 1)


def _number(text: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError as error:
        raise InputError(
            _("%(text)s is not a number. Each point needs two, x and y.") % {"text": repr(text[:20])}
        ) from error
