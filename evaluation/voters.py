"""Who votes: the user, or a visitor's browser. Kept as a digest that differs from test to test."""

from __future__ import annotations

import secrets
from typing import Any

from django.utils.crypto import salted_hmac

from evaluation.models import PreferenceTest

_SESSION_KEY = "preference_voter"


def voter_of(request: Any, test: PreferenceTest) -> str:
    """Remembered in the session, which a visitor gets by beginning to vote; looking asks `voter_known`."""
    if not request.user.is_authenticated and _SESSION_KEY not in request.session:
        request.session[_SESSION_KEY] = secrets.token_urlsafe(18)
    return voter_known(request, test)


def voter_known(request: Any, test: PreferenceTest) -> str:
    """The voter behind a request; "" for a visitor who has not voted here. Writes nothing: whatever reads pages may ask."""
    if request.user.is_authenticated:
        who = f"user {request.user.pk}"
    elif _SESSION_KEY in request.session:
        who = f"visitor {request.session[_SESSION_KEY]}"
    else:
        return ""
    return salted_hmac("evaluation.preferences", f"{test.pk} {who}", algorithm="sha256").hexdigest()
