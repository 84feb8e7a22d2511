"""The studies as plain data: what the REST API answers, and what the drawings of the pages are made from."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from evaluation.models import Checkpoint, TrainingRun
from evaluation.selectors.study import Choice, Comparison, Curve, Measure, Point, Scale, Scatter
from evaluation.selectors.study.choice import Candidate
from evaluation.selectors.study.comparison import Compared, Group
from evaluation.selectors.study.curve import Line, OddStep
from evaluation.selectors.study.scatter import Agreed, Axis
from workers.engine.study.correlation import Agreement
from workers.engine.study.tables import Spread

Json = dict[str, Any]


def checkpoint_url(checkpoint: Checkpoint) -> str:
    """The page of its run, showing the faces as this checkpoint draws them."""
    return f"{reverse('evaluation:training-detail', args=[checkpoint.run_id])}?checkpoint={checkpoint.pk}"


def run_json(run: TrainingRun) -> Json:
    return {
        "id": str(run.pk), "name": str(run), "preset": run.preset, "seed": run.seed,
        "url": reverse("evaluation:training-detail", args=[run.pk]),
    }  # fmt: skip


def measure_json(measure: Measure | None) -> Json | None:
    if measure is None:
        return None
    direction = "lower" if measure.lower_is_better else "higher"
    return {"metric": measure.metric, "extractor": measure.extractor, "title": measure.title, "direction": direction}


def scale_json(scale: Scale | None) -> Json | None:
    if scale is None:
        return None
    return {
        "key": scale.key, "protocol": scale.protocol, "on": scale.on, "split": scale.split, "reference": scale.reference,
        "n_reference": scale.n_reference, "n_candidate": scale.n_candidate, "count": scale.count,
    }  # fmt: skip


def point_json(point: Point) -> Json:
    result = point.result
    return {
        "checkpoint": point.checkpoint.pk, "epoch": point.checkpoint.epoch, "step": point.checkpoint.step,
        "value": result.value, "low": result.low, "high": result.high, "evaluation": str(result.evaluation_id),
        "url": checkpoint_url(point.checkpoint),
    }  # fmt: skip


def curve_json(curve: Curve) -> Json:
    return {
        "measure": measure_json(curve.measure),
        "scale": scale_json(curve.scale),
        "scales": [scale_json(scale) for scale in curve.scales],
        "floor": curve.floor,
        "runs": [_line_json(line) for line in curve.lines],
    }


def _line_json(line: Line) -> Json:
    return {
        **run_json(line.run),
        "points": [point_json(point) for point in line.points],
        "judged": line.judged,
        "jumps": [_odd_json(odd) for odd in line.odd],
    }


def _odd_json(odd: OddStep) -> Json:
    return {
        "before": odd.before.checkpoint.pk, "after": odd.after.checkpoint.pk,
        "epoch_before": odd.before.checkpoint.epoch, "epoch_after": odd.after.checkpoint.epoch,
        "step": odd.jump.step, "expected": odd.jump.expected, "score": odd.jump.score,
        "intervals_overlap": odd.intervals_overlap,
    }  # fmt: skip


def scatter_json(scatter: Scatter) -> Json:
    return {
        "x": _axis_json(scatter.x),
        "y": _axis_json(scatter.y),
        "runs": [
            {
                **run_json(run),
                "points": [
                    {
                        "checkpoint": both.checkpoint.pk, "epoch": both.checkpoint.epoch, "x": both.x.value,
                        "y": both.y.value, "url": checkpoint_url(both.checkpoint),
                    }
                    for both in group
                ],
            }
            for run, group in scatter.groups
        ],
        "agreement": [_agreed_json(agreed) for agreed in scatter.agreed],
    }  # fmt: skip


def _axis_json(axis: Axis | None) -> Json | None:
    if axis is None:
        return None
    return {
        "measure": measure_json(axis.measure), "scale": scale_json(axis.scale),
        "scales": [scale_json(scale) for scale in axis.scales],
    }  # fmt: skip


def _agreed_json(agreed: Agreed) -> Json:
    return {
        "run": str(agreed.run.pk) if agreed.run else None,
        "values": _agreement_json(agreed.values),
        "differences": _agreement_json(agreed.steps),
    }


def _agreement_json(agreement: Agreement) -> Json:
    return {
        "n": agreement.n, "block": agreement.block, "resamples": agreement.resamples, "few": agreement.few,
        **{each.name: {"value": each.value, "low": each.low, "high": each.high} for each in agreement.coefficients},
    }  # fmt: skip


def choice_json(choice: Choice) -> Json:
    """The chosen ones carry their test values; of the others only what they were judged by."""
    return {
        "measures": [measure_json(measure) for measure in choice.wanted],
        "rule": choice.rule,
        "k": choice.k,
        "on": choice.selection.on if choice.selection else None,
        "selections": [
            {"on": each.on, "for_choosing": each.for_choosing, "count": each.count, "n": each.n}
            for each in choice.selections
        ],
        "leak": choice.leak,
        "test_on": choice.test_on,
        "left_out": choice.left_out,
        "candidates": [
            _candidate_json(place, candidate, choice.k) for place, candidate in enumerate(choice.candidates, start=1)
        ],
    }


def _candidate_json(place: int, candidate: Candidate, k: int) -> Json:
    return {
        "place": place,
        "chosen": place <= k,
        "checkpoint": candidate.checkpoint.pk,
        "epoch": candidate.checkpoint.epoch,
        "run": str(candidate.checkpoint.run_id),
        "url": checkpoint_url(candidate.checkpoint),
        "values": [point.value for point in candidate.points],
        "ranks": list(candidate.placed.ranks),
        "rank_sum": candidate.placed.rank_sum,
        "front": candidate.placed.front,
        "test": [None if point is None else point.value for point in candidate.test],
    }


def comparison_json(comparison: Comparison) -> Json:
    return {
        "measures": [measure_json(measure) for measure in comparison.wanted],
        "scales": [
            {"measure": str(measure), "scales": [scale_json(scale) for scale in scales]}
            for measure, scales in comparison.scales.items()
        ],
        "differing": comparison.differing,
        "shared": comparison.shared,
        "groups": [_group_json(group) for group in comparison.groups],
    }


def _group_json(group: Group) -> Json:
    return {
        "name": group.name,
        "runs": [run_json(run) for run in group.runs],
        "facts": group.facts,
        "values": [_compared_json(compared) for compared in group.compared],
    }


def _compared_json(compared: Compared) -> Json:
    return {
        "measure": str(compared.measure),
        "scale": compared.scale.key if compared.scale else None,
        "last": _spread_json(compared.last_spread),
        "best": _spread_json(compared.best_spread),
    }


def _spread_json(spread: Spread | None) -> Json | None:
    return None if spread is None else {"mean": spread.mean, "deviation": spread.deviation, "n": spread.n}
