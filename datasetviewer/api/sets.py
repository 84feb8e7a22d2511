"""REST: named image sets."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from workers.engine.errors import InputError

from .. import selectors, services
from ..filters import IMAGE, Choices, read_filter
from ..models import Dataset, Image, ImageSet
from .browse import NOT_FOUND, unchanged_is_304
from .serializers import API

MOST_IDS = 20_000


class ImageSetSerializer(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    note = serializers.CharField()
    dataset = serializers.CharField(source="dataset.slug")
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)
    size = serializers.IntegerField(help_text="Pictures when the set was made.")
    digest = serializers.CharField(help_text="SHA-256 over the pictures' SHA-256 sums, sorted.")
    created = serializers.DateTimeField()
    url = serializers.SerializerMethodField()
    images = serializers.SerializerMethodField(help_text="Address of its pictures.")

    def get_url(self, image_set: ImageSet) -> str:
        return reverse(f"{API}:image-set-detail", args=[image_set.slug], request=self.context["request"])

    def get_images(self, image_set: ImageSet) -> str:
        address = reverse(f"{API}:image-list", request=self.context["request"])
        return f"{address}?dataset={image_set.dataset.slug}&image_set={image_set.slug}"


class ImageSetChangeSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=200, required=False)
    note = serializers.CharField(allow_blank=True, max_length=10_000, required=False)


class ImageSetCreateSerializer(serializers.Serializer):
    dataset = serializers.CharField(help_text="Slug of a dataset.")
    name = serializers.CharField(max_length=200)
    slug = serializers.CharField(max_length=64, required=False, help_text="Made from the name when left out.")
    note = serializers.CharField(allow_blank=True, max_length=10_000, default="")
    images = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        max_length=MOST_IDS,
        help_text="Ids of pictures.",
    )
    filter = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text='Instead of images: the filters of GET images/, e.g. {"split": "test", "modality": "sketch"}.',
    )


@extend_schema_view(get=extend_schema(tags=["image sets"], summary="Image sets that are visible to you"))
@unchanged_is_304
class ImageSetListApi(ListAPIView):
    serializer_class = ImageSetSerializer
    queryset = ImageSet.objects.none()
    filter_backends: list[Any] = []

    def get_queryset(self) -> Any:
        return selectors.image_set_visible_to(self.request.user)

    @extend_schema(
        tags=["image sets"],
        summary="Make an image set",
        request=ImageSetCreateSerializer,
        responses={201: ImageSetSerializer, 400: OpenApiResponse(description="Says what is wrong."), 404: NOT_FOUND},
    )
    def post(self, request: Request) -> Response:
        sent = ImageSetCreateSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given = sent.validated_data
        dataset = get_object_or_404(selectors.dataset_visible_to(request.user), slug=given["dataset"])
        if ("images" in given) == ("filter" in given):
            raise InputError(_("Give either images, a list of ids, or filter."))
        image_set = services.image_set_create(
            dataset=dataset,
            images=_listed(dataset, given["images"]) if "images" in given else _matching(dataset, given["filter"]),
            name=given["name"],
            slug=given.get("slug", ""),
            note=given["note"],
            owner=request.user,
        )
        answer = ImageSetSerializer(image_set, context={"request": request}).data
        return Response(answer, status=status.HTTP_201_CREATED, headers={"Location": answer["url"]})


def _listed(dataset: Dataset, ids: list[int]) -> QuerySet[Image]:
    images = Image.objects.filter(dataset=dataset, pk__in=ids)
    missing = sorted(set(ids) - set(images.values_list("pk", flat=True)))
    if missing:
        text = _("images: %(n)s of the ids are not in %(dataset)s, the first is %(first)s.")
        raise InputError(text % {"n": len(missing), "dataset": dataset.slug, "first": missing[0]})
    return images


def _matching(dataset: Dataset, given: dict[str, str]) -> QuerySet[Image]:
    known = {"split", "modality", "source", "q", "colour", "points", "verdict", "reason"}
    known |= {f"{field}_{side}" for field in ("width", "height", "yaw", "pitch", "roll") for side in ("min", "max")}
    for name in given:
        if name not in known:
            text = _("filter: there is no filter %(name)s. Known: %(known)s.")
            raise InputError(text % {"name": repr(name[:40]), "known": ", ".join(sorted(known))})
    counts = selectors.dataset_counts(dataset)
    sent = QueryDict(mutable=True)
    sent.update(given)
    shown, wrong = read_filter(sent, Choices(counts.splits, counts.modalities, counts.sources))
    if wrong:
        raise InputError(" ".join(wrong))
    return selectors.matching_images(dataset, shown.with_changes(by=IMAGE))


@unchanged_is_304
class ImageSetDetailApi(APIView):
    @extend_schema(tags=["image sets"], summary="One image set", responses={200: ImageSetSerializer, 404: NOT_FOUND})
    def get(self, request: Request, slug: str) -> Response:
        image_set = get_object_or_404(selectors.image_set_visible_to(request.user), slug=slug)
        return Response(ImageSetSerializer(image_set, context={"request": request}).data)

    @extend_schema(
        tags=["image sets"],
        summary="Rename an image set, or change its note",
        request=ImageSetChangeSerializer,
        responses={200: ImageSetSerializer, 404: NOT_FOUND},
    )
    def patch(self, request: Request, slug: str) -> Response:
        image_set = _own(request, slug)
        sent = ImageSetChangeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        services.image_set_update(image_set=image_set, **sent.validated_data)
        return Response(ImageSetSerializer(image_set, context={"request": request}).data)

    @extend_schema(
        tags=["image sets"],
        summary="Delete an image set; it can be restored for a week",
        responses={204: None, 404: NOT_FOUND},
    )
    def delete(self, request: Request, slug: str) -> Response:
        services.image_set_delete(image_set=_own(request, slug))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ImageSetRestoreApi(APIView):
    @extend_schema(
        tags=["image sets"], summary="Take back a deleted image set", request=None,
        responses={200: ImageSetSerializer, 404: NOT_FOUND},
    )  # fmt: skip
    def post(self, request: Request, slug: str) -> Response:
        image_set = _own(request, slug, deleted=True)
        services.image_set_restore(image_set=image_set)
        return Response(ImageSetSerializer(image_set, context={"request": request}).data)


def _own(request: Request, slug: str, *, deleted: bool = False) -> ImageSet:
    image_set = get_object_or_404(selectors.image_set_visible_to(request.user, deleted=deleted), slug=slug)
    if not selectors.image_set_may_change(request.user, image_set):
        raise PermissionDenied(_("Only its owner may change this set."))
    return image_set
