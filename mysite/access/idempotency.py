"""Idempotency-Key: a POST to the REST API that is sent again gets the first answer again, and nothing is done twice."""

import hashlib
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from mysite.access.authentication import TokenAuthentication
from mysite.access.models import IdempotentReply

ABANDONED = timedelta(minutes=2)  # a first request that has not been answered by then died
KEPT_HEADERS = ("Location",)


def _problem(status: int, title: str, detail: str) -> JsonResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def caller_of(request) -> str | None:
    """Who asks: the user of the session or the token, else a visitor by address and browser; None for a token that is not valid."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user {user.pk}"
    try:
        found = TokenAuthentication().authenticate(request)
    except AuthenticationFailed:
        return None
    if found is not None:
        return f"user {found[0].pk}"
    return f"visitor {request.META.get('REMOTE_ADDR', '')} {request.headers.get('User-Agent', '')}"


class IdempotencyMiddleware:
    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method != "POST" or not request.path.startswith("/api/"):
            return self.get_response(request)
        if not 1 <= len(key) <= 255:
            return _problem(400, "Bad request", "Idempotency-Key must have between 1 and 255 characters.")
        # A multipart body can be read only once; its announced length stands in for it.
        multipart = (request.content_type or "").startswith("multipart/")
        body = request.headers.get("Content-Length", "").encode() if multipart else request.body
        caller = caller_of(request)
        if caller is None:
            return self.get_response(request)  # the view refuses the token; a stored answer must not be given for it
        digest = hashlib.sha256("\n".join([key, caller, request.path]).encode()).hexdigest()
        body_digest = hashlib.sha256(body).hexdigest()
        IdempotentReply.objects.filter(digest=digest, status=None, created__lt=timezone.now() - ABANDONED).delete()
        try:
            with transaction.atomic():
                reply = IdempotentReply.objects.create(digest=digest, body_digest=body_digest, created=timezone.now())
        except IntegrityError:
            return self._repeat(digest, body_digest)
        try:
            response = self.get_response(request)
        except BaseException:
            reply.delete()
            raise
        if response.status_code >= 400 or response.streaming:
            reply.delete()  # a refused request may be corrected and sent again under the same key
            return response
        reply.status = response.status_code
        reply.content_type = response.headers.get("Content-Type", "")
        reply.headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        reply.body = response.content.decode()
        reply.save()
        return response

    def _repeat(self, digest: str, body_digest: str) -> HttpResponse:
        reply = IdempotentReply.objects.filter(digest=digest).first()
        if reply is None or reply.status is None:
            return _problem(
                409,
                "Conflict",
                "A request with this Idempotency-Key is being answered right now; ask again in a moment.",
            )
        if reply.body_digest != body_digest:
            return _problem(422, "Key used before", "This Idempotency-Key was used with another body; send a new key.")
        response = HttpResponse(reply.body, status=reply.status, content_type=reply.content_type)
        for name, value in reply.headers.items():
            response.headers[name] = value
        response.headers["Idempotent-Replayed"] = "true"
        return response
