"""In what encoding a form is read."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


def readable_charset(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: where the encoding that the client announced cannot read every text, the form is read as UTF-8.

    Django takes any codec that Python knows, also those that are none for texts (hex, zip) or stop at some (idna, punycode),
    and the form then ends in an internal error. Must stand before whatever reads request.POST.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.encoding and not _reads_all(request.encoding):
            request.encoding = settings.DEFAULT_CHARSET
        return get_response(request)

    return middleware


def _reads_all(encoding: str) -> bool:
    try:
        bytes(range(256)).decode(encoding, "replace")
    except (LookupError, ValueError):  # a UnicodeError is a ValueError
        return False
    return True
