"""One face, two versions of it in the same place: alternating, or under a slider."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from evaluation.face_query import FaceQuery, face_query
from evaluation.selectors.faces import Face
from evaluation.selectors.pair_values import SOURCE
from evaluation.sets import CheckpointSet, StylizerSet, from_json

VIEWS = ("flicker", "slider")
REFERENCE = "reference"


@dataclass(frozen=True)
class Version:
    """A picture of the face; `value` stands in the address, `number` is what was measured of it."""

    value: str
    title: str
    address: str
    number: float | None = None
    map_address: str = ""


@never_cache
@require_GET
def face_comparison(request: HttpRequest) -> HttpResponse:
    """Beside the choices of the faces page: face, one, other, view. The order gives the next face and the one before."""
    query = face_query(request.GET, request.user)
    if query.error or query.measure is None:
        raise Http404
    faces = query.faces()
    wanted = request.GET.get("face", "")
    place = next((number for number, face in enumerate(faces) if face.key == wanted), None)
    if place is None:
        if wanted or not faces:
            raise Http404
        place = 0
    versions = _versions(query, faces[place])
    by_value = {version.value: version for version in versions}
    one = by_value.get(request.GET.get("one", ""), versions[0])
    other = by_value.get(request.GET.get("other", ""))
    if other is None or other is one:
        other = next(version for version in (*versions[1:], versions[0]) if version is not one)
    view = request.GET.get("view", "")
    context = {
        **query.context(),
        "face": faces[place],
        "number": place + 1,
        "total": len(faces),
        "before": faces[place - 1].key if place else "",
        "after": faces[place + 1].key if place + 1 < len(faces) else "",
        "versions": versions,
        "one": one,
        "other": other,
        "view": view if view in VIEWS else "flicker",
    }
    return render(request, "evaluation/face_comparison.html", context)


def _versions(query: FaceQuery, face: Face) -> list[Version]:
    """The real picture, what it was drawn from, and each set's drawing: at least two."""
    first = face.reference
    versions = [Version(REFERENCE, _("Reference"), _address(first.evaluation.pk, first.index, "reference"))]
    for cell in face.cells:
        drawing = Version(
            str(cell.evaluation.pk),
            cell.title,
            _address(cell.evaluation.pk, cell.index, "candidate"),
            cell.value,
            reverse("evaluation:pair-map", args=[cell.evaluation.pk, cell.index, query.map]) if query.map else "",
        )
        versions.append(drawing)
    drawn = [
        cell for cell in face.cells if isinstance(from_json(cell.evaluation.candidate), CheckpointSet | StylizerSet)
    ]
    if drawn:
        address = _address(drawn[0].evaluation.pk, drawn[0].index, SOURCE)
        versions.append(Version(SOURCE, _("The picture it was drawn from"), address))
    return versions


def _address(evaluation_id: object, index: int, side: str) -> str:
    return reverse("evaluation:pair-picture", args=[evaluation_id, index, side])
