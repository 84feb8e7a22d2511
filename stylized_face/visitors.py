"""Who is asking, as far as limits and deleting need to know; addresses are kept as keyed digests only."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

_SESSION_KEY = "stylizations"
_REMEMBERED = 50


@dataclass(frozen=True)
class Visitor:
    """`user` may be anonymous; `key` is the digest of the address; `mine` what this browser's session made."""

    user: Any
    key: str
    mine: frozenset[str]


def visitor_of(request: HttpRequest, user: Any = None) -> Visitor:
    return Visitor(
        user=user if user is not None else request.user,
        key=salted_hmac("stylized_face.visitor", _network(_address(request)), algorithm="sha256").hexdigest(),
        mine=frozenset(request.session.get(_SESSION_KEY, ())),
    )


def visitor_remember(request: HttpRequest, stylization_id: Any) -> None:
    """Let this browser delete what it made even after its address has changed."""
    request.session[_SESSION_KEY] = [*request.session.get(_SESSION_KEY, ()), str(stylization_id)][-_REMEMBERED:]


def _address(request: HttpRequest) -> str:
    # With HTTPS on, a trusted proxy stands before us (see SECURE_PROXY_SSL_HEADER): REMOTE_ADDR is the proxy for
    # everybody, and the last entry of X-Forwarded-For is the one it wrote itself.
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if getattr(settings, "HTTPS", False) and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR", "")


def _network(address: str) -> str:
    """One visitor has one IPv4 address but a whole /64 of IPv6 addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:  # a server of both kinds writes them so
        return str(parsed.ipv4_mapped)
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
