"""Aligned datasets: a parent and a recipe, made once, filled as a job, brought up to date by running it again."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from workers.engine.alignment import STANDING_SHARE, stands_on, template_data
from workers.engine.errors import InputError
from workers.engine.filtering import check_r, require_five
from workers.engine.geometry import PADDINGS, Template
from workers.queue import enqueue

from ..models import AlignmentRun, Dataset, Image
from .datasets import slug_check

LAYOUT = "aligned"
LOOKED_AT = 2000  # pictures whose eyes are looked at to tell whether a dataset is aligned already


def recipe_of(*, parent: Dataset, template: Template, padding: str, r: float | None) -> dict[str, Any]:
    """What is done, as stored with the derived dataset. `r` None: everything with landmarks, else the filter's kept."""
    if padding not in PADDINGS:
        raise InputError(
            _("There is no padding %(name)s. Known: %(known)s.") % {"name": repr(padding), "known": ", ".join(PADDINGS)}
        )
    if r is not None:
        require_five(template)
        check_r(r)
    return {
        "kind": "align",
        "parent": parent.slug,
        "template": template_data(template),
        "padding": padding,
        "r": r,
    }


def refuse_aligned(*, parent: Dataset, template: Template) -> None:
    """InputError when the dataset is aligned already: resampling twice blurs, and moves what stood right."""
    if parent.recipe:
        name = parent.recipe.get("template", {}).get("name", "?")
        raise InputError(
            _("%(slug)s was itself made by aligning %(parent)s to the template %(name)s. Align %(parent)s instead.")
            % {"slug": parent.slug, "parent": parent.recipe.get("parent", "?"), "name": name}
        )
    marked = Image.objects.filter(dataset=parent).exclude(five=None)
    total = marked.count()
    if not total:
        raise InputError(
            _(
                "No picture of %(slug)s has landmarks, so none can be aligned. Find the faces first, or mark them by hand."
            )
            % {"slug": parent.slug}
        )
    sized = marked.filter(width=template.width, height=template.height)
    same = sized.count()
    if same < STANDING_SHARE * total:
        return
    seen = list(sized.order_by("key").values_list("five", flat=True)[:LOOKED_AT])
    standing = sum(stands_on(five, template.size, template) for five in seen)
    if standing >= STANDING_SHARE * len(seen):
        raise InputError(
            _(
                "%(slug)s is aligned already: its pictures have %(width)s x %(height)s pixels, and in %(standing)d of "
                "%(seen)d the eyes stand where the template %(name)s wants them. Aligning again would only blur them. "
                "Use the dataset as it is, or choose another template."
            )
            % {
                "slug": parent.slug,
                "width": template.width,
                "height": template.height,
                "standing": standing,
                "seen": len(seen),
                "name": template.name,
            }
        )


def alignment_prepare(
    *, parent: Dataset, template: Template, padding: str = "edge", r: float | None = None, slug: str = "", owner: Any
) -> tuple[Dataset, bool]:
    """The derived dataset <parent>-<template>, made when it is not there; (dataset, whether it is new).

    One of that name that was made otherwise is an InputError.
    """
    refuse_aligned(parent=parent, template=template)
    recipe = recipe_of(parent=parent, template=template, padding=padding, r=r)
    dataset, created = Dataset.objects.get_or_create(
        slug=slug_check(slug or f"{parent.slug}-{template.name}"),
        defaults={
            "name": _("%(name)s, aligned to %(template)s") % {"name": parent.name, "template": template.name},
            "layout": LAYOUT,
            "description": parent.description,
            "terms": parent.terms,
            "citation": parent.citation,
            "public": parent.public,
            "drawn": parent.drawn,
            "owner": owner,
            "parent": parent,
            "recipe": recipe,
        },
    )
    if dataset.recipe != recipe or dataset.parent_id != parent.pk:
        raise InputError(
            _("There is a dataset %(slug)s already that was made otherwise. Choose another short name for this one.")
            % {"slug": dataset.slug}
        )
    return dataset, created


@transaction.atomic
def alignment_submit(
    *, parent: Dataset, template: Template, padding: str = "edge", r: float | None = None, slug: str = "", owner: Any
) -> tuple[AlignmentRun, bool]:
    """Queue the alignment; (run, whether it is new). A live one of the same dataset is returned instead."""
    dataset, created = alignment_prepare(parent=parent, template=template, padding=padding, r=r, slug=slug, owner=owner)
    if not (created or owner.is_staff or dataset.owner_id == owner.pk):
        raise InputError(
            _("The dataset %(slug)s belongs to somebody else. Choose another short name.") % {"slug": dataset.slug}
        )
    job, is_new = enqueue(
        kind="align",
        handler="datasetviewer.alignment_jobs.align_dataset",
        queue="batch",
        arguments={"dataset": dataset.pk},
        owner=owner,
        title=_("Align %(name)s to %(template)s") % {"name": parent.name, "template": template.name},
        link=reverse("datasetviewer:dataset-detail", args=[dataset.slug]),
        public=dataset.public,
        dedupe_key=f"align:{dataset.pk}",
        time_limit=12 * 3600,
    )
    if not is_new:
        return AlignmentRun.objects.get(job=job), False
    return AlignmentRun.objects.create(dataset=dataset, job=job), True
