"""What GET /api/v1/images/ can be filtered by. A value that does not exist is an error that lists those that do."""

from __future__ import annotations

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.fields import ChoiceField

from .filters import NO_SPLIT
from .models import Image, Modality, Split
from .selectors import dataset_visible_to


class ListedChoiceField(ChoiceField):
    """A choice whose error names the choices."""

    def validate(self, value: Any) -> None:
        if value and not self.valid_value(value):
            choices: Any = self.choices
            known = ", ".join(str(choice) for choice, _label in choices if choice) or _("none")
            raise ValidationError(
                _("%(value)s is not known. Choices: %(known)s."), params={"value": repr(value), "known": known}
            )


class ListedChoiceFilter(django_filters.ChoiceFilter):
    field_class = ListedChoiceField


class ImageFilterSet(django_filters.FilterSet):
    """Empty values filter nothing. `source` and `dataset` offer what the person may see."""

    dataset = ListedChoiceFilter(field_name="dataset__slug", label="slug of a dataset", empty_label=None)
    split = ListedChoiceFilter(
        method="filter_split",
        label="split; none = pictures without one",
        empty_label=None,
        choices=[(value or NO_SPLIT, label) for value, label in Split.choices],
    )
    modality = ListedChoiceFilter(choices=Modality.choices, label="modality", empty_label=None)
    subject = django_filters.CharFilter(field_name="subject__name", label="name of a person, exactly")
    source = ListedChoiceFilter(label="original database inside the set", empty_label=None)

    class Meta:
        model = Image
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.request is None:  # the schema is being written: no person, no rows
            return
        visible = dataset_visible_to(self.request.user)
        slugs = visible.order_by("slug").values_list("slug", flat=True)
        self.filters["dataset"].extra["choices"] = [(slug, slug) for slug in slugs]
        if self.data.get("source"):
            images = Image.objects.filter(dataset__in=visible).exclude(source="")
            if self.data.get("dataset"):
                images = images.filter(dataset__slug=self.data["dataset"])
            sources = images.order_by("source").values_list("source", flat=True).distinct()
            self.filters["source"].extra["choices"] = [(source, source) for source in sources]

    def filter_split(self, images: QuerySet[Image], name: str, value: str) -> QuerySet[Image]:
        return images.filter(split="" if value == NO_SPLIT else value)
