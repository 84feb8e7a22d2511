"""REST: the same face again, by another model or by all; sketches that belong together; one's own."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..models import MAX_SEED, MAX_STRENGTH, MIN_STRENGTH, Stylization
from ..selectors import stylizations_history, stylizations_together
from ..services import LimitReached, stylization_redraw, stylizations_all_models, stylizations_variants
from ..services.variants import FEWEST, MOST, USUAL
from ..visitors import visitor_of
from .answers import StylizationSerializer, stylization_body
from .creating import StylizationCreateApi, TooMany
from .reading import NOT_FOUND, NOT_YOURS, OneStylizationApi

TOO_MANY = OpenApiResponse(description="Too many in the last hour; `Retry-After` says when to come back.")


class RedrawSerializer(serializers.Serializer):
    """What is left out stays as it was."""

    model = serializers.CharField(required=False, max_length=200, help_text="an id of models/")
    seed = serializers.IntegerField(required=False, min_value=0, max_value=MAX_SEED)
    strength = serializers.FloatField(required=False, min_value=MIN_STRENGTH, max_value=MAX_STRENGTH)
    to_seed = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_SEED,
        help_text="as in sending a photo; another model or seed drops it",
    )
    mix = serializers.FloatField(required=False, min_value=0, max_value=1)
    points = serializers.ListField(
        required=False,
        min_length=5,
        max_length=5,
        child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2),
        help_text="five [x, y] in the photo's pixels: left and right eye (the viewer's), nose tip, mouth corners",
    )
    face = serializers.IntegerField(required=False, min_value=0, help_text="one of `found`, 0 is the largest")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "points" in attrs and "face" in attrs:
            raise serializers.ValidationError("Send either points or face: the points say which face it is.")
        return attrs


class VariantsSerializer(serializers.Serializer):
    count = serializers.IntegerField(default=USUAL, min_value=FEWEST, max_value=MOST)
    to_seed = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_SEED,
        help_text="draw the way from the sketch's seed to this one instead; for models with `between` in models/",
    )


class TogetherSerializer(serializers.Serializer):
    """Sketches that were asked for at once."""

    together = serializers.UUIDField()
    page = serializers.URLField()
    zip = serializers.URLField(help_text="all finished sketches; 404 while there is none")
    stylizations = StylizationSerializer(many=True)


def together_body(request: Request, together: uuid.UUID) -> dict[str, Any]:
    return {
        "together": str(together),
        "page": request.build_absolute_uri(reverse("stylized_face:sketch-together", args=[together])),
        "zip": request.build_absolute_uri(reverse("stylized_face:sketch-together-zip", args=[together])),
        "stylizations": [stylization_body(request, one) for one in stylizations_together(together=together)],
    }


class StylizationRedrawApi(OneStylizationApi):
    """Draw the same photo again: another model, seed or strength, another of its faces, or corrected points."""

    @extend_schema(
        operation_id="stylizations_redraw",
        request=RedrawSerializer,
        responses={202: StylizationSerializer, 400: OpenApiResponse(description="An option cannot be used; `detail` says why."),
                   403: NOT_YOURS, 404: NOT_FOUND, 429: TOO_MANY},
        parameters=[
            OpenApiParameter("Location", OpenApiTypes.URI, OpenApiParameter.HEADER, response=[202],
                             description="Where to ask how it is going."),
        ],
        tags=["stylizations"],
    )  # fmt: skip
    def post(self, request: Request, id: uuid.UUID) -> Response:
        stylization = self.get_own(request, id)
        fields = RedrawSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        visitor = visitor_of(request._request, request.user)
        owner = request.user if request.user.is_authenticated else None
        options = dict(fields.validated_data)
        face = options.pop("face", None)
        try:
            drawn = stylization_redraw(stylization, owner=owner, visitor=visitor.key, face_index=face, **options)
        except LimitReached as error:
            raise TooMany(error) from error
        location = request.build_absolute_uri(reverse("stylized_face_api:stylization-detail", args=[drawn.id]))
        return Response(stylization_body(request, drawn), status=202, headers={"Location": location})


class StylizationAllApi(OneStylizationApi):
    """Draw the same face by every model that draws photos; each counts for the hourly limit."""

    @extend_schema(
        operation_id="stylizations_all",
        request=None,
        responses={202: TogetherSerializer, 403: NOT_YOURS, 404: NOT_FOUND, 429: TOO_MANY},
        tags=["stylizations"],
    )
    def post(self, request: Request, id: uuid.UUID) -> Response:
        stylization = self.get_own(request, id)
        visitor = visitor_of(request._request, request.user)
        try:
            group, _made = stylizations_all_models(stylization=stylization, user=request.user, visitor=visitor.key)
        except LimitReached as error:
            raise TooMany(error) from error
        return Response(together_body(request, group), status=202)


class StylizationVariantsApi(OneStylizationApi):
    """Draw the same face by the same model with other seeds, or on the way to another seed; each counts for the limit."""

    @extend_schema(
        operation_id="stylizations_variants",
        request=VariantsSerializer,
        responses={
            202: TogetherSerializer,
            400: OpenApiResponse(description="The model knows no seed, or an option cannot be used."),
            403: NOT_YOURS,
            404: NOT_FOUND,
            429: TOO_MANY,
        },
        tags=["stylizations"],
    )
    def post(self, request: Request, id: uuid.UUID) -> Response:
        stylization = self.get_own(request, id)
        fields = VariantsSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        visitor = visitor_of(request._request, request.user)
        owner = request.user if request.user.is_authenticated else None
        try:
            group, _made = stylizations_variants(
                stylization=stylization, owner=owner, visitor=visitor.key, **fields.validated_data
            )
        except LimitReached as error:
            raise TooMany(error) from error
        return Response(together_body(request, group), status=202)


class StylizationTogetherApi(APIView):
    """All sketches of one submission. Whoever knows the id may ask."""

    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="stylizations_together",
        responses={200: TogetherSerializer, 404: NOT_FOUND},
        tags=["stylizations"],
    )
    def get(self, request: Request, together: uuid.UUID) -> Response:
        body = together_body(request, together)
        if not body["stylizations"]:
            raise Http404
        return Response(body)


class HistoryPagination(CursorPagination):
    """A page and the next by a cursor, so that none is skipped or told twice when sketches come and go."""

    page_size = 24
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = ("-created", "-id")


class StylizationListApi(StylizationCreateApi):
    """One's own sketches; and sending a photo."""

    pagination_class = HistoryPagination

    @extend_schema(
        operation_id="stylizations_list",
        responses=StylizationSerializer(many=True),
        parameters=[
            OpenApiParameter("cursor", OpenApiTypes.STR, description="as in next and previous"),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="at most 100"),
        ],
        tags=["stylizations"],
    )
    def get(self, request: Request) -> Response:
        """What the token's user, or this browser's visitor, had drawn and is still there; newest first."""
        visitor = visitor_of(request._request, request.user)
        pages = HistoryPagination()
        rows: list[Stylization] | None = pages.paginate_queryset(
            stylizations_history(user=visitor.user, mine=visitor.mine), request, view=self
        )
        return pages.get_paginated_response([stylization_body(request, one) for one in rows or []])
