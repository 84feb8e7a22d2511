"""What the pages of faces were asked for: everything stands in the address."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation.selectors import faces as selectors
from evaluation.selectors.faces import Face, FaceMeasure, FaceSet, OfferedSet
from evaluation.sets import CheckpointSet, StylizerSet, from_json

MOST = 6  # sets side by side
OFFERED = 40
FIRST_CHOICE = 3  # sets that are shown when none is chosen
MAPS = {"": gettext_lazy("none"), "difference": gettext_lazy("difference"), "ssim": gettext_lazy("SSIM")}
ORDERINGS = {
    "worst": gettext_lazy("worst first"),
    "best": gettext_lazy("best first"),
    "gap": gettext_lazy("biggest difference between sets first"),
    "key": gettext_lazy("by name"),
}


@dataclass(frozen=True)
class FaceQuery:
    """`sets` are the chosen ones; `by` the one to sort by, None: their mean. `error` says what the address got wrong."""

    offered: list[OfferedSet]
    sets: list[FaceSet]
    measures: list[FaceMeasure]
    measure: FaceMeasure | None
    rank1: FaceMeasure | None
    ordering: str
    by: FaceSet | None
    only_failed: bool
    map: str
    error: str

    @property
    def chosen_ids(self) -> set[str]:
        return {str(each.evaluation.pk) for each in self.sets}

    def faces(self) -> list[Face]:
        if self.measure is None:
            return []
        failed = self.rank1 if self.only_failed else None
        return selectors.faces_sorted(self.sets, self.measure, self.ordering, self.by, failed)

    @property
    def vote_query(self) -> str:
        """The form of a blind test filled in with these sets; "" when fewer than two were drawn of one part."""
        specs = [from_json(each.evaluation.candidate) for each in self.sets]
        drawn = [spec for spec in specs if isinstance(spec, CheckpointSet | StylizerSet)]
        parts = [":".join(filter(None, [spec.dataset, spec.split, spec.source])) for spec in drawn]
        of_first = [str(spec) for spec, part in zip(drawn, parts, strict=True) if part == parts[0]]
        return urlencode({"on": parts[0], "candidate": of_first}, doseq=True) if len(of_first) > 1 else ""

    def context(self) -> dict[str, Any]:
        """What the templates of all pages need."""
        return {
            "query": self,
            "most": MOST,
            "orderings": [entry for entry in ORDERINGS.items() if entry[0] != "gap" or len(self.sets) > 1],
            "maps": MAPS.items(),
        }


def face_query(data: QueryDict, user: Any) -> FaceQuery:
    asked = data.getlist("evaluation")[:MOST]
    groups = selectors.sets_grouped(user, filter(None, map(_uuid, asked)))
    group_of = {str(evaluation.pk): group for group in groups for evaluation in group}
    chosen, error = [], ""
    for text in asked:
        group = group_of.get(_uuid(text))
        if group is None:
            error = _("There is no evaluation %(id)s with values of pairs; choose one of the list.") % {"id": text[:40]}
        elif group not in chosen:
            chosen.append(group)
    if not chosen and not error:
        chosen = _first_choice(groups)
    sets = selectors.face_sets(chosen)
    measures = selectors.measures_of(sets)
    measure = selectors.measure_chosen(measures, data.get("metric", ""))
    rank1 = selectors.rank1_measure(measures, measure)
    ordering = data.get("ordering", "")
    by = next((each for each in sets if str(each.evaluation.pk) == data.get("by", "")), None)
    return FaceQuery(
        offered=selectors.offered_sets(groups, OFFERED),
        sets=sets,
        measures=measures,
        measure=measure,
        rank1=rank1,
        ordering=ordering if ordering in ORDERINGS else "worst",
        by=by,
        only_failed=rank1 is not None and data.get("only", "") == "failed",
        map=data.get("map", "") if data.get("map", "") in MAPS else "",
        error=error,
    )


def _first_choice(groups: list[list[Any]]) -> list[list[Any]]:
    """The newest set, and others that were measured against the same reference."""
    if not groups:
        return []
    return [group for group in groups if group[0].reference == groups[0][0].reference][:FIRST_CHOICE]


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""
