"""Filters of the list of jobs, on the page and in the REST API."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from workers.models import Job, JobState, QueueName


class JobFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=JobState.choices, label=_("State"))
    kind = django_filters.CharFilter(label=_("Kind"))
    queue = django_filters.ChoiceFilter(choices=QueueName.choices, label=_("Queue"))
    mine = django_filters.BooleanFilter(method="only_mine", label=_("Only mine"))

    class Meta:
        model = Job
        fields = ("state", "kind", "queue")

    def only_mine(self, jobs: QuerySet[Job], name: str, value: bool) -> QuerySet[Job]:
        if not value:
            return jobs
        user = self.request.user
        return jobs.filter(owner=user) if user.is_authenticated else jobs.none()
