"""Making, checking and forgetting secrets."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils import timezone

from mysite.access.models import ApiToken, IdempotentReply, SignInLink

TOKEN_PREFIX = "fsw_"
TOKEN_LIFE = timedelta(days=365)
LINK_LIFE = timedelta(hours=24)
REPLY_LIFE = timedelta(hours=24)
USE_NOTED_EVERY = timedelta(minutes=1)


def digest(secret: str) -> str:
    """SHA-256 of a secret. The secrets are 256 random bits, so a slow password hash would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_create(*, user: Any, name: str, life: timedelta = TOKEN_LIFE) -> tuple[ApiToken, str]:
    """A new token and its key; the key cannot be read again later."""
    key = TOKEN_PREFIX + secrets.token_urlsafe(32)
    now = timezone.now()
    row = ApiToken.objects.create(
        user=user, name=name[:80], digest=digest(key), hint=key[:8], created=now, expires=now + life
    )
    return row, key


def token_delete(*, user: Any, token_id: int) -> bool:
    """Revoke one of the user's own tokens; False when they have no such token."""
    return ApiToken.objects.filter(user=user, id=token_id).delete()[0] == 1


def token_owner(*, key: str) -> ApiToken | None:
    """The live token with this key; notes that it was used, at most once a minute."""
    now = timezone.now()
    token = ApiToken.objects.select_related("user").filter(digest=digest(key), expires__gt=now).first()
    if token is None or not token.user.is_active:
        return None
    if token.last_used is None or now - token.last_used > USE_NOTED_EVERY:
        ApiToken.objects.filter(id=token.id).update(last_used=now)
    return token


def link_create(*, user: Any) -> str:
    """Secret of a new one-time sign-in link."""
    key = secrets.token_urlsafe(32)
    now = timezone.now()
    SignInLink.objects.create(user=user, digest=digest(key), created=now, expires=now + LINK_LIFE)
    return key


def link_use(*, key: str) -> Any:
    """The user of the link, which is used up by this; None when it is unknown, used or expired."""
    now = timezone.now()
    changed = SignInLink.objects.filter(digest=digest(key), used=None, expires__gt=now, user__is_active=True).update(
        used=now
    )
    if changed != 1:
        return None
    return SignInLink.objects.select_related("user").get(digest=digest(key)).user


def first_admin() -> Any:
    """The superuser that the sign-in link of the first start belongs to; made when there is none."""
    users = get_user_model().objects
    admins = users.filter(is_superuser=True, is_active=True).order_by("id")
    name = "admin"
    while (admin := admins.first()) is None:
        try:
            with transaction.atomic():
                admin = users.create_superuser(username=name)
                admin.set_unusable_password()
                admin.save(update_fields=["password"])
        except IntegrityError:
            # The name belongs to somebody who is no administrator, or another process was first.
            name = f"admin-{secrets.token_hex(2)}"
    return admin


def expired_delete() -> int:
    """Forget what is past its time; called by the sweeper."""
    now: datetime = timezone.now()
    count = ApiToken.objects.filter(expires__lt=now - timedelta(days=30)).delete()[0]
    count += SignInLink.objects.filter(expires__lt=now).delete()[0]
    count += IdempotentReply.objects.filter(created__lt=now - REPLY_LIFE).delete()[0]
    return count
