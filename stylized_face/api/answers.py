"""REST: how a stylization is told."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from workers.models import JobState
from workers.selectors import Estimator
from workers.templatetags.jobs import told

from ..downloads import photo_scale
from ..models import Stylization
from ..quality_words import warning_words
from ..selectors import stylization_has, stylization_may_change
from ..visitors import visitor_of


class ResultSerializer(serializers.Serializer):
    """Addresses of PNG files: the sketch and the aligned photo (both 400x500), and the photo as it was understood."""

    sketch = serializers.URLField()
    aligned = serializers.URLField()
    photo = serializers.URLField()


class DownloadsSerializer(serializers.Serializer):
    """Addresses of PNG files made for downloading."""

    large = serializers.URLField(
        allow_null=True,
        help_text="the sketch with its face as large as in the photo; null where the scale is not known",
    )
    pair = serializers.URLField(help_text="the aligned photo and the sketch side by side")


class FoundFaceSerializer(serializers.Serializer):
    box = serializers.ListField(child=serializers.FloatField(), help_text="left, top, right, bottom")
    points = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()),
        help_text="five [x, y]: left and right eye (the viewer's), nose tip, left and right mouth corner",
    )


class StylizationSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=JobState.choices)
    progress = serializers.FloatField(help_text="0 to 1")
    step = serializers.CharField(help_text="what is being done, while it runs")
    queue_position = serializers.IntegerField(allow_null=True, help_text="1 is next; null unless queued")
    eta_seconds = serializers.FloatField(
        allow_null=True, help_text="expected wait until it is done; null when not known"
    )
    message = serializers.CharField(help_text="how it ended; when it failed, what to do")
    model = serializers.CharField()
    seed = serializers.IntegerField()
    strength = serializers.FloatField()
    to_seed = serializers.IntegerField(
        allow_null=True, help_text="the other end, where it lies on the way between two seeds"
    )
    mix = serializers.FloatField(help_text="how far along that way, 0 to 1")
    name = serializers.CharField(help_text="of the sent file; told only to who made it, else empty")
    width = serializers.IntegerField(help_text="of the stored photo in pixels")
    height = serializers.IntegerField()
    face_box = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="left, top, right, bottom"
    )
    eyes = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()), allow_null=True, help_text="two [x, y]"
    )
    points = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()),
        allow_null=True,
        help_text="five [x, y] that were set by hand, in the photo's pixels; null when the face was found",
    )
    face = serializers.IntegerField(
        allow_null=True, help_text="which face was chosen, largest first; null: the only one"
    )
    found = FoundFaceSerializer(many=True, allow_null=True, help_text="all faces found in the photo, largest first")
    transform = serializers.ListField(
        child=serializers.FloatField(),
        allow_null=True,
        help_text="scale, angle in radians, x, y: the similarity from the photo's pixels to the aligned picture's",
    )
    quality = serializers.JSONField(
        allow_null=True,
        help_text="the quality report: face, alignment, pose, light, sharpness, identity (network, measure, value) and "
        "warnings (code, value, limit, text); null until it was made, which is shortly after the sketch",
    )
    seconds = serializers.JSONField(allow_null=True, help_text="how long each step took")
    result = ResultSerializer(allow_null=True, help_text="null until it has succeeded")
    downloads = DownloadsSerializer(allow_null=True, help_text="null until it has succeeded")
    together = serializers.UUIDField(
        allow_null=True, help_text="what was asked for at once shares it; told only to who made it, null for others"
    )
    page = serializers.URLField()
    job = serializers.UUIDField()
    created = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="when the pictures will be deleted")


_ANSWER = StylizationSerializer()  # made once: its fields are copied each time one is made


def quality_body(quality: dict[str, Any] | None) -> dict[str, Any] | None:
    """The stored report, its warnings said in the reader's language."""
    if not quality:
        return None
    warnings = [warning | {"text": warning_words(warning)} for warning in quality.get("warnings", ())]
    return quality | {"warnings": warnings}


def stylization_body(request: Request, stylization: Stylization) -> dict[str, Any]:
    """The answer that describes one stylization."""
    job = stylization.job
    outlook = Estimator().outlook(job)
    visitor = visitor_of(request._request, request.user)
    mine = stylization_may_change(stylization, user=visitor.user, visitor=visitor.key, mine=visitor.mine)

    def address(name: str, *args: Any) -> str:
        return request.build_absolute_uri(reverse(f"stylized_face:{name}", args=[stylization.id, *args]))

    ready = stylization_has(stylization, "sketch")
    body = {
        "id": stylization.id,
        "state": job.state,
        "progress": job.progress,
        "step": job.step,
        "queue_position": outlook.position,
        "eta_seconds": None if outlook.seconds is None else round(outlook.seconds, 1),
        "message": told(job.message),
        "model": stylization.model,
        "seed": stylization.seed,
        "strength": stylization.strength,
        "to_seed": stylization.to_seed,
        "mix": stylization.mix,
        "name": stylization.name if mine else "",
        "width": stylization.width,
        "height": stylization.height,
        "face_box": stylization.face_box,
        "eyes": stylization.eyes,
        "points": stylization.points,
        "face": stylization.face_index,
        "found": stylization.found,
        "transform": stylization.transform,
        "quality": quality_body(stylization.quality) if ready else None,
        "seconds": stylization.seconds,
        "result": {name: address("sketch-file", name) for name in ("sketch", "aligned", "photo")} if ready else None,
        "downloads": {
            "large": address("sketch-made", "large") if photo_scale(stylization) else None,
            "pair": address("sketch-made", "pair"),
        }
        if ready
        else None,
        "together": stylization.together if mine else None,
        "page": address("sketch-detail"),
        "job": job.id,
        "created": stylization.created,
        "expires_at": stylization.expires_at,
    }
    return dict(_ANSWER.to_representation(body))
