"""REST: one stylization: how it is going, stop it, delete it."""

from __future__ import annotations

import uuid

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from workers.api import WAIT
from workers.waiting import seconds_asked, wait_until_over

from ..models import Stylization
from ..selectors import stylization_get, stylization_may_change
from ..services import stylization_cancel, stylization_delete, stylizations_delete_photo
from ..visitors import visitor_of
from .answers import StylizationSerializer, stylization_body

NOT_FOUND = OpenApiResponse(description="There is no such stylization, or its time is over.")
NOT_YOURS = OpenApiResponse(description="Somebody else made it.")


class OneStylizationApi(APIView):
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


class StylizationDetailApi(OneStylizationApi):
    """How a stylization is going, and where its pictures are. Whoever knows the id may ask."""

    @extend_schema(
        operation_id="stylizations_retrieve",
        responses={200: StylizationSerializer, 404: NOT_FOUND},
        parameters=[WAIT],
        tags=["stylizations"],
    )
    def get(self, request: Request, id: uuid.UUID) -> Response:
        seconds = seconds_asked(request.query_params.get("wait"))
        stylization = self.get_stylization(id)
        if seconds and stylization.job.is_live:
            wait_until_over(stylization.job_id, seconds)
            stylization = self.get_stylization(id)
        return Response(stylization_body(request, stylization))

    @extend_schema(
        operation_id="stylizations_destroy",
        parameters=[
            OpenApiParameter(
                "whole",
                str,
                enum=["photo"],
                description="`photo`: delete every sketch of the same photo too. Without it they keep the photo.",
            )
        ],
        responses={204: None, 403: NOT_YOURS, 404: NOT_FOUND},
        tags=["stylizations"],
    )
    def delete(self, request: Request, id: uuid.UUID) -> Response:
        """Stop the drawing if it runs, and delete the pictures now."""
        stylization = self.get_own(request, id)
        if request.query_params.get("whole") == "photo":
            stylizations_delete_photo(stylization=stylization)
        else:
            stylization_delete(stylization=stylization)
        return Response(status=204)


class StylizationCancelApi(OneStylizationApi):
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
