"""Reading: which sketches there are for whom."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils import timezone

from workers.models import JobState

from .models import Stylization


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
    rows = rows.filter(_made_by(user, mine))
    return list(rows[:limit])


def _made_by(user, mine: frozenset[str]) -> Q:
    """What a user made, signed in or before in the same browser."""
    before = Q(owner=None, id__in=mine)
    return Q(owner=user) | before if user.is_authenticated else before


def stylizations_history(*, user, mine: frozenset[str]) -> QuerySet[Stylization]:
    """Everything of this user, or of this browser's session, that is still there, in whatever state; newest first."""
    rows = Stylization.objects.filter(removed=None, expires_at__gt=timezone.now()).select_related("job")
    rows = rows.filter(_made_by(user, mine))
    return rows.order_by("-created", "-id")


def stylizations_together(*, together: uuid.UUID) -> list[Stylization]:
    """What was asked for at once and is still there, in the order it was asked for."""
    rows = Stylization.objects.filter(together=together, removed=None, expires_at__gt=timezone.now())
    return list(rows.select_related("job", "owner").order_by("created", "id"))


def stylizations_of_photo(stylization: Stylization) -> list[Stylization]:
    """The other sketches of the same stored photo that are still there; each keeps the photo."""
    rows = Stylization.objects.filter(Q(source=stylization.first) | Q(id=stylization.first), removed=None)
    rows = rows.filter(expires_at__gt=timezone.now()).exclude(id=stylization.id)
    return list(rows.select_related("job", "owner").order_by("created", "id"))


@dataclass
class OneFace:
    """The sketches of one face of one photo."""

    sketches: list[Stylization] = field(default_factory=list)

    @property
    def first(self) -> Stylization:
        return self.sketches[0]

    @property
    def drawn(self) -> list[Stylization]:
        return [one for one in self.sketches if stylization_has(one, "sketch")]


def by_face(stylizations: list[Stylization], models: list[str]) -> list[OneFace]:
    """Sketches of one submission, gathered by photo and face in the order they came; within one, in the order of `models`."""
    places = {model: place for place, model in enumerate(models)}
    faces: dict[tuple, OneFace] = {}
    for one in stylizations:
        key = (one.first, one.face_index, str(one.points))
        faces.setdefault(key, OneFace()).sketches.append(one)
    for face in faces.values():
        face.sketches.sort(key=lambda one: places.get(one.model, len(places)))
    return list(faces.values())


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
