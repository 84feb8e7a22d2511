"""REST addresses of jobs and workers."""

import uuid
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from workers import selectors
from workers.filters import JobFilter
from workers.models import Job, Worker
from workers.queue import request_cancel
from workers.version import code_version
from workers.waiting import seconds_asked, wait_until_over


class JobOutput(serializers.ModelSerializer):
    """How a job is doing. `link` (page of the result) is given to those who may see it."""

    owner = serializers.CharField(source="owner.username", default=None, read_only=True)
    queue_position = serializers.SerializerMethodField(help_text="1 is taken next; null unless queued")
    eta_seconds = serializers.SerializerMethodField(help_text="estimate until it is done; null when nothing is known")
    link = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = (
            "id", "url", "kind", "title", "owner", "queue", "state", "progress", "step", "message", "queue_position",
            "eta_seconds", "created", "started", "finished", "attempt", "losses", "cancel_requested", "link",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._outlooks: dict[uuid.UUID, selectors.Outlook] = {}

    def _outlook(self, job: Job) -> selectors.Outlook:
        if job.id not in self._outlooks:
            estimator = self.context.get("estimator") or selectors.Estimator()
            self._outlooks[job.id] = estimator.outlook(job)
        return self._outlooks[job.id]

    def get_queue_position(self, job: Job) -> int | None:
        return self._outlook(job).position

    def get_eta_seconds(self, job: Job) -> float | None:
        seconds = self._outlook(job).seconds
        return None if seconds is None else round(seconds, 1)

    def get_link(self, job: Job) -> str | None:
        link = selectors.job_link_for(job=job, user=self.context["request"].user)
        return self.context["request"].build_absolute_uri(link) if link else None

    def get_url(self, job: Job) -> str:
        return self.context["request"].build_absolute_uri(reverse("workers_api:job-detail", args=[job.id]))


class JobListApi(ListAPIView):
    """Jobs, newest first: public ones for everybody, owned ones for signed-in users, all for staff."""

    serializer_class = JobOutput
    filterset_class = JobFilter
    queryset = Job.objects.none()

    def get_queryset(self):
        return selectors.jobs_listed_for(self.request.user)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        context = {**self.get_serializer_context(), "estimator": selectors.Estimator(page)}
        return self.get_paginated_response(JobOutput(page, many=True, context=context).data)


def job_or_404(job_id: uuid.UUID) -> Job:
    job = selectors.job_get(job_id=job_id)
    if job is None:
        raise Http404
    return job


WAIT = OpenApiParameter(
    "wait",
    float,
    description="Answer when the job is over, at the latest after so many seconds (0 to 20). When many wait already, the answer "
    "comes at once: look at `state`.",
)


class JobDetailApi(APIView):
    """How one job is doing. Whoever has the id may ask."""

    permission_classes = [AllowAny]

    @extend_schema(responses=JobOutput, operation_id="jobs_retrieve", parameters=[WAIT])
    def get(self, request: Request, job_id: uuid.UUID) -> Response:
        wait_until_over(job_id, seconds_asked(request.query_params.get("wait")))
        return Response(JobOutput(job_or_404(job_id), context={"request": request}).data)


class JobCancelApi(APIView):
    """Cancel a job: a queued one at once, a running one at its next step. For its owner and staff."""

    permission_classes = [IsAuthenticated]

    @extend_schema(request=None, responses={200: JobOutput, 202: JobOutput})
    def post(self, request: Request, job_id: uuid.UUID) -> Response:
        job = job_or_404(job_id)
        if not selectors.job_managed_by(job=job, user=request.user):
            raise PermissionDenied(_("Only the owner of a job and staff may cancel it."))
        if job.is_live:
            request_cancel(job)
        return Response(JobOutput(job, context={"request": request}).data, status=202 if job.is_live else 200)


class WorkerOutput(serializers.ModelSerializer):
    """A worker process. `same_code` is false when it runs another version of the code than the web."""

    job = serializers.SerializerMethodField(help_text="id of the job it runs, for those who may see it listed")
    same_code = serializers.SerializerMethodField()

    class Meta:
        model = Worker
        fields = (
            "id",
            "host",
            "pid",
            "queue",
            "state",
            "device",
            "code_version",
            "same_code",
            "started",
            "last_seen",
            "job",
        )

    def get_job(self, worker: Worker) -> uuid.UUID | None:
        # The id opens the job's page, so it is given to those alone who would see the job in the list.
        jobs = selectors.jobs_listed_for(self.context["request"].user)
        current: list[Job] = getattr(worker, "current", [])  # set by selectors.workers_listed
        return next((job.id for job in current if jobs.filter(id=job.id).exists()), None)

    def get_same_code(self, worker: Worker) -> bool:
        return worker.code_version == code_version()


class WorkerListApi(ListAPIView):
    """Workers that live, and those that ended within the last hour."""

    serializer_class = WorkerOutput
    queryset = Worker.objects.none()
    filter_backends: list = []

    def get_queryset(self):
        return selectors.workers_listed()
