"""GET results/: one row a number, as JSON pages or as one CSV file."""

import csv
import io
import json
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from evaluation import selectors, sets
from evaluation.api.outputs import EvaluationOutput, RecomputeInput, ResultOutput
from evaluation.filters import OrderedResultFilter
from evaluation.models import Result
from evaluation.services import result_recompute
from workers.engine.errors import InputError

CSV_COLUMNS = (
    "metric", "value", "low", "high", "floor", "direction", "n_reference", "n_candidate", "extractor", "protocol",
    "reference", "candidate", "reference_digest", "candidate_digest", "owner", "created", "evaluation", "warnings",
)  # fmt: skip


class CsvRenderer(BaseRenderer):
    """Rows as CSV with a header line; errors stay problem details."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if not isinstance(data, list):
            return json.dumps(data).encode()
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(CSV_COLUMNS)
        for row in data:
            row = row | {"warnings": " ".join(warning["code"] for warning in row["warnings"])}
            writer.writerow([_cell(row[column]) for column in CSV_COLUMNS])
        return text.getvalue().encode()


def _cell(value: Any) -> Any:
    """Spreadsheets run a text that begins like a formula (a user's name may), so such a text gets a quote in front."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


class ResultListApi(GenericAPIView):
    """Results, newest first: value, both sizes, extractor, protocol, when and by whom."""

    serializer_class = ResultOutput
    filterset_class = OrderedResultFilter
    renderer_classes = (JSONRenderer, CsvRenderer)
    queryset = Result.objects.none()

    def get_queryset(self):
        return selectors.results_visible_to(self.request.user)

    @extend_schema(
        operation_id="results_list",
        responses={(200, "application/json"): ResultOutput(many=True), (200, "text/csv"): OpenApiTypes.STR},
        parameters=[OpenApiParameter("format", str, enum=["json", "csv"], description="csv: all rows in one file")],
    )
    def get(self, request: Request) -> Response:
        results = self.filter_queryset(self.get_queryset())
        context = self.get_serializer_context()
        if request.accepted_renderer.format == "csv":
            answer = Response(list(ResultOutput(results, many=True, context=context).data))
            answer["Content-Disposition"] = 'attachment; filename="results.csv"'
            return answer
        page = self.paginate_queryset(results) or []
        return self.get_paginated_response(ResultOutput(page, many=True, context=context).data)


class ResultRecomputeApi(APIView):
    """Measure another candidate as this number was measured: same reference, extractor and metric."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="results_recompute",
        request=RecomputeInput,
        responses={
            202: OpenApiResponse(EvaluationOutput, "Accepted; Location is where to ask how it is doing."),
            200: OpenApiResponse(EvaluationOutput, "The same evaluation exists already; this is it."),
            400: OpenApiResponse(
                description="A bad candidate, or the protocol cannot be met any more; the text says why."
            ),
        },
    )
    def post(self, request: Request, result_id: int) -> Response:
        result = selectors.results_visible_to(request.user).filter(pk=result_id).first()
        if result is None:
            raise Http404
        data = request.data
        if not isinstance(data, dict) or set(data) != {"candidate"}:
            raise InputError(_("Send a JSON object with %(keys)s.") % {"keys": "candidate"})
        candidate = sets.parse(data["candidate"], "candidate")
        evaluation, created = result_recompute(user=request.user, result=result, candidate=candidate)
        answer = EvaluationOutput(evaluation, context={"request": request}).data
        return Response(answer, status=202 if created else 200, headers={"Location": answer["url"]})
