"""REST: paper tables. GET tables/, POST tables/ (make and measure in one action), and what can be done with one."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from evaluation.api.paper_outputs import ShownTableOutput, TableChange, TableInput, TableOutput, shown_json
from evaluation.api.study import CsvRenderer, LatexRenderer
from evaluation.models import PaperTable
from evaluation.paper import texts
from evaluation.selectors import paper_tables as selectors
from evaluation.services import paper_tables as services
from workers.engine.errors import InputError

INPUTS = ("name", "reference", "candidates", "columns")
CHANGES = ("name", "public", "candidates", "columns")


class MarkdownRenderer(CsvRenderer):
    media_type = "text/markdown"
    format = "md"


TEXTS = {"csv": texts.table_csv, "tex": texts.table_latex, "md": texts.table_markdown}


class TableListApi(GenericAPIView):
    """Paper tables, newest first; and making one."""

    serializer_class = TableOutput
    queryset = PaperTable.objects.none()
    filter_backends: list[Any] = []

    @extend_schema(operation_id="tables_list", responses=TableOutput(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(selectors.tables_visible_to(request.user)) or []
        return self.get_paginated_response(TableOutput(page, many=True, context={"request": request}).data)

    @extend_schema(
        operation_id="tables_create",
        request=TableInput,
        responses={
            202: OpenApiResponse(ShownTableOutput, "Made; what it lacked is queued."),
            400: OpenApiResponse(description="An unknown name or set; nothing was made."),
        },
    )
    def post(self, request: Request) -> Response:
        given = given_entries(request.data, INPUTS, ("reference", "candidates"))
        table = services.table_create(
            user=request.user,
            name=given.get("name", ""),
            reference=given["reference"],
            candidates=given["candidates"],
            columns=given.get("columns"),
        )
        services.table_measure(user=request.user, table=table)
        answer = shown_json(selectors.table_shown(table, request.user), request)
        return Response(answer, status=202, headers={"Location": answer["url"]})


class TableDetailApi(APIView):
    """One table with its numbers, as JSON, CSV, LaTeX (booktabs) or Markdown."""

    renderer_classes: tuple[type[BaseRenderer], ...] = (JSONRenderer, CsvRenderer, LatexRenderer, MarkdownRenderer)

    @extend_schema(
        operation_id="tables_retrieve",
        parameters=[OpenApiParameter("format", str, enum=["json", "csv", "tex", "md"])],
        responses={
            (200, "application/json"): ShownTableOutput, (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/x-tex"): OpenApiTypes.STR, (200, "text/markdown"): OpenApiTypes.STR,
        },
    )  # fmt: skip
    def get(self, request: Request, table_id: uuid.UUID) -> Response:
        shown = selectors.table_shown(_or_404(request, table_id), request.user)
        form = getattr(request.accepted_renderer, "format", "json")
        if form not in TEXTS:
            return Response(shown_json(shown, request))
        headers = {"Content-Disposition": f'attachment; filename="table.{form}"'}
        return Response(TEXTS[form](shown), headers=headers)

    @extend_schema(operation_id="tables_partial_update", request=TableChange, responses=ShownTableOutput)
    def patch(self, request: Request, table_id: uuid.UUID) -> Response:
        table = _own(request, table_id)
        given = given_entries(request.data, CHANGES)
        services.table_change(user=request.user, table=table, **given)
        return Response(shown_json(selectors.table_shown(table, request.user), request))

    @extend_schema(operation_id="tables_destroy", responses={204: None})
    def delete(self, request: Request, table_id: uuid.UUID) -> Response:
        services.table_delete(table=_own(request, table_id))
        return Response(status=204)


class TableMeasureApi(APIView):
    """Queue what the table lacks; numbers of the same pictures and weights are used again."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="tables_measure",
        request=None,
        responses={202: OpenApiResponse(ShownTableOutput, "Queued."), 200: ShownTableOutput},
    )
    def post(self, request: Request, table_id: uuid.UUID) -> Response:
        table = _own(request, table_id)
        measured = services.table_measure(user=request.user, table=table)
        answer = shown_json(selectors.table_shown(table, request.user), request)
        return Response(answer, status=202 if measured.queued else 200)


class TableCancelApi(APIView):
    """Stop the evaluations of the table that you may stop."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="tables_cancel", request=None, responses=ShownTableOutput)
    def post(self, request: Request, table_id: uuid.UUID) -> Response:
        table = _own(request, table_id)
        services.table_cancel(user=request.user, table=table)
        return Response(shown_json(selectors.table_shown(table, request.user), request))


class TableDuplicateApi(APIView):
    """The same table as one of your own."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="tables_duplicate", request=None, responses={201: ShownTableOutput})
    def post(self, request: Request, table_id: uuid.UUID) -> Response:
        copy = services.table_duplicate(user=request.user, table=_or_404(request, table_id))
        answer = shown_json(selectors.table_shown(copy, request.user), request)
        return Response(answer, status=201, headers={"Location": answer["url"]})


def _or_404(request: Request, table_id: uuid.UUID) -> PaperTable:
    table = selectors.table_get(user=request.user, table_id=table_id)
    if table is None:
        raise Http404
    return table


def _own(request: Request, table_id: uuid.UUID) -> PaperTable:
    table = _or_404(request, table_id)
    if not selectors.table_managed_by(table=table, user=request.user):
        raise PermissionDenied(_("Only the owner of a table and staff may change it; duplicate it to have your own."))
    return table


def given_entries(data: Any, known: tuple[str, ...], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """The body as a table; a misspelt entry is refused rather than ignored."""
    keys = ", ".join(known)
    if not isinstance(data, dict):
        raise InputError(_("Send a JSON object with %(keys)s.") % {"keys": keys})
    for key in data:
        if key not in known:
            raise InputError(_("There is no entry %(key)s. Known: %(keys)s.") % {"key": repr(key)[:80], "keys": keys})
    for key in needed:
        if key not in data:
            raise InputError(_("%(key)s is missing. Send a JSON object with %(keys)s.") % {"key": key, "keys": keys})
    return dict(data)
