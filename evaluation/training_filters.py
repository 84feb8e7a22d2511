"""Filters of the list of trainings, on the page and in the REST API."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from evaluation.models import TrainingRun
from workers.models import JobState


class TrainingFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(field_name="job__state", choices=JobState.choices, label=_("State"))
    preset = django_filters.CharFilter(label=_("Preset"))
    dataset = django_filters.CharFilter(field_name="dataset__slug", label=_("Dataset"))
    mine = django_filters.BooleanFilter(method="only_mine", label=_("Only mine"))

    class Meta:
        model = TrainingRun
        fields = ("state", "preset", "dataset", "mine")

    def only_mine(self, runs: QuerySet[TrainingRun], name: str, value: bool) -> QuerySet[TrainingRun]:
        if not value:
            return runs
        user = self.request.user
        return runs.filter(owner=user) if user.is_authenticated else runs.none()
