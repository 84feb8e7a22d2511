"""What can draw: the shipped model, the classical methods, and the checkpoints that were trained here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from datasetviewer.models import Modality
from evaluation.models import Checkpoint
from evaluation.selectors import CHECKPOINT_ID, checkpoints_usable_by
from workers.engine.catalogue import PRESETS, SHIPPED, STYLIZERS, Shipped, Stylizer
from workers.engine.errors import InputError
from workers.engine.shipped.shelf import meta_on_shelf
from workers.engine.stylizers.digests import stylizer_digest

FALLBACK = "pencil"
TRAINED = "checkpoint:"  # begins the id of a model that was trained here
TAKEN = ("photo", "sketch")  # what can be sent: a face that the detector finds


@dataclass(frozen=True)
class Model:
    """Something that can be chosen to draw. `takes` and `gives` are modalities; `digest` stands for what draws."""

    id: str
    title: str
    note: str
    kind: str  # "classical": a fixed method; "shipped": a network of this repository; "checkpoint": trained here
    provenance: str
    takes: str = "photo"
    gives: str = "sketch"
    terms: str = ""
    digest: str = ""
    checkpoint: Checkpoint | None = None
    codes: bool = False  # a network that draws one picture of many; the seed says which, 0 is their mean

    @property
    def direction(self) -> str:
        """The direction in the reader's language."""
        return f"{Modality(self.takes).label} → {Modality(self.gives).label}"

    @property
    def draws_by_chance(self) -> bool:
        """Whether seed and strength change what it draws; most trained networks know neither."""
        return self.kind == "classical" or self.codes


def default_model() -> str:
    """The id of the model that draws unless another is chosen: the first shipped one that is there, else the pencil."""
    return next((name for name, shipped in SHIPPED.items() if meta_on_shelf(shipped) is not None), FALLBACK)


def models_built_in() -> list[Model]:
    """What draws in every workbench, the default first; needs no database."""
    shipped = [found for one in SHIPPED.values() if (found := _shipped(one)) is not None]
    return shipped + [_classical(one) for one in STYLIZERS.values()]


def models_available(user: Any = None) -> list[Model]:
    """Everything that this user may draw with now: what is built in, what owners offer, then the last checkpoint of
    each training of their own. Models that take something else than a photo come last."""
    offered = list(checkpoints_usable_by(None))
    own = [one for one in _last_of_own(user) if one not in offered]
    trained = [_trained(one) for one in [*offered, *own] if one.run.direction_from in TAKEN]
    return models_built_in() + sorted(trained, key=lambda model: model.takes != "photo")


def model_get(*, model: str, user: Any = None) -> Model:
    """The model of that id, if this user may draw with it; InputError lists the known ones."""
    if found := next((one for one in models_built_in() if one.id == model), None):
        return found
    checkpoint = _usable(model, user)
    if checkpoint is None or checkpoint.run.direction_from not in TAKEN:
        text = _("There is no model %(model)s. Known: %(known)s.")
        known = ", ".join(one.id for one in models_available(user))
        raise InputError(text % {"model": repr(str(model)[:80]), "known": known})
    return _trained(checkpoint)


def checkpoint_offered(model: str, user: Any = None) -> Checkpoint:
    """The checkpoint behind the id of a trained model; InputError when it is not offered any more."""
    found = _usable(model, user)
    if found is None:
        raise InputError(_("The model %(model)s is not offered any more. Choose another one.") % {"model": model[:80]})
    return found


def model_alike(model: str) -> str:
    """What jobs of one model have in common, for `enqueue(alike=...)`; "" where drawing several at once gains nothing."""
    return "" if model in STYLIZERS else f"stylize {model}"[:200]


def model_of(checkpoint: Checkpoint) -> Model:
    """The model that a checkpoint is."""
    return _trained(checkpoint)


def _usable(model: str, user: Any) -> Checkpoint | None:
    name = str(model).removeprefix(TRAINED)
    if not str(model).startswith(TRAINED) or not CHECKPOINT_ID.fullmatch(name):
        return None
    return checkpoints_usable_by(user).filter(id=name).first()


def _last_of_own(user: Any) -> list[Checkpoint]:
    if user is None or not user.is_authenticated:
        return []
    last: dict[Any, Checkpoint] = {}
    for one in checkpoints_usable_by(user).filter(run__owner=user, published=False):
        last.setdefault(one.run_id, one)
    return list(last.values())


def _shipped(shipped: Shipped) -> Model | None:
    meta = meta_on_shelf(shipped)
    if meta is None:
        return None
    text = _("comes with the workbench; %(preset)s, epoch %(epoch)s")
    return Model(
        id=shipped.name,
        title=_(shipped.title),
        note=_(shipped.note),
        kind="shipped",
        provenance=text % {"preset": meta.preset, "epoch": meta.epoch},
        takes=meta.direction[0],
        gives=meta.direction[1],
        terms=_(shipped.terms),
        digest=meta.digest,
    )


def _classical(stylizer: Stylizer) -> Model:
    takes, gives = stylizer.directions[0]
    return Model(
        id=stylizer.name,
        title=_(stylizer.title),
        note=_(stylizer.note),
        kind="classical",
        provenance=_("built in; classical, no training"),
        takes=takes,
        gives=gives,
        terms=_("Free, as this software."),
        digest=stylizer_digest(stylizer.name),
    )


def _trained(checkpoint: Checkpoint) -> Model:
    run = checkpoint.run
    preset = PRESETS.get(run.preset)
    return Model(
        id=f"{TRAINED}{checkpoint.id}",
        title=checkpoint.title or f"{run}, {_('epoch %(n)s') % {'n': checkpoint.epoch}}",
        note=_(preset.note) if preset else "",
        kind="checkpoint",
        provenance=_("trained here on %(n)s pairs") % {"n": run.n_train},
        takes=run.direction_from,
        gives=run.direction_to,
        terms=_("As the pictures it was trained on; ask its owner."),
        digest=checkpoint.digest,
        checkpoint=checkpoint,
        codes=bool(preset and preset.codes),
    )
