"""REST: the lists of a dataset, their entries, own lists, applying a split, cutting a validation part."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from workers.engine.errors import InputError

from .. import selectors, services
from ..entries import columns_of, in_part_order
from ..models import Dataset, Protocol, ProtocolKind, ProtocolUnit
from ..services.protocols import MAX_LIST_BYTES

API = "datasetviewer_api"
VERSION = OpenApiParameter("version", int, description="Left out: the newest.")
ENTRIES_PAGE, MOST_ENTRIES = 100, 5000


class CoverageOutput(serializers.Serializer):
    part = serializers.CharField(help_text="train, test, validation; or a fold; or fold and role; or all.")
    entries = serializers.IntegerField()
    served = serializers.IntegerField(help_text="Entries of which the dataset has everything.")
    official = serializers.IntegerField(allow_null=True, help_text="Entries of the complete published list.")


class ProtocolOutput(serializers.ModelSerializer):
    """One version of one list. Cite it by name, version and digest."""

    dataset = serializers.CharField(source="dataset.slug")
    digest = serializers.CharField(help_text="SHA-256 of the canonical CSV.")
    columns = serializers.SerializerMethodField()
    coverage = serializers.SerializerMethodField()
    current = serializers.SerializerMethodField(help_text="Whether the pictures' split is this list.")
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Protocol
        fields = (
            "url", "dataset", "name", "version", "digest", "kind", "unit", "origin", "title", "description", "source",
            "entries", "coverage", "columns", "current", "owner", "created",
        )  # fmt: skip

    entries = serializers.IntegerField()

    def get_columns(self, protocol: Protocol) -> list[str]:
        return list(columns_of(protocol.kind, protocol.unit))

    @extend_schema_field(CoverageOutput(many=True))
    def get_coverage(self, protocol: Protocol) -> Any:
        return CoverageOutput(selectors.stored_coverage(protocol), many=True).data

    def get_current(self, protocol: Protocol) -> bool:
        return protocol.dataset.split_protocol_id == protocol.pk

    def get_url(self, protocol: Protocol) -> str:
        place = reverse(
            f"{API}:protocol-detail", args=[protocol.dataset.slug, protocol.name], request=self.context["request"]
        )
        return f"{place}?version={protocol.version}"


class ProtocolInput(serializers.Serializer):
    """An own list as CSV (multipart): split,name; or part,first,second,same; or part,role,name; or name."""

    name = serializers.CharField(help_text="Letters a-z, digits and dashes.")
    kind = serializers.ChoiceField(ProtocolKind.choices)
    unit = serializers.ChoiceField(ProtocolUnit.choices, help_text="What the entries name.")
    title = serializers.CharField(required=False)
    file = serializers.FileField(help_text="CSV in UTF-8 with a header.")


class ValidationInput(serializers.Serializer):
    amount = serializers.CharField(help_text='Persons ("20"), or a part of the training persons ("0.1", "10%").')
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class AppliedOutput(serializers.Serializer):
    protocol = serializers.CharField()
    images = serializers.IntegerField(help_text="Pictures that have a split now.")


class EntryOutput(serializers.Serializer):
    cells = serializers.ListField(child=serializers.CharField(), help_text="As `columns` of the list names them.")
    served = serializers.BooleanField()


class EntriesOutput(serializers.Serializer):
    count = serializers.IntegerField()
    offset = serializers.IntegerField()
    results = EntryOutput(many=True)


class ProtocolListApi(APIView):
    @extend_schema(
        tags=["protocols"],
        operation_id="protocols_list",
        summary="The lists of a dataset and what it can serve of them",
        parameters=[OpenApiParameter("versions", str, enum=["all"], description="all: every version, not the newest.")],
        responses=ProtocolOutput(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        dataset = _dataset(request, slug)
        every = request.query_params.get("versions") == "all"
        found = selectors.protocols_of(dataset) if every else selectors.newest_protocols(dataset)
        return Response(ProtocolOutput(_with(dataset, found), many=True, context={"request": request}).data)

    @extend_schema(
        tags=["protocols"],
        operation_id="protocols_create",
        summary="Upload an own list",
        request={"multipart/form-data": ProtocolInput},
        responses={201: ProtocolOutput, 200: OpenApiResponse(ProtocolOutput, "A version with these entries is there.")},
    )
    def post(self, request: Request, slug: str) -> Response:
        dataset = _managed(request, slug)
        given = ProtocolInput(data=request.data)
        given.is_valid(raise_exception=True)
        sent = given.validated_data["file"]
        protocol, created = services.protocol_from_csv(
            dataset=dataset,
            name=given.validated_data["name"],
            kind=given.validated_data["kind"],
            unit=given.validated_data["unit"],
            title=given.validated_data.get("title", ""),
            content=sent.read(MAX_LIST_BYTES + 1),
            file_name=sent.name,
            owner=request.user,
        )
        answer = ProtocolOutput(_with(dataset, [protocol])[0], context={"request": request}).data
        return Response(answer, status=201 if created else 200, headers={"Location": answer["url"]})


class ProtocolDetailApi(APIView):
    @extend_schema(
        tags=["protocols"],
        operation_id="protocols_retrieve",
        summary="One version of a list",
        parameters=[VERSION],
        responses=ProtocolOutput,
    )
    def get(self, request: Request, slug: str, name: str) -> HttpResponseBase:
        protocol = _protocol(request, _dataset(request, slug), name)
        return Response(ProtocolOutput(protocol, context={"request": request}).data)


class ProtocolEntriesApi(APIView):
    @extend_schema(
        tags=["protocols"],
        operation_id="protocols_entries",
        summary="Entries of a list, and which of them the dataset can serve",
        parameters=[
            VERSION,
            OpenApiParameter("part", str),
            OpenApiParameter("missing", bool, description="Only entries that cannot be served."),
            OpenApiParameter("offset", int),
            OpenApiParameter("limit", int, description=f"At most {MOST_ENTRIES}."),
        ],
        responses=EntriesOutput,
    )
    def get(self, request: Request, slug: str, name: str) -> Response:
        protocol = _protocol(request, _dataset(request, slug), name)
        part = request.query_params.get("part", "")
        if part and part not in protocol.counts:
            text = _("%(value)s is not known. Choices: %(known)s.")
            raise InputError(text % {"value": repr(part)[:80], "known": ", ".join(in_part_order(protocol.counts))})
        offset = _number(request, "offset", 0, most=10_000_000)
        limit = _number(request, "limit", ENTRIES_PAGE, most=MOST_ENTRIES)
        missing = request.query_params.get("missing", "").casefold() in ("1", "true", "yes")
        entries, total = selectors.protocol_entries(
            protocol, part=part, missing_only=missing, start=offset, limit=limit
        )
        results = [{"cells": list(row), "served": served} for row, served in entries]
        return Response({"count": total, "offset": offset, "results": results})


class ProtocolApplyApi(APIView):
    @extend_schema(
        tags=["protocols"],
        operation_id="protocols_apply",
        summary="Make this split the current one of the dataset's pictures",
        parameters=[VERSION],
        request=None,
        responses=AppliedOutput,
    )
    def post(self, request: Request, slug: str, name: str) -> Response:
        protocol = _protocol(request, _managed(request, slug), name)
        count = services.protocol_apply(protocol=protocol)
        return Response({"protocol": protocol.label, "images": count})


class ProtocolValidationApi(APIView):
    @extend_schema(
        tags=["protocols"],
        operation_id="protocols_validation",
        summary="Cut a validation part from train, by person; gives the next version",
        parameters=[VERSION],
        request=ValidationInput,
        responses={201: ProtocolOutput, 200: ProtocolOutput},
    )
    def post(self, request: Request, slug: str, name: str) -> Response:
        dataset = _managed(request, slug)
        protocol = _protocol(request, dataset, name)
        given = ValidationInput(data=request.data)
        given.is_valid(raise_exception=True)
        cut, created = services.protocol_cut_validation(
            protocol=protocol,
            amount=services.amount_of(given.validated_data["amount"]),
            seed=given.validated_data["seed"],
            owner=request.user,
        )
        answer = ProtocolOutput(_with(dataset, [cut])[0], context={"request": request}).data
        return Response(answer, status=201 if created else 200, headers={"Location": answer["url"]})


def _dataset(request: Request, slug: str) -> Dataset:
    return get_object_or_404(selectors.dataset_visible_to(request.user), slug=slug)


def _managed(request: Request, slug: str) -> Dataset:
    dataset = _dataset(request, slug)
    if not request.user.is_authenticated:
        raise NotAuthenticated
    if not selectors.dataset_may_publish(request.user, dataset):
        raise PermissionDenied(_("Only the owner of a dataset and staff may change its lists."))
    return dataset


def _protocol(request: Request, dataset: Dataset, name: str) -> Protocol:
    version = _number(request, "version", 0, most=10_000_000) or None
    protocol = selectors.protocol_get(dataset=dataset, name=name, version=version)
    if protocol is None:
        raise Http404
    return _with(dataset, [protocol])[0]


def _with(dataset: Dataset, protocols: Any) -> list[Protocol]:
    """The protocols with the dataset at hand, so that it is not read once more for each."""
    found = list(protocols)
    for protocol in found:
        protocol.dataset = dataset
    return found


def _number(request: Request, name: str, default: int, *, most: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) <= most):
        raise InputError(_("%(name)s must be a whole number from 0 to %(most)d.") % {"name": name, "most": most})
    return int(text)
