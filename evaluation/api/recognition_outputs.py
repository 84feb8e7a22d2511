"""What the REST API of recognition tests answers and takes."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from evaluation.api.outputs import SetSerializer, WarningOutput
from evaluation.models import RecogniserChoice, RecognitionTest, RecognitionValue
from evaluation.recognition import MEASURES
from evaluation.selectors.recognitions import Confusion, confusions_of
from workers.api import JobOutput
from workers.engine import catalogue


class RecognitionTaskInput(serializers.Serializer):
    """What to test on: a protocol of a dataset, or probes and a gallery."""

    dataset = serializers.CharField(required=False, help_text="short name of the dataset of the protocol")
    protocol = serializers.CharField(required=False, help_text="e.g. verification-restricted-view2")
    version = serializers.IntegerField(required=False, help_text="of the protocol; left out: the newest")
    probe = SetSerializer(required=False)
    gallery = SetSerializer(required=False)


class RecognitionInput(RecognitionTaskInput):
    """Test a recogniser: one, or one for each part of the protocol, in the order of the parts."""

    extractors = serializers.ListField(
        child=serializers.CharField(),
        help_text=f"of {', '.join(catalogue.EXTRACTORS)}, LAYER@CHECKPOINT or NAME@OWN_WEIGHTS",
    )


class RecogniserChoiceInput(serializers.Serializer):
    """Rank recognisers on `validation` and test the best once on `test`."""

    validation = RecognitionTaskInput()
    test = RecognitionTaskInput()
    extractors = serializers.ListField(child=serializers.CharField())
    measure = serializers.ChoiceField(
        list(MEASURES),
        required=False,
        help_text="one that the pictures chosen by give: dir@ with probes of nobody in the gallery, accuracy with several "
        "parts; left out: rank1 where persons are identified, else auc",
    )


class RecognitionValueOutput(serializers.ModelSerializer):
    """A number, 0 to 1, of one part; with part "" the mean over the parts, `deviation` its standard deviation."""

    class Meta:
        model = RecognitionValue
        fields = ("part", "measure", "value", "deviation", "low", "high", "details")


class RecognitionOutput(serializers.ModelSerializer):
    """A test; `values` are empty until it succeeded. Only tests of one `protocol` may be ranked."""

    state = serializers.CharField(source="job.state", read_only=True)
    message = serializers.CharField(source="job.message", read_only=True)
    owner = serializers.CharField(source="owner.username", default=None, read_only=True)
    label = serializers.CharField(  # type: ignore[assignment]  # the field of the answer, not the label of a field
        help_text="unseen, leaky or per-fold: whether it was trained on the persons tested"
    )
    for_choosing = serializers.BooleanField(read_only=True, help_text="view 1 or a validation part: not to be reported")
    url = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField(help_text="address for people")
    job = JobOutput(read_only=True)
    protocol = serializers.CharField(read_only=True)
    values = RecognitionValueOutput(many=True, read_only=True)
    warnings = WarningOutput(source="caution_list", many=True, read_only=True)

    class Meta:
        model = RecognitionTest
        fields = (
            "id", "url", "page", "state", "message", "task", "kinds", "scheme", "extractors", "weights_digest", "label",
            "for_choosing", "protocol", "n_pictures", "n_parts", "owner", "created", "job", "values", "warnings",
        )  # fmt: skip

    def _absolute(self, name: str, test: RecognitionTest) -> Any:
        return self.context["request"].build_absolute_uri(reverse(name, args=[test.id]))

    def get_url(self, test: RecognitionTest) -> str:
        return self._absolute("evaluation_api:recognition-detail", test)

    def get_page(self, test: RecognitionTest) -> str:
        return self._absolute("evaluation:recognition-detail", test)


class RecognitionCurveOutput(serializers.Serializer):
    far = serializers.ListField(child=serializers.FloatField(), required=False)
    rate = serializers.ListField(child=serializers.FloatField(), required=False)
    deviation = serializers.ListField(child=serializers.FloatField(), required=False)


class ConfusedPictureOutput(serializers.Serializer):
    person = serializers.CharField()
    name = serializers.CharField()
    file = serializers.CharField(help_text="address of the picture, for those who may see it")


class ConfusionOutput(serializers.Serializer):
    """Pictures that were confused: two of a pair, or probe, wrong find and true one."""

    pictures = ConfusedPictureOutput(many=True)
    part = serializers.CharField()
    wrong = serializers.BooleanField(help_text="decided wrongly at FAR 1 %")
    score = serializers.FloatField(allow_null=True)
    rank = serializers.IntegerField()
    own_distance = serializers.FloatField(allow_null=True)
    other_distance = serializers.FloatField(allow_null=True)


class ConfusionsOutput(serializers.Serializer):
    false_accepts = ConfusionOutput(many=True)
    false_rejects = ConfusionOutput(many=True)
    mistakes = ConfusionOutput(many=True)


class RecognitionDetailOutput(RecognitionOutput):
    """A test with its curves (`cmc`: rank 1 first), the protocol in full, and the pictures that were confused."""

    roc = serializers.SerializerMethodField()
    cmc = serializers.SerializerMethodField()
    confusions = serializers.SerializerMethodField()

    class Meta(RecognitionOutput.Meta):
        fields = (*RecognitionOutput.Meta.fields, "protocol_detail", "roc", "cmc", "confusions")  # type: ignore[assignment]

    @extend_schema_field(RecognitionCurveOutput)
    def get_roc(self, test: RecognitionTest) -> dict[str, Any]:
        return test.curves.roc if hasattr(test, "curves") else {}

    @extend_schema_field(RecognitionCurveOutput)
    def get_cmc(self, test: RecognitionTest) -> dict[str, Any]:
        return test.curves.cmc if hasattr(test, "curves") else {}

    @extend_schema_field(ConfusionsOutput)
    def get_confusions(self, test: RecognitionTest) -> dict[str, Any]:
        return {kind: [self._confusion(test, row) for row in rows] for kind, rows in confusions_of(test).items()}

    def _confusion(self, test: RecognitionTest, row: Confusion) -> dict[str, Any]:
        def file(place: int) -> str:
            address = reverse("evaluation:recognition-picture", args=[test.id, place])
            return self.context["request"].build_absolute_uri(address)

        pictures = [{"person": one.person, "name": one.name, "file": file(one.place)} for one in row.pictures]
        numbers = ("part", "wrong", "score", "rank", "own_distance", "other_distance")
        return {"pictures": pictures, **{name: getattr(row, name) for name in numbers}}


class RankedRecogniserOutput(serializers.Serializer):
    extractor = serializers.CharField()
    test = serializers.UUIDField(help_text="its test on the pictures chosen by")
    value = serializers.FloatField()


class RecogniserChoiceOutput(serializers.ModelSerializer):
    """A choice; `ranking` and `result`, the test of the best alone, come when they are measured."""

    state = serializers.CharField(source="job.state", read_only=True)
    message = serializers.CharField(source="job.message", read_only=True)
    owner = serializers.CharField(source="owner.username", default=None, read_only=True)
    url = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField()
    ranking = RankedRecogniserOutput(many=True, read_only=True)
    result = RecognitionOutput(source="test", read_only=True, allow_null=True)
    test = serializers.JSONField(source="task", read_only=True, help_text="what the chosen one is tested on")
    warnings = WarningOutput(source="caution_list", many=True, read_only=True)
    job = JobOutput(read_only=True)

    class Meta:
        model = RecogniserChoice
        fields = (
            "id", "url", "page", "state", "message", "validation", "test", "extractors", "measure", "ranking", "result",
            "owner", "created", "job", "warnings",
        )  # fmt: skip

    def _absolute(self, name: str, choice: RecogniserChoice) -> Any:
        return self.context["request"].build_absolute_uri(reverse(name, args=[choice.id]))

    def get_url(self, choice: RecogniserChoice) -> str:
        return self._absolute("evaluation_api:recogniser-choice", choice)

    def get_page(self, choice: RecogniserChoice) -> str:
        return self._absolute("evaluation:recogniser-choice", choice)
