"""Filters of the result table, on the page and in the REST API."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from evaluation.models import Evaluation, Result
from workers.models import JobState

# What a table may be sorted by; "value" sorts within each protocol, never across.
ORDERINGS = ("value", "created", "n_reference", "n_candidate")


class ResultFilter(django_filters.FilterSet):
    metric = django_filters.CharFilter(label=_("Metric"))
    extractor = django_filters.CharFilter(label=_("Extractor"))
    dataset = django_filters.CharFilter(method="of_dataset", label=_("Dataset"))
    protocol = django_filters.CharFilter(label=_("Protocol"))
    mine = django_filters.BooleanFilter(method="only_mine", label=_("Only mine"))

    class Meta:
        model = Result
        fields = ("metric", "extractor", "dataset", "protocol", "mine")

    def of_dataset(self, results: QuerySet[Result], name: str, value: str) -> QuerySet[Result]:
        reference = Q(evaluation__reference_dataset__slug=value)
        return results.filter(reference | Q(evaluation__candidate_dataset__slug=value))

    def only_mine(self, results: QuerySet[Result], name: str, value: bool) -> QuerySet[Result]:
        if not value:
            return results
        user = self.request.user
        return results.filter(evaluation__owner=user) if user.is_authenticated else results.none()


class OrderedResultFilter(ResultFilter):
    """With `ordering`, for the REST API: by value within each protocol, by the other fields over all rows."""

    ordering = django_filters.ChoiceFilter(
        method="in_order",
        label=_("Order"),
        choices=[(name, name) for field in ORDERINGS for name in (field, f"-{field}")],
        help_text=(
            "value or -value sorts within each protocol (rows of one protocol stay together: values of different "
            "protocols cannot be ranked); created, n_reference, n_candidate sort over all rows"
        ),
    )

    def in_order(self, results: QuerySet[Result], name: str, value: str) -> QuerySet[Result]:
        if value.endswith("value"):
            return results.order_by("protocol", value, "id")
        return results.order_by(value, "id")


class EvaluationFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(field_name="job__state", choices=JobState.choices, label=_("State"))
    extractor = django_filters.CharFilter(label=_("Extractor"))
    mine = django_filters.BooleanFilter(method="only_mine", label=_("Only mine"))

    class Meta:
        model = Evaluation
        fields = ("state", "extractor", "mine")

    def only_mine(self, evaluations: QuerySet[Evaluation], name: str, value: bool) -> QuerySet[Evaluation]:
        if not value:
            return evaluations
        user = self.request.user
        return evaluations.filter(owner=user) if user.is_authenticated else evaluations.none()
