"""REST: `models/` and `stylizations/`."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, Throttled
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from workers.models import JobState
from workers.selectors import queue_position

from .models import MAX_SEED, MAX_STRENGTH, MIN_STRENGTH, Stylization
from .selectors import DEFAULT_MODEL, models_available, stylization_get, stylization_has, stylization_may_change
from .services import LimitReached, stylization_cancel, stylization_create, stylization_delete
from .uploads import CappedUpload, upload_refusal
from .visitors import visitor_of

NOT_FOUND = OpenApiResponse(description="There is no such stylization, or its time is over.")
NOT_YOURS = OpenApiResponse(description="Somebody else made it.")


class ModelSerializer(serializers.Serializer):
    """Something that can stylise a photo."""

    id = serializers.CharField()
    title = serializers.CharField()
    note = serializers.CharField()
    kind = serializers.CharField(help_text="classical: a fixed method; checkpoint: a trained network")
    provenance = serializers.CharField()


@extend_schema_field(OpenApiTypes.BINARY)
class UploadField(serializers.FileField):
    """A file in a multipart request (the schema would otherwise show the address that a stored file has)."""


class StylizationInputSerializer(serializers.Serializer):
    photo = UploadField(help_text="JPEG, PNG or WebP with one face; at most 10 MiB and 25 megapixels")
    model = serializers.CharField(default=DEFAULT_MODEL, max_length=200, help_text="an id of models/")
    seed = serializers.IntegerField(default=0, min_value=0, max_value=MAX_SEED)
    strength = serializers.FloatField(default=1.0, min_value=MIN_STRENGTH, max_value=MAX_STRENGTH)


class ResultSerializer(serializers.Serializer):
    """Addresses of PNG files: the sketch and the aligned photo (both 400x500), and the photo as it was understood."""

    sketch = serializers.URLField()
    aligned = serializers.URLField()
    photo = serializers.URLField()


class StylizationSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=JobState.choices)
    progress = serializers.FloatField(help_text="0 to 1")
    step = serializers.CharField(help_text="what is being done, while it runs")
    queue_position = serializers.IntegerField(allow_null=True, help_text="1 is next; null unless queued")
    message = serializers.CharField(help_text="how it ended; when it failed, what to do")
    model = serializers.CharField()
    seed = serializers.IntegerField()
    strength = serializers.FloatField()
    width = serializers.IntegerField(help_text="of the stored photo in pixels")
    height = serializers.IntegerField()
    face_box = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="left, top, right, bottom"
    )
    eyes = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()), allow_null=True, help_text="two [x, y]"
    )
    result = ResultSerializer(allow_null=True, help_text="null until it has succeeded")
    page = serializers.URLField()
    job = serializers.UUIDField()
    created = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="when the pictures will be deleted")


def stylization_body(request: Request, stylization: Stylization) -> dict[str, Any]:
    """The answer that describes one stylization."""
    job = stylization.job

    def address(name: str, *args: Any) -> str:
        return request.build_absolute_uri(reverse(f"stylized_face:{name}", args=[stylization.id, *args]))

    ready = stylization_has(stylization, "sketch")
    body = {
        "id": stylization.id,
        "state": job.state,
        "progress": job.progress,
        "step": job.step,
        "queue_position": queue_position(job),
        "message": job.message,
        "model": stylization.model,
        "seed": stylization.seed,
        "strength": stylization.strength,
        "width": stylization.width,
        "height": stylization.height,
        "face_box": stylization.face_box,
        "eyes": stylization.eyes,
        "result": {name: address("sketch-file", name) for name in ("sketch", "aligned", "photo")} if ready else None,
        "page": address("sketch-detail"),
        "job": job.id,
        "created": stylization.created,
        "expires_at": stylization.expires_at,
    }
    return dict(StylizationSerializer(body).data)


class ModelListApi(APIView):
    """What can stylise a photo: built-in methods and trained checkpoints, each with its provenance."""

    permission_classes = [AllowAny]

    @extend_schema(operation_id="models_list", responses=ModelSerializer(many=True), tags=["stylizations"])
    def get(self, request: Request) -> Response:
        return Response(ModelSerializer(models_available(), many=True).data)


class StylizationCreateApi(APIView):
    """Send a photo of a face; the answer comes at once, the sketch follows. Open to visitors within an hourly limit."""

    permission_classes = [AllowAny]
    parser_classes = [MultiPartParser]

    def initialize_request(self, request, *args, **kwargs):
        # Before authentication, whose CSRF check reads the form.
        if request.method == "POST":
            CappedUpload.install(request)
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        operation_id="stylizations_create",
        request={"multipart/form-data": StylizationInputSerializer},
        responses={
            202: StylizationSerializer,
            400: OpenApiResponse(description="The photo or an option cannot be used; `detail` says why."),
            429: OpenApiResponse(description="Too many in the last hour; `Retry-After` says when to come back."),
        },
        parameters=[
            OpenApiParameter("Location", OpenApiTypes.URI, OpenApiParameter.HEADER, response=[202],
                             description="Where to ask how it is going."),
        ],
        tags=["stylizations"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        if "photo" not in request.FILES:
            raise serializers.ValidationError({"photo": [upload_refusal(request._request)]})
        photo = request.FILES["photo"]
        # An empty file gets its sentence from the decoder, like every other file that is no picture.
        fields = StylizationInputSerializer(data={key: value for key, value in request.POST.items() if key != "photo"})
        fields.fields.pop("photo")
        fields.is_valid(raise_exception=True)
        visitor = visitor_of(request._request, request.user)
        try:
            stylization = stylization_create(
                photo=photo,
                name=photo.name,
                owner=request.user if request.user.is_authenticated else None,
                visitor=visitor.key,
                **fields.validated_data,
            )
        except LimitReached as error:
            raise TooMany(error) from error
        body = stylization_body(request, stylization)
        location = request.build_absolute_uri(reverse("stylized_face_api:stylization-detail", args=[stylization.id]))
        return Response(body, status=202, headers={"Location": location})


class TooMany(Throttled):
    """429 with Retry-After and the service's own sentence."""

    def __init__(self, limit: LimitReached) -> None:
        super().__init__(detail=str(limit))
        self.wait = limit.seconds


