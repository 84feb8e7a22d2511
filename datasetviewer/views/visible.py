"""What a request may see, else 404, so that a visitor does not learn that it is there."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from .. import selectors
from ..filters import Choices
from ..models import Dataset


def dataset_or_404(request: HttpRequest, slug: str) -> Dataset:
    return get_object_or_404(selectors.dataset_visible_to(request.user), slug=slug)


def choices_of(counts: selectors.DatasetCounts) -> Choices:
    return Choices(splits=counts.splits, modalities=counts.modalities, sources=counts.sources)
