"""What the REST API tells of one evaluation beyond its row: parts, pace and log."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from evaluation.api.outputs import EvaluationOutput
from evaluation.models import Evaluation
from evaluation.selectors.watching import Watch, watch


class PartOutput(serializers.Serializer):
    """A shard of a large set that the evaluation needs; any worker computes it."""

    index = serializers.IntegerField()
    pictures = serializers.IntegerField(source="n")
    state = serializers.CharField()
    progress = serializers.FloatField(help_text="0 to 1")
    images_per_second = serializers.FloatField(allow_null=True)


class LogLineOutput(serializers.Serializer):
    at = serializers.DateTimeField()
    text = serializers.CharField()


class EvaluationDetailOutput(EvaluationOutput):
    """An evaluation with its parts and its log."""

    images_per_second = serializers.SerializerMethodField(help_text="of all workers that extract for it now")
    parts = serializers.SerializerMethodField()
    log = serializers.SerializerMethodField()

    class Meta(EvaluationOutput.Meta):
        fields = (*EvaluationOutput.Meta.fields, "images_per_second", "parts", "log")  # type: ignore[assignment]

    def _watch(self, evaluation: Evaluation) -> Watch:
        if not hasattr(self, "_watched"):
            self._watched = watch(evaluation)
        return self._watched

    def get_images_per_second(self, evaluation: Evaluation) -> float | None:
        return self._watch(evaluation).images_per_second

    @extend_schema_field(PartOutput(many=True))
    def get_parts(self, evaluation: Evaluation) -> list:
        return list(PartOutput(self._watch(evaluation).parts, many=True).data)

    @extend_schema_field(LogLineOutput(many=True))
    def get_log(self, evaluation: Evaluation) -> list:
        return list(LogLineOutput(self._watch(evaluation).log, many=True).data)
