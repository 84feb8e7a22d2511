"""Reading image sets, and the pictures behind the ticks of a grid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from workers.engine.errors import InputError

from ..models import Dataset, Image, ImageSet, ImageSetMember, Modality
from .datasets import dataset_visible_to

KINDS = {"image": "pk", "pair": "pair", "subject": "subject"}


def image_set_visible_to(user: Any, *, deleted: bool = False) -> QuerySet[ImageSet]:
    """The sets of the datasets that a person may see; with `deleted` those put away instead of those in use."""
    sets = ImageSet.objects.filter(dataset__in=dataset_visible_to(user), deleted__isnull=not deleted)
    return sets.select_related("dataset", "owner")


def image_set_may_change(user: Any, image_set: ImageSet) -> bool:
    """Whether this person may rename or delete the set: staff and its owner."""
    return bool(user.is_authenticated and (user.is_staff or (image_set.owner_id and image_set.owner_id == user.pk)))


def image_set_images(image_set: ImageSet) -> QuerySet[Image]:
    """The pictures of the set by key, with what tiles need."""
    images = Image.objects.filter(pk__in=ImageSetMember.objects.filter(image_set=image_set).values("image"))
    return images.select_related("dataset", "subject", "pair").order_by("key")


def image_set_modalities(image_set: ImageSet) -> list[tuple[str, int]]:
    """How many pictures of each modality: (label, number)."""
    found = dict(image_set_images(image_set).order_by().values_list("modality").annotate(n=Count("*")))
    return [(str(modality.label), found[modality.value]) for modality in Modality if modality.value in found]


def picked_images(dataset: Dataset, picks: Iterable[str], modality: str = "") -> QuerySet[Image]:
    """The pictures behind ticks such as image:7, pair:3, subject:5, by key. InputError for anything else."""
    keys: dict[str, set[int]] = {kind: set() for kind in KINDS}
    for pick in picks:
        kind, _colon, number = pick.partition(":")
        if kind not in keys or not (number.isascii() and number.isdigit()) or len(number) > 18:
            raise InputError(
                _("%(pick)s is not a picture, a pair or a person: write image:7, pair:7 or subject:7.")
                % {"pick": repr(pick[:40])}
            )
        keys[kind].add(int(number))
    any_of = Q(pk__in=[])
    for kind, numbers in keys.items():
        if numbers:
            any_of |= Q(**{f"{KINDS[kind]}__in": numbers})
    images = Image.objects.filter(any_of, dataset=dataset)
    return (images.filter(modality=modality) if modality else images).order_by("key")
