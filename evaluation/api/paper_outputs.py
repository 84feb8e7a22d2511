"""What REST takes and answers of paper tables."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from evaluation.models import PaperTable
from evaluation.paper.columns import PaperColumn
from evaluation.paper.texts import caption, notes, source_text
from evaluation.selectors.paper_tables import PaperCell, PaperRow, ShownTable
from evaluation.sets import to_json


class TableInput(serializers.Serializer):
    """Make a table and queue what it lacks."""

    name = serializers.CharField(required=False, max_length=100)
    reference = serializers.JSONField(
        help_text='the real pictures: {"dataset", "split", "modality"} or "cufs:test:sketch"'
    )
    candidates = serializers.ListField(
        child=serializers.JSONField(),
        help_text='"photo", "pencil", "checkpoint:ID", "upload:ID", "published:ID", a set as in evaluations/, or {"set": one of '
        'these, "label": "name of the row"}',
    )
    columns = serializers.ListField(
        child=serializers.JSONField(),
        required=False,
        help_text='"ssim", "fid:inception.mixed6e" or {"metric", "extractor"}; left out: what papers of the field report',
    )


class TableChange(serializers.Serializer):
    """Any of these; what is left out stays."""

    name = serializers.CharField(required=False, max_length=100)
    public = serializers.BooleanField(required=False, help_text="only while its dataset is")
    candidates = serializers.ListField(child=serializers.JSONField(), required=False)
    columns = serializers.ListField(child=serializers.JSONField(), required=False)


class TableOutput(serializers.ModelSerializer):
    """A table in a list; `url` has its numbers."""

    url = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField(help_text="address for people")
    reference = serializers.CharField(source="reference_label", read_only=True)
    owner = serializers.CharField(source="owner.username", default=None, read_only=True)
    candidates = serializers.SerializerMethodField()
    metrics = serializers.SerializerMethodField()

    class Meta:
        model = PaperTable
        fields = (
            "id",
            "url",
            "page",
            "name",
            "reference",
            "candidates",
            "metrics",
            "public",
            "owner",
            "created",
            "changed",
        )

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, table: PaperTable) -> str:
        return _absolute(self.context["request"], "evaluation_api:table-detail", table)

    @extend_schema_field(OpenApiTypes.URI)
    def get_page(self, table: PaperTable) -> str:
        return _absolute(self.context["request"], "evaluation:table-detail", table)

    def get_candidates(self, table: PaperTable) -> int:
        return len(table.rows)

    def get_metrics(self, table: PaperTable) -> list[str]:
        return [str(PaperColumn(**column)) for column in table.columns]


class CellOutput(serializers.Serializer):
    """A number with its interval and protocol, or why there is none. `mark`: best or second among those of its protocol."""

    state = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    text = serializers.CharField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n_reference = serializers.IntegerField(allow_null=True)
    n_candidate = serializers.IntegerField(allow_null=True)
    protocol = serializers.CharField()
    mark = serializers.CharField()
    problem = serializers.CharField()
    evaluation = serializers.UUIDField(allow_null=True)


class RowOutput(serializers.Serializer):
    name = serializers.CharField()
    candidate = serializers.JSONField()
    source = serializers.CharField(help_text="where published pictures come from")  # type: ignore[assignment]
    problem = serializers.CharField()
    cells = CellOutput(many=True, help_text="in the order of the columns")


class TableColumnOutput(serializers.Serializer):
    metric = serializers.CharField()
    extractor = serializers.CharField()
    title = serializers.CharField()
    direction = serializers.ChoiceField(["lower", "higher"])
    weights = serializers.CharField()
    missing = serializers.CharField(help_text="what is missing and how to get it")


class ShownTableOutput(TableOutput):
    """A table with its numbers."""

    progress = serializers.FloatField(help_text="0 to 1, of the evaluations behind it")
    seconds_left = serializers.FloatField(allow_null=True)
    lacking = serializers.IntegerField(help_text="numbers that POST .../measure/ would queue")
    states = serializers.DictField(child=serializers.IntegerField(), help_text="evaluations by state")
    caption = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField())
    columns = TableColumnOutput(many=True)
    rows = RowOutput(many=True)

    class Meta(TableOutput.Meta):
        fields = (
            *TableOutput.Meta.fields,
            "progress",
            "seconds_left",
            "lacking",
            "states",
            "caption",
            "notes",
            "columns",
            "rows",
        )  # type: ignore[assignment]


def shown_json(shown: ShownTable, request: Request) -> dict[str, Any]:
    """What ShownTableOutput describes."""
    return {
        **TableOutput(shown.table, context={"request": request}).data,
        "progress": shown.progress,
        "seconds_left": shown.seconds_left,
        "lacking": shown.lacking,
        "states": shown.states,
        "caption": caption(shown),
        "notes": notes(shown),
        "columns": [_column_json(shown, column) for column in shown.columns],
        "rows": [_row_json(row) for row in shown.rows],
    }


def _column_json(shown: ShownTable, column: PaperColumn) -> dict[str, Any]:
    return {
        **column.to_json(),
        "title": column.title,
        "direction": column.entry.direction,
        "weights": shown.weights.get(str(column), ""),
        "missing": shown.missing.get(str(column), ""),
    }


def _row_json(row: PaperRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "candidate": to_json(row.spec),
        "source": source_text(row) if row.published else "",
        "problem": row.problem,
        "cells": [_cell_json(cell) for cell in row.cells],
    }


def _cell_json(cell: PaperCell) -> dict[str, Any]:
    result = cell.result
    evaluation = cell.live or cell.failed
    return {
        "state": "measured" if result else str(evaluation.job.state) if evaluation else "none",
        "value": result.value if result else None,
        "text": cell.text,
        "low": result.low if result else None,
        "high": result.high if result else None,
        "n_reference": result.n_reference if result else None,
        "n_candidate": result.n_candidate if result else None,
        "protocol": result.protocol if result else "",
        "mark": cell.mark.value,
        "problem": cell.problem or (str(cell.failed.job.message) if cell.failed else ""),
        "evaluation": str(result.evaluation_id) if result else str(evaluation.pk) if evaluation else None,
    }


def _absolute(request: Request, name: str, table: PaperTable) -> str:
    return request.build_absolute_uri(reverse(name, args=[table.pk]))
