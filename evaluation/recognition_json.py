"""Recognition tests in the forms that leave the database: what drawings are made of, and tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluation.models import RecognitionTest
from workers.models import JobState

COLUMNS = (
    "test", "recogniser", "task", "protocol", "persons", "part", "measure", "value", "deviation", "low", "high",
    "threshold", "accepted", "negatives", "too_few", "found_only",
)  # fmt: skip


def curves_json(tests: Iterable[RecognitionTest]) -> dict[str, Any]:
    """What the drawings of the page are made of: the curves of each test, and the words on the axes."""
    return {
        "tests": [_curves(test) for test in tests if getattr(test, "curves", None) is not None],
        "words": {
            "far": _("false accept rate"), "rate": _("verification rate"), "rank": _("rank"),
            "found": _("found up to this rank"), "deviation": _("deviation"), "chance": _("by chance"),
        },
    }  # fmt: skip


def _curves(test: RecognitionTest) -> dict[str, Any]:
    return {
        "name": test.extractor,
        "url": reverse("evaluation:recognition-detail", args=[test.pk]),
        "roc": {key: [round(value, 6) for value in values] for key, values in test.curves.roc.items()},
        "cmc": {key: [round(value, 6) for value in values] for key, values in test.curves.cmc.items()},
    }


def values_csv(test: RecognitionTest) -> str:
    """One line a number, with everything that decides what it may be compared with."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for value in test.values.all():
        details = value.details
        row = [
            test.pk, "; ".join(test.extractors), test.task_label, test.protocol, test.label, value.part or "all parts",
            value.measure, value.value, value.deviation, value.low, value.high,
            *(details.get(name) for name in ("threshold", "accepted", "negatives", "too_few", "found_only")),
        ]  # fmt: skip
        writer.writerow(["" if cell is None else _plain(cell) for cell in row])
    return stream.getvalue()


def _plain(cell: Any) -> Any:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t" else cell


def best_values(tests: Sequence[RecognitionTest]) -> dict[str, float]:
    """The best number of each measure that can be ranked: {"rank1": 0.97}; tests of one protocol.

    Leaky tests do not take part: theirs are too good. A measure has no best where a test has too few cases for it.
    """
    few = {measure for test in tests for measure in test.too_few}
    best: dict[str, float] = {}
    for value in (value for test in tests if not test.leaky for value in test.summary):
        if value.measure not in few:
            best[value.measure] = max(value.value, best.get(value.measure, value.value))
    return best


def protocols_with_several(tests: QuerySet[RecognitionTest]) -> Sequence[dict[str, Any]]:
    """Protocols by which two recognisers or more were tested, the newest first: {"protocol", "label", "count"}."""
    finished = tests.filter(job__state=JobState.SUCCEEDED).order_by().prefetch_related(None)
    counted = finished.values("plan_digest").annotate(count=Count("id")).filter(count__gt=1)
    counts = {row["plan_digest"]: row["count"] for row in counted}
    rows: dict[str, dict[str, Any]] = {}
    for test in finished.filter(plan_digest__in=counts).order_by("-created"):
        row = {"protocol": test.protocol, "label": test.task_label, "count": counts[test.plan_digest]}
        rows.setdefault(test.plan_digest, row)
    return list(rows.values())
