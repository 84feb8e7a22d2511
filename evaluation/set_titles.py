"""What people call a set beside a picture: the run and epoch of a checkpoint rather than its number."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from evaluation.models import Checkpoint
from evaluation.sets import CheckpointSet, DatasetSet, PublishedSet, SetSpec, StylizerSet, UploadSpec, label
from workers.engine import catalogue


def set_titles(specs: Iterable[SetSpec]) -> dict[SetSpec, str]:
    """A short title for each; sets of one title get their full name. One query."""
    specs = list(dict.fromkeys(specs))
    ids = [spec.checkpoint for spec in specs if isinstance(spec, CheckpointSet)]
    checkpoints = Checkpoint.objects.select_related("run").in_bulk(ids)
    titles = {spec: _title(spec, checkpoints) for spec in specs}
    shown = list(titles.values())
    return {spec: title if shown.count(title) == 1 else f"{title} ({label(spec)})" for spec, title in titles.items()}


def _title(spec: SetSpec, checkpoints: dict[str, Checkpoint]) -> str:
    if isinstance(spec, CheckpointSet) and spec.checkpoint in checkpoints:
        checkpoint = checkpoints[spec.checkpoint]
        if checkpoint.title:
            return checkpoint.title
        return _("%(run)s, epoch %(epoch)s") % {"run": checkpoint.run, "epoch": checkpoint.epoch}
    drawers = catalogue.STYLIZERS | catalogue.SHIPPED
    if isinstance(spec, StylizerSet) and spec.stylizer in drawers:
        return _(drawers[spec.stylizer].title)
    if isinstance(spec, UploadSpec | PublishedSet) and spec.name:
        return spec.name
    if isinstance(spec, DatasetSet):
        kinds = {"photo": _("real photos"), "sketch": _("real sketches"), "caricature": _("real caricatures")}
        return kinds.get(spec.modality, spec.modality)
    return label(spec)
