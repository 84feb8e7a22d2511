"""Reading images: sets for measuring, one picture with its partners, and where the file lies."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from workers.engine.errors import InputError

from ..models import Dataset, Facet, Image, Modality, Split
from ..storage import file_path
from .datasets import dataset_visible_to

ALL = "all"


def image_visible_to(user: Any) -> QuerySet[Image]:
    """The images of the datasets that a person may see."""
    if user is not None and user.is_authenticated:
        return Image.objects.all()  # a condition that is always true would only hide the index from the database
    return Image.objects.filter(dataset__in=dataset_visible_to(user))


def image_sources(datasets: Iterable[int]) -> list[str]:
    """Names of the sources in these datasets: from their facets, and from the pictures of those without."""
    wanted = set(datasets)
    counted = dict.fromkeys(Facet.objects.filter(dataset__in=wanted).values_list("source", "dataset"))
    rest = wanted - {dataset for _source, dataset in counted}
    found = {source for source, _dataset in counted}
    if rest:
        found |= set(Image.objects.filter(dataset__in=rest).order_by().values_list("source", flat=True).distinct())
    return sorted(found - {""})


def images_select(*, dataset: Dataset | str, split: str, modality: str, source: str = "") -> QuerySet[Image]:
    """The images of a set such as cufs:test:sketch, in the order of their keys.

    dataset   the row or its slug
    split     a split's name; "all" or "" takes every image
    modality  photo, sketch or caricature; "all" or "" takes every image
    source    the original database inside the set; "all" or "" takes every image

    An unknown name is an InputError that lists the known ones. Visibility is the caller's to check: dataset_visible_to.
    """
    if isinstance(dataset, str):
        found = Dataset.objects.filter(slug=dataset).first()
        if found is None:
            raise InputError(_("There is no dataset %(name)s.") % {"name": repr(dataset)})
        dataset = found
    images = Image.objects.filter(dataset=dataset)
    if split not in ("", ALL):
        _require(_("split"), split, [name for name in Split.values if name])
        images = images.filter(split=split)
    if modality not in ("", ALL):
        _require(_("modality"), modality, Modality.values)
        images = images.filter(modality=modality)
    if source not in ("", ALL):
        known = Image.objects.filter(dataset=dataset).exclude(source="").order_by("source")
        _require(_("source"), source, list(known.values_list("source", flat=True).distinct()))
        images = images.filter(source=source)
    return images.order_by("key")


def image_path(image: Image) -> Path:
    """Absolute path of the stored file, the original bytes. Touches image.dataset: select_related it for many."""
    return file_path(image.dataset.slug, image.sha256, image.format).absolute()


def _require(what: str, value: str, known: list[str]) -> None:
    if value not in known:
        choices = ", ".join([*known, ALL])
        raise InputError(
            _("There is no %(what)s %(value)s here. Choices: %(choices)s.")
            % {"what": what, "value": repr(value), "choices": choices}
        )
