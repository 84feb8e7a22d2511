"""Pictures as CSV, row by row, so that any number of them can be sent."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from .models import Image

COLUMNS = (
    "id", "dataset", "key", "subject", "pair", "modality", "split", "source", "width", "height", "mode", "format", "bytes",
    "landmark_source", "yaw", "pitch", "roll", "verdict", "verdict_reason", "sha256",
)  # fmt: skip
FIELDS = {"dataset": "dataset__slug", "subject": "subject__name", "pair": "pair__key"}
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What csv.writer writes to; hands the line on."""

    def write(self, line: str) -> str:
        return line


def _safe(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _lines(images: QuerySet[Image]) -> Iterator[str]:
    writer = csv.writer(_Line(), lineterminator="\n")
    yield writer.writerow(COLUMNS)
    fields = [FIELDS.get(column, column) for column in COLUMNS]
    for row in images.values_list(*fields).iterator(chunk_size=2000):
        yield writer.writerow([_safe("" if value is None else value) for value in row])


def csv_response(images: QuerySet[Image], name: str) -> StreamingHttpResponse:
    """A download named <name>.csv. `name` is a slug."""
    response = StreamingHttpResponse(_lines(images), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
