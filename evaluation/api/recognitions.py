"""recognitions/: testing recognisers, and choosing one."""

import uuid
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

from evaluation.api.recognition_outputs import (
    RecogniserChoiceInput,
    RecogniserChoiceOutput,
    RecognitionDetailOutput,
    RecognitionInput,
    RecognitionOutput,
)
from evaluation.models import RecogniserChoice, RecognitionTest
from evaluation.recognition import parse_task
from evaluation.selectors import recognitions as found
from evaluation.services import recogniser_choices, recognitions
from workers.engine.errors import InputError
from workers.models import Job
from workers.selectors import Estimator, job_managed_by

CHOICE_ENTRIES = ("validation", "test", "extractors", "measure")
REFUSED = OpenApiResponse(
    description="Unknown name, sets that cannot be compared, missing weights; the text says which."
)


class RecognitionListApi(GenericAPIView):
    """Tests of recognisers, newest first; and submitting one."""

    serializer_class = RecognitionOutput
    filterset_class = None
    queryset = RecognitionTest.objects.none()

    @extend_schema(
        operation_id="recognitions_list",
        filters=False,
        responses=RecognitionOutput(many=True),
        parameters=[
            OpenApiParameter("protocol", str, description="only tests of this fingerprint, which may be ranked"),
            OpenApiParameter("page", int),
            OpenApiParameter("page_size", int),
        ],
    )
    def get(self, request: Request) -> Response:
        tests = found.recognitions_visible_to(request.user)
        if protocol := request.query_params.get("protocol", ""):
            tests = tests.filter(plan_digest__startswith=protocol[:64])
        page = self.paginate_queryset(tests) or []
        context = {**self.get_serializer_context(), "estimator": Estimator([test.job for test in page])}
        return self.get_paginated_response(RecognitionOutput(page, many=True, context=context).data)

    @extend_schema(
        operation_id="recognitions_create",
        filters=False,
        request=RecognitionInput,
        responses={
            202: OpenApiResponse(RecognitionOutput, "Accepted; Location is where to ask how it is doing."),
            200: OpenApiResponse(RecognitionOutput, "The same test exists already; this is it."),
            400: REFUSED,
        },
    )
    def post(self, request: Request) -> Response:
        data = _table(request.data)
        if "extractors" not in data:
            raise InputError(_("%(key)s is missing.") % {"key": "extractors"})
        task = parse_task({key: value for key, value in data.items() if key != "extractors"})
        test, created = recognitions.recognition_submit(user=request.user, task=task, extractors=data["extractors"])
        answer = RecognitionOutput(test, context=self.get_serializer_context()).data
        return Response(answer, status=202 if created else 200, headers={"Location": answer["url"]})


class RecognitionDetailApi(APIView):
    """One test with its numbers, curves and confusions; its owner and staff may delete it."""

    @extend_schema(operation_id="recognitions_retrieve", responses=RecognitionDetailOutput)
    def get(self, request: Request, test_id: uuid.UUID) -> Response:
        return Response(RecognitionDetailOutput(_test(request, test_id), context={"request": request}).data)

    @extend_schema(operation_id="recognitions_delete", responses={204: None, 400: REFUSED})
    def delete(self, request: Request, test_id: uuid.UUID) -> Response:
        test = _test(request, test_id)
        _manage(request, test.job)
        recognitions.recognition_delete(test=test)
        return Response(status=204)


class RecognitionCancelApi(APIView):
    """Stop a test: a queued one at once, a running one within seconds. For its owner and staff."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="recognitions_cancel", request=None, responses={200: RecognitionOutput, 202: RecognitionOutput}
    )
    def post(self, request: Request, test_id: uuid.UUID) -> Response:
        test = _test(request, test_id)
        _manage(request, test.job)
        recognitions.recognition_cancel(job=test.job)
        answer = RecognitionOutput(test, context={"request": request}).data
        return Response(answer, status=202 if test.job.is_live else 200)


class ChoiceListApi(GenericAPIView):
    """Choices of a recogniser, newest first; and asking for one."""

    permission_classes = [IsAuthenticated]
    serializer_class = RecogniserChoiceOutput
    filterset_class = None
    queryset = RecogniserChoice.objects.none()

    @extend_schema(operation_id="recogniser_choices_list", filters=False, responses=RecogniserChoiceOutput(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(found.choices_visible_to(request.user)) or []
        return self.get_paginated_response(
            RecogniserChoiceOutput(page, many=True, context=self.get_serializer_context()).data
        )

    @extend_schema(
        operation_id="recogniser_choices_create",
        filters=False,
        request=RecogniserChoiceInput,
        responses={202: RecogniserChoiceOutput, 200: RecogniserChoiceOutput, 400: REFUSED},
    )
    def post(self, request: Request) -> Response:
        data = _table(request.data)
        for key in data:
            if key not in CHOICE_ENTRIES:
                text = _("There is no entry %(key)s. Known: %(keys)s.")
                raise InputError(text % {"key": repr(key)[:80], "keys": ", ".join(CHOICE_ENTRIES)})
        for key in CHOICE_ENTRIES[:3]:
            if key not in data:
                raise InputError(_("%(key)s is missing.") % {"key": key})
        choice, created = recogniser_choices.choice_submit(
            user=request.user,
            validation=parse_task(data["validation"], "validation"),
            task=parse_task(data["test"], "test"),
            extractors=data["extractors"],
            measure=str(data.get("measure") or ""),
        )
        answer = RecogniserChoiceOutput(choice, context=self.get_serializer_context()).data
        return Response(answer, status=202 if created else 200, headers={"Location": answer["url"]})


class ChoiceDetailApi(APIView):
    """One choice; its owner and staff may delete it."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="recogniser_choices_retrieve", responses=RecogniserChoiceOutput)
    def get(self, request: Request, choice_id: uuid.UUID) -> Response:
        return Response(RecogniserChoiceOutput(_choice(request, choice_id), context={"request": request}).data)

    @extend_schema(operation_id="recogniser_choices_delete", responses={204: None, 400: REFUSED})
    def delete(self, request: Request, choice_id: uuid.UUID) -> Response:
        choice = _choice(request, choice_id)
        _manage(request, choice.job)
        recogniser_choices.choice_delete(choice=choice)
        return Response(status=204)


class ChoiceCancelApi(APIView):
    """Stop a choice with the tests that it waits for. For its owner and staff."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="recogniser_choices_cancel",
        request=None,
        responses={200: RecogniserChoiceOutput, 202: RecogniserChoiceOutput},
    )
    def post(self, request: Request, choice_id: uuid.UUID) -> Response:
        choice = _choice(request, choice_id)
        _manage(request, choice.job)
        recognitions.recognition_cancel(job=choice.job)
        answer = RecogniserChoiceOutput(choice, context={"request": request}).data
        return Response(answer, status=202 if choice.job.is_live else 200)


def _table(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise InputError(_("Send a JSON object."))
    return dict(data)


def _test(request: Request, test_id: uuid.UUID) -> RecognitionTest:
    test = found.recognition_get(user=request.user, test_id=test_id)
    if test is None:
        raise Http404
    return test


def _choice(request: Request, choice_id: uuid.UUID) -> RecogniserChoice:
    choice = found.choices_visible_to(request.user).filter(id=choice_id).first()
    if choice is None:
        raise Http404
    return choice


def _manage(request: Request, job: Job) -> None:
    if not job_managed_by(job=job, user=request.user):
        raise PermissionDenied(_("Only the owner of a test and staff may do this."))
