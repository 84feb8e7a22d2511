"""Writing image sets: making, renaming, putting away and taking back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from workers.engine.errors import InputError
from workers.engine.protocol import set_digest

from ..models import SLUG_PATTERN, Dataset, Image, ImageSet, ImageSetMember

# A set put away can be taken back for as long.
KEPT = timedelta(days=7)
LARGEST_SET = 100_000
BATCH = 2_000
# Addresses below /sets/ that are pages of their own.
RESERVED = frozenset({"new"})


def image_set_create(
    *, dataset: Dataset, images: QuerySet[Image], name: str, slug: str = "", note: str = "", owner: Any = None
) -> ImageSet:
    """Keep these pictures of the dataset under a name. Whether the person may see them is the caller's to check.

    Without a slug one is made from the name. InputError for no picture, too many, a bad name, a slug in use.
    """
    name = _name(name)
    rows = list(images.filter(dataset=dataset).order_by("key").values_list("pk", "sha256")[: LARGEST_SET + 1])
    if not rows:
        raise InputError(_("No picture is selected. Tick some, or take all that match the filter."))
    if len(rows) > LARGEST_SET:
        text = _("A set holds at most %(most)s pictures; narrow the filter.")
        raise InputError(text % {"most": LARGEST_SET})
    given = bool(slug)
    slug = _slug(slug) if given else _free_slug(name)
    try:
        with transaction.atomic():
            image_set = ImageSet.objects.create(
                slug=slug,
                name=name,
                note=note.strip(),
                dataset=dataset,
                owner=owner,
                size=len(rows),
                digest=set_digest(sha256 for _pk, sha256 in rows),
            )
            members = [ImageSetMember(image_set=image_set, image_id=pk) for pk, _sha256 in rows]
            ImageSetMember.objects.bulk_create(members, batch_size=BATCH)
    except IntegrityError as error:
        text = _("The short name %(slug)s is in use, perhaps by a deleted set. Choose another one.")
        raise InputError(text % {"slug": slug}) from error
    return image_set


def image_set_update(*, image_set: ImageSet, name: str | None = None, note: str | None = None) -> ImageSet:
    """Rename the set or change its note. Its short name stays: evaluations know it by that."""
    if name is not None:
        image_set.name = _name(name)
    if note is not None:
        image_set.note = note.strip()
    image_set.save(update_fields=["name", "note"])
    return image_set


def image_set_delete(*, image_set: ImageSet) -> None:
    """Put the set away; image_set_restore takes it back. Those put away long ago go for good."""
    now = timezone.now()
    ImageSet.objects.filter(deleted__lt=now - KEPT).delete()
    ImageSet.objects.filter(pk=image_set.pk, deleted=None).update(deleted=now)


def image_set_restore(*, image_set: ImageSet) -> None:
    ImageSet.objects.filter(pk=image_set.pk).update(deleted=None)


def _name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 200 or "\x00" in name:
        raise InputError(_("Give the set a name of 1 to 200 characters."))
    return name


def _slug(slug: str) -> str:
    if not re.fullmatch(SLUG_PATTERN, slug) or slug in RESERVED:
        raise InputError(
            _("%(slug)s cannot be a set's short name: use a-z, 0-9 and dashes, at most 64 characters.")
            % {"slug": repr(slug[:80])}
        )
    return slug


def _free_slug(name: str) -> str:
    start = slugify(name)[:58].strip("-_").replace("_", "-") or "set"
    if not re.fullmatch(SLUG_PATTERN, start) or start in RESERVED:
        start = f"set-{start}"[:58].strip("-")
    taken = set(ImageSet.objects.filter(slug__startswith=start).values_list("slug", flat=True))
    return next(
        slug
        for number in range(1, len(taken) + 2)
        if (slug := start if number == 1 else f"{start}-{number}") not in taken
    )
