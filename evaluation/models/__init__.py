"""The rows of this app. Each file has one concept; import from here."""

from evaluation.models.evaluations import Evaluation
from evaluation.models.pair_values import PairValues
from evaluation.models.results import DETAIL_NAMES, Caution, Result, warning_text
from evaluation.models.shards import FeatureSet, FeatureShard, LogLine, Timing
from evaluation.models.trainings import Checkpoint, TrainingPreflight, TrainingRun
from evaluation.models.uploads import UploadedSet, uploads_folder

__all__ = [
    "DETAIL_NAMES",
    "Caution",
    "Checkpoint",
    "Evaluation",
    "FeatureSet",
    "FeatureShard",
    "LogLine",
    "PairValues",
    "Result",
    "Timing",
    "TrainingPreflight",
    "TrainingRun",
    "UploadedSet",
    "uploads_folder",
    "warning_text",
]
