"""GET study/curve, scatter, choice, comparison; and POST trainings/ID/evaluate/."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from evaluation import selectors, sets, study_json, study_queries, study_tables
from evaluation.api.study_outputs import (
    BatchInput,
    BatchOutput,
    ChoiceOutput,
    ComparisonOutput,
    CurveOutput,
    ScatterOutput,
)
from evaluation.selectors.study import selection_name
from evaluation.services.study import checkpoints_evaluate
from evaluation.sets import CheckpointSet, to_json
from workers.engine.errors import InputError

INPUTS = ("reference", "dataset", "split", "source", "extractors", "metrics", "checkpoints")
NEEDED = ("dataset", "split", "metrics")


class CsvRenderer(BaseRenderer):
    """A table as it was made; errors stay problem details."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return data.encode() if isinstance(data, str) else json.dumps(data).encode()


class LatexRenderer(CsvRenderer):
    media_type = "application/x-tex"
    format = "tex"


def _parameters(*more: OpenApiParameter, formats: tuple[str, ...] = ("json", "csv")) -> list[OpenApiParameter]:
    return [
        OpenApiParameter("run", OpenApiTypes.UUID, many=True, description="runs; left out: the newest measured ones"),
        *more,
        OpenApiParameter("format", str, enum=list(formats)),
    ]


class StudyApi(APIView):
    """A study read out of the address; a misspelt parameter is refused rather than ignored."""

    renderer_classes: tuple[type[BaseRenderer], ...] = (JSONRenderer, CsvRenderer)
    kind = ""
    read: Callable[[Any, QueryDict], Any]
    texts: Mapping[str, Callable[[Any], str]]

    def answer(self, request: Request, as_json: Callable[[Any], Any]) -> Response:
        known = study_queries.KNOWN[self.kind]
        unknown = [name for name in request.query_params if name not in (*known, "format")]
        if unknown:
            words = _("There is no parameter %(name)s. Known: %(known)s.")
            raise InputError(words % {"name": repr(unknown[0])[:80], "known": ", ".join(known)})
        found = type(self).read(request.user, request.query_params)
        form = getattr(request.accepted_renderer, "format", "json")
        if form not in self.texts:
            return Response(as_json(found))
        headers = {"Content-Disposition": f'attachment; filename="{self.kind}.{form}"'}
        return Response(self.texts[form](found), headers=headers)


class StudyCurveApi(StudyApi):
    """A metric over the epochs of training runs, with its odd jumps."""

    kind = "curve"
    read = staticmethod(study_queries.curve_of)
    texts = {"csv": study_tables.curve_csv}

    @extend_schema(
        operation_id="study_curve",
        responses={(200, "application/json"): CurveOutput, (200, "text/csv"): OpenApiTypes.STR},
        parameters=_parameters(
            OpenApiParameter("metric", str, description="e.g. fid; left out: the one measured most"),
            OpenApiParameter("extractor", str, description="e.g. inception.mixed6e"),
            OpenApiParameter("protocol", str, description="`key` of one of the scales; left out: the fullest"),
        ),
    )
    def get(self, request: Request) -> Response:
        return self.answer(request, study_json.curve_json)


class StudyScatterApi(StudyApi):
    """A measure against another over checkpoints, with Pearson, Spearman and Kendall, also of first differences."""

    kind = "scatter"
    read = staticmethod(study_queries.scatter_of)
    texts = {"csv": study_tables.scatter_csv}

    @extend_schema(
        operation_id="study_scatter",
        responses={(200, "application/json"): ScatterOutput, (200, "text/csv"): OpenApiTypes.STR},
        parameters=_parameters(
            OpenApiParameter("x", str, description="metric:extractor, e.g. fid:inception.mixed6e"),
            OpenApiParameter("y", str, description="metric:extractor"),
            OpenApiParameter("x_protocol", str, description="`key` of one of the scales of x"),
            OpenApiParameter("y_protocol", str, description="`key` of one of the scales of y"),
        ),
    )
    def get(self, request: Request) -> Response:
        return self.answer(request, study_json.scatter_json)


