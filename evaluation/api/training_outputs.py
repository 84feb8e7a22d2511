"""What the REST API answers and takes about trainings and checkpoints."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from evaluation.models import Checkpoint, TrainingPreflight, TrainingRun
from workers.api import JobOutput


class TrainingInput(serializers.Serializer):
    """Train a generator on the pairs of a dataset."""

    preset = serializers.CharField(help_text="family and preset, e.g. pix2pix.unet256")
    dataset = serializers.CharField(help_text="short name of a dataset, see datasets/")
    split = serializers.CharField(default="train", help_text="the pairs of this split; all: every pair")
    source = serializers.CharField(  # type: ignore[assignment]  # DRF's fields have an attribute of this name
        required=False, help_text="one of its original databases, e.g. CUHK; left out: all"
    )
    direction = serializers.CharField(
        default="photo-sketch", help_text="from and to, out of photo, sketch, caricature; may also stand in options"
    )
    options = serializers.DictField(default=dict, help_text="what differs from the preset's defaults")
    seed = serializers.IntegerField(default=0, min_value=0)
    name = serializers.CharField(required=False, max_length=100)
    validation_share = serializers.FloatField(
        default=0.1, min_value=0, max_value=0.5, help_text="part of the persons held out for samples and for choosing"
    )
    parent = serializers.CharField(  # type: ignore[assignment]  # as above
        required=False, help_text="id of a checkpoint of the same preset to continue from"
    )


class CheckpointOutput(serializers.ModelSerializer):
    """A generator as it was after an epoch."""

    run = serializers.UUIDField(source="run_id", read_only=True)
    preset = serializers.CharField(source="run.preset", read_only=True)
    direction = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="from and to")
    url = serializers.SerializerMethodField()
    file = serializers.SerializerMethodField(help_text="the generator's weights (safetensors)")

    class Meta:
        model = Checkpoint
        fields = (
            "id", "url", "file", "run", "preset", "direction", "epoch", "step", "digest", "bytes", "title", "published",
            "deleted", "created",
        )  # fmt: skip

    def _absolute(self, name: str, checkpoint: Checkpoint) -> Any:
        return self.context["request"].build_absolute_uri(reverse(name, args=[checkpoint.id]))

    def get_url(self, checkpoint: Checkpoint) -> str:
        return self._absolute("evaluation_api:checkpoint-detail", checkpoint)

    def get_file(self, checkpoint: Checkpoint) -> str:
        return self._absolute("evaluation_api:checkpoint-file", checkpoint)


class CheckpointInput(serializers.Serializer):
    title = serializers.CharField(required=False, allow_blank=True, max_length=100)
    published = serializers.BooleanField(required=False, help_text="offered to visitors on the sketch page")


class TrainingOutput(serializers.ModelSerializer):
    """A training run; `state` is its job's. `options` are complete, the defaults included."""

    state = serializers.CharField(source="job.state", read_only=True)
    message = serializers.CharField(source="job.message", read_only=True, help_text="what came out, or what went wrong")
    dataset = serializers.CharField(source="dataset.slug", default=None, read_only=True)
    direction = serializers.SerializerMethodField(help_text="from and to")
    owner = serializers.CharField(source="owner.username", default=None, read_only=True)
    parent = serializers.CharField(  # type: ignore[assignment]  # as above
        source="parent_id", default=None, read_only=True
    )
    checkpoint_count = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField(help_text="address for people")
    job = JobOutput(read_only=True)

    class Meta:
        model = TrainingRun
        fields = (
            "id", "url", "page", "name", "state", "message", "preset", "options", "seed", "dataset", "split", "source",
            "direction", "validation_share", "n_train", "n_validation", "train_digest", "parent", "owner", "epochs_total",
            "epochs_done", "steps_done", "images_per_second", "peak_memory", "device", "code_version",
            "checkpoint_count", "created", "job",
        )  # fmt: skip

    def get_direction(self, run: TrainingRun) -> list[str]:
        return [run.direction_from, run.direction_to]

    def get_checkpoint_count(self, run: TrainingRun) -> int:
        counted = getattr(run, "checkpoint_count", None)
        return run.checkpoints.filter(deleted=None).count() if counted is None else counted

    def _absolute(self, name: str, run: TrainingRun) -> Any:
        return self.context["request"].build_absolute_uri(reverse(name, args=[run.id]))

    def get_url(self, run: TrainingRun) -> str:
        return self._absolute("evaluation_api:training-detail", run)

    def get_page(self, run: TrainingRun) -> str:
        return self._absolute("evaluation:training-detail", run)


class LossesOutput(serializers.Serializer):
    """Losses in columns; each point is the mean of `stride` written lines, null where it was not finite."""

    step = serializers.ListField(child=serializers.IntegerField())
    epoch = serializers.ListField(child=serializers.FloatField())
    losses = serializers.DictField(child=serializers.ListField(child=serializers.FloatField(allow_null=True)))
    stride = serializers.IntegerField()
    state = serializers.CharField(help_text="of the training's job")


class TrainingPreflightOutput(serializers.ModelSerializer):
    """A trial of a training: the figures are null until it has succeeded."""

    state = serializers.CharField(source="job.state", read_only=True)
    message = serializers.CharField(source="job.message", read_only=True)
    dataset = serializers.CharField(source="dataset.slug", default=None, read_only=True)
    url = serializers.SerializerMethodField()
    seconds = serializers.FloatField(read_only=True, help_text="for the whole training")
    memory = serializers.IntegerField(read_only=True, help_text="bytes on the device; null where it does not tell")

    class Meta:
        model = TrainingPreflight
        fields = (
            "id", "url", "state", "message", "preset", "options", "dataset", "split", "source", "images_per_second",
            "seconds", "memory", "batch", "device", "created",
        )  # fmt: skip
        read_only_fields = fields

    def get_url(self, trial: TrainingPreflight) -> str:
        address = reverse("evaluation_api:training-preflight-detail", args=[trial.id])
        return self.context["request"].build_absolute_uri(address)
