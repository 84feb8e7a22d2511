"""The list of models: what each is, what it drew, what it was measured at. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluation.models import Checkpoint, Result
from evaluation.selectors import checkpoints_visible_to, results_visible_to, sample_names, training_managed_by
from workers.engine.catalogue import METRICS, SHIPPED

from .offered import Model, default_model, model_of, models_available
from .samples import sample_path, source_path

SCORES_SHOWN = 4


@dataclass(frozen=True)
class Listed:
    """A model as the list shows it. `sample` and `source` are addresses of pictures, "" where there is none (yet)."""

    model: Model
    sample: str = ""
    source: str = ""
    sample_note: str = ""
    scores: list[Result] = field(default_factory=list)
    offered: bool = True
    may_manage: bool = False
    usable: bool = True
    is_default: bool = False
    training: str = ""
    dataset: str = ""

    @property
    def card(self) -> str:
        """Address of the model card; "" where there is none."""
        shipped = SHIPPED.get(self.model.id)
        has = shipped is not None and shipped.card.is_file()
        return reverse("stylized_face:model-card", args=[self.model.id]) if has else ""

    @property
    def change(self) -> str:
        """Address that takes `published`; "" for what nobody owns."""
        one = self.model.checkpoint
        return reverse("stylized_face:model-offer", args=[one.id]) if one is not None else ""

    @property
    def draw(self) -> str:
        """Address of the sketch page with this model chosen; "" for who may not use it."""
        return f"{reverse('stylized_face:sketch-new')}?model={self.model.id}" if self.usable else ""


def models_listed(user: Any) -> list[Listed]:
    """What this user may draw with: built in, then offered by owners, then the last of each own training."""
    models = models_available(user)
    return _listed(models, user)


def checkpoints_not_offered(user: Any) -> QuerySet[Checkpoint]:
    """The other checkpoints that this user knows of, newest first; nothing for visitors."""
    if not user.is_authenticated:
        return Checkpoint.objects.none()
    return checkpoints_visible_to(user).filter(published=False).order_by("-created", "-step")


def checkpoints_listed(checkpoints: Iterable[Checkpoint], user: Any) -> list[Listed]:
    """The same of these checkpoints."""
    return _listed([model_of(one) for one in checkpoints], user)


def scores_of(checkpoints: Iterable[Checkpoint], user: Any) -> dict[str, list[Result]]:
    """By checkpoint the newest number of each metric that this user may see, in the catalogue's order.

    Numbers of validation pictures are left out: checkpoints are chosen by them, so they tell nothing of a model.
    """
    ids = [one.id for one in checkpoints]
    if not ids:
        return {}
    results = results_visible_to(user).filter(evaluation__candidate_checkpoint__in=ids)
    return _newest(results, lambda result: str(result.evaluation.candidate_checkpoint_id))


def scores_of_built_in(names: Iterable[str], user: Any) -> dict[str, list[Result]]:
    """The same of what comes with the workbench, by its id."""
    results = results_visible_to(user).filter(evaluation__candidate__stylizer__in=list(names))
    return _newest(results, lambda result: str(result.evaluation.candidate["stylizer"]))


def _newest(results: QuerySet[Result], model: Callable[[Result], str]) -> dict[str, list[Result]]:
    found: dict[str, dict[str, Result]] = defaultdict(dict)
    for result in results.order_by("-created", "id"):
        if not result.evaluation.for_choosing:
            found[model(result)].setdefault(result.metric, result)
    places = {name: place for place, name in enumerate(METRICS)}
    return {
        one: sorted(results.values(), key=lambda result: places.get(result.metric, len(places)))[:SCORES_SHOWN]
        for one, results in found.items()
    }


def _listed(models: list[Model], user: Any) -> list[Listed]:
    checkpoints = [model.checkpoint for model in models if model.checkpoint is not None]
    built_in = [model.id for model in models if model.checkpoint is None]
    scores, default = scores_of(checkpoints, user) | scores_of_built_in(built_in, user), default_model()
    return [_one(model, user, scores, default) for model in models]


def _one(model: Model, user: Any, scores: dict[str, list[Result]], default: str) -> Listed:
    one = model.checkpoint
    sample, source, note = _sample(model)
    if one is None:
        return Listed(model, sample, source, note, scores=scores.get(model.id, []), is_default=model.id == default)
    run, signed_in = one.run, user.is_authenticated
    may_look = signed_in or (run.dataset is not None and run.dataset.public)
    return Listed(
        model,
        sample,
        source,
        note,
        scores=scores.get(one.id, []),
        offered=one.published,
        may_manage=signed_in and training_managed_by(run=run, user=user),
        usable=one.published or (signed_in and run.owner_id == user.pk),
        training=reverse("evaluation:training-detail", args=[run.id]) if may_look else "",
        dataset=run.dataset.slug if may_look and run.dataset is not None else "",
    )


def _sample(model: Model) -> tuple[str, str, str]:
    """Addresses of a drawing and of what it was drawn from, and what they are.

    Everybody sees the drawn face. A checkpoint without one shows a held-out face of its training instead, whose address
    is open only to who may see the dataset.
    """
    path, source = sample_path(model), source_path(model.takes)
    if path.is_file() and source.is_file():
        addresses = [reverse("stylized_face:model-sample", args=[one.stem]) for one in (path, source)]
        return addresses[0], addresses[1], _("a face drawn by this program, not a person")
    one = model.checkpoint
    if one is not None and not one.published and (names := sample_names(one)):
        return reverse("evaluation:checkpoint-sample", args=[one.id, names[0]]), "", _("a held-out face")
    return "", "", ""
