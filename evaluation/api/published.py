"""REST: published results. POST published-results/ takes an uploaded set or a folder; `dry_run` reports without keeping."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from evaluation.api.paper_tables import given_entries
from evaluation.forms.published import PublishedRequest
from evaluation.models import PublishedResults, SizeRule
from evaluation.selectors.paper_tables import published_visible_to
from evaluation.services import published as services
from workers.engine.errors import InputError

INPUTS = (
    "upload", "folder", "dataset", "split", "modality", "source", "size", "name", "citation", "source_url", "licence", "dry_run",
)  # fmt: skip


class InUse(APIException):
    status_code = 409


class PublishedInput(serializers.Serializer):
    """Pictures of a method (an upload of yours, or a folder of the server) for the pairs of a selection."""

    upload = serializers.UUIDField(required=False, help_text="one of your uploaded sets, see uploads/")
    folder = serializers.CharField(required=False, help_text="folder of the server that can be measured, see folders/")
    dataset = serializers.CharField()
    split = serializers.CharField(default="test")
    modality = serializers.CharField(default="sketch")
    source = serializers.CharField(required=False)  # type: ignore[assignment]
    size = serializers.ChoiceField(SizeRule.choices, default="exact")
    name = serializers.CharField(max_length=100, help_text="name of the method")
    citation = serializers.CharField(required=False)
    source_url = serializers.URLField(required=False, help_text="where the pictures come from")
    licence = serializers.CharField(required=False, max_length=300)
    dry_run = serializers.BooleanField(default=False, help_text="report only; nothing is kept")


class FileOutput(serializers.Serializer):
    file = serializers.CharField()
    fate = serializers.CharField(help_text=", ".join(services.Fate))
    key = serializers.CharField(help_text="of the pair, when it is matched")
    reason = serializers.CharField()


class ReportOutput(serializers.Serializer):
    """What would become of each file."""

    counts = serializers.DictField(child=serializers.IntegerField())
    n_pairs = serializers.IntegerField()
    cut = serializers.IntegerField(help_text="files whose centre would be cut out")
    missing = serializers.ListField(child=serializers.CharField(), help_text="pairs without a picture")
    files = FileOutput(many=True)


class PublishedOutput(serializers.ModelSerializer):
    """Published results; measure them as {"published": id}."""

    url = serializers.SerializerMethodField()
    source_url = serializers.CharField(source="url", read_only=True)
    dataset = serializers.CharField(source="dataset.slug", read_only=True)
    owner = serializers.CharField(source="owner.username", default=None, read_only=True)
    left_out = FileOutput(source="report", many=True, read_only=True)

    class Meta:
        model = PublishedResults
        fields = (
            "id", "url", "name", "dataset", "split", "modality", "source", "citation", "source_url", "licence", "size_rule",
            "n", "n_pairs", "bytes", "digest", "left_out", "missing", "owner", "created",
        )  # fmt: skip

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, published: PublishedResults) -> str:
        return self.context["request"].build_absolute_uri(
            reverse("evaluation_api:published-detail", args=[published.pk])
        )


class PublishedListApi(GenericAPIView):
    """Published results, newest first; and taking some in."""

    permission_classes = [IsAuthenticatedOrReadOnly]
    serializer_class = PublishedOutput
    queryset = PublishedResults.objects.none()
    filter_backends: list[Any] = []

    @extend_schema(operation_id="published_results_list", responses=PublishedOutput(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(published_visible_to(request.user)) or []
        return self.get_paginated_response(PublishedOutput(page, many=True, context={"request": request}).data)

    @extend_schema(
        operation_id="published_results_create",
        request=PublishedInput,
        responses={
            201: OpenApiResponse(PublishedOutput, 'Kept; measure them as {"published": id}.'),
            200: OpenApiResponse(PublishedOutput, "The same were brought in before (or, with dry_run, a report)."),
            400: OpenApiResponse(description="Unknown names, or fewer than 2 files that match; nothing is kept."),
        },
    )
    def post(self, request: Request) -> Response:
        given = given_entries(request.data, INPUTS, ("dataset",))
        if not isinstance(dry := given.pop("dry_run", False), bool):
            raise InputError(_("dry_run: give true or false."))
        wish = PublishedRequest(given, request.user)
        if dry:
            return Response(report_json(wish.report()))
        published, created = wish.create()
        answer = PublishedOutput(published, context={"request": request}).data
        return Response(answer, status=201 if created else 200, headers={"Location": answer["url"]})


class PublishedDetailApi(APIView):
    """One of them, and removing it."""

    permission_classes = [IsAuthenticatedOrReadOnly]

    @extend_schema(operation_id="published_results_retrieve", responses=PublishedOutput)
    def get(self, request: Request, published_id: uuid.UUID) -> Response:
        return Response(PublishedOutput(_or_404(request, published_id), context={"request": request}).data)

    @extend_schema(
        operation_id="published_results_destroy",
        responses={204: None, 409: OpenApiResponse(description="A queued or running evaluation needs them.")},
    )
    def delete(self, request: Request, published_id: uuid.UUID) -> Response:
        published = _or_404(request, published_id)
        if not (request.user.is_staff or (published.owner_id and published.owner_id == request.user.pk)):
            raise PermissionDenied(_("Only who brought results in and staff may delete them."))
        try:
            services.published_delete(published=published)
        except services.PublishedInUse as error:
            raise InUse(str(error)) from error
        return Response(status=204)


def report_json(report: services.Report) -> dict[str, Any]:
    return {
        "counts": report.counts,
        "n_pairs": report.n_pairs,
        "cut": report.cut,
        "missing": list(report.missing),
        "files": FileOutput(report.files, many=True).data,
    }


def _or_404(request: Request, published_id: uuid.UUID) -> PublishedResults:
    found = published_visible_to(request.user).filter(pk=published_id).first()
    if found is None:
        raise Http404
    return found
