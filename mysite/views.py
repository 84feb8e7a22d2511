"""Home page, health, error pages."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from mysite.home import home_counts, home_demo


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is and what there is; asked by htmx, only the cards with the counts."""
    counts = home_counts(user=request.user)
    if request.headers.get("HX-Request") == "true":
        return render(request, "home_cards.html", {"counts": counts})
    return render(request, "home.html", {"counts": counts, "demo": home_demo(user=request.user)})


@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """The web process answers."""
    return JsonResponse({"status": "ok"})


@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """The web process can reach its database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database not reached"}, status=503)
    return JsonResponse({"status": "ok"})


def problem(status: int, title: str, detail: str) -> JsonResponse:
    """A problem detail (RFC 9457) for what fails below /api/ before or outside of a REST view."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if request.path.startswith("/api/"):
        text = _("The request was malformed or its body too large. Files go into multipart fields, not into JSON.")
        return problem(400, "Bad request", text)
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem(404, "Not found", _("There is nothing at this address; the addresses are listed at /api/docs/."))
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Asks nothing of the database nor of the request's session: it must show when everything else is broken."""
    if request.path.startswith("/api/"):
        return problem(500, "Internal error", _("Something broke on our side. It was written to the server's log."))
    return HttpResponse(render_to_string("500.html"), status=500)
