"""Reading what belongs to an account."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from mysite.access.models import ApiToken, SignInLink
from mysite.access.services import digest


def tokens_of(*, user: Any) -> QuerySet[ApiToken]:
    """The user's tokens that still work, newest first."""
    return ApiToken.objects.filter(user=user, expires__gt=timezone.now())


def link_usable(*, key: str) -> SignInLink | None:
    """The sign-in link with this key, if it can still be used; asking does not use it up."""
    links = SignInLink.objects.select_related("user")
    return links.filter(digest=digest(key), used=None, expires__gt=timezone.now(), user__is_active=True).first()
