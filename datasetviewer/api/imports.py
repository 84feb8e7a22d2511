"""REST: sending datasets in, how their imports are doing, and what became of each file."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from workers.api import JobOutput
from workers.engine.errors import InputError

from .. import selectors, services
from ..models import DatasetImport, FileVerdict, ImportedFile

API = "datasetviewer_api"
INPUTS = ("layout", "path", "archive", "slug")


class TooLarge(APIException):
    status_code = 413


class ImportInput(serializers.Serializer):
    """A folder below the server's folder for datasets (JSON), or a zip archive (multipart): one of both."""

    layout = serializers.CharField(help_text=", ".join(services.SUBMITTED_LAYOUTS))
    path = serializers.CharField(required=False, help_text="Folder on the server, below DATASETS_ROOT.")
    archive = serializers.FileField(required=False, help_text="Zip archive of the dataset's folder.")
    slug = serializers.CharField(required=False, help_text="Short name of the dataset; left out: the layout's name.")


class ImportOutput(serializers.ModelSerializer):
    """One import. `report` is empty until it succeeded; what became of each file stands at `files`."""

    dataset = serializers.CharField(source="dataset.slug")
    place = serializers.SerializerMethodField(
        help_text="The archive's name, or the folder for who may manage the import."
    )
    state = serializers.CharField(
        source="job.state", default="succeeded", help_text="Of its job; imports of the command line have none."
    )
    job = JobOutput(read_only=True, allow_null=True)
    report = serializers.DictField(help_text="Counts, and how they differ from the complete dataset.")
    url = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField(help_text="Address of the verdicts on its files.")

    class Meta:
        model = DatasetImport
        fields = ("id", "url", "dataset", "layout", "place", "state", "created", "report", "job", "files")

    def get_place(self, run: DatasetImport) -> str:
        return selectors.import_place(run, self.context["request"].user)

    def get_url(self, run: DatasetImport) -> str:
        return reverse(f"{API}:import-detail", args=[run.pk], request=self.context["request"])

    def get_files(self, run: DatasetImport) -> str:
        return reverse(f"{API}:import-files", args=[run.pk], request=self.context["request"])


class ImportedFileOutput(serializers.ModelSerializer):
    verdict = serializers.ChoiceField(choices=FileVerdict.choices)

    class Meta:
        model = ImportedFile
        fields = ("path", "verdict", "reason")


class ImportListApi(GenericAPIView):
    """Imports of the datasets that are visible to you, newest first; and sending one in."""

    permission_classes = [IsAuthenticated]
    serializer_class = ImportOutput
    queryset = DatasetImport.objects.none()
    filter_backends: list[Any] = []

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        # Before anything reads the body: an archive goes straight to its folder.
        if request.method == "POST" and (request.content_type or "").startswith("multipart/"):
            services.ArchiveUpload.install(request)
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        tags=["datasets"],
        operation_id="dataset_imports_list",
        summary="Imports, newest first",
        parameters=[OpenApiParameter("dataset", str, description="Slug of a dataset.")],
        responses=ImportOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        runs = selectors.imports_visible_to(request.user)
        if request.query_params.get("dataset"):
            runs = runs.filter(dataset__slug=request.query_params["dataset"])
        page = self.paginate_queryset(runs) or []
        return self.get_paginated_response(ImportOutput(page, many=True, context={"request": request}).data)

    @extend_schema(
        tags=["datasets"],
        operation_id="dataset_imports_create",
        summary="Import a folder on the server, or a zip archive",
        request={"application/json": ImportInput, "multipart/form-data": ImportInput},
        responses={
            202: OpenApiResponse(ImportOutput, "Queued; Location is where to ask how it is doing."),
            200: OpenApiResponse(ImportOutput, "The same import is queued or running already; this is it."),
            400: OpenApiResponse(description="An unknown layout, no such folder, no zip; the text says what to do."),
            413: OpenApiResponse(description="The archive is larger than what is taken."),
        },
    )
    def post(self, request: Request) -> Response:
        plain = request._request
        try:
            services.upload_check(plain)
        except InputError as error:
            raise TooLarge(str(error)) from error
        data, files = request.data, request.FILES
        try:
            if services.was_too_large(plain):
                raise TooLarge(services.too_large_text())
            run, created = self._submit(request, data, files)
        finally:
            for _name, sent in files.lists():
                for file in sent:
                    file.close()
        answer = ImportOutput(run, context={"request": request}).data
        return Response(answer, status=202 if created else 200, headers={"Location": answer["url"]})

    def _submit(self, request: Request, data: Any, files: Any) -> tuple[DatasetImport, bool]:
        if not hasattr(data, "get"):
            raise InputError(_("Send a JSON object with %(keys)s.") % {"keys": "layout, path, slug"})
        unknown = [key for key in data if key not in INPUTS]
        if unknown:
            text = _("There is no entry %(key)s. Known: %(keys)s.")
            raise InputError(text % {"key": repr(unknown[0])[:80], "keys": ", ".join(INPUTS)})
        layout, slug, path = (data.get(name) or "" for name in ("layout", "slug", "path"))
        if not all(isinstance(value, str) for value in (layout, slug, path)):
            raise InputError(_("layout, path and slug must be texts."))
        archive = files.get("archive")
        if (archive is None) == (not path):
            raise InputError(_("Send either a path on the server or an archive (multipart, a zip)."))
        if archive is None:
            return services.dataset_import_submit(layout=layout, path=path, slug=slug, owner=request.user)
        if not isinstance(archive, services.IncomingArchive):
            raise InputError(_("Send the archive as multipart/form-data."))
        return services.archive_submit(layout=layout, archive=archive, slug=slug, owner=request.user), True


