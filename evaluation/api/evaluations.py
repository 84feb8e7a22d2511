"""POST evaluations/, and how they are doing."""

import uuid
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from evaluation import selectors, sets
from evaluation.api.outputs import EvaluationInput, EvaluationOutput
from evaluation.api.progress import EvaluationDetailOutput
from evaluation.filters import EvaluationFilter
from evaluation.models import Evaluation
from evaluation.services import evaluation_cancel, evaluation_submit
from workers.engine.errors import InputError
from workers.selectors import Estimator, job_managed_by

INPUTS = ("reference", "candidate", "extractor", "metrics")


class EvaluationListApi(GenericAPIView):
    """Evaluations, newest first; and submitting one."""

    serializer_class = EvaluationOutput
    filterset_class = EvaluationFilter
    queryset = Evaluation.objects.none()

    def get_queryset(self):
        return selectors.evaluations_visible_to(self.request.user)

    @extend_schema(operation_id="evaluations_list", responses=EvaluationOutput(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        context = {**self.get_serializer_context(), "estimator": Estimator([evaluation.job for evaluation in page])}
        return self.get_paginated_response(EvaluationOutput(page, many=True, context=context).data)

    @extend_schema(
        operation_id="evaluations_create",
        filters=False,
        request=EvaluationInput,
        responses={
            202: OpenApiResponse(EvaluationOutput, "Accepted; Location is where to ask how it is doing."),
            200: OpenApiResponse(EvaluationOutput, "The same evaluation exists already; this is it."),
            400: OpenApiResponse(description="Unknown name, empty set, or missing weights; the text says what to do."),
        },
    )
    def post(self, request: Request) -> Response:
        given = given_submission(request.data)
        evaluation, created = evaluation_submit(
            user=request.user,
            reference=sets.parse(given["reference"], "reference"),
            candidate=sets.parse(given["candidate"], "candidate"),
            extractor=given.get("extractor", ""),
            metrics=given.get("metrics", ["fid"]),
        )
        answer = EvaluationOutput(evaluation, context=self.get_serializer_context()).data
        return Response(answer, status=202 if created else 200, headers={"Location": answer["url"]})


class EvaluationDetailApi(APIView):
    """How one evaluation is doing, and its results."""

    @extend_schema(operation_id="evaluations_retrieve", responses=EvaluationDetailOutput)
    def get(self, request: Request, evaluation_id: uuid.UUID) -> Response:
        return Response(EvaluationDetailOutput(_or_404(request, evaluation_id), context={"request": request}).data)


class EvaluationCancelApi(APIView):
    """Stop an evaluation: a queued one at once, a running one within seconds. For its owner and staff."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="evaluations_cancel", request=None, responses={200: EvaluationOutput, 202: EvaluationOutput}
    )
    def post(self, request: Request, evaluation_id: uuid.UUID) -> Response:
        evaluation = _or_404(request, evaluation_id)
        if not job_managed_by(job=evaluation.job, user=request.user):
            raise PermissionDenied(_("Only the owner of an evaluation and staff may cancel it."))
        evaluation_cancel(evaluation=evaluation)
        answer = EvaluationOutput(evaluation, context={"request": request}).data
        return Response(answer, status=202 if evaluation.job.is_live else 200)


def _or_404(request: Request, evaluation_id: uuid.UUID) -> Evaluation:
    evaluation = selectors.evaluation_get(user=request.user, evaluation_id=evaluation_id)
    if evaluation is None:
        raise Http404
    return evaluation


def given_submission(data: Any) -> dict[str, Any]:
    """The body as a table; a misspelt entry is refused rather than ignored."""
    if not isinstance(data, dict):
        raise InputError(_("Send a JSON object with %(keys)s.") % {"keys": ", ".join(INPUTS)})
    unknown = [key for key in data if key not in INPUTS]
    if unknown:
        text = _("There is no entry %(key)s. Known: %(keys)s.")
        raise InputError(text % {"key": repr(unknown[0])[:80], "keys": ", ".join(INPUTS)})
    missing = [key for key in INPUTS[:2] if key not in data]
    if missing:
        text = _("%(key)s is missing. Send a JSON object with %(keys)s.")
        raise InputError(text % {"key": missing[0], "keys": ", ".join(INPUTS)})
    return dict(data)
