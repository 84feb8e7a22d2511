"""Answers of the REST API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from ..models import Image, LandmarkSource, Modality, Split, Verdict, VerdictReason
from ..storage import THUMBNAIL_SIZES

API = "datasetviewer_api"


class DatasetSerializer(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    layout = serializers.CharField()
    terms = serializers.CharField()
    citation = serializers.CharField()
    public = serializers.BooleanField()
    drawn = serializers.BooleanField(help_text="Drawn by code, not photographs.")
    created = serializers.DateTimeField()
    images = serializers.IntegerField(source="image_count")
    pairs = serializers.IntegerField(source="pair_count")
    subjects = serializers.IntegerField(source="subject_count")
    url = serializers.SerializerMethodField()

    def get_url(self, dataset: Any) -> str:
        return reverse(f"{API}:dataset-detail", args=[dataset.slug], request=self.context["request"])


class CountSerializer(serializers.Serializer):
    # The name collides with an attribute of Field; the metaclass takes it out of the class all the same.
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="Original database inside the set; empty when there is only one."
    )
    split = serializers.CharField(help_text="train, test, validation, or empty.")
    photos = serializers.IntegerField()
    sketches = serializers.IntegerField()
    caricatures = serializers.IntegerField()
    total = serializers.IntegerField()


class DatasetDetailSerializer(DatasetSerializer):
    counts = CountSerializer(many=True, help_text="Pictures by source and split.")


class ImageSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    dataset = serializers.CharField(source="dataset.slug")
    key = serializers.CharField(help_text="Path below the dataset's folder.")
    subject = serializers.CharField(source="subject.name")
    pair = serializers.CharField(source="pair.key", default=None, allow_null=True)
    modality = serializers.ChoiceField(choices=Modality.choices)
    split = serializers.ChoiceField(choices=Split.choices, allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment]
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")
    mode = serializers.CharField(help_text="Colour mode as Pillow names it.")
    format = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    landmarks = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2),
        allow_null=True,
        help_text="Points [x, y] in pixels, origin at the top left corner.",
    )
    landmark_source = serializers.ChoiceField(choices=LandmarkSource.choices, allow_blank=True)
    five = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2),
        allow_null=True,
        help_text="Left eye, right eye, nose, left and right mouth corner; the viewer's left first.",
    )
    yaw = serializers.FloatField(allow_null=True, help_text="Degrees, > 0: to the viewer's right.")
    pitch = serializers.FloatField(allow_null=True, help_text="Degrees, > 0: upwards.")
    roll = serializers.FloatField(allow_null=True, help_text="Degrees, > 0: clockwise.")
    verdict = serializers.ChoiceField(choices=Verdict.choices, allow_blank=True)
    verdict_reason = serializers.ChoiceField(choices=VerdictReason.choices, allow_blank=True)
    attributes = serializers.DictField(help_text="What the dataset itself says of the picture, e.g. FS2K's style.")
    drawn = serializers.BooleanField(source="dataset.drawn", help_text="Drawn by code, not a photograph.")
    url = serializers.SerializerMethodField()
    file = serializers.SerializerMethodField(help_text="Address of the picture as imported.")
    thumbnails = serializers.SerializerMethodField(help_text="Longer side in pixels -> address of a WebP picture.")

    def get_url(self, image: Image) -> str:
        return reverse(f"{API}:image-detail", args=[image.pk], request=self.context["request"])

    def get_file(self, image: Image) -> str:
        return reverse(f"{API}:image-file", args=[image.pk], request=self.context["request"])

    @extend_schema_field(serializers.DictField(child=serializers.URLField()))
    def get_thumbnails(self, image: Image) -> dict[str, str]:
        request = self.context["request"]
        return {
            str(size): reverse(f"{API}:image-thumbnail", args=[image.pk, size], request=request)
            for size in THUMBNAIL_SIZES
        }


class ImageDetailSerializer(ImageSerializer):
    partners = ImageSerializer(many=True, help_text="The other pictures of its pair.")