class _OneStylizationApi(APIView):
    permission_classes = [AllowAny]

    def get_stylization(self, id: uuid.UUID) -> Stylization:
        stylization = stylization_get(id=id)
        if stylization is None:
            raise Http404
        return stylization

    def get_own(self, request: Request, id: uuid.UUID) -> Stylization:
        stylization = self.get_stylization(id)
        visitor = visitor_of(request._request, request.user)
        if not stylization_may_change(stylization, user=visitor.user, visitor=visitor.key, mine=visitor.mine):
            raise PermissionDenied(
                _("Only who made this sketch may do that. Send the token or use the network it was made with.")
            )
        return stylization


class StylizationDetailApi(_OneStylizationApi):
    """How a stylization is going, and where its pictures are. Whoever knows the id may ask."""

    @extend_schema(
        operation_id="stylizations_retrieve",
        responses={200: StylizationSerializer, 404: NOT_FOUND},
        tags=["stylizations"],
    )
    def get(self, request: Request, id: uuid.UUID) -> Response:
        return Response(stylization_body(request, self.get_stylization(id)))

    @extend_schema(
        operation_id="stylizations_destroy",
        responses={204: None, 403: NOT_YOURS, 404: NOT_FOUND},
        tags=["stylizations"],
    )
    def delete(self, request: Request, id: uuid.UUID) -> Response:
        """Stop the drawing if it runs, and delete the pictures now."""
        stylization_delete(stylization=self.get_own(request, id))
        return Response(status=204)


class StylizationCancelApi(_OneStylizationApi):
    """Stop the drawing; the photo stays until it expires or is deleted."""

    @extend_schema(
        operation_id="stylizations_cancel",
        request=None,
        responses={200: StylizationSerializer, 403: NOT_YOURS, 404: NOT_FOUND},
        tags=["stylizations"],
    )
    def post(self, request: Request, id: uuid.UUID) -> Response:
        stylization = self.get_own(request, id)
        stylization_cancel(stylization=stylization)
        return Response(stylization_body(request, stylization))
