"""Checkpoints on the page of their training: the same faces over time, their files, and what may be done with them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from datasetviewer.models import Image
from evaluation import selectors, services
from evaluation.forms.training import again_address
from evaluation.models import Checkpoint, TrainingRun
from workers.engine.errors import InputError


def samples_of(request: HttpRequest, run: TrainingRun) -> dict[str, Any]:
    """What the part with the faces and the table of checkpoints needs. The chosen checkpoint stands in the address."""
    visible = selectors.checkpoints_visible_to(request.user, deleted=None).filter(run=run)
    checkpoints = [one for one in visible if one.deleted is None]
    wanted = request.GET.get("checkpoint", "")
    chosen = next((one for one in checkpoints if one.id == wanted), checkpoints[-1] if checkpoints else None)
    place = checkpoints.index(chosen) if chosen else 0
    may_manage = selectors.training_managed_by(run=run, user=request.user)
    return {
        "run": run,
        "checkpoints": [(one, again_address(run, one)) for one in checkpoints],
        "deleted": [one for one in visible if one.deleted is not None] if may_manage else [],
        "chosen": chosen,
        "place": place,
        "last_place": len(checkpoints) - 1,
        "before": checkpoints[place - 1] if place else None,
        "after": checkpoints[place + 1] if place + 1 < len(checkpoints) else None,
        "faces": _faces(run, chosen) if chosen else [],
        "timeline": [
            {
                "id": one.id,
                "epoch": one.epoch,
                "samples": reverse("evaluation:checkpoint-sample", args=[one.id, "0"])[:-1],
            }
            for one in checkpoints
        ],
        "may_manage": may_manage,
    }


def _faces(run: TrainingRun, checkpoint: Checkpoint) -> list[dict[str, Any]]:
    """The held-out faces as the checkpoint draws them, each with input and target; a picture that is gone is left out."""
    pairs = selectors.validation_faces(run)
    images = Image.objects.select_related("dataset").in_bulk(
        {pair[side] for pair in pairs for side in ("source", "target")}
    )
    found = []
    for index, name in enumerate(selectors.sample_names(checkpoint)):
        pair = pairs[index] if index < len(pairs) else {}
        found.append(
            {
                "key": pair.get("key", name),
                "name": name,
                "drawn": reverse("evaluation:checkpoint-sample", args=[checkpoint.id, name]),
                "source": images.get(pair.get("source")),
                "target": images.get(pair.get("target")),
            }
        )
    return found


@never_cache
@require_GET
def training_samples(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """The part of the page with the faces and the table, fetched again when there is another checkpoint."""
    run = selectors.training_get(user=request.user, run_id=run_id)
    if run is None:
        raise Http404
    return render(request, "evaluation/training_samples.html", samples_of(request, run))


@require_safe
@cache_control(private=True, max_age=86_400)
def checkpoint_sample(request: HttpRequest, checkpoint_id: str, name: str) -> FileResponse:
    """A face as the checkpoint draws it, for who may see the training."""
    checkpoint = selectors.checkpoint_get(user=request.user, checkpoint_id=checkpoint_id)
    path = selectors.sample_path(checkpoint, name) if checkpoint else None
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/png")


@require_POST
@login_required
def checkpoint_change(request: HttpRequest, checkpoint_id: str) -> HttpResponse:
    """Title and whether visitors may draw with it."""
    checkpoint = _managed(request, checkpoint_id)
    try:
        published = {"on": True, "off": False}.get(request.POST.get("published", ""))
        services.checkpoint_update(checkpoint=checkpoint, title=request.POST.get("title"), published=published)
    except InputError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))
    return _back(checkpoint)


@require_POST
@login_required
def checkpoint_delete(request: HttpRequest, checkpoint_id: str) -> HttpResponse:
    checkpoint = _managed(request, checkpoint_id)
    services.checkpoint_delete(checkpoint=checkpoint)
    text = _("The checkpoint of epoch %(epoch)s was deleted. It can be restored for a week.")
    messages.success(request, text % {"epoch": checkpoint.epoch})
    return _back(checkpoint)


@require_POST
@login_required
def checkpoint_restore(request: HttpRequest, checkpoint_id: str) -> HttpResponse:
    checkpoint = _managed(request, checkpoint_id, deleted=True)
    try:
        services.checkpoint_restore(checkpoint=checkpoint)
    except InputError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Restored."))
    return _back(checkpoint)


def _back(checkpoint: Checkpoint) -> HttpResponse:
    return redirect(reverse("evaluation:training-detail", args=[checkpoint.run_id]) + "#checkpoints")


def _managed(request: HttpRequest, checkpoint_id: str, *, deleted: bool = False) -> Checkpoint:
    checkpoint = selectors.checkpoint_get(user=request.user, checkpoint_id=checkpoint_id, deleted=deleted)
    if checkpoint is None:
        raise Http404
    if not selectors.training_managed_by(run=checkpoint.run, user=request.user):
        raise PermissionDenied
    return checkpoint
