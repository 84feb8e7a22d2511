"""The verdict on each picture: what people decided, else what the filter found. Kept on the image for filtering."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from workers.engine.alignment import template_from_data
from workers.engine.errors import InputError
from workers.engine.filtering import Judgement, judge
from workers.engine.geometry import Template

from ..models import Dataset, Decision, FilterRun, Image, ImageDecision, ImageJudgement, Verdict, VerdictReason

BATCH = 500
LONGEST_LIST = 20_000
LONGEST_NOTE = 300


def last_filter(dataset: Dataset) -> FilterRun | None:
    """The newest run that has finished; its judgements are those that stand."""
    return FilterRun.objects.filter(dataset=dataset).exclude(report={}).order_by("-created", "-id").first()


def judge_image(image: Image, template: Template) -> Judgement | None:
    """The filter's judgement; None without five points or when they lie in one place."""
    if not image.five:
        return None
    points = image.landmarks if image.landmarks and len(image.landmarks) in (17, 68) else image.five
    try:
        return judge(points, template, five=image.five)
    except InputError:
        return None


def judgement_row(image: Image, run: FilterRun, found: Judgement) -> ImageJudgement:
    return ImageJudgement(
        image=image,
        run=run,
        reason=found.reason(run.r),
        points=" ".join(found.detail or (found.farthest,)),
        deviation=found.deviation,
    )


def verdict_of(decision: str | None, judgement: ImageJudgement | None) -> tuple[str, str]:
    """(verdict, reason): a person's decision first, then the filter's finding."""
    if decision == Decision.EXCLUDE:
        return Verdict.REJECTED, VerdictReason.EXCLUDED
    if decision == Decision.INCLUDE:
        return Verdict.KEPT, VerdictReason.NONE
    if judgement is None:
        return Verdict.UNJUDGED, VerdictReason.NONE
    return (Verdict.REJECTED, judgement.reason) if judgement.reason else (Verdict.KEPT, VerdictReason.NONE)


@transaction.atomic
def verdicts_store(*, run: FilterRun, images: Sequence[Image], judgements: dict[int, ImageJudgement]) -> None:
    """Replace the judgements of these images by those given (image id -> row) and bring their verdicts up to date."""
    for start in range(0, len(images), BATCH):
        some = images[start : start + BATCH]
        ImageJudgement.objects.filter(image__in=some).delete()
        ImageJudgement.objects.bulk_create([judgements[image.pk] for image in some if image.pk in judgements])
        _write_verdicts(some, judgements)


@transaction.atomic
def verdicts_refresh(*, dataset: Dataset, images: Iterable[Image]) -> None:
    """Judge a few images anew by the last filter run, because their points changed."""
    run = last_filter(dataset)
    images = list(images)
    if run is None:
        _write_verdicts(images, {})
        return
    template = template_from_data(run.template)
    found = {image.pk: judge_image(image, template) for image in images}
    rows = {image.pk: judgement_row(image, run, one) for image in images if (one := found[image.pk]) is not None}
    verdicts_store(run=run, images=images, judgements=rows)


def _write_verdicts(images: Sequence[Image], judgements: dict[int, ImageJudgement]) -> None:
    decisions: dict[int, str] = {}
    for start in range(0, len(images), BATCH):
        standing = ImageDecision.objects.filter(image__in=images[start : start + BATCH], undone=None)
        decisions |= dict(standing.values_list("image_id", "decision"))
    # Few verdicts, many pictures: one UPDATE a verdict is many times as fast as one value a row.
    changed: dict[tuple[str, str], list[int]] = {}
    for image in images:
        verdict = verdict_of(decisions.get(image.pk), judgements.get(image.pk))
        if (image.verdict, image.verdict_reason) != verdict:
            image.verdict, image.verdict_reason = verdict
            changed.setdefault(verdict, []).append(image.pk)
    for (name, reason), ids in changed.items():
        for start in range(0, len(ids), BATCH):
            some = Image.objects.filter(pk__in=ids[start : start + BATCH])
            some.update(verdict=name, verdict_reason=reason)


@transaction.atomic
def images_decide(*, dataset: Dataset, keys: Sequence[str], decision: str, note: str = "", user: Any) -> int:
    """Exclude or include pictures by hand, by key; the number of pictures. A new decision replaces the old one.

    InputError, and nothing is done, when a key is not in the dataset.
    """
    if decision not in Decision.values:
        raise InputError(
            _("There is no decision %(name)s. Choices: %(known)s.")
            % {"name": repr(decision)[:60], "known": ", ".join(Decision.values)}
        )
    if len(note) > LONGEST_NOTE:
        raise InputError(_("The note is longer than %(count)d characters; shorten it.") % {"count": LONGEST_NOTE})
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        raise InputError(_("Name at least one picture, by its file name in the dataset."))
    if len(wanted) > LONGEST_LIST:
        raise InputError(_("At most %(count)d pictures can be decided on at once.") % {"count": LONGEST_LIST})
    images: list[Image] = []
    for start in range(0, len(wanted), BATCH):
        images += Image.objects.filter(dataset=dataset, key__in=wanted[start : start + BATCH]).defer("landmarks")
    missing = sorted(set(wanted) - {image.key for image in images})
    if missing:
        raise InputError(
            _(
                "There is no picture %(key)s in %(dataset)s (%(count)d of %(total)d names are unknown). Nothing was done."
            )
            % {"key": repr(missing[0])[:200], "dataset": dataset.slug, "count": len(missing), "total": len(wanted)}
        )
    now = timezone.now()
    try:
        for start in range(0, len(images), BATCH):
            some = images[start : start + BATCH]
            ImageDecision.objects.filter(image__in=some, undone=None).update(undone=now)
            rows = [ImageDecision(image=image, decision=decision, note=note, user=user) for image in some]
            ImageDecision.objects.bulk_create(rows)
    except IntegrityError as error:
        raise InputError(
            _("Somebody else decided on one of these pictures just now. Look again, then repeat.")
        ) from error
    _write_verdicts(images, _stored(images))
    return len(images)


@transaction.atomic
def decision_undo(*, decision: ImageDecision) -> Image:
    """Take a decision back; the one it replaced does not return, the filter's verdict does. Twice is the same."""
    ImageDecision.objects.filter(pk=decision.pk, undone=None).update(undone=timezone.now())
    image = Image.objects.select_related("dataset").get(pk=decision.image_id)
    _write_verdicts([image], _stored([image]))
    return image


def _stored(images: Sequence[Image]) -> dict[int, ImageJudgement]:
    found: dict[int, ImageJudgement] = {}
    for start in range(0, len(images), BATCH):
        rows = ImageJudgement.objects.filter(image__in=images[start : start + BATCH])
        found |= {row.image_id: row for row in rows}
    return found
