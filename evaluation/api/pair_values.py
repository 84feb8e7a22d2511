"""GET evaluations/{id}/images/: what every pair contributed to the numbers, worst first."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from evaluation import selectors
from evaluation.models import Evaluation, PairValues
from evaluation.selectors.pair_values import ORDERINGS, PairRow, pair_rows, pair_values_of


class PairPictureOutput(serializers.Serializer):
    name = serializers.CharField(help_text="its name in the set")
    file = serializers.CharField(help_text="address of the picture, for those who may see it")


class PairRecognitionOutput(serializers.Serializer):
    """Where rank-k found the own person; entries are null where the extractor found no face."""

    rank = serializers.IntegerField(allow_null=True)
    own = serializers.FloatField(allow_null=True, help_text="distance to the own person")
    other = serializers.FloatField(allow_null=True, help_text="distance to the nearest other")
    nearest = serializers.CharField(allow_null=True, help_text="key of the nearest other")


class PairOutput(serializers.Serializer):
    """A pair of pictures with its value of each metric that has one for every pair."""

    key = serializers.CharField()
    reference = PairPictureOutput()
    candidate = PairPictureOutput()
    values = serializers.DictField(child=serializers.FloatField())
    recognition = PairRecognitionOutput(allow_null=True, help_text="null without rank-k")


class MistakeOutput(serializers.Serializer):
    """A candidate that was taken for somebody else, the surest mistakes first."""

    key = serializers.CharField()
    taken_for = serializers.CharField()
    rank = serializers.IntegerField(help_text="of its own person")
    own = serializers.FloatField(help_text="distance to its own person")
    other = serializers.FloatField(help_text="distance to the nearest other")


class PairsOutput(serializers.Serializer):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    metrics = serializers.ListField(child=serializers.CharField())
    unmatched = serializers.ListField(child=serializers.CharField(), help_text="pictures without a partner")
    mistakes = MistakeOutput(many=True)
    results = PairOutput(many=True)


class EvaluationPairsApi(GenericAPIView):
    """The pairs behind an evaluation's numbers; none while it is not done, or when no metric compares pairs."""

    serializer_class = PairOutput
    filterset_class = None
    queryset = Evaluation.objects.none()

    @extend_schema(
        operation_id="evaluations_images",
        filters=False,
        responses={200: PairsOutput, 400: OpenApiResponse(description="Unknown metric or ordering.")},
        parameters=[
            OpenApiParameter("metric", str, description="what to sort by (default: the first)"),
            OpenApiParameter("ordering", str, enum=ORDERINGS, description="default: worst"),
            OpenApiParameter("page", int),
            OpenApiParameter("page_size", int),
        ],
    )
    def get(self, request: Request, evaluation_id: uuid.UUID) -> Response:
        evaluation = selectors.evaluation_get(user=request.user, evaluation_id=evaluation_id)
        if evaluation is None:
            raise Http404
        found = pair_values_of(evaluation)
        query = request.query_params
        rows = pair_rows(found, query.get("metric", ""), query.get("ordering", "worst")) if found else []
        page: Any = self.paginate_queryset(rows)  # type: ignore[arg-type]  # a list does as well
        answer = self.get_paginated_response([_row(request, evaluation, row, found) for row in page or []])
        answer.data |= {
            "metrics": found.metrics if found else [],
            "unmatched": found.unmatched if found else [],
            "mistakes": found.mistakes if found else [],
        }
        return answer


def _row(request: Request, evaluation: Evaluation, row: PairRow, found: PairValues | None) -> dict[str, Any]:
    def picture(side: str) -> dict[str, str]:
        address = reverse("evaluation:pair-picture", args=[evaluation.pk, row.index, side])
        return {"name": getattr(row, side), "file": request.build_absolute_uri(address)}

    kept = found.recognition if found is not None else {}
    return {
        "key": row.key, "reference": picture("reference"), "candidate": picture("candidate"), "values": row.values,
        "recognition": {name: listed[row.index] for name, listed in kept.items()} or None,
    }  # fmt: skip
