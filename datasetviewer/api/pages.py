"""Pages of pictures in the REST API: by number, or by a cursor that neither skips nor repeats when rows are added."""

from __future__ import annotations

import base64
import json
from typing import Any

from django.core.paginator import InvalidPage
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.utils.urls import remove_query_param, replace_query_param

from ..models import Image
from ..selectors import Total
from ..selectors.grid import CountedPaginator, page_rows

CURSOR = "cursor"
AFTER, BEFORE = "after", "before"


def cursor_to(side: str, image: Image) -> str:
    """The place right after, or right before, a picture."""
    text = json.dumps([side, image.dataset_id, image.key], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[str, int, str]:
    try:
        side, dataset, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if side not in (AFTER, BEFORE) or type(dataset) is not int or not 0 <= dataset < 2**63 or "\x00" in key:
            raise ValueError
    except (ValueError, TypeError) as error:
        raise ValidationError(
            {CURSOR: _("This is not a cursor. Take the one in next or previous, or begin with an empty one.")}
        ) from error
    return side, dataset, key


class ImagePagination(api_settings.DEFAULT_PAGINATION_CLASS):  # type: ignore[misc,name-defined]
    """`page` and `page_size` as everywhere; with `cursor` (empty to begin) the next and previous links carry cursors.

    The view says how many there are (`total`), so that no page counts rows. Where nobody counted to the end, `count` is
    a lower bound, `count_is_minimum` says so, and the last numbered page leads on to a cursor.
    """

    def paginate_queryset(self, queryset: QuerySet[Image], request: Request, view: Any = None) -> list[Image]:
        self.request = request
        self.total: Total = view.total(queryset)
        self.links: dict[str, str | None] = {"next": None, "previous": None}
        size = self.get_page_size(request)
        if CURSOR in request.query_params:
            return self._from_cursor(queryset, request.query_params[CURSOR], size)
        try:
            self.page = CountedPaginator(queryset, size, self.total).page(self.get_page_number(request, None))
        except InvalidPage as error:
            raise NotFound(_("There is no such page.")) from error
        rows = page_rows(view.keys_of(self.page))
        self.links = {"next": self.get_next_link(), "previous": self.get_previous_link()}
        if self.total.more and rows and not self.page.has_next():
            self.links["next"] = self._link(AFTER, rows[-1])
        return rows

    def get_page_number(self, request: Request, paginator: Any) -> Any:
        return request.query_params.get(self.page_query_param) or 1

    def _from_cursor(self, queryset: QuerySet[Image], text: str, size: int) -> list[Image]:
        side, at = AFTER, None
        if text:
            side, dataset, key = read_cursor(text)
            at = (dataset, key)
            beyond = "gt" if side == AFTER else "lt"
            here, further = Q(dataset=dataset, **{f"key__{beyond}": key}), Q(**{f"dataset__{beyond}": dataset})
            queryset = queryset.filter(here if "dataset" in self.request.query_params else here | further)
        keys = list((queryset if side == AFTER else queryset.reverse()).values_list("pk", flat=True)[: size + 1])
        more, keys = len(keys) > size, keys[:size]
        if side == BEFORE:
            keys.reverse()
        rows = page_rows(keys)
        if rows and (more or side == BEFORE):
            self.links["next"] = self._link(AFTER, rows[-1])
        if rows and at is not None and (more or side == AFTER):
            self.links["previous"] = self._link(BEFORE, rows[0])
        return rows

    def _link(self, side: str, image: Image) -> str:
        address = remove_query_param(self.request.build_absolute_uri(), self.page_query_param)
        return replace_query_param(address, CURSOR, cursor_to(side, image))

    def get_paginated_response(self, data: Any) -> Response:
        answer = {"count": self.total.number, **self.links, "results": data}
        return Response(answer | {"count_is_minimum": True} if self.total.more else answer)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        answer = super().get_paginated_response_schema(schema)
        answer["properties"]["count_is_minimum"] = {
            "type": "boolean",
            "description": "Only there when true: there are more than count.",
        }
        return answer

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        cursor = {
            "name": CURSOR,
            "in": "query",
            "required": False,
            "description": "Instead of page: empty to begin, then as in next and previous. Neither skips nor repeats.",
            "schema": {"type": "string"},
        }
        return [*super().get_schema_operation_parameters(view), cursor]
