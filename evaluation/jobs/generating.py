"""The pictures that a checkpoint or a stylizer has to draw before a set can be measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from django.conf import settings
from django.utils.translation import gettext as _

from evaluation.jobs.loading import load
from evaluation.sets import Contents, StylizerSet
from workers.context import JobContext


def to_draw(each: Contents) -> dict[str, int]:
    """Places of the pictures that are not there yet, by the file each will be; one of several equal ones."""
    return {str(path): place for place, path in enumerate(each.paths) if each.sources and not path.is_file()}


def generate_missing(context: JobContext, sets: Sequence[Contents], share: float) -> None:
    """Draw what the checkpoint and stylizer sets among these lack; `share` of the job's progress is spent on it.

    What is drawn stays for the next evaluation, also when this one is stopped halfway.
    """
    missing = [(each, sorted(lacking.values())) for each in sets if (lacking := to_draw(each))]
    total = sum(len(places) for _each, places in missing)
    if not total:
        return
    before = 0
    for each, places in missing:
        draw = _drawer(context, each)

        def report(done: int, of: int, before: int = before) -> None:
            step = _("generating: %(done)s of %(of)s pictures") % {"done": done, "of": of}
            context.report(share * (before + done) / total, step)

        drawing = partial(
            draw,
            [each.sources[place] for place in places],
            [each.names[place] for place in places],
            each.paths[places[0]].parent,
            report=report,
        )
        context.beside(drawing)
        before += len(places)


def _drawer(context: JobContext, each: Contents) -> Callable[..., object]:
    """What draws the pictures of a set: a function (paths, names, folder, report)."""
    if isinstance(each.spec, StylizerSet):
        context.report(0.0, _("generating: loading the stylizer"))
        load(context, "workers.engine.stylizers.drawing")
        from workers.engine.stylizers.drawing import stylize_set

        return partial(stylize_set, each.spec.stylizer, device=settings.DEVICE)
    assert each.checkpoint is not None
    context.report(0.0, _("generating: loading the checkpoint"))
    load(context, "workers.engine.families.generate")
    from workers.engine.families.generate import generate_set

    return partial(generate_set, each.checkpoint.folder, device=settings.DEVICE)