class ImportDetailApi(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        tags=["datasets"], operation_id="dataset_imports_retrieve", summary="One import", responses=ImportOutput
    )
    def get(self, request: Request, import_id: int) -> Response:
        return Response(ImportOutput(_run(request, import_id), context={"request": request}).data)


class ImportCancelApi(APIView):
    permission_classes = [IsAuthenticated]

    @extend_schema(
        tags=["datasets"],
        operation_id="dataset_imports_cancel",
        summary="Stop an import; what was stored stays",
        request=None,
        responses={200: ImportOutput, 202: ImportOutput, 403: OpenApiResponse(description="Not yours.")},
    )
    def post(self, request: Request, import_id: int) -> Response:
        run = _run(request, import_id)
        if not selectors.import_managed_by(run, request.user):
            raise PermissionDenied(_("Only who sent an import in, the dataset's owner and staff may cancel it."))
        services.import_cancel(run=run)
        answer = ImportOutput(run, context={"request": request}).data
        return Response(answer, status=202 if run.job is not None and run.job.is_live else 200)


class ImportFilesApi(GenericAPIView):
    permission_classes = [IsAuthenticated]
    serializer_class = ImportedFileOutput
    queryset = ImportedFile.objects.none()
    filter_backends: list[Any] = []

    @extend_schema(
        tags=["datasets"],
        operation_id="dataset_imports_files",
        summary="What became of each file of an import",
        parameters=[
            OpenApiParameter("verdict", str, enum=FileVerdict.values, description="Only files with this verdict."),
            OpenApiParameter("remarked", OpenApiTypes.BOOL, description="Only files something is to be said about."),
            OpenApiParameter("q", str, description="Part of the path."),
        ],
        responses=ImportedFileOutput(many=True),
    )
    def get(self, request: Request, import_id: int) -> Response:
        verdict = request.query_params.get("verdict", "")
        if verdict and verdict not in FileVerdict.values:
            text = _("%(value)s is not known. Choices: %(known)s.")
            raise InputError(text % {"value": repr(verdict)[:80], "known": ", ".join(FileVerdict.values)})
        files = selectors.imported_files(
            _run(request, import_id),
            verdict=verdict,
            remarked=request.query_params.get("remarked", "").casefold() in ("1", "true", "yes"),
            q=request.query_params.get("q", "").replace("\x00", "")[:200],
        )
        page = self.paginate_queryset(files) or []
        return self.get_paginated_response(ImportedFileOutput(page, many=True).data)


def _run(request: Request, import_id: int) -> DatasetImport:
    return get_object_or_404(selectors.imports_visible_to(request.user), pk=import_id)
