"""The same face by every model that is offered."""

from __future__ import annotations

import shutil
import uuid
from typing import Any

from django.db import transaction

from ..models import Stylization
from ..offered import models_available
from ..selectors import stylizations_together
from .limits import check_limit
from .redrawing import stylization_redraw


def stylizations_all_models(
    *, stylization: Stylization, user: Any, visitor: str
) -> tuple[uuid.UUID, list[Stylization]]:
    """Queue one sketch of this face for each model that draws photos; returns their group and the new ones.

    The sketch that is there already is one of them where it belongs to no other group. Raises LimitReached when not all
    of them fit into the hour, before any is made.
    """
    owner = user if user is not None and user.is_authenticated else None
    models = [model.id for model in models_available(user) if model.takes == "photo"]
    group, missing = stylization.together, models
    if group is not None:
        siblings = stylizations_together(together=group)
        same = [one for one in siblings if (one.face_index, one.points) == (stylization.face_index, stylization.points)]
        if len(same) == len(siblings) and set(models) <= {one.model for one in siblings}:
            return group, []  # pressed twice
    if group is None:
        group = uuid.uuid4()
        missing = [model for model in models if model != stylization.model]
        joins = True
    else:
        group, joins = uuid.uuid4(), False
    made: list[Stylization] = []
    try:
        with transaction.atomic():
            check_limit(owner=owner, visitor=visitor, count=len(missing))
            for model in missing:
                made.append(stylization_redraw(stylization, model=model, owner=owner, visitor=visitor, together=group))
            if joins:
                # Who was first wins: of two presses at the same moment the second draws into a group of its own.
                Stylization.objects.filter(id=stylization.id, together=None).update(together=group)
    except BaseException:
        for one in made:  # their rows are taken back, their photos are to go as well
            shutil.rmtree(one.folder, ignore_errors=True)
        raise
    return group, made
