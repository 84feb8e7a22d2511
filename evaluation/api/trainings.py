"""POST trainings/, how they are doing, and the trial before one."""

import uuid
from dataclasses import asdict
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from evaluation import selectors, services
from evaluation.api.training_outputs import (
    CheckpointOutput,
    LossesOutput,
    TrainingInput,
    TrainingOutput,
    TrainingPreflightOutput,
)
from evaluation.models import TrainingRun
from evaluation.services.trainings import Wish
from evaluation.training_filters import TrainingFilter
from workers.engine.errors import InputError

INPUTS = ("preset", "dataset", "split", "source", "direction", "options", "seed", "name", "validation_share", "parent")
REFUSED = OpenApiResponse(description="Unknown name, a bad option, or too few pairs; the text says what to do.")


class TrainingListApi(GenericAPIView):
    """Trainings, newest first; and submitting one."""

    serializer_class = TrainingOutput
    filterset_class = TrainingFilter
    queryset = TrainingRun.objects.none()

    def get_queryset(self):
        return selectors.with_checkpoints(selectors.trainings_visible_to(self.request.user))

    @extend_schema(operation_id="trainings_list", responses=TrainingOutput(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(TrainingOutput(page, many=True, context=self.get_serializer_context()).data)

    @extend_schema(
        operation_id="trainings_create",
        filters=False,
        request=TrainingInput,
        responses={
            202: OpenApiResponse(TrainingOutput, "Accepted; Location is where to ask how it is doing."),
            200: OpenApiResponse(
                TrainingOutput, "You submitted the same training, and it is still waiting or running."
            ),
            400: REFUSED,
        },
    )
    def post(self, request: Request) -> Response:
        run, created = services.training_submit(user=request.user, wish=_wish(request))
        answer = TrainingOutput(run, context=self.get_serializer_context()).data
        return Response(answer, status=202 if created else 200, headers={"Location": answer["url"]})


class TrainingDetailApi(APIView):
    """How one training is doing."""

    @extend_schema(operation_id="trainings_retrieve", responses=TrainingOutput)
    def get(self, request: Request, run_id: uuid.UUID) -> Response:
        return Response(TrainingOutput(_or_404(request, run_id), context={"request": request}).data)


class TrainingCancelApi(APIView):
    """Stop a training within seconds; its checkpoints stay. For its owner and staff."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="trainings_cancel", request=None, responses={200: TrainingOutput, 202: TrainingOutput})
    def post(self, request: Request, run_id: uuid.UUID) -> Response:
        run = _managed(request, run_id)
        services.training_cancel(run=run)
        answer = TrainingOutput(run, context={"request": request}).data
        return Response(answer, status=202 if run.job.is_live else 200)


class TrainingResumeApi(APIView):
    """Go on with a cancelled or failed training from its last saved state. For its owner and staff."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="trainings_resume", request=None, responses={202: TrainingOutput, 400: REFUSED})
    def post(self, request: Request, run_id: uuid.UUID) -> Response:
        run = _managed(request, run_id)
        services.training_resume(run=run)
        return Response(TrainingOutput(run, context={"request": request}).data, status=202)


class TrainingLossesApi(APIView):
    """The losses so far, in at most 2,000 points."""

    @extend_schema(
        operation_id="trainings_losses",
        responses=LossesOutput,
        parameters=[OpenApiParameter("after", int, description="only what was written after this step")],
    )
    def get(self, request: Request, run_id: uuid.UUID) -> Response:
        run = _or_404(request, run_id)
        found = selectors.losses_of(run, after=_after(request))
        return Response({**asdict(found), "state": run.job.state})


class TrainingCheckpointsApi(APIView):
    """The checkpoints of a training, first epoch first."""

    @extend_schema(operation_id="trainings_checkpoints", responses=CheckpointOutput(many=True))
    def get(self, request: Request, run_id: uuid.UUID) -> Response:
        run = _or_404(request, run_id)
        checkpoints = selectors.checkpoints_visible_to(request.user).filter(run=run)
        return Response(CheckpointOutput(checkpoints, many=True, context={"request": request}).data)


class PreflightListApi(APIView):
    """Try a training before it is begun: two real steps tell memory, images a second, and time."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="trainings_preflight",
        request=TrainingInput,
        responses={202: TrainingPreflightOutput, 400: REFUSED},
    )
    def post(self, request: Request) -> Response:
        trial = services.preflight_submit(user=request.user, wish=_wish(request))
        answer = TrainingPreflightOutput(trial, context={"request": request}).data
        return Response(answer, status=202, headers={"Location": answer["url"]})


class PreflightDetailApi(APIView):
    """What a trial found out, for who asked for it and staff."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="trainings_preflight_retrieve", responses=TrainingPreflightOutput)
    def get(self, request: Request, preflight_id: uuid.UUID) -> Response:
        trial = selectors.preflight_get(user=request.user, preflight_id=preflight_id)
        if trial is None:
            raise Http404
        return Response(TrainingPreflightOutput(trial, context={"request": request}).data)


def _or_404(request: Request, run_id: uuid.UUID) -> TrainingRun:
    run = selectors.training_get(user=request.user, run_id=run_id)
    if run is None:
        raise Http404
    return run


def _managed(request: Request, run_id: uuid.UUID) -> TrainingRun:
    run = _or_404(request, run_id)
    if not selectors.training_managed_by(run=run, user=request.user):
        raise PermissionDenied(_("Only the owner of a training and staff may do this."))
    return run


def _after(request: Request) -> int:
    text = request.query_params.get("after", "-1")
    try:
        return int(text)
    except ValueError:
        raise InputError(_("after: %(value)s is not a step.") % {"value": repr(text)[:40]}) from None


def _wish(request: Request) -> Wish:
    """The body, checked; a misspelt entry is refused rather than ignored."""
    data: Any = request.data
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
    given = {key: value for key, value in data.items() if value is not None}
    if not isinstance(given.get("options", {}), dict):
        raise InputError(_("options: give an object of option names and values."))
    for key in ("preset", "split", "source", "direction", "name"):
        if not isinstance(given.get(key, ""), str):
            raise InputError(_("%(key)s: give a text.") % {"key": key})
    return services.training_wish(user=request.user, **given)
