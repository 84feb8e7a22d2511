"""Guessing a password is made slow: ten wrong ones for a name from one address, then ten minutes of rest."""

from datetime import datetime, timedelta

from django.utils import timezone

from mysite.access.models import FailedSignIn
from mysite.access.services import digest

TRIES = 10
WINDOW = timedelta(minutes=10)


def _key(address: str, username: str) -> str:
    return digest(f"{address}\n{username.casefold()}")


def tries_wait(*, address: str, username: str) -> timedelta:
    """How long until this name may be tried again from this address; zero when it may be tried now."""
    now = timezone.now()
    recent = FailedSignIn.objects.filter(digest=_key(address, username), created__gt=now - WINDOW).order_by("-created")
    moments: list[datetime] = list(recent.values_list("created", flat=True)[:TRIES])
    return moments[-1] + WINDOW - now if len(moments) == TRIES else timedelta()


def try_failed(*, address: str, username: str) -> None:
    """Remember a wrong password, and forget those that no longer count."""
    now = timezone.now()
    FailedSignIn.objects.filter(created__lt=now - WINDOW).delete()
    FailedSignIn.objects.create(digest=_key(address, username), created=now)


def tries_forget(*, address: str, username: str) -> None:
    """The right password came: the count begins anew."""
    FailedSignIn.objects.filter(digest=_key(address, username)).delete()
