"""REST: what can draw."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ..model_list import Listed, models_listed


class ScoreSerializer(serializers.Serializer):
    """A measured number; only numbers of one protocol may be ranked."""

    metric = serializers.CharField()
    value = serializers.FloatField()
    lower_is_better = serializers.BooleanField()
    extractor = serializers.CharField()
    protocol = serializers.CharField()
    n_candidate = serializers.IntegerField()
    evaluation = serializers.URLField(help_text="page of the evaluation")


class CheckpointOfModelSerializer(serializers.Serializer):
    """Where a model that was trained here comes from."""

    id = serializers.CharField()
    preset = serializers.CharField()
    dataset = serializers.CharField(allow_null=True, help_text="null where you may not see it")
    epoch = serializers.IntegerField()
    n_pairs = serializers.IntegerField()
    code_version = serializers.CharField()
    published = serializers.BooleanField(help_text="offered to visitors; PATCH `url` to change it")
    url = serializers.URLField()


class ModelSerializer(serializers.Serializer):
    """Something that can stylise a picture of a face."""

    id = serializers.CharField()
    title = serializers.CharField()
    note = serializers.CharField()
    kind = serializers.CharField(
        help_text="shipped: a network of this repository; classical: a fixed method; checkpoint: a network trained here"
    )
    default = serializers.BooleanField(help_text="whether it draws when no model is named")
    takes = serializers.CharField(help_text="what to send: photo or sketch")
    gives = serializers.CharField()
    strength_and_seed = serializers.BooleanField(help_text="whether they change what it draws")
    between = serializers.BooleanField(help_text="whether it has drawings between two seeds (to_seed, mix)")
    provenance = serializers.CharField()
    terms = serializers.CharField()
    checkpoint = CheckpointOfModelSerializer(allow_null=True)
    sample = serializers.URLField(allow_null=True, help_text="what it made of a drawn face")
    scores = ScoreSerializer(many=True, help_text="empty: not measured")


class ModelListApi(APIView):
    """What can stylise a face, the default first: the shipped model, classical methods, and trained checkpoints."""

    permission_classes = [AllowAny]

    @extend_schema(operation_id="models_list", responses=ModelSerializer(many=True), tags=["stylizations"])
    def get(self, request: Request) -> Response:
        listed = models_listed(request.user)
        return Response(ModelSerializer([_body(request, one) for one in listed], many=True).data)


def _body(request: Request, listed: Listed) -> dict[str, Any]:
    model = listed.model
    return {
        "id": model.id,
        "title": model.title,
        "note": model.note,
        "kind": model.kind,
        "default": listed.is_default,
        "takes": model.takes,
        "gives": model.gives,
        "strength_and_seed": model.draws_by_chance,
        "between": model.codes,
        "provenance": model.provenance,
        "terms": model.terms,
        "checkpoint": _checkpoint(request, listed),
        "sample": request.build_absolute_uri(listed.sample) if listed.sample else None,
        "scores": [
            {
                "metric": score.metric,
                "value": score.value,
                "lower_is_better": score.lower_is_better,
                "extractor": score.extractor,
                "protocol": score.protocol,
                "n_candidate": score.n_candidate,
                "evaluation": request.build_absolute_uri(
                    reverse("evaluation:evaluation-detail", args=[score.evaluation_id])
                ),
            }
            for score in listed.scores
        ],
    }


def _checkpoint(request: Request, listed: Listed) -> dict[str, Any] | None:
    one = listed.model.checkpoint
    if one is None:
        return None
    return {
        "id": one.id,
        "preset": one.run.preset,
        "dataset": listed.dataset or None,
        "epoch": one.epoch,
        "n_pairs": one.run.n_train,
        "code_version": one.run.code_version,
        "published": one.published,
        "url": request.build_absolute_uri(reverse("evaluation_api:checkpoint-detail", args=[one.id])),
    }
