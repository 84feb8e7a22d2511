"""Errors of the REST API as problem details (RFC 9457), with a text that says what to do."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from workers.engine.errors import InputError

log = logging.getLogger(__name__)
TITLES = {
    400: "Bad request", 401: "Sign in needed", 403: "Not allowed", 404: "Not found", 405: "Method not allowed",
    409: "Conflict", 413: "Too large", 415: "Unsupported media type", 429: "Too many requests",
}  # fmt: skip


def sentences(detail: Any, where: str = "") -> list[str]:
    """Flatten the nested errors of a serializer into sentences that name the field."""
    if isinstance(detail, dict):
        return [
            text
            for key, value in detail.items()
            for text in sentences(
                value, where if key in {"non_field_errors", "detail"} else f"{where}.{key}".lstrip(".")
            )
        ]
    if isinstance(detail, list | tuple):
        return [text for value in detail for text in sentences(value, where)]
    return [f"{where}: {detail}" if where else str(detail)]


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer of every API view that raises; None lets Django answer 500 and log the trace."""
    if isinstance(error, InputError):
        error = exceptions.ValidationError({"detail": _(str(error)) if str(error) else ""})
    elif isinstance(error, Http404):
        error = exceptions.NotFound(
            _("There is nothing at this address, or it is not visible to you. Sign in, or check the address.")
        )
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    errors = error.detail if isinstance(error, exceptions.ValidationError) else None
    text = " ".join(sentences(error.detail))
    if response.status_code in {401, 403} and isinstance(error, exceptions.NotAuthenticated):
        text = "Sign in, or send the header 'Authorization: Bearer TOKEN' (make a token on the account page)."
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(response.status_code, "Error"),
        "status": response.status_code,
        "detail": text,
    }
    if isinstance(errors, dict) and set(errors) != {"detail"}:
        body["errors"] = errors
    response.data = body
    response.content_type = "application/problem+json"
    return response
