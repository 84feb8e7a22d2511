"""What GET /api/v1/images/ can be filtered by. A value that does not exist is an error that lists those that do."""

from __future__ import annotations

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.fields import ChoiceField

from ..filters import COLOURS, IMAGE, NO_SPLIT, POINTS, RANGES, REASONS, VERDICTS, GridFilter
from ..models import Image, ImageSetMember, Modality, Split
from ..selectors import dataset_visible_to, image_set_visible_to, image_sources
from ..selectors.filtering import narrowed, of_persons
from ..selectors.names import Found, find_persons

SAME = ("split", "modality", "source", "q", "colour", "points", "verdict", "reason")


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, empty_label=None, **kwargs)


def _bound(field: str, side: str, words: str) -> django_filters.NumberFilter:
    label, low, high = RANGES[field]
    return django_filters.NumberFilter(
        method="leave", label=f"{label}, {words}", min_value=float(low), max_value=float(high)
    )


class ImageFilterSet(django_filters.FilterSet):
    """The same filters as the grid's, applied by the same code. Empty values filter nothing.

    `source` and `dataset` offer what the person may see.
    """

    dataset = ListedChoiceFilter(method="filter_dataset", label="slug of a dataset")
    split = ListedChoiceFilter(
        method="leave",
        label="split; none = pictures without one",
        choices=[(value or NO_SPLIT, label) for value, label in Split.choices],
    )
    modality = ListedChoiceFilter(method="leave", choices=Modality.choices, label="modality")
    subject = django_filters.CharFilter(method="filter_subject", label="name of a person, exactly")
    q = django_filters.CharFilter(method="leave", label="part of a person's name")
    source = ListedChoiceFilter(method="leave", label="original database inside the set")
    colour = ListedChoiceFilter(method="leave", choices=list(COLOURS.items()), label="in colour or grey")
    points = ListedChoiceFilter(
        method="leave", choices=list(POINTS.items()), label="landmarks: has, none, or where they come from"
    )
    verdict = ListedChoiceFilter(method="leave", choices=list(VERDICTS.items()), label="verdict of the filter")
    reason = ListedChoiceFilter(method="leave", choices=list(REASONS.items()), label="reason of a rejection")
    image_set = django_filters.CharFilter(method="filter_image_set", label="slug of an image set")
    width_min = _bound("width", "min", "at least")
    width_max = _bound("width", "max", "at most")
    height_min = _bound("height", "min", "at least")
    height_max = _bound("height", "max", "at most")
    yaw_min = _bound("yaw", "min", "at least")
    yaw_max = _bound("yaw", "max", "at most")
    pitch_min = _bound("pitch", "min", "at least")
    pitch_max = _bound("pitch", "max", "at most")
    roll_min = _bound("roll", "min", "at least")
    roll_max = _bound("roll", "max", "at most")

    class Meta:
        model = Image
        fields: list[str] = []

    # Whom the search finds, and the pictures as if nobody had been searched for.
    found: Found | None = None
    anyone: QuerySet[Image]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.request is None:  # the schema is being written: no person, no rows
            return
        visible = dataset_visible_to(self.request.user)
        self.datasets = dict(visible.order_by("slug").values_list("slug", "pk"))
        self.filters["dataset"].extra["choices"] = [(slug, slug) for slug in self.datasets]
        if self.data.get("source"):
            asked = self.datasets.get(self.data.get("dataset", ""))
            sources = image_sources([asked] if asked else self.datasets.values())
            self.filters["source"].extra["choices"] = [(source, source) for source in sources]

    def shown(self) -> GridFilter:
        """The grid's filter that means the same; `subject` and `image_set` are not part of it."""
        given: dict[str, Any] = {name: self.form.cleaned_data.get(name) or "" for name in SAME}
        bounds = [
            (f"{field}_{side}", self.form.cleaned_data.get(f"{field}_{side}"))
            for field in RANGES
            for side in ("min", "max")
        ]
        return GridFilter(
            by=IMAGE, ranges=tuple((name, float(value)) for name, value in bounds if value is not None), **given
        )

    def filter_queryset(self, images: QuerySet[Image]) -> QuerySet[Image]:
        shown = self.shown()
        self.anyone = narrowed(super().filter_queryset(images), shown)
        if not shown.q:
            return self.anyone
        self.found = find_persons(self.asked, shown.q, single=True)
        return of_persons(self.anyone, self.found)

    @property
    def asked(self) -> list[int]:
        """The datasets whose pictures are asked for: the one that is named, or all that the person may see."""
        named = self.form.cleaned_data.get("dataset")
        return [self.datasets[named]] if named else sorted(self.datasets.values())

    def leave(self, images: QuerySet[Image], name: str, value: Any) -> QuerySet[Image]:
        """Applied in filter_queryset, together."""
        return images

    def filter_dataset(self, images: QuerySet[Image], name: str, value: str) -> QuerySet[Image]:
        return images.filter(dataset=self.datasets[value])

    def filter_subject(self, images: QuerySet[Image], name: str, value: str) -> QuerySet[Image]:
        return images.filter(subject__name=value)

    def filter_image_set(self, images: QuerySet[Image], name: str, value: str) -> QuerySet[Image]:
        sets = image_set_visible_to(self.request.user).filter(slug=value)
        return images.filter(pk__in=ImageSetMember.objects.filter(image_set__in=sets.values("pk")).values("image"))
