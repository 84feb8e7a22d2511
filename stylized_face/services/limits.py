"""How much one person may have drawn in an hour; rows are counted."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workers.engine.errors import InputError

from ..models import Stylization

LIMIT_WINDOW = timedelta(hours=1)


class LimitReached(Exception):
    """Too many sketches in the last hour; the text is for the visitor, `seconds` is how long to wait."""

    def __init__(self, text: str, seconds: int) -> None:
        super().__init__(text)
        self.seconds = seconds


def check_limit(*, owner: Any, visitor: str, count: int = 1) -> None:
    """Raise LimitReached when this user or visitor may not have `count` more sketches now; rows are counted.

    InputError when it is more than an hour's worth, which no waiting mends.
    """
    visitors = int(getattr(settings, "VISITOR_SKETCHES_PER_HOUR", 20))
    limit = int(getattr(settings, "USER_SKETCHES_PER_HOUR", 20 * visitors)) if owner else visitors
    allowed = ngettext("%(count)d sketch an hour is allowed.", "%(count)d sketches an hour are allowed.", limit)
    allowed = allowed % {"count": limit}
    if count > limit:
        asked = ngettext("%(count)d was asked for at once.", "%(count)d were asked for at once. Send fewer.", count) % {
            "count": count
        }
        raise InputError(f"{allowed} {asked}")
    mine = Stylization.objects.filter(owner=owner) if owner else Stylization.objects.filter(owner=None, visitor=visitor)
    now = timezone.now()
    recent = list(
        mine.filter(created__gt=now - LIMIT_WINDOW).order_by("-created").values_list("created", flat=True)[:limit]
    )
    missing = len(recent) + count - limit  # so many of the older ones must be an hour old first
    if missing <= 0:
        return
    seconds = max(1, math.ceil((recent[-missing] + LIMIT_WINDOW - now).total_seconds()))
    minutes = math.ceil(seconds / 60)
    texts = [allowed]
    if left := limit - len(recent):
        text = _("You have %(left)d left, and %(asked)d were asked for. Send fewer, or wait.")
        texts.append(text % {"left": left, "asked": count})
    wait = ngettext("Come back in %(count)d minute.", "Come back in %(count)d minutes.", minutes)
    texts.append(wait % {"count": minutes})
    if not owner:
        texts.append(_("Signed-in users may make more."))
    raise LimitReached(" ".join(texts), seconds)
