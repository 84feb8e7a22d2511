"""REST: browse datasets and pictures. Reading needs no sign-in; what is not public is simply not there for visitors."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import selectors
from ..files import image_response, thumbnail_response
from ..filters import IMAGE, GridFilter
from ..models import Dataset, Image
from ..storage import THUMBNAIL_SIZES
from .filters import ImageFilterSet
from .pages import ImagePagination
from .serializers import DatasetDetailSerializer, DatasetSerializer, ImageDetailSerializer, ImageSerializer

NOT_FOUND = OpenApiResponse(description="There is no such thing, or it is not visible to you.")


# An answer carries a digest of itself; asked for again with If-None-Match it is 304 as long as nothing changed.
unchanged_is_304 = method_decorator(conditional_page, name="dispatch")


class KeptFilterBackend(DjangoFilterBackend):
    """Leaves the filter set with the view, which counts by it."""

    def get_filterset(self, request: Request, queryset: Any, view: Any) -> Any:
        view.filterset = super().get_filterset(request, queryset, view)
        return view.filterset


@extend_schema_view(get=extend_schema(tags=["datasets"], summary="Datasets that are visible to you"))
@unchanged_is_304
class DatasetListApi(ListAPIView):
    serializer_class = DatasetSerializer
    queryset = Dataset.objects.none()
    filter_backends: list[Any] = []

    def get_queryset(self) -> Any:
        return selectors.with_counts(selectors.dataset_visible_to(self.request.user)).order_by("slug")


@unchanged_is_304
class DatasetDetailApi(APIView):
    @extend_schema(
        tags=["datasets"],
        summary="One dataset and what is in it",
        responses={200: DatasetDetailSerializer, 404: NOT_FOUND},
    )
    def get(self, request: Request, slug: str) -> Response:
        visible = selectors.with_counts(selectors.dataset_visible_to(request.user))
        dataset = get_object_or_404(visible, slug=slug)
        dataset.counts = selectors.dataset_counts(dataset).rows
        return Response(DatasetDetailSerializer(dataset, context={"request": request}).data)


@extend_schema_view(
    get=extend_schema(
        tags=["datasets"],
        summary="Pictures, filtered",
        responses={
            200: ImageSerializer(many=True),
            400: OpenApiResponse(description="An unknown value; lists the known ones."),
        },
    )
)
@unchanged_is_304
class ImageListApi(ListAPIView):
    serializer_class = ImageSerializer
    queryset = Image.objects.none()
    filterset_class = ImageFilterSet
    filter_backends = [KeptFilterBackend]
    filterset: ImageFilterSet
    pagination_class = ImagePagination

    def get_queryset(self) -> Any:
        return selectors.image_visible_to(self.request.user).order_by("dataset_id", "key")

    def total(self, images: QuerySet[Image]) -> selectors.Total:
        """How many pictures match: from the facets, where they can tell."""
        if self.filterset.found is not None:
            return selectors.counted_found(self.filterset.anyone, self.filterset.found, "subject", images)
        if self._further:
            return selectors.counted(images)
        known = selectors.counted_over(self.filterset.asked, self.filterset.shown())
        return selectors.counted(images) if known is None else selectors.Total(known)

    def keys_of(self, page: Page) -> list[int]:
        """Numbers of the pictures of a page."""
        images: Any = page.paginator.object_list
        asked, shown, found = self.filterset.asked, self.filterset.shown(), self.filterset.found
        start = (page.number - 1) * page.paginator.per_page
        stop = start + page.paginator.per_page
        if self._further:
            return list(images.values_list("pk", flat=True)[start:stop])
        if found is not None:
            unfiltered = shown == GridFilter(by=IMAGE, q=shown.q)
            return selectors.keys_found(images, self.filterset.anyone, found if unfiltered else None, start, stop)
        if len(asked) == 1:
            return selectors.keys_between(images, asked[0], shown, start, stop)
        return selectors.keys_over(images, asked, shown, start, stop)

    @property
    def _further(self) -> bool:
        """Whether the pictures are filtered by what the grid knows nothing of."""
        given = self.filterset.form.cleaned_data
        return bool(given.get("subject") or given.get("image_set"))


@extend_schema_view(get=extend_schema(tags=["datasets"], summary="One picture and its partners"))
@unchanged_is_304
class ImageDetailApi(RetrieveAPIView):
    serializer_class = ImageDetailSerializer
    queryset = Image.objects.none()
    filter_backends: list[Any] = []
    lookup_url_kwarg = "image_id"

    def get_queryset(self) -> Any:
        return selectors.image_visible_to(self.request.user).select_related("dataset", "subject", "pair")

    def get_object(self) -> Any:
        image = super().get_object()
        image.partners = selectors.pair_partners(image)
        for partner in image.partners:
            partner.pair = image.pair
        return image


class PictureAnswer(BaseContentNegotiation):
    """The answer is a picture whatever the Accept header says; errors are still JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ImageFileApi(APIView):
    content_negotiation_class = PictureAnswer

    @extend_schema(
        tags=["datasets"],
        summary="The picture file, as imported",
        responses={(200, "image/*"): OpenApiTypes.BINARY, 404: NOT_FOUND},
    )
    def get(self, request: Request, image_id: int) -> HttpResponseBase:
        return image_response(request, _image(request, image_id))  # type: ignore[arg-type]


class ImageThumbnailApi(APIView):
    content_negotiation_class = PictureAnswer

    @extend_schema(
        tags=["datasets"],
        summary="A thumbnail",
        parameters=[
            OpenApiParameter(
                "size", int, OpenApiParameter.PATH, enum=THUMBNAIL_SIZES, description="Longer side in pixels, at most."
            )
        ],
        responses={(200, "image/webp"): OpenApiTypes.BINARY, 404: NOT_FOUND},
    )
    def get(self, request: Request, image_id: int, size: int) -> HttpResponseBase:
        return thumbnail_response(request, _image(request, image_id), size)  # type: ignore[arg-type]


def _image(request: Request, image_id: int) -> Image:
    return get_object_or_404(selectors.image_visible_to(request.user).select_related("dataset"), pk=image_id)
