"""REST: landmarks of a picture, searching for faces, aligned datasets, the filter, and decisions on pictures.

Reading follows the dataset's visibility. Changing pictures is for the dataset's owner and staff; aligning makes a
dataset of one's own, so everybody who is signed in may.
"""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotAuthenticated, PermissionDenied
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from workers.engine.errors import InputError
from workers.engine.filtering import DEFAULT_R

from ..alignment_forms import OWN, chosen_template
from ..models import Dataset, Image, ImageDecision
from ..selectors import alignment as selectors
from ..selectors import dataset_may_publish, dataset_visible_to, image_visible_to
from ..services.alignment import alignment_submit
from ..services.detection import landmarks_detect_submit
from ..services.filtering import filter_submit
from ..services.landmarks import LandmarksChanged, landmarks_correct, landmarks_revert, landmarks_version
from ..services.verdicts import decision_undo, images_decide

TAG = ["alignment"]
REFUSED = OpenApiResponse(description="What was sent cannot be used; the text says what to do.")


class Conflict(APIException):
    status_code = 409


class LandmarksOutput(serializers.Serializer):
    five = serializers.JSONField(help_text="[x, y] of left eye, right eye, nose, left and right mouth corner; or null.")
    landmarks = serializers.JSONField(help_text="The points as they were read or detected; or null.")
    landmark_source = serializers.CharField()
    yaw = serializers.FloatField(allow_null=True)
    pitch = serializers.FloatField(allow_null=True)
    roll = serializers.FloatField(allow_null=True)
    verdict = serializers.CharField()
    verdict_reason = serializers.CharField()
    version = serializers.SerializerMethodField(help_text="Send it back with a correction.")

    def get_version(self, image: Image) -> int:
        return landmarks_version(image)


class LandmarksInput(serializers.Serializer):
    five = serializers.JSONField()
    version = serializers.IntegerField(required=False, min_value=0)


class RunOutput(serializers.Serializer):
    dataset = serializers.CharField(source="dataset.slug")
    created = serializers.DateTimeField()
    report = serializers.JSONField()
    job = serializers.SerializerMethodField()
    state = serializers.CharField(source="job.state", default="succeeded")

    def get_job(self, run: Any) -> str | None:
        return str(run.job_id) if run.job_id else None


class AlignmentOutput(RunOutput):
    recipe = serializers.JSONField(source="dataset.recipe")
    url = serializers.SerializerMethodField()

    def get_url(self, run: Any) -> str:
        return reverse("datasetviewer_api:dataset-detail", args=[run.dataset.slug], request=self.context["request"])


class FilterOutput(RunOutput):
    template = serializers.JSONField()
    r = serializers.FloatField()


class DetectionInput(serializers.Serializer):
    again = serializers.BooleanField(default=False, help_text="Also where no face was found before.")


class FilterInput(serializers.Serializer):
    template: Any = serializers.JSONField(
        help_text="A template's name, or an own template as an object.",
        default="satnet",  # type: ignore[arg-type]
    )
    r = serializers.FloatField(default=DEFAULT_R)


class AlignmentInput(FilterInput):
    padding = serializers.CharField(default="edge")
    r = serializers.FloatField(default=None, allow_null=True)
    slug = serializers.CharField(default="", allow_blank=True)


class DecisionInput(serializers.Serializer):
    keys = serializers.ListField(child=serializers.CharField(max_length=300), min_length=1)
    decision = serializers.CharField()
    note = serializers.CharField(default="", allow_blank=True)


class DecisionOutput(serializers.Serializer):
    id = serializers.IntegerField()
    image = serializers.IntegerField(source="image_id")
    key = serializers.CharField(source="image.key")
    decision = serializers.CharField()
    note = serializers.CharField()
    created = serializers.DateTimeField()