class StudyChoiceApi(StudyApi):
    """The best checkpoints by a rule on pictures kept for choosing, with the test values of the chosen."""

    kind = "choice"
    read = staticmethod(study_queries.choice_of)
    texts = {"csv": study_tables.choice_csv}

    @extend_schema(
        operation_id="study_choice",
        responses={(200, "application/json"): ChoiceOutput, (200, "text/csv"): OpenApiTypes.STR},
        parameters=_parameters(
            OpenApiParameter("measure", str, many=True, description="metric:extractor"),
            OpenApiParameter("on", str, description="one of `selections`; left out: one kept for choosing"),
            OpenApiParameter("rule", str, enum=["rank_sum", "pareto"]),
            OpenApiParameter("k", int, description="how many to choose, 1 to 10"),
        ),
    )
    def get(self, request: Request) -> Response:
        return self.answer(request, study_json.choice_json)


class StudyComparisonApi(StudyApi):
    """Training runs side by side: the options that differ, and mean and deviation over seeds."""

    kind = "comparison"
    read = staticmethod(study_queries.comparison_of)
    texts = {"csv": study_tables.comparison_csv, "tex": study_tables.comparison_latex}
    renderer_classes = (JSONRenderer, CsvRenderer, LatexRenderer)

    @extend_schema(
        operation_id="study_comparison",
        responses={
            (200, "application/json"): ComparisonOutput, (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/x-tex"): OpenApiTypes.STR,
        },
        parameters=_parameters(
            OpenApiParameter("measure", str, many=True, description="metric:extractor"),
            OpenApiParameter("protocol", str, many=True, description="`key` of a scale, one for each measure in turn"),
            OpenApiParameter("seeds", str, enum=["together", "apart"]),
            formats=("json", "csv", "tex"),
        ),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return self.answer(request, study_json.comparison_json)


class CheckpointsEvaluateApi(APIView):
    """Measure all or some checkpoints of a run in one action; evaluations that exist are used again."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="trainings_evaluate",
        request=BatchInput,
        responses={
            202: OpenApiResponse(BatchOutput, "Accepted; `page` follows them all."),
            200: OpenApiResponse(BatchOutput, "All of these exist already."),
            400: OpenApiResponse(description="Unknown name, empty set, or missing weights; nothing was queued."),
        },
    )
    def post(self, request: Request, run_id: uuid.UUID) -> Response:
        run = selectors.training_get(user=request.user, run_id=run_id)
        if run is None:
            raise Http404
        given = _given(request.data)
        made = checkpoints_evaluate(
            user=request.user,
            run=run,
            reference=sets.parse(given["reference"], "reference") if "reference" in given else None,
            dataset=_text(given, "dataset"),
            split=_text(given, "split"),
            source=_text(given, "source"),
            extractors=given.get("extractors", []),
            metrics=given["metrics"],
            checkpoints=given.get("checkpoints", "all"),
        )
        selection = CheckpointSet("", _text(given, "dataset"), _text(given, "split"), _text(given, "source"))
        query = urlencode({"on": selection_name(to_json(selection))})
        page = f"{reverse('evaluation:training-evaluations', args=[run.pk])}?{query}"
        new = sum(created for _evaluation, created in made)
        epochs = dict(run.checkpoints.values_list("id", "epoch"))
        answer: dict[str, Any] = {
            "count": len(made),
            "created": new,
            "page": request.build_absolute_uri(page),
            "evaluations": [
                {
                    "evaluation": str(evaluation.pk),
                    "checkpoint": evaluation.candidate["checkpoint"],
                    "epoch": epochs[evaluation.candidate["checkpoint"]],
                    "extractor": evaluation.extractor,
                    "state": evaluation.job.state,
                    "created": created,
                    "url": request.build_absolute_uri(
                        reverse("evaluation_api:evaluation-detail", args=[evaluation.pk])
                    ),
                }
                for evaluation, created in made
            ],
        }
        return Response(answer, status=202 if new else 200, headers={"Location": answer["page"]})


def _given(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise InputError(_("Send a JSON object with %(keys)s.") % {"keys": ", ".join(INPUTS)})
    unknown = [key for key in data if key not in INPUTS]
    if unknown:
        text = _("There is no entry %(key)s. Known: %(keys)s.")
        raise InputError(text % {"key": repr(unknown[0])[:80], "keys": ", ".join(INPUTS)})
    missing = [key for key in NEEDED if key not in data]
    if missing:
        text = _("%(key)s is missing. Send a JSON object with %(keys)s.")
        raise InputError(text % {"key": missing[0], "keys": ", ".join(INPUTS)})
    return dict(data)


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str):
        raise InputError(_("%(name)s: give a text.") % {"name": name})
    return value
