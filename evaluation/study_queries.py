"""A study out of an address: the same parameters on the pages and in the REST API."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from evaluation.selectors import study
from evaluation.selectors.study import Choice, Comparison, Curve, Measure, Scatter
from workers.engine.errors import InputError
from workers.engine.study.choice import RULES

KNOWN = {
    "curve": ("run", "measure", "metric", "extractor", "protocol"),
    "scatter": ("run", "x", "y", "x_protocol", "y_protocol"),
    "choice": ("run", "measure", "on", "rule", "k"),
    "comparison": ("run", "measure", "protocol", "seeds"),
}


def curve_of(user: Any, query: QueryDict) -> Curve:
    """run=ID (repeated), metric=fid and extractor=inception.pool3 (or both as measure), protocol=a key of its scales."""
    text = query.get("measure", "")
    if metric := query.get("metric", ""):
        text = f"{metric}:{query.get('extractor', '')}"
    measure = study.measure_of(text) if text else None
    return study.curve(user, runs=_runs(query), measure=measure, scale=query.get("protocol", ""))


def scatter_of(user: Any, query: QueryDict) -> Scatter:
    """run=ID (repeated), x and y written metric:extractor, x_protocol, y_protocol."""
    x, y = (study.measure_of(str(query[name])) if query.get(name) else None for name in ("x", "y"))
    scales = query.get("x_protocol", ""), query.get("y_protocol", "")
    return study.scatter(user, runs=_runs(query), x=x, y=y, x_scale=scales[0], y_scale=scales[1])


def choice_of(user: Any, query: QueryDict) -> Choice:
    """run=ID and measure=metric:extractor (both repeated), on=dataset:split, rule, k."""
    try:
        k = int(query.get("k") or 1)
    except ValueError:
        raise InputError(_("k: %(text)s is no whole number.") % {"text": repr(query["k"])[:40]}) from None
    rule = query.get("rule") or RULES[0]
    return study.choice(user, runs=_runs(query), measures=_measures(query), on=query.get("on", ""), rule=rule, k=k)


def comparison_of(user: Any, query: QueryDict) -> Comparison:
    """run=ID, measure=metric:extractor and protocol=KEY of each measure (all repeated), seeds=apart."""
    apart = query.get("seeds", "") == "apart"
    return study.comparison(
        user, runs=_runs(query), measures=_measures(query), scales=query.getlist("protocol"), seeds_apart=apart
    )


def _runs(query: QueryDict) -> list[str]:
    """Ids, one a parameter or several with commas."""
    return [part for text in query.getlist("run") for part in text.split(",") if part]


def _measures(query: QueryDict) -> list[Measure]:
    return [study.measure_of(text) for text in query.getlist("measure") if text]
