"""Reading: which sketches there are for whom, and what can draw."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from workers.engine.catalogue import STYLIZERS
from workers.engine.errors import InputError
from workers.models import JobState

from .models import Stylization

DEFAULT_MODEL = "pencil"


@dataclass(frozen=True)
class Model:
    """Something a visitor can choose to draw the sketch; `provenance` says where it comes from."""

    id: str
    title: str
    note: str
    kind: str
    provenance: str


def models_available() -> list[Model]:
    """Everything that can stylise a photo now."""
    return [
        Model(
            id=name,
            title=_(stylizer.title),
            note=_(stylizer.note),
            kind="classical",
            provenance=_("built in; classical, no training"),
        )
        for name, stylizer in STYLIZERS.items()
        if ("photo", "sketch") in stylizer.directions
    ]


def model_get(*, model: str) -> Model:
    """The model of that id; InputError lists the known ones."""
    known = {one.id: one for one in models_available()}
    if model not in known:
        text = _("There is no model %(model)s. Known: %(known)s.")
        raise InputError(text % {"model": repr(str(model)[:80]), "known": ", ".join(known)})
    return known[model]


def stylization_get(*, id: uuid.UUID) -> Stylization | None:
    """The sketch with its job, or None when there is none, it was deleted, or its time is over."""
    return (
        Stylization.objects.select_related("job", "owner")
        .filter(id=id, removed=None, expires_at__gt=timezone.now())
        .first()
    )


def stylizations_recent(*, user, mine: frozenset[str], limit: int = 8) -> list[Stylization]:
    """Finished sketches of this user, or of this browser's session, that are still there; newest first."""
    rows = Stylization.objects.filter(
        removed=None, expires_at__gt=timezone.now(), job__state=JobState.SUCCEEDED
    ).select_related("job")
    rows = rows.filter(owner=user) if user.is_authenticated else rows.filter(owner=None, id__in=mine)
    return list(rows[:limit])


def stylization_has(stylization: Stylization, name: str) -> bool:
    """Whether one of its pictures may be shown: the photo always, what the job makes once it has succeeded."""
    return name == "photo" or stylization.job.state == JobState.SUCCEEDED


def stylization_may_change(stylization: Stylization, *, user, visitor: str, mine: frozenset[str]) -> bool:
    """Whether this person made it, or is staff. `mine` are the ids that the browser's session made as a visitor."""
    if user.is_authenticated and user.is_staff:
        return True
    if stylization.owner_id is not None:
        return user.is_authenticated and stylization.owner_id == user.pk
    return str(stylization.id) in mine or (bool(visitor) and stylization.visitor == visitor)
