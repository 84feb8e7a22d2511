"""The rows of this app. Each file has one concept; import from here."""

from evaluation.models.evaluations import Evaluation
from evaluation.models.pair_values import PairValues
from evaluation.models.paper_tables import PaperTable
from evaluation.models.preferences import Ballot, Choice, PreferenceTest, Question, new_token, preferences_folder
from evaluation.models.published import PublishedResults, SizeRule, published_folder
from evaluation.models.recognitions import RecogniserChoice, RecognitionCurves, RecognitionTest, RecognitionValue
from evaluation.models.results import DETAIL_NAMES, Caution, Result, warning_text
from evaluation.models.shards import FeatureSet, FeatureShard, LogLine, Timing
from evaluation.models.trainings import Checkpoint, TrainingPreflight, TrainingRun
from evaluation.models.uploads import UploadedSet, uploads_folder

__all__ = [
    "DETAIL_NAMES",
    "Ballot",
    "Caution",
    "Checkpoint",
    "Choice",
    "Evaluation",
    "FeatureSet",
    "FeatureShard",
    "LogLine",
    "PairValues",
    "PaperTable",
    "PreferenceTest",
    "PublishedResults",
    "Question",
    "RecogniserChoice",
    "RecognitionCurves",
    "RecognitionTest",
    "RecognitionValue",
    "Result",
    "SizeRule",
    "Timing",
    "TrainingPreflight",
    "TrainingRun",
    "UploadedSet",
    "new_token",
    "preferences_folder",
    "published_folder",
    "uploads_folder",
    "warning_text",
]
