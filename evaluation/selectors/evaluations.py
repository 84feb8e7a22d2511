"""Reading evaluations and results: who may see which, and the result table in groups that may be ranked."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber

from datasetviewer.models import Dataset, Image
from datasetviewer.selectors import dataset_visible_to
from evaluation.models import Evaluation, Result
from workers.engine import catalogue


def _visible(prefix: str, user: Any) -> Q:
    """Signed-in users see all; visitors what comes from public datasets alone, made by checkpoints they may know of."""
    if user is not None and user.is_authenticated:
        return Q()
    drawn = f"{prefix}candidate_checkpoint__"
    known = Q(**{f"{drawn}published": True}) | Q(**{f"{drawn}run__dataset__public": True})
    # A checkpoint that is gone says no more whether it was private: then the specification does.
    known |= Q(**{f"{prefix}candidate_checkpoint": None}) & ~Q(**{f"{prefix}candidate__has_key": "checkpoint"})
    return known & Q(**{f"{prefix}reference_dataset__public": True, f"{prefix}candidate_dataset__public": True})


def evaluations_visible_to(user: Any) -> QuerySet[Evaluation]:
    """Evaluations with job, owner and results at hand, newest first."""
    evaluations = Evaluation.objects.filter(_visible("", user)).select_related("job", "owner")
    return evaluations.prefetch_related("results")


def evaluation_get(*, user: Any, evaluation_id: uuid.UUID) -> Evaluation | None:
    """The evaluation, or None when there is none that this user may see."""
    return evaluations_visible_to(user).filter(id=evaluation_id).first()


def results_visible_to(user: Any) -> QuerySet[Result]:
    """Results with their evaluation and its owner at hand, newest first."""
    return Result.objects.filter(_visible("evaluation__", user)).select_related("evaluation", "evaluation__owner")


@dataclass(frozen=True)
class ProtocolGroup:
    """Results that may be ranked with each other: one protocol, `count` in all, the first of them in `rows`.

    `largest` is the highest value or end of an interval among all.
    """

    protocol: str
    rows: list[Result]
    count: int
    largest: float

    @property
    def first(self) -> Result:
        return self.rows[0]

    @property
    def hidden(self) -> int:
        return self.count - len(self.rows)

    @property
    def best(self) -> float:
        values = [row.value for row in self.rows]
        return min(values) if self.first.lower_is_better else max(values)


def protocols_of(results: QuerySet[Result]) -> QuerySet[Any]:
    """Each protocol with its number of results, those with the newest result first, metrics in the catalogue's order."""
    groups = results.order_by().values("protocol")
    places = [When(metric=name, then=Value(place)) for place, name in enumerate(catalogue.METRICS)]
    facts = groups.annotate(
        count=Count("id"),
        largest=Max(Coalesce("high", "value")),
        newest=Max("created"),
        place=Min(Case(*places, default=Value(len(places)))),
    )
    return facts.order_by("-newest", "place", "protocol")


def protocol_groups(
    results: QuerySet[Result], protocols: list[dict[str, Any]], ordering: str, each: int
) -> list[ProtocolGroup]:
    """The given protocols (rows of `protocols_of`) with their first `each` results in the given order. One query."""
    names = [protocol["protocol"] for protocol in protocols]
    field = ordering.lstrip("-")
    order = [F(field).desc() if ordering.startswith("-") else F(field).asc(), F("id").asc()]
    place = Window(RowNumber(), partition_by=F("protocol"), order_by=order)
    rows = results.filter(protocol__in=names).annotate(place=place).filter(place__lte=each).order_by("place")
    by_protocol: dict[str, list[Result]] = {name: [] for name in names}
    for row in rows:
        by_protocol[row.protocol].append(row)
    return [
        ProtocolGroup(protocol["protocol"], by_protocol[protocol["protocol"]], protocol["count"], protocol["largest"])
        for protocol in protocols
        if by_protocol[protocol["protocol"]]
    ]


def sources_by_dataset(user: Any) -> list[tuple[Dataset, list[str]]]:
    """The datasets this user may measure, each with the names of its sources. Two queries."""
    datasets = list(dataset_visible_to(user))
    found = (
        Image.objects.filter(dataset__in=datasets).exclude(source="").order_by("source")
        .values_list("dataset_id", "source").distinct()
    )  # fmt: skip
    sources: dict[int, list[str]] = {}
    for dataset_id, source in found:
        sources.setdefault(dataset_id, []).append(source)
    return [(dataset, sources.get(dataset.pk, [])) for dataset in datasets]
