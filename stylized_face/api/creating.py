"""REST: send a photo, or several."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from workers.engine.errors import InputError

from ..choosing import MOST_FACES, points_read
from ..models import MAX_SEED, MAX_STRENGTH, MIN_STRENGTH
from ..offered import default_model
from ..services import LimitReached, Submission, stylization_create, stylizations_create
from ..uploads import CappedUpload, photos_sent
from ..visitors import visitor_of
from .answers import StylizationSerializer, stylization_body


@extend_schema_field({"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1, "maxItems": 20})
class PhotosField(serializers.FileField):
    """Files in a multipart request, each a part named `photo`."""


class OptionsSerializer(serializers.Serializer):
    model = serializers.CharField(default=default_model, max_length=200, help_text="an id of models/")
    seed = serializers.IntegerField(default=0, min_value=0, max_value=MAX_SEED)
    strength = serializers.FloatField(default=1.0, min_value=MIN_STRENGTH, max_value=MAX_STRENGTH)
    to_seed = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_SEED,
        help_text="of models that have drawings between two seeds (`between` in models/): the other end of the way",
    )
    mix = serializers.FloatField(required=False, min_value=0, max_value=1, help_text="how far along it, 0 is `seed`")
    points = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="of one photo: JSON of five [x, y] in its pixels, turned upright and at most 2048 a side: left eye, right eye, "
        "nose tip, left and right mouth corner, as the viewer sees them. The face is then not searched for.",
    )
    face = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_FACES - 1,
        help_text="of one photo: which of the faces found is drawn; 0 is the largest",
    )


class StylizationInputSerializer(OptionsSerializer):
    photo = PhotosField(
        help_text="JPEG, PNG or WebP, at most 10 MiB and 25 megapixels (WebP 10, CMYK 16). Several parts of this name are "
        "several photos (at most 20); one zip of photos is taken, too."
    )


class RefusedSerializer(serializers.Serializer):
    name = serializers.CharField()
    reason = serializers.CharField()


class SubmissionSerializer(serializers.Serializer):
    """Several photos that were sent at once."""

    together = serializers.UUIDField()
    page = serializers.URLField(help_text="shows all of them")
    zip = serializers.URLField(help_text="all finished sketches; 404 while there is none")
    stylizations = StylizationSerializer(many=True)
    refused = RefusedSerializer(many=True, help_text="files that are not drawn, and why")


ANSWER = PolymorphicProxySerializer(
    component_name="StylizationOrSubmission",
    serializers=[StylizationSerializer, SubmissionSerializer],
    resource_type_field_name=None,
)


class StylizationCreateApi(APIView):
    """Send a photo of a face; the answer comes at once, the sketch follows. Open to visitors within an hourly limit.

    One photo is answered with its stylization. Several photos, or a zip, are answered with a list of them.
    """

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
            202: OpenApiResponse(ANSWER, description="The stylization of one photo, or the list of several."),
            400: OpenApiResponse(description="The photo or an option cannot be used; `detail` says why."),
            429: OpenApiResponse(description="Too many in the last hour; `Retry-After` says when to come back."),
        },
        parameters=[
            OpenApiParameter("Location", OpenApiTypes.URI, OpenApiParameter.HEADER, response=[202],
                             description="Where to ask how it is going: the stylization, or all of one request."),
        ],
        tags=["stylizations"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        fields = OptionsSerializer(data={key: value for key, value in request.POST.items() if key != "photo"})
        files, refused = photos_sent(request._request)
        fields.is_valid(raise_exception=True)
        options: dict[str, Any] = dict(fields.validated_data)
        points, face = options.pop("points", ""), options.pop("face", None)
        visitor = visitor_of(request._request, request.user)
        options["owner"] = request.user if request.user.is_authenticated else None
        options["visitor"] = visitor.key
        several = len(files) + len(refused) > 1 or files[0].is_zip
        if several and (points or face is not None):
            raise InputError(_("Points and the choice of a face belong to one photo; send it alone."))
        try:
            if several:
                return self._answer_together(request, stylizations_create(files=files, refused=refused, **options))
            stylization = stylization_create(
                photo=files[0].stream,
                name=files[0].name,
                points=points_read(points) if points else None,
                face_index=face,
                **options,
            )
        except LimitReached as error:
            raise TooMany(error) from error
        location = request.build_absolute_uri(reverse("stylized_face_api:stylization-detail", args=[stylization.id]))
        return Response(stylization_body(request, stylization), status=202, headers={"Location": location})

    def _answer_together(self, request: Request, made: Submission) -> Response:
        def address(name: str) -> str:
            return request.build_absolute_uri(reverse(name, args=[made.together]))

        body = {
            "together": str(made.together),
            "page": address("stylized_face:sketch-together"),
            "zip": address("stylized_face:sketch-together-zip"),
            "stylizations": [stylization_body(request, one) for one in made.stylizations],
            "refused": [{"name": one.name, "reason": one.reason} for one in made.refused],
        }
        location = address("stylized_face_api:stylization-together")
        return Response(body, status=202, headers={"Location": location})


class TooMany(Throttled):
    """429 with Retry-After and the service's own sentence."""

    def __init__(self, limit: LimitReached) -> None:
        super().__init__(detail=str(limit))
        self.wait = limit.seconds
