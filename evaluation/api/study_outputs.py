"""What the addresses of the study answer and take, for the schema; study_json.py makes it."""

from rest_framework import serializers

from evaluation.api.outputs import SetSerializer
from evaluation.sets import HELD_OUT, SPLITS
from workers.engine import catalogue


class MeasureOutput(serializers.Serializer):
    metric = serializers.CharField()
    extractor = serializers.CharField(help_text="empty for a metric that needs none")
    title = serializers.CharField()
    direction = serializers.ChoiceField(["lower", "higher"], help_text="which is better")


class ScaleOutput(serializers.Serializer):
    """Values that may be compared: one protocol, applied to one selection."""

    key = serializers.CharField(help_text="what to send as `protocol`")
    protocol = serializers.CharField()
    on = serializers.CharField(help_text="what the checkpoints were applied to, e.g. cufs:test")
    split = serializers.CharField()
    reference = serializers.CharField()
    n_reference = serializers.IntegerField()
    n_candidate = serializers.IntegerField()
    count = serializers.IntegerField(help_text="points measured so")


class StudiedRunOutput(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    preset = serializers.CharField()
    seed = serializers.IntegerField()
    url = serializers.CharField()


class CurvePointOutput(serializers.Serializer):
    checkpoint = serializers.CharField()
    epoch = serializers.IntegerField()
    step = serializers.IntegerField()
    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    evaluation = serializers.UUIDField()
    url = serializers.CharField()


class JumpOutput(serializers.Serializer):
    """A step further from the median of its neighbours than 3.5 robust standard deviations of all such distances."""

    before = serializers.CharField(help_text="checkpoint it began at")
    after = serializers.CharField(help_text="checkpoint it ended at")
    epoch_before = serializers.IntegerField()
    epoch_after = serializers.IntegerField()
    step = serializers.FloatField()
    expected = serializers.FloatField(help_text="the median of the steps around it")
    score = serializers.FloatField(help_text="robust standard deviations between the two")
    intervals_overlap = serializers.BooleanField(allow_null=True)


class CurveRunOutput(StudiedRunOutput):
    points = CurvePointOutput(many=True)
    judged = serializers.BooleanField(help_text="false: too few points to call a step a jump")
    jumps = JumpOutput(many=True)


class CurveOutput(serializers.Serializer):
    """One measure over the epochs of runs, all points of one protocol; `scales` are the other choices."""

    measure = MeasureOutput(allow_null=True)
    scale = ScaleOutput(allow_null=True)
    scales = ScaleOutput(many=True)
    floor = serializers.FloatField(allow_null=True, help_text="the metric between real pictures")
    runs = CurveRunOutput(many=True)


class AxisOutput(serializers.Serializer):
    measure = MeasureOutput()
    scale = ScaleOutput(allow_null=True)
    scales = ScaleOutput(many=True)


class ScatterPointOutput(serializers.Serializer):
    checkpoint = serializers.CharField()
    epoch = serializers.IntegerField()
    x = serializers.FloatField()
    y = serializers.FloatField()
    url = serializers.CharField()


class ScatterRunOutput(StudiedRunOutput):
    points = ScatterPointOutput(many=True)


class CoefficientOutput(serializers.Serializer):
    """A coefficient and its 95 % interval; null where it is undefined or the points are too few."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class AgreementOutput(serializers.Serializer):
    n = serializers.IntegerField()
    block = serializers.IntegerField(help_text="neighbouring checkpoints that are resampled together")
    resamples = serializers.IntegerField()
    few = serializers.BooleanField(help_text="too few points to lean on")
    pearson = CoefficientOutput()
    spearman = CoefficientOutput()
    kendall = CoefficientOutput(help_text="tau-b")


class AgreedOutput(serializers.Serializer):
    run = serializers.UUIDField(allow_null=True, help_text="null: all runs together")
    values = AgreementOutput()
    differences = AgreementOutput(help_text="of the steps from each checkpoint of a run to the next")


class ScatterOutput(serializers.Serializer):
    """One measure against another over the same checkpoints, and how well they agree."""

    x = AxisOutput(allow_null=True)
    y = AxisOutput(allow_null=True)
    runs = ScatterRunOutput(many=True)
    agreement = AgreedOutput(many=True)


class SelectionOutput(serializers.Serializer):
    on = serializers.CharField()
    for_choosing = serializers.BooleanField(help_text="kept from training and from the test")
    count = serializers.IntegerField(help_text="checkpoints with every measure")
    n = serializers.IntegerField(help_text="pictures")


class CandidateOutput(serializers.Serializer):
    place = serializers.IntegerField()
    chosen = serializers.BooleanField()
    checkpoint = serializers.CharField()
    epoch = serializers.IntegerField()
    run = serializers.UUIDField()
    url = serializers.CharField()
    values = serializers.ListField(child=serializers.FloatField(), help_text="in the order of `measures`")
    ranks = serializers.ListField(child=serializers.FloatField())
    rank_sum = serializers.FloatField()
    front = serializers.IntegerField(help_text="1: no other is as good everywhere and better somewhere")
    test = serializers.ListField(
        child=serializers.FloatField(allow_null=True),
        help_text="on the test pictures; of the chosen alone, and only when they were not chosen by",
    )


class ChoiceOutput(serializers.Serializer):
    """Checkpoints, best first, by pictures kept for choosing. `leak`: "test" or "trained" when it is no honest choice."""

    measures = MeasureOutput(many=True)
    rule = serializers.CharField()
    k = serializers.IntegerField()
    on = serializers.CharField(allow_null=True)
    selections = SelectionOutput(many=True)
    leak = serializers.CharField()
    test_on = serializers.CharField()
    left_out = serializers.IntegerField(help_text="checkpoints that lack a value of this protocol")
    candidates = CandidateOutput(many=True)


class SpreadOutput(serializers.Serializer):
    mean = serializers.FloatField()
    deviation = serializers.FloatField(allow_null=True, help_text="n - 1 in the denominator; null for one run")
    n = serializers.IntegerField()


class ComparedOutput(serializers.Serializer):
    measure = serializers.CharField()
    scale = serializers.CharField(allow_null=True)
    last = SpreadOutput(allow_null=True)
    best = SpreadOutput(allow_null=True)


class GroupOutput(serializers.Serializer):
    name = serializers.CharField()
    runs = StudiedRunOutput(many=True)
    facts = serializers.DictField(child=serializers.CharField())
    values = ComparedOutput(many=True)


class MeasureScalesOutput(serializers.Serializer):
    measure = serializers.CharField()
    scales = ScaleOutput(many=True)


class ComparisonOutput(serializers.Serializer):
    """Runs side by side; those that differ in the seed alone are one group."""

    measures = MeasureOutput(many=True)
    scales = MeasureScalesOutput(many=True)
    differing = serializers.ListField(child=serializers.CharField())
    shared = serializers.DictField(child=serializers.CharField())
    groups = GroupOutput(many=True)


class BatchInput(serializers.Serializer):
    """Measure checkpoints of a run in one action."""

    reference = SetSerializer(required=False, help_text="left out: the real pictures of the same selection")
    dataset = serializers.CharField(help_text="what the checkpoints are applied to")
    split = serializers.ChoiceField(
        [*SPLITS, HELD_OUT], help_text="held_out: the pairs that the run kept from its training"
    )
    source = serializers.CharField(required=False)  # type: ignore[assignment]  # DRF's fields have an attribute of this name
    extractors = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text=f"of {', '.join(catalogue.EXTRACTORS)}; may be left out when no metric looks at features",
    )
    metrics = serializers.ListField(child=serializers.CharField(), help_text=f"of {', '.join(catalogue.METRICS)}")
    checkpoints = serializers.JSONField(
        required=False, help_text='"all", "every 5" (counted back from the last), or a list of ids'
    )


class BatchEvaluationOutput(serializers.Serializer):
    evaluation = serializers.UUIDField()
    checkpoint = serializers.CharField()
    epoch = serializers.IntegerField()
    extractor = serializers.CharField()
    state = serializers.CharField()
    created = serializers.BooleanField(help_text="false: it existed and is used again")
    url = serializers.CharField()


class BatchOutput(serializers.Serializer):
    """One evaluation for each checkpoint and extractor."""

    count = serializers.IntegerField()
    created = serializers.IntegerField()
    page = serializers.CharField(help_text="one page that follows them all")
    evaluations = BatchEvaluationOutput(many=True)
