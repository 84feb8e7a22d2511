"""POST evaluations/preflight/: what a submission would do, without submitting it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from evaluation import sets
from evaluation.api.evaluations import given_submission
from evaluation.api.outputs import EvaluationInput, WarningOutput
from evaluation.forms.submission import weights_problem
from evaluation.selectors.forecast import Forecast, cautions_before, forecast
from evaluation.services import extractor_checked, metrics_checked, too_few_for


class SidePreflight(serializers.Serializer):
    """One of the two sets."""

    set = serializers.CharField()
    pictures = serializers.IntegerField()
    stored = serializers.BooleanField(allow_null=True, help_text="features kept; null when only its files can tell")
    to_draw = serializers.IntegerField(help_text="pictures that a checkpoint draws unless it has drawn them before")


class PreflightOutput(serializers.Serializer):
    """What would be done. `problems` is empty when the submission would be accepted."""

    reference = SidePreflight()
    candidate = SidePreflight()
    weights = serializers.CharField(help_text="empty when they are here, else what to do")
    problems = serializers.ListField(child=serializers.CharField())
    warnings = WarningOutput(many=True, help_text="that the numbers will carry")
    other_real = serializers.IntegerField(help_text="pictures of the dataset's other part, for the floor")
    to_extract = serializers.IntegerField(allow_null=True, help_text="pictures that go through the network")
    parts = serializers.IntegerField(allow_null=True, help_text="that workers can share")
    images_per_second = serializers.FloatField(allow_null=True)
    measured = serializers.BooleanField(help_text="the pace is that of earlier work here, not a first guess")
    seconds = serializers.FloatField(allow_null=True, help_text="about how long it takes once it has begun")


class PreflightApi(APIView):
    """Says what an evaluation would do: pictures, kept features, weights, warnings, about how long. Queues nothing."""

    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="evaluations_preflight",
        request=EvaluationInput,
        responses={200: PreflightOutput, 400: OpenApiResponse(description="Unknown name; the text says what to do.")},
    )
    def post(self, request: Request) -> Response:
        given = given_submission(request.data)
        metrics = metrics_checked(given.get("metrics", ["fid"]))
        extractor = extractor_checked(given.get("extractor", ""), metrics)
        outlines = [
            (side, sets.outline(sets.parse(given[side], side), side, user=request.user))
            for side in ("reference", "candidate")
        ]
        weights = weights_problem(extractor)
        problems = [weights] if weights else []
        for side, outline in outlines:
            if outline.n < 2:
                problems.append(sets.too_few(outline.spec, side, outline.dataset, outline.n))
            problems += [text for name in metrics if (text := too_few_for(name, side, outline.n))]
        if not request.user.is_authenticated:
            problems.append(_("Submitting needs a token or a sign-in."))
        found = forecast(outlines, extractor, metrics, user=request.user)
        warnings = cautions_before(outlines[0][1], outlines[1][1], extractor, metrics)
        sides = {side: _side(side, outline, found) for side, outline in outlines}
        answer = {**sides, "weights": weights, "problems": problems, "warnings": warnings, **_of(found)}
        return Response(PreflightOutput(answer).data)


def _side(name: str, outline: sets.Outline, found: Forecast | None) -> dict[str, Any]:
    known = next((side for side in found.sides if side.side == name), None) if found else None
    return {
        "set": sets.label(outline.spec),
        "pictures": outline.n,
        "stored": known.stored if known else None,
        "to_draw": known.to_draw if known else 0,
    }


def _of(found: Forecast | None) -> dict[str, Any]:
    if found is None:
        return {
            "other_real": 0, "to_extract": None, "parts": None, "images_per_second": None, "measured": False,
            "seconds": None,
        }  # fmt: skip
    return {
        "other_real": found.other, "to_extract": found.to_extract, "parts": found.parts,
        "images_per_second": round(found.images_per_second, 2), "measured": found.measured,
        "seconds": round(found.seconds, 1),
    }  # fmt: skip
