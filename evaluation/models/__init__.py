"""The rows of this app. Each file has one concept; import from here."""

from evaluation.models.evaluations import Evaluation
from evaluation.models.results import DETAIL_NAMES, Caution, Result, warning_text
from evaluation.models.trainings import Checkpoint, TrainingRun

__all__ = ["DETAIL_NAMES", "Caution", "Checkpoint", "Evaluation", "Result", "TrainingRun", "warning_text"]
