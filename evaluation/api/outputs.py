"""What the REST API answers and takes."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from evaluation.models import Evaluation, Result
from evaluation.sets import MODALITIES, SPLITS
from workers.api import JobOutput
from workers.engine import catalogue


class SetSerializer(serializers.Serializer):
    """Pictures of a dataset ({"dataset", "split", "modality"}), what a checkpoint or a built-in stylizer makes of a selection
    ({"checkpoint" or "stylizer", "dataset", "split"}), or all of a named set, an upload, published results or a folder
    ({"image_set"}, {"upload"}, {"published"}, {"folder"})."""

    dataset = serializers.CharField(required=False, help_text="short name of a dataset, see datasets/")
    split = serializers.ChoiceField(SPLITS, default="all")
    modality = serializers.ChoiceField(MODALITIES, required=False)
    source = serializers.CharField(  # type: ignore[assignment]  # DRF's fields have an attribute of this name
        required=False, help_text="one of its original databases, e.g. CUHK; left out: all"
    )
    checkpoint = serializers.CharField(required=False, help_text="number of a checkpoint; it draws the selection")
    stylizer = serializers.CharField(
        required=False, help_text="name of a built-in stylizer, e.g. pencil; it draws the selection"
    )
    published = serializers.UUIDField(required=False, help_text="published results, see published-results/")
    image_set = serializers.CharField(required=False, help_text="short name of a named set of pictures")
    upload = serializers.UUIDField(required=False, help_text="one of your uploaded sets, see uploads/")
    folder = serializers.CharField(required=False, help_text="folder of the server that can be measured, see folders/")


class EvaluationInput(serializers.Serializer):
    """Measure the candidate set against the reference set."""

    reference = SetSerializer()
    candidate = SetSerializer()
    extractor = serializers.CharField(
        required=False,
        help_text=f"one of {', '.join(catalogue.EXTRACTORS)}; left out or `none` when no metric looks through one",
    )
    metrics = serializers.ListField(
        child=serializers.CharField(), default=["fid"], help_text=f"of {', '.join(catalogue.METRICS)}"
    )


class RecomputeInput(serializers.Serializer):
    """The candidate to measure by the protocol of a result."""

    candidate = SetSerializer()


class WarningOutput(serializers.Serializer):
    code = serializers.CharField()
    text = serializers.CharField()


class ResultOutput(serializers.ModelSerializer):
    """One number with its 95 % interval (`low`, `high`) and `floor`, the metric between real pictures.

    `direction` says which is better; only rows of one `protocol` may be ranked.
    """

    direction = serializers.SerializerMethodField()
    evaluation = serializers.UUIDField(source="evaluation_id", read_only=True)
    reference = serializers.CharField(source="evaluation.reference_label", read_only=True)
    candidate = serializers.CharField(source="evaluation.candidate_label", read_only=True)
    owner = serializers.CharField(source="evaluation.owner.username", default=None, read_only=True)
    warnings = WarningOutput(source="caution_list", many=True, read_only=True)

    class Meta:
        model = Result
        fields = (
            "id", "metric", "value", "low", "high", "floor", "details", "direction", "n_reference", "n_candidate", "extractor",
            "protocol", "protocol_detail", "reference", "candidate", "reference_digest", "candidate_digest", "warnings",
            "evaluation", "owner", "created",
        )  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(["lower", "higher"]))
    def get_direction(self, result: Result) -> str:
        return "lower" if result.lower_is_better else "higher"


class EvaluationOutput(serializers.ModelSerializer):
    """An evaluation; `state` is its job's, `results` is empty until it succeeded."""

    state = serializers.CharField(source="job.state", read_only=True)
    message = serializers.CharField(source="job.message", read_only=True, help_text="what came out, or what went wrong")
    owner = serializers.CharField(source="owner.username", default=None, read_only=True)
    url = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField(help_text="address for people")
    job = JobOutput(read_only=True)
    results = ResultOutput(many=True, read_only=True)

    class Meta:
        model = Evaluation
        fields = (
            "id", "url", "page", "state", "message", "reference", "candidate", "n_reference", "n_candidate",
            "extractor", "metrics", "owner", "created", "job", "results",
        )  # fmt: skip

    def _absolute(self, name: str, evaluation: Evaluation) -> Any:
        return self.context["request"].build_absolute_uri(reverse(name, args=[evaluation.id]))

    def get_url(self, evaluation: Evaluation) -> str:
        return self._absolute("evaluation_api:evaluation-detail", evaluation)

    def get_page(self, evaluation: Evaluation) -> str:
        return self._absolute("evaluation:evaluation-detail", evaluation)
