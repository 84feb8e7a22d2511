"""The same face by the same model in several ways: other seeds, or the way from one seed to another."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from workers.engine.errors import InputError

from ..models import MAX_SEED, Stylization
from ..offered import model_get
from .choice import Choice
from .creating import queued
from .limits import check_limit
from .redrawing import row_again, share_photo

FEWEST, USUAL, MOST = 2, 8, 16


def stylizations_variants(
    *,
    stylization: Stylization,
    count: int = USUAL,
    to_seed: int | None = None,
    owner: Any = None,
    visitor: str = "",
) -> tuple[uuid.UUID, list[Stylization]]:
    """Queue `count` drawings of this face by its model; returns their group and the new ones.

    Without `to_seed` they have the next seeds, and the sketch that is there joins them where it belongs to no other group.
    With it they stand at equal steps on the way from its seed to that one, both ends among them.
    Raises InputError for a model that draws every face in one way, and LimitReached before any is made.
    """
    start = replace(Choice.of(stylization), to_seed=None, mix=0.0)
    model = model_get(model=stylization.model, user=owner)
    if not FEWEST <= count <= MOST:
        raise InputError(_("The count is a whole number from %(low)d to %(high)d.") % {"low": FEWEST, "high": MOST})
    if not model.draws_by_chance:
        text = _("%(model)s draws the same face always alike: it knows no seed.")
        raise InputError(text % {"model": model.title})
    joins = to_seed is None and stylization.together is None and stylization.to_seed is None
    if to_seed is not None:
        if to_seed == start.seed:
            raise InputError(_("The two seeds are the same: there is no way between them."))
        choices = [replace(start, to_seed=to_seed, mix=round(step / (count - 1), 4)) for step in range(count)]
    else:
        first = start.seed + joins
        choices = [replace(start, seed=(first + step) % (MAX_SEED + 1)) for step in range(count)]
    choices = [choice.checked(owner) for choice in choices]
    check_limit(owner=owner, visitor=visitor, count=count)
    group = uuid.uuid4()
    rows = []
    for choice in choices:
        row = row_again(stylization, choice, owner=owner, visitor=visitor)
        row.points, row.face_index, row.together = stylization.points, stylization.face_index, group
        rows.append(row)
    with queued(rows, owner=owner, visitor=visitor):
        for row in rows:
            share_photo(stylization, row)
    if joins:  # of two presses at the same moment the second draws into a group of its own
        Stylization.objects.filter(id=stylization.id, together=None).update(together=group)
    return group, rows
