"""The sketch that a request asks for, and whether it may change it."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from ..models import Stylization
from ..selectors import stylization_get, stylization_may_change
from ..visitors import visitor_of


def get_or_404(id: uuid.UUID) -> Stylization:
    stylization = stylization_get(id=id)
    if stylization is None:
        raise Http404(_("There is no such sketch, or its time is over."))
    return stylization


def may_change(request: HttpRequest, stylization: Stylization) -> bool:
    visitor = visitor_of(request)
    return stylization_may_change(stylization, user=visitor.user, visitor=visitor.key, mine=visitor.mine)


def get_own(request: HttpRequest, id: uuid.UUID) -> Stylization:
    stylization = get_or_404(id)
    if not may_change(request, stylization):
        raise PermissionDenied
    return stylization
