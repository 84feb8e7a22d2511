"""REST: statistics and near duplicates of a dataset."""

from __future__ import annotations

from dataclasses import asdict

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from workers.engine.errors import InputError

from .. import selectors, services
from ..likeness import BITS, DEFAULT_DISTANCE, LARGEST_DISTANCE
from .browse import NOT_FOUND, unchanged_is_304
from .serializers import API

GROUPS = 200


@unchanged_is_304
class DatasetStatisticsApi(APIView):
    @extend_schema(
        tags=["datasets"],
        summary="Sizes, colours, pictures a person, what is missing",
        responses={200: OpenApiTypes.OBJECT, 404: NOT_FOUND},
    )
    def get(self, request: Request, slug: str) -> Response:
        dataset = get_object_or_404(selectors.dataset_visible_to(request.user), slug=slug)
        counts = selectors.dataset_counts(dataset)
        names = ("total", "by_modality", "by_split", "by_source", "by_verdict", "by_reason", "by_points", "by_colour")
        found = {name: getattr(counts, name) for name in names}
        if counts.total:
            shown = asdict(selectors.dataset_statistics(dataset, counts))
            for name in ("sizes", "formats", "modes"):
                found[name] = {bar["label"]: bar["n"] for bar in shown[name]}
            found["other_sizes"], found["bytes"] = shown["other_sizes"], shown["bytes"]
            found["without_a_pair"] = {name: n for _label, n, name in shown["alone"]}
            found["pictures_a_person"] = {
                each["modality"] or "all": {name: each[name] for name in ("persons", "smallest", "largest", "mean")}
                for each in shown["persons"]
            }
        return Response({"dataset": dataset.slug} | found)


@unchanged_is_304
class DatasetDuplicatesApi(APIView):
    @extend_schema(
        tags=["datasets"],
        summary="Pictures that look the same, in groups",
        parameters=[
            OpenApiParameter("distance", int, description=f"Bits of {BITS} that may differ, 0 to {LARGEST_DISTANCE}.")
        ],
        responses={200: OpenApiTypes.OBJECT, 400: OpenApiResponse(description="A wrong distance."), 404: NOT_FOUND},
    )
    def get(self, request: Request, slug: str) -> Response:
        dataset = get_object_or_404(selectors.dataset_visible_to(request.user), slug=slug)
        text = request.query_params.get("distance", str(DEFAULT_DISTANCE))
        if not (text.isascii() and text.isdigit() and int(text[:9]) <= LARGEST_DISTANCE):
            raise InputError(_("distance: give a whole number from 0 to %(most)s.") % {"most": LARGEST_DISTANCE})
        search = selectors.last_duplicate_search(dataset)
        groups, cut = selectors.duplicate_groups(dataset, int(text)) if search else ([], False)
        return Response(
            {
                "dataset": dataset.slug,
                "distance": int(text),
                "bits": BITS,
                "searched": search.images if search else None,
                "job": str(search.job_id) if search else None,
                "count": len(groups),
                "complete": not cut and len(groups) <= GROUPS,
                "groups": [
                    {
                        "nearest": group.nearest,
                        "farthest": group.farthest,
                        "across_persons": group.across_persons,
                        "across_splits": group.across_splits,
                        "images": [
                            {
                                "id": image.pk,
                                "key": image.key,
                                "subject": image.subject.name,
                                "url": reverse(f"{API}:image-detail", args=[image.pk], request=request),
                            }
                            for image in group.images
                        ],
                    }
                    for group in groups[:GROUPS]
                ],
            }
        )

    @extend_schema(
        tags=["datasets"],
        summary="Look for near duplicates",
        request=None,
        responses={202: OpenApiTypes.OBJECT, 400: OpenApiResponse(description="Too many pictures."), 404: NOT_FOUND},
    )
    def post(self, request: Request, slug: str) -> Response:
        dataset = get_object_or_404(selectors.dataset_visible_to(request.user), slug=slug)
        search = services.duplicate_search_submit(dataset=dataset, owner=request.user)
        address = reverse("workers_api:job-detail", args=[search.job_id], request=request)
        return Response({"job": address}, status=status.HTTP_202_ACCEPTED, headers={"Location": address})