def _given(serializer: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    checked = serializer(data=request.data)
    checked.is_valid(raise_exception=True)
    unknown = [name for name in request.data if name not in checked.fields]
    if unknown:
        text = _("There is no entry %(key)s. Known: %(keys)s.")
        raise InputError(text % {"key": repr(unknown[0])[:80], "keys": ", ".join(checked.fields)})
    return dict(checked.validated_data)


def _template(given: Any) -> Any:
    return chosen_template(given) if isinstance(given, str) else chosen_template(OWN, given)


def _dataset(request: Request, slug: str, *, edit: bool = False) -> Dataset:
    dataset = get_object_or_404(dataset_visible_to(request.user), slug=slug)
    if edit:
        _require_editor(request, dataset)
    return dataset


def _require_editor(request: Request, dataset: Dataset) -> None:
    if not request.user.is_authenticated:
        raise NotAuthenticated
    if not dataset_may_publish(request.user, dataset):
        raise PermissionDenied(_("Only the owner of the dataset and staff may change its pictures."))


class LandmarksApi(APIView):
    @extend_schema(tags=TAG, summary="The landmarks and head pose of a picture", responses=LandmarksOutput)
    def get(self, request: Request, image_id: int) -> Response:
        return Response(LandmarksOutput(_image(request, image_id)).data)

    @extend_schema(
        tags=TAG,
        summary="Correct the five points",
        request=LandmarksInput,
        responses={200: LandmarksOutput, 400: REFUSED, 409: OpenApiResponse(description="Changed in the meantime.")},
    )
    def put(self, request: Request, image_id: int) -> Response:
        image = _image(request, image_id)
        _require_editor(request, image.dataset)
        given = _given(LandmarksInput, request)
        try:
            image = landmarks_correct(image=image, five=given["five"], user=request.user, version=given.get("version"))
        except LandmarksChanged as changed:
            raise Conflict(str(changed)) from changed
        return Response(LandmarksOutput(image).data)


class LandmarksRevertApi(APIView):
    @extend_schema(
        tags=TAG, summary="Take the last correction back", request=None, responses={200: LandmarksOutput, 400: REFUSED}
    )
    def post(self, request: Request, image_id: int) -> Response:
        image = _image(request, image_id)
        _require_editor(request, image.dataset)
        return Response(LandmarksOutput(landmarks_revert(image=image)).data)


class DetectionListApi(ListAPIView):
    serializer_class = RunOutput
    filter_backends: list[Any] = []

    def get_queryset(self) -> Any:
        dataset = _dataset(self.request, self.kwargs["slug"])
        return dataset.detections.select_related("job", "dataset")

    @extend_schema(tags=TAG, summary="Searches for faces, the newest first")
    def get(self, request: Request, slug: str) -> Response:
        return self.list(request)

    @extend_schema(
        tags=TAG,
        summary="Search the pictures without landmarks for faces",
        request=DetectionInput,
        responses={202: RunOutput, 200: RunOutput, 400: REFUSED},
    )
    def post(self, request: Request, slug: str) -> Response:
        dataset = _dataset(request, slug, edit=True)
        given = _given(DetectionInput, request)
        run, created = landmarks_detect_submit(dataset=dataset, again=given["again"], owner=request.user)
        return Response(RunOutput(run).data, status=202 if created else 200)


class AlignmentListApi(ListAPIView):
    serializer_class = AlignmentOutput
    filter_backends: list[Any] = []
    pagination_class = None

    def get_queryset(self) -> Any:
        dataset = _dataset(self.request, self.kwargs["slug"])
        visible = dataset_visible_to(self.request.user)
        return [run for run in selectors.alignments_from(dataset) if visible.filter(pk=run.dataset_id).exists()]

    @extend_schema(tags=TAG, summary="Datasets aligned from this one, each with its newest run")
    def get(self, request: Request, slug: str) -> Response:
        return self.list(request)

    @extend_schema(
        tags=TAG,
        summary="Align the dataset: makes or brings up to date a derived dataset",
        request=AlignmentInput,
        responses={202: AlignmentOutput, 200: AlignmentOutput, 400: REFUSED},
    )
    def post(self, request: Request, slug: str) -> Response:
        dataset = _dataset(request, slug)
        if not request.user.is_authenticated:
            raise NotAuthenticated
        given = _given(AlignmentInput, request)
        template = _template(given.pop("template"))
        run, created = alignment_submit(parent=dataset, template=template, owner=request.user, **given)
        return Response(AlignmentOutput(run, context={"request": request}).data, status=202 if created else 200)


class FilterListApi(ListAPIView):
    serializer_class = FilterOutput
    filter_backends: list[Any] = []

    def get_queryset(self) -> Any:
        return _dataset(self.request, self.kwargs["slug"]).filters.select_related("job", "dataset")

    @extend_schema(tags=TAG, summary="Filter runs with their tables, the newest first")
    def get(self, request: Request, slug: str) -> Response:
        return self.list(request)

    @extend_schema(
        tags=TAG,
        summary="Judge every picture of the dataset",
        request=FilterInput,
        responses={202: FilterOutput, 200: FilterOutput, 400: REFUSED},
    )
    def post(self, request: Request, slug: str) -> Response:
        dataset = _dataset(request, slug, edit=True)
        given = _given(FilterInput, request)
        run, created = filter_submit(
            dataset=dataset, template=_template(given["template"]), r=given["r"], owner=request.user
        )
        return Response(FilterOutput(run).data, status=202 if created else 200)


class DecisionListApi(ListAPIView):
    serializer_class = DecisionOutput
    filter_backends: list[Any] = []

    def get_queryset(self) -> Any:
        return selectors.decisions_of(_dataset(self.request, self.kwargs["slug"]))

    @extend_schema(tags=TAG, summary="Pictures excluded or included by hand")
    def get(self, request: Request, slug: str) -> Response:
        return self.list(request)

    @extend_schema(
        tags=TAG,
        summary="Exclude or include pictures by key",
        request=DecisionInput,
        responses={200: OpenApiResponse(description='{"decided": number of pictures}'), 400: REFUSED},
    )
    def post(self, request: Request, slug: str) -> Response:
        dataset = _dataset(request, slug, edit=True)
        return Response(
            {"decided": images_decide(dataset=dataset, user=request.user, **_given(DecisionInput, request))}
        )


class DecisionDetailApi(APIView):
    @extend_schema(tags=TAG, summary="Undo a decision", responses={204: None})
    def delete(self, request: Request, slug: str, decision_id: int) -> Response:
        dataset = _dataset(request, slug, edit=True)
        decision_undo(decision=get_object_or_404(ImageDecision, pk=decision_id, image__dataset=dataset))
        return Response(status=204)


def _image(request: Request, image_id: int) -> Image:
    return get_object_or_404(image_visible_to(request.user).select_related("dataset"), pk=image_id)
