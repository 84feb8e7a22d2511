"""Reading: which sketches there are for whom, and what can draw."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from evaluation.models import Checkpoint
from evaluation.selectors import checkpoints_published
from workers.engine.catalogue import PRESETS, STYLIZERS
from workers.engine.errors import InputError
from workers.models import JobState

from .models import Stylization

DEFAULT_MODEL = "pencil"
TRAINED = "checkpoint:"  # begins the id of a model that was trained here


@dataclass(frozen=True)
class Model:
    """Something a visitor can choose to draw the sketch; `provenance` says where it comes from."""

    id: str
    title: str
    note: str
    kind: str
    provenance: str


def models_built_in() -> list[Model]:
    """What can stylise a photo in every workbench; needs no database."""
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


def models_available() -> list[Model]:
    """Everything that can stylise a photo now: what is built in, then the checkpoints that their owners offer."""
    offered = checkpoints_published().filter(run__direction_from="photo", run__direction_to="sketch")
    return models_built_in() + [_trained(checkpoint) for checkpoint in offered]


def checkpoint_offered(model: str) -> Checkpoint:
    """The checkpoint behind the id of a trained model; InputError when it is not offered any more."""
    found = checkpoints_published().filter(id=model.removeprefix(TRAINED)).first()
    if found is None:
        raise InputError(_("The model %(model)s is not offered any more. Choose another one.") % {"model": model[:80]})
    return found


def _trained(checkpoint: Checkpoint) -> Model:
    preset = PRESETS.get(checkpoint.run.preset)
    return Model(
        id=f"{TRAINED}{checkpoint.id}",
        title=checkpoint.title or f"{checkpoint.run}, {_('epoch %(n)s') % {'n': checkpoint.epoch}}",
        note=_(preset.note) if preset else "",
        kind="checkpoint",
        provenance=_("trained here on %(n)s pairs") % {"n": checkpoint.run.n_train},
    )


def model_get(*, model: str) -> Model:
    """The model of that id; InputError lists the known ones."""
    if found := next((one for one in models_built_in() if one.id == model), None):
        return found
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
