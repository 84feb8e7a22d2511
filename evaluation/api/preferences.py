"""REST: blind preference tests, the next question, votes, and results."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from evaluation import preference_tables, sets
from evaluation.api.study import CsvRenderer
from evaluation.models import Ballot, PreferenceTest, Question
from evaluation.selectors import preferences as selectors
from evaluation.services import ballots
from evaluation.services import preferences as services
from evaluation.voters import voter_of


class Conflict(APIException):
    status_code = 409


class PreferenceInput(serializers.Serializer):
    """Sets as in an evaluation: {"checkpoint", "dataset", "split"}, {"dataset", "split", "modality"}, {"upload"} ..."""

    question = serializers.ChoiceField(choices=Question.choices)
    photos = serializers.JSONField(help_text='the photos that voters see, {"dataset", "split", "modality": "photo"}')
    candidates = serializers.ListField(child=serializers.JSONField(), max_length=50, help_text="2 to 8 sets")
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=services.NAME_LENGTH)
    faces = serializers.IntegerField(required=False, default=20)
    per_voter = serializers.IntegerField(required=False, default=40)
    show_photo = serializers.BooleanField(required=False, default=True)
    seed = serializers.IntegerField(required=False, default=0)


class PreferenceOutput(serializers.ModelSerializer):
    """A test. Its candidates are named in the results, which voters do not see before it is closed."""

    url = serializers.SerializerMethodField()
    vote_url = serializers.SerializerMethodField(help_text="the page to send to voters")
    dataset = serializers.CharField(source="dataset.slug", read_only=True)
    candidates = serializers.SerializerMethodField(help_text="how many")
    faces = serializers.SerializerMethodField(help_text="how many")

    class Meta:
        model = PreferenceTest
        fields = (
            "id", "url", "vote_url", "name", "question", "show_photo", "dataset", "candidates", "faces", "per_voter",
            "created", "closed",
        )  # fmt: skip

    def _address(self, name: str, test: PreferenceTest) -> str:
        return self.context["request"].build_absolute_uri(reverse(name, args=[test.pk]))

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, test: PreferenceTest) -> str:
        return self._address("evaluation_api:preference-detail", test)

    @extend_schema_field(OpenApiTypes.URI)
    def get_vote_url(self, test: PreferenceTest) -> str:
        return self._address("evaluation:preference-vote", test)

    @extend_schema_field(OpenApiTypes.INT)
    def get_candidates(self, test: PreferenceTest) -> int:
        return len(test.candidates)

    @extend_schema_field(OpenApiTypes.INT)
    def get_faces(self, test: PreferenceTest) -> int:
        return len(test.faces)


class PreferenceQuestionOutput(serializers.Serializer):
    """The next question; `question` is null when this voter has answered all."""

    done = serializers.IntegerField()
    of = serializers.IntegerField()
    question = serializers.CharField(allow_null=True, help_text="send it back with the vote")
    photo = serializers.URLField(allow_null=True)
    left = serializers.URLField(allow_null=True)
    right = serializers.URLField(allow_null=True)


class PreferenceVoteInput(serializers.Serializer):
    question = serializers.CharField(max_length=64)
    choice = serializers.ChoiceField(choices=ballots.SIDES)


class PreferenceCloseInput(serializers.Serializer):
    closed = serializers.BooleanField()


class PreferenceListApi(GenericAPIView):
    """Preference tests, newest first; and making one."""

    serializer_class = PreferenceOutput
    queryset = PreferenceTest.objects.none()
    filter_backends: list[Any] = []

    @extend_schema(operation_id="preferences_list", responses=PreferenceOutput(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(selectors.preferences_visible_to(request.user)) or []
        return self.get_paginated_response(PreferenceOutput(page, many=True, context={"request": request}).data)

    @extend_schema(
        operation_id="preferences_create",
        request=PreferenceInput,
        responses={201: PreferenceOutput, 400: OpenApiResponse(description="The text says which entry, and why.")},
    )
    def post(self, request: Request) -> Response:
        given = PreferenceInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        test = services.preference_create(
            user=request.user,
            name=data["name"],
            question=data["question"],
            photos=sets.parse(data["photos"], "photos"),
            candidates=[sets.parse(each, f"candidate {n}") for n, each in enumerate(data["candidates"], start=1)],
            faces=data["faces"],
            per_voter=data["per_voter"],
            show_photo=data["show_photo"],
            seed=data["seed"],
        )
        answer = PreferenceOutput(test, context={"request": request}).data
        return Response(answer, status=201, headers={"Location": answer["url"]})


class PreferenceDetailApi(APIView):
    @extend_schema(operation_id="preferences_retrieve", responses=PreferenceOutput)
    def get(self, request: Request, test_id: uuid.UUID) -> Response:
        return Response(PreferenceOutput(_seen(request, test_id), context={"request": request}).data)

    @extend_schema(
        operation_id="preferences_close",
        request=PreferenceCloseInput,
        responses=PreferenceOutput,
    )
    def patch(self, request: Request, test_id: uuid.UUID) -> Response:
        """Close it ({"closed": true}) or open it again: its owner and staff."""
        test = _managed(request, test_id)
        given = PreferenceCloseInput(data=request.data)
        given.is_valid(raise_exception=True)
        services.preference_close(test=test, closed=given.validated_data["closed"])
        return Response(PreferenceOutput(test, context={"request": request}).data)

    @extend_schema(operation_id="preferences_destroy", responses={204: None})
    def delete(self, request: Request, test_id: uuid.UUID) -> Response:
        services.preference_delete(test=_managed(request, test_id))
        return Response(status=204)


class PreferenceVoteApi(APIView):
    """Vote as the user of the token: GET the next question, POST an answer, DELETE the last answer."""

    permission_classes = [IsAuthenticated]

    @extend_schema(operation_id="preferences_question", responses=PreferenceQuestionOutput)
    def get(self, request: Request, test_id: uuid.UUID) -> Response:
        return self._next(request, _seen(request, test_id))

    @extend_schema(
        operation_id="preferences_vote",
        request=PreferenceVoteInput,
        responses={
            200: PreferenceQuestionOutput,
            409: OpenApiResponse(description="The question is not open for this voter."),
        },
    )
    def post(self, request: Request, test_id: uuid.UUID) -> Response:
        test = _seen(request, test_id)
        given = PreferenceVoteInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        try:
            ballots.ballot_answer(test=test, voter=voter_of(request, test), token=data["question"], side=data["choice"])
        except ballots.QuestionGone as gone:
            raise Conflict(str(gone)) from gone
        return self._next(request, test)

    @extend_schema(operation_id="preferences_undo", responses=PreferenceQuestionOutput)
    def delete(self, request: Request, test_id: uuid.UUID) -> Response:
        test = _seen(request, test_id)
        ballots.ballot_undo(test=test, voter=voter_of(request, test))
        return self._next(request, test)

    @staticmethod
    def _next(request: Request, test: PreferenceTest) -> Response:
        voter = voter_of(request, test)
        ballot = ballots.ballot_next(test=test, voter=voter)
        progress = selectors.voter_progress(test, voter)

        def picture(ballot: Ballot | None, which: str) -> str | None:
            if ballot is None or (which == "photo" and not test.show_photo):
                return None
            address = reverse("evaluation:preference-picture", args=[test.pk, ballot.token, which])
            return request.build_absolute_uri(address)

        pictures = {which: picture(ballot, which) for which in selectors.PICTURES}
        return Response({"done": progress.done, "of": progress.of, "question": ballot and ballot.token, **pictures})


class PreferenceResultsApi(APIView):
    """Bradley-Terry scores with intervals, wins and agreement; `?format=csv` one row a candidate, `votes=1` one a vote."""

    renderer_classes: tuple[type[BaseRenderer], ...] = (JSONRenderer, CsvRenderer)

    @extend_schema(
        operation_id="preferences_results",
        parameters=[
            OpenApiParameter("format", str, enum=["json", "csv"]),
            OpenApiParameter("votes", str, enum=["1"], description="with csv: every vote, voters numbered"),
        ],
        responses={(200, "application/json"): OpenApiTypes.OBJECT, (200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, test_id: uuid.UUID) -> Response:
        test = _seen(request, test_id)
        if not selectors.preference_results_shown(test=test, user=request.user):
            raise PermissionDenied
        if getattr(request.accepted_renderer, "format", "json") != "csv":
            return Response(preference_tables.results_json(test))
        name = "votes" if request.query_params.get("votes") == "1" else "results"
        text = preference_tables.votes_csv(test) if name == "votes" else preference_tables.results_csv(test)
        return Response(text, headers={"Content-Disposition": f'attachment; filename="preference-{name}.csv"'})


def _seen(request: Request, test_id: uuid.UUID) -> PreferenceTest:
    test = selectors.preference_get(user=request.user, test_id=test_id)
    if test is None:
        raise Http404
    return test


def _managed(request: Request, test_id: uuid.UUID) -> PreferenceTest:
    test = _seen(request, test_id)
    if not selectors.preference_managed_by(test=test, user=request.user):
        raise PermissionDenied
    return test
