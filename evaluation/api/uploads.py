"""REST: pictures sent in to be measured, and the folders of the server that can be."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import TooManyFilesSent
from django.http import Http404, HttpRequest
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasetviewer.services import IncomingArchive
from evaluation import services
from evaluation.api.outputs import WarningOutput
from evaluation.models import UploadedSet, warning_text
from evaluation.sets import folder_suggestions
from workers.engine.errors import InputError


class TooLarge(APIException):
    status_code = 413


class InUse(APIException):
    status_code = 409


class UploadInput(serializers.Serializer):
    """Pictures (JPEG, PNG, WebP) under any name of field, several or packed as one zip."""

    files = serializers.ListField(child=serializers.FileField(), help_text="one zip archive, or several pictures")
    name = serializers.CharField(
        required=False, max_length=200, help_text="what to call the set; the zip's name if left out"
    )


class RefusedOutput(serializers.Serializer):
    file = serializers.CharField()
    reason = serializers.CharField()


class UploadOutput(serializers.ModelSerializer):
    """A set of pictures that can be measured as {"upload": id} until `expires`; using it keeps it for as long again."""

    url = serializers.SerializerMethodField()
    sizes = serializers.DictField(child=serializers.IntegerField(), help_text='pictures by size, {"200x250": 338}')
    warnings = serializers.SerializerMethodField()
    refused = RefusedOutput(many=True, read_only=True, help_text="files that were left out, and why")

    class Meta:
        model = UploadedSet
        fields = ("id", "url", "name", "n", "bytes", "sizes", "warnings", "refused", "digest", "created", "expires")

    @extend_schema_field(WarningOutput(many=True))
    def get_warnings(self, uploaded: UploadedSet) -> list[dict[str, str]]:
        found = [warning_text(entry) for entry in uploaded.warnings]
        return [{"code": caution.code, "text": caution.text} for caution in found]

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, uploaded: UploadedSet) -> str:
        address = reverse("evaluation_api:upload-detail", args=[uploaded.id])
        return self.context["request"].build_absolute_uri(address)


class UploadListApi(GenericAPIView):
    """Your uploaded sets, newest first; and sending one in."""

    permission_classes = [IsAuthenticated]
    serializer_class = UploadOutput
    queryset = UploadedSet.objects.none()
    filter_backends: list[Any] = []

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        # Before anything reads the body: the files go straight to the disk.
        if request.method == "POST":
            services.PicturesUpload.install(request)
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(operation_id="uploads_list", responses=UploadOutput(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(UploadedSet.objects.filter(owner=request.user.pk)) or []
        return self.get_paginated_response(UploadOutput(page, many=True, context={"request": request}).data)

    @extend_schema(
        operation_id="uploads_create",
        request={"multipart/form-data": UploadInput},
        responses={
            201: OpenApiResponse(UploadOutput, 'Kept; measure it as {"upload": id}.'),
            200: OpenApiResponse(UploadOutput, "You sent the same pictures before; this is that set."),
            400: OpenApiResponse(description="No zip, a broken one, or fewer than 2 pictures; the text says which."),
            413: OpenApiResponse(description="More than is taken."),
        },
    )
    def post(self, request: Request) -> Response:
        plain = request._request
        try:
            services.incoming_check(plain)
        except InputError as error:
            raise TooLarge(str(error)) from error
        try:
            data, files = request.data, request.FILES
        except TooManyFilesSent as error:
            raise InputError(services.incoming_too_many_text()) from error
        sent = [file for _name, some in files.lists() for file in some]
        try:
            if services.incoming_too_large(plain):
                raise TooLarge(services.incoming_too_large_text())
            name = data.get("name", "") if hasattr(data, "get") else ""
            taken = [file for file in sent if isinstance(file, IncomingArchive)]
            uploaded, created = services.upload_create(owner=request.user, sent=taken, name=name)
        finally:
            for file in sent:
                file.close()
        answer = UploadOutput(uploaded, context={"request": request}).data
        return Response(answer, status=201 if created else 200, headers={"Location": answer["url"]})


class UploadDetailApi(APIView):
    """One of your uploaded sets. Others' do not exist for you."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="uploads_retrieve", responses=UploadOutput)
    def get(self, request: Request, upload_id: uuid.UUID) -> Response:
        return Response(UploadOutput(_mine(request, upload_id), context={"request": request}).data)

    @extend_schema(
        operation_id="uploads_destroy",
        responses={204: None, 409: OpenApiResponse(description="A queued or running evaluation needs it.")},
    )
    def delete(self, request: Request, upload_id: uuid.UUID) -> Response:
        try:
            services.upload_delete(uploaded=_mine(request, upload_id))
        except services.UploadInUse as error:
            raise InUse(str(error)) from error
        return Response(status=204)


def _mine(request: Request, upload_id: uuid.UUID) -> UploadedSet:
    found = UploadedSet.objects.filter(owner=request.user.pk, pk=upload_id).first()
    if found is None:
        raise Http404
    return found


class FolderOutput(serializers.Serializer):
    """Measure it as {"folder": folder}; it may have subfolders with more pictures."""

    folder = serializers.CharField()
    pictures = serializers.IntegerField(help_text="in the folder itself")


class FolderListApi(APIView):
    """Folders of the server that can be measured: those with pictures below FOLDER_ROOTS, the first hundred."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="folders_list", responses=FolderOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(FolderOutput(folder_suggestions(), many=True).data)
